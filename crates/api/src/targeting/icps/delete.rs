use crate::http::{ApiError, Caller, IfMatch, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, access, icps};

/// Deletes an ICP. Its lead lists stay, with `icpId: null`.
#[utoipa::path(delete, path = "/api/v1/entities/icps/{id}", tag = "ICPs", operation_id = "deleteIcp",
    params(
        ("id" = String, Path, description = "UUID of the ICP"),
        ("If-Match" = Option<String>, Header, description = "Delete only the version with this ETag.")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 412, description = "PRECONDITION_FAILED: the ICP has another version.", body = crate::targeting::ErrorBody)))]
pub(super) async fn delete_icp(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    IfMatch(condition): IfMatch,
) -> Result<Response, ApiError> {
    let id = path.id(access::icp_not_found)?;
    icps::delete(&context, &actor, id, condition).await?;
    Ok(no_content())
}
