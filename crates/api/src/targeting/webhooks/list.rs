use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, webhooks};
use sluice_model::webhook::Webhook;

/// Lists the organisation's webhooks, oldest first. Admins only.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "Webhooks", operation_id = "listWebhooks",
    responses(
        (status = 200, description = "The webhooks, without their secrets", body = [Webhook]),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn list_webhooks(
    State(context): State<Context>,
    Caller(actor): Caller,
) -> Result<Response, ApiError> {
    Ok(ok(&webhooks::list(&context, &actor).await?))
}
