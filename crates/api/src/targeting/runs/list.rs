use crate::http::{ApiError, Caller, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, runs};
use sluice_model::{Run, RunStatus};

/// Lists the newest runs that the caller may see, newest first, 200 at most.
#[utoipa::path(get, path = "/api/v1/operations/runs", tag = "Runs", operation_id = "listRuns",
    params(
        ("icpId" = Option<String>, Query, description = "Only runs of this ICP."),
        ("status" = Option<String>, Query, description = "queued, running, succeeded, failed or cancelled.")),
    responses((status = 200, description = "Runs, newest first", body = Vec<Run>)))]
pub(super) async fn list_runs(
    State(context): State<Context>,
    Caller(actor): Caller,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let icp = query.uuid("icpId");
    let status = query.one_of("status", &RunStatus::NAMES).map(|at| RunStatus::ALL[at]);
    query.check()?;
    Ok(ok(&runs::list(&context, &actor, icp, status).await?))
}
