use crate::http::{ApiError, Caller, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::jobs::JobPage;
use sluice_app::{Context, jobs};
use sluice_model::JobState;

/// Lists the organisation's jobs in one state, newest first; dead ones are those that were given up. Admins only.
#[utoipa::path(get, path = "/api/v1/operations/jobs", tag = "Jobs", operation_id = "listJobs",
    params(
        ("state" = Option<String>, Query, description = "ready, running, done or dead; default dead."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "Default 100.")),
    responses(
        (status = 200, description = "A page of jobs", body = JobPage),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn list_jobs(
    State(context): State<Context>,
    Caller(actor): Caller,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let state = query.one_of("state", &JobState::NAMES).map_or(JobState::Dead, |at| JobState::ALL[at]);
    let below = query.uuid("cursor");
    let limit = query.limit(1_000, 100);
    query.check()?;
    Ok(ok(&jobs::list(&context, &actor, state, below, limit).await?))
}
