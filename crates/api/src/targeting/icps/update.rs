use crate::http::{ApiError, Body, Caller, IfMatch, PathParams, with_version};
use crate::targeting::bodies::IcpPatchSchema;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::{Context, access, icps};
use sluice_model::{Icp, IcpPatch};

/// Changes an ICP with partial data: fields that are left out stay as they are.
#[utoipa::path(patch, path = "/api/v1/entities/icps/{id}", tag = "ICPs", operation_id = "updateIcp",
    params(
        ("id" = String, Path, description = "UUID of the ICP"),
        ("If-Match" = Option<String>, Header, description = "Change only the version with this ETag.")),
    request_body = IcpPatchSchema,
    responses(
        (status = 200, description = "The whole ICP after the change", body = Icp),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 412, description = "PRECONDITION_FAILED: the ICP has another version.", body = crate::targeting::ErrorBody)))]
pub(super) async fn update_icp(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    IfMatch(condition): IfMatch,
    body: Body<IcpPatch>,
) -> Result<Response, ApiError> {
    let id = path.id(access::icp_not_found)?;
    Ok(with_version(StatusCode::OK, &icps::update(&context, &actor, id, condition, body.value).await?))
}
