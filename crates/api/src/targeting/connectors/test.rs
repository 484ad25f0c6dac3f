use crate::http::{ApiError, Caller, OptionalBody, PathParams, ok};
use crate::targeting::bodies::Nothing;
use axum::extract::State;
use axum::response::Response;
use sluice_app::connectors::Tested;
use sluice_app::{Context, connectors};

/// Makes a light call to the connected service that needs valid credentials. Admins only.
#[utoipa::path(post, path = "/api/v1/operations/connectors/{name}/test", tag = "Connectors", operation_id = "testConnector",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "How it went", body = Tested),
        (status = 403, description = "FORBIDDEN: no admin.", body = crate::targeting::ErrorBody),
        (status = 409, description = "CONFLICT: a service without a light call.", body = crate::targeting::ErrorBody)))]
pub(super) async fn test_connector(
    State(context): State<Context>,
    Caller(actor): Caller,
    path: PathParams,
    _body: OptionalBody<Nothing>,
) -> Result<Response, ApiError> {
    Ok(ok(&connectors::test(&context, &actor, path.text("name")).await?))
}
