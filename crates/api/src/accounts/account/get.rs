use crate::accounts::key::{AccountsRead, Key};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account;
use sluice_model::accounts::Account;

/// Get account by ID.
#[utoipa::path(get, path = "/v0/accounts/{account_id}", tag = "Accounts", operation_id = "getAccount",
    security(("apiKey" = ["accounts:read"])),
    params(
        ("account_id" = String, Path, description = "account_id parameter"),
    ),
    responses(
        (status = 200, description = "Successful operation", body = Account)))]
pub(in crate::accounts) async fn get_account(
    State(context): State<Context>,
    key: Key<AccountsRead>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::account_id(&path)?;
    Ok(ok(&account::get(&context, &key.actor, &id).await?))
}
