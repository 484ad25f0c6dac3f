use crate::http::{ApiError, Caller, PathParams, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::webhooks::{DeliveryFilter, DeliveryPage};
use sluice_app::{Context, webhooks};
use sluice_model::webhook::{DeliveryStatus, WebhookEvent};

/// Lists what a webhook was told, newest first. Admins only.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries", tag = "Webhooks", operation_id = "listWebhookDeliveries",
    params(
        ("id" = String, Path, description = "UUID of the webhook"),
        ("status" = Option<String>, Query, description = "pending, delivered or failed."),
        ("event" = Option<String>, Query, description = "Only messages of this type, such as run.succeeded."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "Default 100.")),
    responses(
        (status = 200, description = "A page of messages", body = DeliveryPage),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn list_webhook_deliveries(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let filter = DeliveryFilter {
        status: query.one_of("status", &DeliveryStatus::NAMES).map(|at| DeliveryStatus::ALL[at]),
        event: query.one_of("event", &WebhookEvent::NAMES).map(|at| WebhookEvent::ALL[at]),
        below: query.uuid("cursor"),
    };
    let limit = query.limit(1_000, 100);
    query.check()?;
    let id = path.id(webhooks::webhook_not_found)?;
    Ok(ok(&webhooks::deliveries(&context, &actor, id, filter, limit).await?))
}
