use crate::accounts::key::{AccountsWrite, Key};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, no_content};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account;

/// Hide an account until it is restored, or its domain is named again.
#[utoipa::path(delete, path = "/v0/accounts/{account_id}", tag = "Accounts", operation_id = "deleteAccount",
    security(("apiKey" = ["accounts:write"])),
    params(
        ("account_id" = String, Path, description = "account_id parameter"),
    ),
    responses(
        (status = 204, description = "Deleted")))]
pub(in crate::accounts) async fn delete_account(
    State(context): State<Context>,
    key: Key<AccountsWrite>,
    path: PathParams,
) -> Result<Response, ApiError> {
    let id = parameters::account_id(&path)?;
    account::delete(&context, &key.actor, &id).await?;
    Ok(no_content())
}
