use crate::http::{ApiError, Caller, IfMatch, PathParams, PlainBody, with_version};
use crate::targeting::webhook_bodies::WebhookPatchSchema;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::{Context, webhooks};
use sluice_model::webhook::{Webhook, WebhookPatch};

/// Changes a webhook with partial data. What waits to be sent when it is disabled is given up. Admins only.
#[utoipa::path(patch, path = "/api/v1/webhooks/{id}", tag = "Webhooks", operation_id = "updateWebhook",
    params(
        ("id" = String, Path, description = "UUID of the webhook"),
        ("If-Match" = Option<String>, Header, description = "Change only the version with this ETag.")),
    request_body = WebhookPatchSchema,
    responses(
        (status = 200, description = "The whole webhook after the change", body = Webhook),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 412, description = "PRECONDITION_FAILED: it has another version.", body = crate::targeting::ErrorBody)))]
pub(super) async fn update_webhook(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    IfMatch(condition): IfMatch,
    PlainBody(patch): PlainBody<WebhookPatch>,
) -> Result<Response, ApiError> {
    let id = path.id(webhooks::webhook_not_found)?;
    Ok(with_version(StatusCode::OK, &webhooks::update(&context, &actor, id, condition, patch).await?))
}
