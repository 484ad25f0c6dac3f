use crate::http::{ApiError, Caller, OptionalBody, PathParams, created};
use crate::targeting::bodies::Nothing;
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, access, icps};
use sluice_model::Icp;

/// Makes a copy of an ICP, named `<name> (copy)`.
#[utoipa::path(post, path = "/api/v1/entities/icps/{id}/clone", tag = "ICPs", operation_id = "cloneIcp",
    params(
        ("id" = String, Path, description = "UUID of the ICP"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key within 24 hours gives the same reply.")),
    responses(
        (status = 201, description = "The copy", body = Icp),
        (status = 403, description = "FORBIDDEN: not in `userIds`, and no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the Idempotency-Key was used for another request.", body = crate::targeting::ErrorBody)))]
pub(super) async fn clone_icp(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    body: OptionalBody<Nothing>,
) -> Result<Response, ApiError> {
    let id = path.id(access::icp_not_found)?;
    Ok(created(&icps::clone(&context, &actor, body.key, id).await?))
}
