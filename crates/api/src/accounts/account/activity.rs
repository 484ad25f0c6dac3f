use crate::accounts::bodies::ActivityPageSchema;
use crate::accounts::key::{Key, LogsRead};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account;

/// List what happened to an account, newest first.
#[utoipa::path(get, path = "/v0/accounts/{account_id}/activity", tag = "Accounts", operation_id = "listAccountActivity",
    security(("apiKey" = ["logs:read"])),
    params(
        ("account_id" = String, Path, description = "account_id parameter"),
        ("includeProspectActivity" = Option<bool>, Query, description = "Whether the logs of linked prospects are there too."),
        ("includeDeleted" = Option<bool>, Query, description = "Whether deleted logs are there too."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "Default 20."),
        ("offset" = Option<i64>, Query, minimum = 0, description = "Default 0."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before, in place of `offset`."),
    ),
    responses(
        (status = 200, description = "Successful operation", body = ActivityPageSchema)))]
pub(in crate::accounts) async fn account_activity(
    State(context): State<Context>,
    key: Key<LogsRead>,
    path: PathParams,
    query: QueryParams,
) -> Result<Response, ApiError> {
    let wanted = parameters::activity(query)?;
    let id = parameters::account_id(&path)?;
    Ok(ok(&account::activity(&context, &key.actor, &id, wanted).await?))
}
