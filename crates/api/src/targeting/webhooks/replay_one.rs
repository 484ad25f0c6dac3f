use super::delivery_id;
use crate::http::{ApiError, Caller, OptionalBody, PathParams};
use crate::targeting::bodies::Nothing;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sluice_app::{Context, webhooks};
use sluice_model::webhook::WebhookDelivery;

/// Has a message sent again, with the `webhook-id` that it had. Admins only.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/deliveries/{deliveryId}/replay", tag = "Webhooks",
    operation_id = "replayWebhookDelivery",
    params(
        ("id" = String, Path, description = "UUID of the webhook"),
        ("deliveryId" = String, Path, description = "UUID of the delivery")),
    responses(
        (status = 202, description = "The message, which waits to be sent", body = WebhookDelivery),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the webhook is disabled.", body = crate::targeting::ErrorBody)))]
pub(super) async fn replay_webhook_delivery(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    _body: OptionalBody<Nothing>,
) -> Result<Response, ApiError> {
    let (webhook, id) = (path.id(webhooks::webhook_not_found)?, delivery_id(&path)?);
    let delivery = webhooks::replay_one(&context, &actor, webhook, id).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery)).into_response())
}
