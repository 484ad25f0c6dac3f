use crate::accounts::bodies::NewAccountSchema;
use crate::accounts::key::{AccountsWrite, Key};
use crate::http::{ApiError, PlainBody, made};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account;
use sluice_model::accounts::{Account, NewAccount};

/// Find or make the account of a domain.
#[utoipa::path(post, path = "/v0/accounts", tag = "Accounts", operation_id = "createAccount",
    security(("apiKey" = ["accounts:write"])),
    request_body = NewAccountSchema,
    responses(
        (status = 201, description = "The new account", body = Account),
        (status = 200, description = "The account that was there, its name untouched", body = Account)))]
pub(in crate::accounts) async fn create_account(
    State(context): State<Context>,
    key: Key<AccountsWrite>,
    PlainBody(new): PlainBody<NewAccount>,
) -> Result<Response, ApiError> {
    let (is_new, account) = account::create(&context, &key.actor, new).await?;
    Ok(made(is_new, &account))
}
