use crate::accounts::bodies::AccountPatchSchema;
use crate::accounts::key::{AccountsWrite, Key};
use crate::accounts::parameters;
use crate::http::{ApiError, PathParams, PlainBody, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account;
use sluice_model::accounts::{Account, AccountPatch};

/// Update account by ID.
#[utoipa::path(patch, path = "/v0/accounts/{account_id}", tag = "Accounts", operation_id = "updateAccount",
    security(("apiKey" = ["accounts:write"])),
    params(
        ("account_id" = String, Path, description = "account_id parameter"),
    ),
    request_body = AccountPatchSchema,
    responses(
        (status = 200, description = "Successful operation", body = Account)))]
pub(in crate::accounts) async fn update_account(
    State(context): State<Context>,
    key: Key<AccountsWrite>,
    path: PathParams,
    PlainBody(patch): PlainBody<AccountPatch>,
) -> Result<Response, ApiError> {
    let id = parameters::account_id(&path)?;
    Ok(ok(&account::update(&context, &key.actor, &id, patch).await?))
}
