use crate::accounts::key::{Key, LogsRead};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account_log;
use sluice_model::accounts::AccountLog;

/// Get one log of an account.
#[utoipa::path(get, path = "/v0/accounts/{account_id}/logs/{account_log_id}", tag = "Account logs", operation_id = "getAccountLog",
    security(("apiKey" = ["logs:read"])),
    params(
        ("account_id" = String, Path, description = "account_id parameter"),
        ("account_log_id" = String, Path, description = "account_log_id parameter"),
    ),
    responses(
        (status = 200, description = "Successful operation", body = AccountLog)))]
pub(in crate::accounts) async fn get_account_log(
    State(context): State<Context>,
    key: Key<LogsRead>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::account_id(&path)?;
    let log = parameters::account_log_id(&path)?;
    Ok(ok(&account_log::get(&context, &key.actor, &id, &log).await?))
}
