use crate::http::{ApiError, Caller, PathParams, PlainBody, ok};
use crate::targeting::service_bodies::ConnectorSchema;
use axum::extract::State;
use axum::response::Response;
use sluice_app::connectors::Connector;
use sluice_app::{Context, connectors};
use sluice_model::connector::ConnectorPut;

/// Sets a connector up, or changes it. A key that is not sent stays as it is. Admins only.
#[utoipa::path(put, path = "/api/v1/operations/connectors/{name}", tag = "Connectors", operation_id = "putConnector",
    params(("name" = String, Path, description = "Letters, digits, - and _")),
    request_body = ConnectorSchema,
    responses(
        (status = 200, description = "The connector, without its credential", body = Connector),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody)))]
pub(super) async fn put_connector(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    PlainBody(put): PlainBody<ConnectorPut>,
) -> Result<Response, ApiError> {
    Ok(ok(&connectors::put(&context, &actor, path.text("name"), put).await?))
}
