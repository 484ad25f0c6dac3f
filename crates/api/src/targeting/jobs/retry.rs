use crate::http::{ApiError, Caller, OptionalBody, PathParams};
use crate::targeting::bodies::Nothing;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sluice_app::{Context, jobs};
use sluice_model::Job;

/// Queues a job again that was given up: its run goes from failed to queued, and goes on where it was. Admins only.
#[utoipa::path(post, path = "/api/v1/operations/jobs/{id}/retry", tag = "Jobs", operation_id = "retryJob",
    params(
        ("id" = String, Path, description = "UUID of the job"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    responses(
        (status = 202, description = "The job, which is ready", body = Job),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the job was not given up.", body = crate::targeting::ErrorBody)))]
pub(super) async fn retry_job(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    body: OptionalBody<Nothing>,
) -> Result<Response, ApiError> {
    let id = path.id(jobs::job_not_found)?;
    let job = jobs::retry(&context, &actor, body.key, id).await?;
    Ok((StatusCode::ACCEPTED, Json(job)).into_response())
}
