use crate::http::{ApiError, Caller, OptionalBody, PathParams, with_version};
use crate::targeting::bodies::Nothing;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::webhooks::WebhookWithSecret;
use sluice_app::{Context, webhooks};

/// Gives a webhook a new secret. For 24 hours messages are signed with the one before as well. Admins only.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/rotate-secret", tag = "Webhooks", operation_id = "rotateWebhookSecret",
    params(("id" = String, Path, description = "UUID of the webhook")),
    responses(
        (status = 200, description = "The webhook with its new secret, which is shown this once", body = WebhookWithSecret),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn rotate_webhook_secret(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    _body: OptionalBody<Nothing>,
) -> Result<Response, ApiError> {
    let id = path.id(webhooks::webhook_not_found)?;
    Ok(with_version(StatusCode::OK, &webhooks::rotate(&context, &actor, id).await?))
}
