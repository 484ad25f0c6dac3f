use crate::http::{ApiError, Body, Caller, ok};
use crate::targeting::bodies::{CompanySearch, CompanySearchSchema, PersonSearch, PersonSearchSchema};
use axum::extract::State;
use axum::response::Response;
use sluice_app::prospects::ResultPage;
use sluice_app::{Context, prospects};
use sluice_model::{Company, Lead};

/// Searches people of the catalog. The order is stable, `totalElements` exact.
#[utoipa::path(post, path = "/api/v1/entities/prospects/person", tag = "Prospects", operation_id = "searchPeople",
    request_body = PersonSearchSchema,
    responses((status = 200, description = "A page of leads with their company", body = ResultPage<Lead>)))]
pub(super) async fn search_people(
    State(context): State<Context>,
    Caller(_): Caller,
    body: Body<PersonSearch>,
) -> Result<Response, ApiError> {
    Ok(ok(&prospects::people(&context, &body.value.0).await?))
}

/// Searches companies of the catalog, or looks them up by site or LinkedIn page.
#[utoipa::path(post, path = "/api/v1/entities/prospects/company", tag = "Prospects", operation_id = "searchCompanies",
    request_body = CompanySearchSchema,
    responses((status = 200, description = "A page of companies", body = ResultPage<Company>)))]
pub(super) async fn search_companies(
    State(context): State<Context>,
    Caller(_): Caller,
    body: Body<CompanySearch>,
) -> Result<Response, ApiError> {
    Ok(ok(&prospects::companies(&context, &body.value.0).await?))
}
