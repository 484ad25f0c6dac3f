use crate::accounts::key::{Key, LogsWrite};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect_log;

/// Hide one log of a prospect.
#[utoipa::path(delete, path = "/v0/prospects/{prospect_id}/logs/{prospect_log_id}", tag = "Prospect logs", operation_id = "deleteProspectLog",
    security(("apiKey" = ["logs:write"])),
    params(
        ("prospect_id" = String, Path, description = "prospect_id parameter"),
        ("prospect_log_id" = String, Path, description = "prospect_log_id parameter"),
    ),
    responses(
        (status = 204, description = "Deleted")))]
pub(in crate::accounts) async fn delete_prospect_log(
    State(context): State<Context>,
    key: Key<LogsWrite>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::prospect_id(&path)?;
    let log = parameters::prospect_log_id(&path)?;
    prospect_log::delete(&context, &key.actor, &id, &log).await?;
    Ok(no_content())
}
