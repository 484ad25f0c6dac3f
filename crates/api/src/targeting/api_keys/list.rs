use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::keys;
use sluice_model::accounts::ApiKey;

/// Lists the organisation's keys for the accounts API, newest first, revoked ones too. Admins only.
#[utoipa::path(get, path = "/api/v1/operations/api-keys", tag = "API keys", operation_id = "listApiKeys",
    responses(
        (status = 200, description = "Keys, newest first, without the keys themselves", body = Vec<ApiKey>),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn list_api_keys(
    State(context): State<Context>,
    Caller(actor): Caller,
) -> Result<Response, ApiError> {
    Ok(ok(&keys::list(&context, &actor).await?))
}
