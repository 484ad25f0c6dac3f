use crate::accounts::bodies::ProspectLogPageSchema;
use crate::accounts::key::{Key, LogsRead};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect_log;

/// List the logs of a prospect, newest first.
#[utoipa::path(get, path = "/v0/prospects/{prospect_id}/logs", tag = "Prospect logs", operation_id = "listProspectLogs",
    security(("apiKey" = ["logs:read"])),
    params(
        ("prospect_id" = String, Path, description = "prospect_id parameter"),
        ("includeDeleted" = Option<bool>, Query, description = "Whether deleted logs are there too."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "Default 20."),
        ("offset" = Option<i64>, Query, minimum = 0, description = "Default 0."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before, in place of `offset`."),
    ),
    responses(
        (status = 200, description = "Successful operation", body = ProspectLogPageSchema)))]
pub(in crate::accounts) async fn list_prospect_logs(
    State(context): State<Context>,
    key: Key<LogsRead>,
    path: PathParams,
    query: QueryParams,
) -> Result<Response, ApiError> {
    let wanted = parameters::logs(query)?;
    let id = parameters::prospect_id(&path)?;
    Ok(ok(&prospect_log::list(&context, &key.actor, &id, wanted).await?))
}
