use crate::accounts::key::{Key, LogsRead};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect_log;
use sluice_model::accounts::ProspectLog;

/// Get one log of a prospect.
#[utoipa::path(get, path = "/v0/prospects/{prospect_id}/logs/{prospect_log_id}", tag = "Prospect logs", operation_id = "getProspectLog",
    security(("apiKey" = ["logs:read"])),
    params(
        ("prospect_id" = String, Path, description = "prospect_id parameter"),
        ("prospect_log_id" = String, Path, description = "prospect_log_id parameter"),
    ),
    responses(
        (status = 200, description = "Successful operation", body = ProspectLog)))]
pub(in crate::accounts) async fn get_prospect_log(
    State(context): State<Context>,
    key: Key<LogsRead>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::prospect_id(&path)?;
    let log = parameters::prospect_log_id(&path)?;
    Ok(ok(&prospect_log::get(&context, &key.actor, &id, &log).await?))
}
