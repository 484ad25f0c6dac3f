use crate::accounts::bodies::AccountPageSchema;
use crate::accounts::key::{AccountsRead, Key};
use crate::accounts::parameters;
use crate::http::{ApiError, QueryParams, ok};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account;
use sluice_model::accounts::AccountQuery;
use sluice_model::canon;

/// List accounts, newest activity first.
#[utoipa::path(get, path = "/v0/accounts", tag = "Accounts", operation_id = "listAccounts",
    security(("apiKey" = ["accounts:read"])),
    params(
        ("domain" = Option<String>, Query, description = "Only the account of this domain."),
        ("search" = Option<String>, Query, description = "Only those whose name or domain has this text."),
        ("updatedSince" = Option<String>, Query, format = DateTime, description = "Only those changed at this time or later."),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "Default 20."),
        ("offset" = Option<i64>, Query, minimum = 0, description = "Default 0."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before, in place of `offset`."),
    ),
    responses(
        (status = 200, description = "Successful operation", body = AccountPageSchema)))]
pub(in crate::accounts) async fn list_accounts(
    State(context): State<Context>,
    key: Key<AccountsRead>,
    mut query: QueryParams,
) -> Result<Response, ApiError> {
    let wanted = AccountQuery {
        domain: query.canonical("domain", "Invalid domain", canon::domain),
        search: parameters::search(&mut query),
        updated_since: query.time("updatedSince"),
        page: parameters::page(&mut query),
    };
    query.check()?;
    Ok(ok(&account::list(&context, &key.actor, wanted).await?))
}
