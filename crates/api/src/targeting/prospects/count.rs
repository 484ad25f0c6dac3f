use crate::http::{ApiError, Body, Caller, ok};
use crate::targeting::bodies::{CompanyCount, CountSchema, PersonCount};
use axum::extract::State;
use axum::response::Response;
use sluice_app::prospects::ProspectCount;
use sluice_app::{Context, prospects};
use sluice_model::EntityKind;

/// Counts people that fit a filter, exactly, with the values of facets.
#[utoipa::path(post, path = "/api/v1/operations/prospects/person/count", tag = "Prospects", operation_id = "countPeople",
    request_body = CountSchema,
    responses((status = 200, description = "Exact counts", body = ProspectCount)))]
pub(super) async fn count_people(
    State(context): State<Context>,
    Caller(_): Caller,
    body: Body<PersonCount>,
) -> Result<Response, ApiError> {
    Ok(ok(&prospects::count(&context, EntityKind::Person, &body.value.0).await?))
}

/// Counts companies that fit a filter, exactly, with the values of facets.
#[utoipa::path(post, path = "/api/v1/operations/prospects/company/count", tag = "Prospects", operation_id = "countCompanies",
    request_body = CountSchema,
    responses((status = 200, description = "Exact counts", body = ProspectCount)))]
pub(super) async fn count_companies(
    State(context): State<Context>,
    Caller(_): Caller,
    body: Body<CompanyCount>,
) -> Result<Response, ApiError> {
    Ok(ok(&prospects::count(&context, EntityKind::Company, &body.value.0).await?))
}
