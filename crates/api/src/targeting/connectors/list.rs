use crate::http::{ApiError, Caller, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::connectors::Connector;
use sluice_app::{Context, connectors};

/// Lists the connectors that the organisation can use: its own, then those of the installation. Admins only.
#[utoipa::path(get, path = "/api/v1/operations/connectors", tag = "Connectors", operation_id = "listConnectors",
    responses(
        (status = 200, description = "The connectors, without their credentials", body = [Connector]),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn list_connectors(
    State(context): State<Context>,
    Caller(actor): Caller,
) -> Result<Response, ApiError> {
    Ok(ok(&connectors::list(&context, &actor).await?))
}
