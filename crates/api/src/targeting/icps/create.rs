use crate::http::{ApiError, Body, Caller, created};
use crate::targeting::bodies::IcpCreateSchema;
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, icps};
use sluice_model::{Icp, IcpCreate};

/// Creates an ICP.
#[utoipa::path(post, path = "/api/v1/entities/icps", tag = "ICPs", operation_id = "createIcp",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body within 24 hours give the same reply.")),
    request_body = IcpCreateSchema,
    responses(
        (status = 201, description = "The new ICP", body = Icp),
        (status = 409, description = "CONFLICT: the Idempotency-Key was used for another request.", body = crate::targeting::ErrorBody)))]
pub(super) async fn create_icp(
    State(context): State<Context>,
    Caller(actor): Caller,
    body: Body<IcpCreate>,
) -> Result<Response, ApiError> {
    Ok(created(&icps::create(&context, &actor, body.key, body.value).await?))
}
