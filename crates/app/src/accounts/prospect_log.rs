//! Logs of prospects.

use crate::{Context, Result};
use sluice_model::accounts::{
    KeyActor, LogQuery, NewProspectLog, Page, ProspectId, ProspectLog, ProspectLogId, ProspectLogReceipt,
};

/// Writes a log; whether it is new (a replay is not).
pub async fn create(
    context: &Context,
    key: &KeyActor,
    new: NewProspectLog,
) -> Result<(bool, ProspectLogReceipt)> {
    todo!()
}
/// A page of the prospect's logs, newest first.
pub async fn list(
    context: &Context,
    key: &KeyActor,
    prospect: &ProspectId,
    query: LogQuery,
) -> Result<Page<ProspectLog>> {
    todo!()
}
/// One log, deleted or not.
pub async fn get(
    context: &Context,
    key: &KeyActor,
    prospect: &ProspectId,
    log: &ProspectLogId,
) -> Result<ProspectLog> {
    todo!()
}
/// Hides a log.
pub async fn delete(
    context: &Context,
    key: &KeyActor,
    prospect: &ProspectId,
    log: &ProspectLogId,
) -> Result<()> {
    todo!()
}
