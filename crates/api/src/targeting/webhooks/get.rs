use crate::http::{ApiError, Caller, PathParams, with_version};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::{Context, webhooks};
use sluice_model::webhook::Webhook;

/// Reads a webhook. Admins only.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}", tag = "Webhooks", operation_id = "getWebhook",
    params(("id" = String, Path, description = "UUID of the webhook")),
    responses(
        (status = 200, description = "The webhook, without its secret", body = Webhook),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn get_webhook(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = path.id(webhooks::webhook_not_found)?;
    Ok(with_version(StatusCode::OK, &webhooks::get(&context, &actor, id).await?))
}
