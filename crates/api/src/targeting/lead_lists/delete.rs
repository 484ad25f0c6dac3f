use crate::http::{ApiError, Caller, IfMatch, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, access, lead_lists};

/// Deletes a lead list. The people and companies it held stay.
#[utoipa::path(delete, path = "/api/v1/entities/leadlists/{id}", tag = "Lead lists", operation_id = "deleteLeadList",
    params(
        ("id" = String, Path, description = "UUID of the list"),
        ("If-Match" = Option<String>, Header, description = "Delete only the version with this ETag.")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 412, description = "PRECONDITION_FAILED: the list has another version.", body = crate::targeting::ErrorBody)))]
pub(super) async fn delete_lead_list(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    IfMatch(condition): IfMatch,
) -> Result<Response, ApiError> {
    let id = path.id(access::lead_list_not_found)?;
    lead_lists::delete(&context, &actor, id, condition).await?;
    Ok(no_content())
}
