use crate::http::{ApiError, Caller, IfMatch, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, webhooks};

/// Removes a webhook with its secret and its log. Admins only.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}", tag = "Webhooks", operation_id = "removeWebhook",
    params(
        ("id" = String, Path, description = "UUID of the webhook"),
        ("If-Match" = Option<String>, Header, description = "Remove only the version with this ETag.")),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 412, description = "PRECONDITION_FAILED: it has another version.", body = crate::targeting::ErrorBody)))]
pub(super) async fn remove_webhook(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    IfMatch(condition): IfMatch,
) -> Result<Response, ApiError> {
    let id = path.id(webhooks::webhook_not_found)?;
    webhooks::remove(&context, &actor, id, condition).await?;
    Ok(no_content())
}
