use crate::http::{ApiError, Caller, OptionalBody, PathParams, with_version};
use crate::targeting::bodies::{Cancel, CancelSchema};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::{Context, access, runs};
use sluice_model::Run;

/// Stops a run within a second. What was accepted so far stays only with `keepPartial`.
#[utoipa::path(post, path = "/api/v1/operations/runs/{id}/cancel", tag = "Runs", operation_id = "cancelRun",
    params(
        ("id" = String, Path, description = "UUID of the run"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = Option<CancelSchema>,
    responses(
        (status = 202, description = "The run, cancelled or about to be", body = Run),
        (status = 403, description = "FORBIDDEN: not the starter, not in the ICP's `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the run has ended, or the Idempotency-Key was used for another request.", body = crate::targeting::ErrorBody)))]
pub(super) async fn cancel_run(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    body: OptionalBody<Cancel>,
) -> Result<Response, ApiError> {
    let id = path.id(access::run_not_found)?;
    let run = runs::cancel(&context, &actor, body.key, id, body.value.keep_partial).await?;
    Ok(with_version(StatusCode::ACCEPTED, &run))
}
