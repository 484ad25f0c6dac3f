use crate::accounts::bodies::{Log, NewAccountLogSchema};
use crate::accounts::key::{Key, LogsWrite};
use crate::http::{ApiError, PlainBody, made};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::account_log;
use sluice_model::accounts::{AccountLogReceipt, NewAccountLog};

/// Write a log of an account; an unknown domain makes the account.
#[utoipa::path(post, path = "/v0/account_logs", tag = "Account logs", operation_id = "createAccountLog",
    security(("apiKey" = ["logs:write"])),
    request_body = NewAccountLogSchema,
    responses(
        (status = 201, description = "The log is written", body = AccountLogReceipt),
        (status = 200, description = "The log was written before, under the same idempotencyKey", body = AccountLogReceipt),
        (status = 404, description = "NOT_FOUND: no such object of this tenant.", body = crate::accounts::ErrorBody),
        (status = 409, description = "CONFLICT: accountId and domain disagree, or the idempotencyKey was used for other content.", body = crate::accounts::ErrorBody)))]
pub(in crate::accounts) async fn create_account_log(
    State(context): State<Context>,
    key: Key<LogsWrite>,
    PlainBody(Log(new)): PlainBody<Log<NewAccountLog>>,
) -> Result<Response, ApiError> {
    let (is_new, receipt) = account_log::create(&context, &key.actor, new).await?;
    Ok(made(is_new, &receipt))
}
