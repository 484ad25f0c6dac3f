use crate::http::{ApiError, Caller, PathParams, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::prospects::ResultPage;
use sluice_app::{Context, Error, prospects};
use sluice_model::Lead;
use sluice_model::search_body::MAX_REACH;

/// Finds the people who work for a company now: by its LinkedIn page, else its domain, else its name.
#[utoipa::path(get, path = "/api/v1/entities/prospects/company/{id}/people/search", tag = "Prospects",
    operation_id = "searchCompanyPeople",
    params(
        ("id" = String, Path, description = "UUID of the company"),
        ("page" = Option<i64>, Query, description = "Zero-based; a negative one is the first."),
        ("size" = Option<i64>, Query, description = "Default 25; brought to 1…100.")),
    responses((status = 200, description = "People with their company, in rank order", body = ResultPage<Lead>)))]
pub(super) async fn search_company_people(
    State(context): State<Context>,
    Caller(_): Caller,
    path: PathParams,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let page = query.clamped("page", 0, i64::MAX, 0);
    let size = query.clamped("size", 1, 100, 25);
    if page.saturating_mul(size) > usize::try_from(MAX_REACH).unwrap_or(usize::MAX) {
        query.fault(Some("page"), &format!("page × size must not be more than {MAX_REACH}"));
    }
    query.check()?;
    let id = path.id(|id| Error::NotFound(format!("Company not found: {id}")))?;
    Ok(ok(&prospects::company_people(&context, id, page, size).await?))
}
