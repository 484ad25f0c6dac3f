use crate::http::{ApiError, Caller, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::keys;
use sluice_model::accounts::ApiKeyId;

/// Revokes a key for the accounts API at once. Admins only.
#[utoipa::path(delete, path = "/api/v1/operations/api-keys/{id}", tag = "API keys", operation_id = "revokeApiKey",
    params(("id" = String, Path, description = "Id of the key")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn revoke_api_key(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let text = path.text("id");
    let id =
        ApiKeyId::parse(text).ok_or_else(|| ApiError::not_found(format!("API key not found: {text}")))?;
    keys::revoke(&context, &actor, &id).await?;
    Ok(no_content())
}
