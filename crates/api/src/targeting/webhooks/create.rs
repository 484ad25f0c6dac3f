use crate::http::{ApiError, Caller, PlainBody, created};
use crate::targeting::webhook_bodies::WebhookCreateSchema;
use axum::extract::State;
use axum::response::Response;
use sluice_app::webhooks::WebhookWithSecret;
use sluice_app::{Context, webhooks};
use sluice_model::webhook::WebhookCreate;

/// Sets a webhook up. Admins only.
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "Webhooks", operation_id = "createWebhook",
    request_body = WebhookCreateSchema,
    responses(
        (status = 201, description = "The new webhook with its secret, which is shown this once", body = WebhookWithSecret),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: there are as many as there may be.", body = crate::targeting::ErrorBody)))]
pub(super) async fn create_webhook(
    State(context): State<Context>,
    Caller(actor): Caller,
    PlainBody(new): PlainBody<WebhookCreate>,
) -> Result<Response, ApiError> {
    Ok(created(&webhooks::create(&context, &actor, new).await?))
}
