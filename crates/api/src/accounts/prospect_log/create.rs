use crate::accounts::bodies::{Log, NewProspectLogSchema};
use crate::accounts::key::{Key, LogsWrite};
use crate::http::{ApiError, PlainBody, made};
use axum::extract::State;
use axum::response::Response;
use sluice_app::Context;
use sluice_app::accounts::prospect_log;
use sluice_model::accounts::{NewProspectLog, ProspectLogReceipt};

/// Write a log of a prospect, who is found by their identifiers or made.
#[utoipa::path(post, path = "/v0/prospect_logs", tag = "Prospect logs", operation_id = "createProspectLog",
    security(("apiKey" = ["logs:write"])),
    request_body = NewProspectLogSchema,
    responses(
        (status = 201, description = "The log is written", body = ProspectLogReceipt),
        (status = 200, description = "The log was written before, under the same idempotencyKey", body = ProspectLogReceipt),
        (status = 404, description = "NOT_FOUND: no such object of this tenant.", body = crate::accounts::ErrorBody),
        (status = 409, description = "CONFLICT: an identifier belongs to another prospect, or the idempotencyKey was used for other content.", body = crate::accounts::ErrorBody)))]
pub(in crate::accounts) async fn create_prospect_log(
    State(context): State<Context>,
    key: Key<LogsWrite>,
    PlainBody(Log(new)): PlainBody<Log<NewProspectLog>>,
) -> Result<Response, ApiError> {
    let (is_new, receipt) = prospect_log::create(&context, &key.actor, new).await?;
    Ok(made(is_new, &receipt))
}
