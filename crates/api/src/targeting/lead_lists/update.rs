use crate::http::{ApiError, Body, Caller, IfMatch, PathParams, with_version};
use crate::targeting::bodies::LeadListPatchSchema;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::{Context, access, lead_lists};
use sluice_model::lead_list::{HydratedLeadList, LeadListPatch};

/// Changes the name of a lead list, or replaces what it holds.
#[utoipa::path(patch, path = "/api/v1/entities/leadlists/{id}", tag = "Lead lists", operation_id = "updateLeadList",
    params(
        ("id" = String, Path, description = "UUID of the list"),
        ("If-Match" = Option<String>, Header, description = "Change only the version with this ETag.")),
    request_body = LeadListPatchSchema,
    responses(
        (status = 200, description = "The list with `persons` or `companies`", body = HydratedLeadList),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 412, description = "PRECONDITION_FAILED: the list has another version.", body = crate::targeting::ErrorBody)))]
pub(super) async fn update_lead_list(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    IfMatch(condition): IfMatch,
    body: Body<LeadListPatch>,
) -> Result<Response, ApiError> {
    let id = path.id(access::lead_list_not_found)?;
    Ok(with_version(StatusCode::OK, &lead_lists::update(&context, &actor, id, condition, body.value).await?))
}
