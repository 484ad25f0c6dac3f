use crate::accounts::key::{Key, LogsWrite};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account_log;

/// Hide one log of an account.
#[utoipa::path(delete, path = "/v0/accounts/{account_id}/logs/{account_log_id}", tag = "Account logs", operation_id = "deleteAccountLog",
    security(("apiKey" = ["logs:write"])),
    params(
        ("account_id" = String, Path, description = "account_id parameter"),
        ("account_log_id" = String, Path, description = "account_log_id parameter"),
    ),
    responses(
        (status = 204, description = "Deleted")))]
pub(in crate::accounts) async fn delete_account_log(
    State(context): State<Context>,
    key: Key<LogsWrite>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::account_id(&path)?;
    let log = parameters::account_log_id(&path)?;
    account_log::delete(&context, &key.actor, &id, &log).await?;
    Ok(no_content())
}
