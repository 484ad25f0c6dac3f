use super::delivery_id;
use crate::http::{ApiError, Caller, PathParams, digest_tag};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, webhooks};
use sluice_model::webhook::WebhookDeliveryDetail;

/// Reads a message with all attempts to deliver it. Admins only.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries/{deliveryId}", tag = "Webhooks",
    operation_id = "getWebhookDelivery",
    params(
        ("id" = String, Path, description = "UUID of the webhook"),
        ("deliveryId" = String, Path, description = "UUID of the delivery")),
    responses(
        (status = 200, description = "The message with its attempts", body = WebhookDeliveryDetail),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn get_webhook_delivery(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let (webhook, id) = (path.id(webhooks::webhook_not_found)?, delivery_id(&path)?);
    Ok(digest_tag(&webhooks::delivery(&context, &actor, webhook, id).await?))
}
