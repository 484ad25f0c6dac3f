use crate::http::{ApiError, Caller, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, jobs};

/// Removes a job that was given up. Its run stays failed. Admins only.
#[utoipa::path(delete, path = "/api/v1/operations/jobs/{id}", tag = "Jobs", operation_id = "deleteJob",
    params(("id" = String, Path, description = "UUID of the job")),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the job was not given up.", body = crate::targeting::ErrorBody)))]
pub(super) async fn delete_job(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = path.id(jobs::job_not_found)?;
    jobs::discard(&context, &actor, id).await?;
    Ok(no_content())
}
