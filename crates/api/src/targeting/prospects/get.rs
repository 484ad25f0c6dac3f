use crate::http::{ApiError, Caller, PathParams, digest_tag};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, Error, prospects};
use sluice_model::{Company, Lead};

/// Reads a person of the catalog.
#[utoipa::path(get, path = "/api/v1/entities/prospects/person/{id}", tag = "Prospects", operation_id = "getProspectPerson",
    params(("id" = String, Path, description = "UUID of the person")),
    responses((status = 200, description = "The person with their company", body = Lead)))]
pub(super) async fn get_prospect_person(
    State(context): State<Context>,
    Caller(_): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = path.id(|id| Error::NotFound(format!("Person not found: {id}")))?;
    Ok(digest_tag(&prospects::person(&context, id).await?))
}

/// Reads a company of the catalog.
#[utoipa::path(get, path = "/api/v1/entities/prospects/company/{id}", tag = "Prospects", operation_id = "getProspectCompany",
    params(("id" = String, Path, description = "UUID of the company")),
    responses((status = 200, description = "The company", body = Company)))]
pub(super) async fn get_prospect_company(
    State(context): State<Context>,
    Caller(_): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = path.id(|id| Error::NotFound(format!("Company not found: {id}")))?;
    Ok(digest_tag(&prospects::company(&context, id).await?))
}
