use crate::http::{ApiError, Caller, PathParams, with_version};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::{Context, access, runs};
use sluice_model::Run;

/// Reads a run: its state, its progress and its funnel.
#[utoipa::path(get, path = "/api/v1/operations/runs/{id}", tag = "Runs", operation_id = "getRun",
    params(("id" = String, Path, description = "UUID of the run")),
    responses(
        (status = 200, description = "The run", body = Run),
        (status = 403, description = "FORBIDDEN: not the starter, not in the ICP's `userIds`, and no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn get_run(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = path.id(access::run_not_found)?;
    Ok(with_version(StatusCode::OK, &runs::get(&context, &actor, id).await?))
}
