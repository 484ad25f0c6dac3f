use crate::http::{ApiError, Caller, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::{Context, connectors};

/// Removes a connector of the organisation with its credential. Admins only.
#[utoipa::path(delete, path = "/api/v1/operations/connectors/{name}", tag = "Connectors", operation_id = "removeConnector",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: the CRM is disconnected elsewhere.", body = crate::targeting::ErrorBody)))]
pub(super) async fn remove_connector(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
) -> Result<Response, ApiError> {
    connectors::remove(&context, &actor, path.text("name")).await?;
    Ok(no_content())
}
