use crate::http::{ApiError, Caller, PathParams, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::runs::{DecisionFilter, DecisionPage};
use sluice_app::{Context, access, runs};
use sluice_model::{Stage, Verdict};

/// Lists what was decided on every candidate, kept or dropped, with its reason, in the order of work.
#[utoipa::path(get, path = "/api/v1/operations/runs/{id}/decisions", tag = "Runs", operation_id = "runDecisions",
    params(
        ("id" = String, Path, description = "UUID of the run"),
        ("verdict" = Option<String>, Query, description = "accepted, dropped or unknown."),
        ("stage" = Option<String>, Query, description = "identity, suppression, rules, caps, evidence or accept."),
        ("personId" = Option<String>, Query, description = "Catalog id of one person."),
        ("companyId" = Option<String>, Query, description = "Catalog id of one company (company lists)."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "Default 100.")),
    responses(
        (status = 200, description = "A page of decisions", body = DecisionPage),
        (status = 403, description = "FORBIDDEN: not the starter, not in the ICP's `userIds`, and no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn run_decisions(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let filter = DecisionFilter {
        verdict: query.one_of("verdict", &Verdict::NAMES).map(|at| Verdict::ALL[at]),
        stage: query.one_of("stage", &Stage::NAMES).map(|at| Stage::ALL[at]),
        candidate: query.uuid("personId").or_else(|| query.uuid("companyId")),
        after: query.integer("cursor", 0, i64::MAX).unwrap_or_default().unsigned_abs(),
    };
    let limit = query.limit(1_000, 100);
    query.check()?;
    let id = path.id(access::run_not_found)?;
    Ok(ok(&runs::decisions(&context, &actor, id, filter, limit).await?))
}
