use crate::accounts::key::{AccountsWrite, Key};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account;
use sluice_model::accounts::Account;

/// Bring a deleted account back.
#[utoipa::path(post, path = "/v0/accounts/{account_id}/restore", tag = "Accounts", operation_id = "restoreAccount",
    security(("apiKey" = ["accounts:write"])),
    params(
        ("account_id" = String, Path, description = "account_id parameter"),
    ),
    responses(
        (status = 200, description = "Successful operation", body = Account)))]
pub(in crate::accounts) async fn restore_account(
    State(context): State<Context>,
    key: Key<AccountsWrite>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::account_id(&path)?;
    Ok(ok(&account::restore(&context, &key.actor, &id).await?))
}
