//! Logs of accounts.

use crate::{Context, Result};
use sluice_model::accounts::{
    AccountId, AccountLog, AccountLogId, AccountLogReceipt, KeyActor, LogQuery, NewAccountLog, Page,
};

/// Writes a log; whether it is new (a replay is not).
pub async fn create(
    context: &Context,
    key: &KeyActor,
    new: NewAccountLog,
) -> Result<(bool, AccountLogReceipt)> {
    todo!()
}
/// A page of the account's own logs, newest first.
pub async fn list(
    context: &Context,
    key: &KeyActor,
    account: &AccountId,
    query: LogQuery,
) -> Result<Page<AccountLog>> {
    todo!()
}
/// One log, deleted or not.
pub async fn get(
    context: &Context,
    key: &KeyActor,
    account: &AccountId,
    log: &AccountLogId,
) -> Result<AccountLog> {
    todo!()
}
/// Hides a log.
pub async fn delete(
    context: &Context,
    key: &KeyActor,
    account: &AccountId,
    log: &AccountLogId,
) -> Result<()> {
    todo!()
}
