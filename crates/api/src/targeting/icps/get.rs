use crate::http::{ApiError, Caller, PathParams, with_version};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sluice_app::{Context, access, icps};
use sluice_model::Icp;

/// Reads an ICP.
#[utoipa::path(get, path = "/api/v1/entities/icps/{id}", tag = "ICPs", operation_id = "getIcp",
    params(("id" = String, Path, description = "UUID of the ICP")),
    responses(
        (status = 200, description = "The ICP", body = Icp),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn get_icp(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = path.id(access::icp_not_found)?;
    Ok(with_version(StatusCode::OK, &icps::get(&context, &actor, id).await?))
}
