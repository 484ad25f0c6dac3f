use crate::http::{ApiError, Caller, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::suppressions::SuppressionPage;
use sluice_app::{Context, suppressions};

/// Lists the suppression list, newest first.
#[utoipa::path(get, path = "/api/v1/operations/suppressions", tag = "Suppression list", operation_id = "listSuppressions",
    params(
        ("includeRemoved" = Option<bool>, Query, description = "Whether tombstones are listed too."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 1000, description = "Default 100."),
        ("offset" = Option<i64>, Query, minimum = 0, description = "Default 0.")),
    responses((status = 200, description = "A page of entries", body = SuppressionPage)))]
pub(super) async fn list_suppressions(
    State(context): State<Context>,
    Caller(actor): Caller,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let removed = query.flag("includeRemoved");
    let limit = query.limit(1_000, 100);
    let offset = query.integer("offset", 0, 1_000_000_000).unwrap_or(0);
    query.check()?;
    let offset = usize::try_from(offset).unwrap_or(0);
    Ok(ok(&suppressions::list(&context, &actor, removed, limit, offset).await?))
}
