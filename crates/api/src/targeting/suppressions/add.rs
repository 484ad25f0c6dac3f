use crate::http::{ApiError, Body, Caller};
use crate::targeting::bodies::{NewSuppressions, SuppressionBodySchema};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sluice_app::suppressions::Added;
use sluice_app::{Context, suppressions};

/// Puts one entry, or up to 10 000, on the suppression list. Values on it already are skipped.
#[utoipa::path(post, path = "/api/v1/operations/suppressions", tag = "Suppression list", operation_id = "addSuppressions",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = SuppressionBodySchema,
    responses(
        (status = 201, description = "The entries that now stand for the values sent", body = Added),
        (status = 409, description = "CONFLICT: the Idempotency-Key was used for another request.", body = crate::targeting::ErrorBody)))]
pub(super) async fn add_suppressions(
    State(context): State<Context>,
    Caller(actor): Caller,
    body: Body<NewSuppressions>,
) -> Result<Response, ApiError> {
    let added = suppressions::add(&context, &actor, body.key, body.value.0).await?;
    Ok((StatusCode::CREATED, Json(added)).into_response())
}
