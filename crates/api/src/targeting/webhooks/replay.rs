use crate::http::{ApiError, Caller, PathParams, PlainBody};
use crate::targeting::webhook_bodies::WebhookReplaySchema;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sluice_app::webhooks::Replayed;
use sluice_app::{Context, webhooks};
use sluice_model::webhook::WebhookReplay;

/// Has the messages of a span of time sent again, each with the `webhook-id` that it had; those that wait to be sent
/// anyway do not count. Admins only.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/replay", tag = "Webhooks", operation_id = "replayWebhook",
    params(("id" = String, Path, description = "UUID of the webhook")),
    request_body = WebhookReplaySchema,
    responses(
        (status = 202, description = "How many messages wait to be sent again", body = Replayed),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the webhook is disabled.", body = crate::targeting::ErrorBody)))]
pub(super) async fn replay_webhook(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    PlainBody(which): PlainBody<WebhookReplay>,
) -> Result<Response, ApiError> {
    let id = path.id(webhooks::webhook_not_found)?;
    let replayed = webhooks::replay(&context, &actor, id, which).await?;
    Ok((StatusCode::ACCEPTED, Json(replayed)).into_response())
}
