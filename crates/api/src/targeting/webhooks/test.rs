use crate::http::{ApiError, Caller, OptionalBody, PathParams, ok};
use crate::targeting::bodies::Nothing;
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, webhooks};
use sluice_model::webhook::WebhookDeliveryDetail;

/// Sends a `webhook.test` at once, and says how it went. Admins only.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/test", tag = "Webhooks", operation_id = "testWebhook",
    params(("id" = String, Path, description = "UUID of the webhook")),
    responses(
        (status = 200, description = "The message with its one attempt", body = WebhookDeliveryDetail),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn test_webhook(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    _body: OptionalBody<Nothing>,
) -> Result<Response, ApiError> {
    let id = path.id(webhooks::webhook_not_found)?;
    Ok(ok(&webhooks::test(&context, &actor, id).await?))
}
