use crate::http::{ApiError, Caller, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::credits::CreditPage;
use sluice_app::{Context, credits};

/// Lists the ledger of credits, newest first.
#[utoipa::path(get, path = "/api/v1/operations/credits/history", tag = "Credits", operation_id = "creditHistory",
    params(
        ("startDate" = Option<String>, Query, description = "From this time on."),
        ("endDate" = Option<String>, Query, description = "Before this time."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "Default 50."),
        ("offset" = Option<i64>, Query, minimum = 0, description = "Default 0.")),
    responses((status = 200, description = "A page of the ledger", body = CreditPage)))]
pub(super) async fn credit_history(
    State(context): State<Context>,
    Caller(actor): Caller,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let span = (query.time("startDate"), query.time("endDate"));
    if matches!(span, (Some(start), Some(end)) if end < start) {
        query.fault(Some("endDate"), "endDate must not be before startDate");
    }
    let limit = query.limit(1_000, 50);
    let offset = query.integer("offset", 0, 1_000_000_000).unwrap_or(0);
    query.check()?;
    let offset = usize::try_from(offset).unwrap_or(0);
    Ok(ok(&credits::history(&context, &actor, span, limit, offset).await?))
}
