use crate::http::{ApiError, Body, Caller, PathParams, with_version};
use crate::targeting::bodies::{AddCompanies, AddCompaniesSchema};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::{Context, access, lead_lists};
use sluice_model::lead_list::HydratedLeadList;

/// Puts companies on a company list. Duplicates are skipped.
#[utoipa::path(post, path = "/api/v1/entities/leadlists/{id}/add-companies", tag = "Lead lists", operation_id = "addCompanies",
    params(
        ("id" = String, Path, description = "UUID of the list"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = AddCompaniesSchema,
    responses(
        (status = 200, description = "The list with `companies`", body = HydratedLeadList),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the Idempotency-Key was used for another request.", body = crate::targeting::ErrorBody)))]
pub(super) async fn add_companies(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    body: Body<AddCompanies>,
) -> Result<Response, ApiError> {
    let id = path.id(access::lead_list_not_found)?;
    let list = lead_lists::add_companies(&context, &actor, body.key, id, body.value.0).await?;
    Ok(with_version(StatusCode::OK, &list))
}
