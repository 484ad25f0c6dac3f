use crate::http::{ApiError, Caller, PlainBody, made};
use crate::targeting::bodies::NewApiKeySchema;
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::keys;
use sluice_model::accounts::{CreatedApiKey, NewApiKey};

/// Makes a key for the accounts API. It never does more than its maker may do at the time. Admins only.
#[utoipa::path(post, path = "/api/v1/operations/api-keys", tag = "API keys", operation_id = "createApiKey",
    request_body = NewApiKeySchema,
    responses(
        (status = 201, description = "The new key, which is shown this once", body = CreatedApiKey),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn create_api_key(
    State(context): State<Context>,
    Caller(actor): Caller,
    PlainBody(new): PlainBody<NewApiKey>,
) -> Result<Response, ApiError> {
    Ok(made(true, &keys::create(&context, &actor, new).await?))
}
