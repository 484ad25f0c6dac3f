//! When ICPs run by themselves.

use crate::error::StoreError;
use crate::row::Columns;
use crate::tx::{SystemTx, Tx, exactly_one};
use crate::value::params;
use sluice_model::{Icp, Time};
use uuid::Uuid;

/// A tick that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSchedule {
    pub organisation: String,
    pub icp: Uuid,
    pub tick: Time,
}

/// Where the schedule of an ICP stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSchedule {
    /// The next tick; `None` when there will be none.
    pub next_at: Option<Time>,
    /// Why the last tick started no run.
    pub note: Option<String>,
}

/// Makes the row that goes with the ICP's schedule as it is now, and takes it away when it has none.
pub(super) async fn schedule_set(tx: &mut Tx<'_>, icp: &Icp) -> Result<(), StoreError> {
    let sql = "DELETE FROM schedule WHERE icp_id = $1 AND organisation_id = $2";
    tx.execute(sql, params![icp.id, tx.organisation()]).await?;
    if icp.schedule.is_none() {
        return Ok(());
    }
    let sql = "INSERT INTO schedule (icp_id, organisation_id, next_at) VALUES ($1, $2, $3)";
    let next = icp.next_tick(icp.updated_at);
    tx.execute(sql, params![icp.id, tx.organisation(), next]).await.map(drop)
}

/// The schedule of an ICP.
pub async fn schedule_get(tx: &mut Tx<'_>, icp: Uuid) -> Result<Option<StoredSchedule>, StoreError> {
    let sql = "SELECT next_at, note FROM schedule WHERE icp_id = $1 AND organisation_id = $2";
    let Some(row) = tx.query_one(sql, params![icp, tx.organisation()]).await? else { return Ok(None) };
    let mut columns = Columns::of("schedule", row);
    let next_at = columns.optional_time("next_at")?;
    Ok(Some(StoredSchedule { next_at, note: columns.optional_text("note")? }))
}

/// Moves a schedule from `tick` to its next one. Returns whether it stood there: of several that try, one does.
pub async fn schedule_advance(
    tx: &mut Tx<'_>,
    icp: Uuid,
    tick: Time,
    next: Option<Time>,
) -> Result<bool, StoreError> {
    let sql = "UPDATE schedule SET next_at = $1 WHERE icp_id = $2 AND next_at = $3 AND organisation_id = $4";
    Ok(tx.execute(sql, params![next, icp, tick, tx.organisation()]).await? == 1)
}

/// Notes why the last tick started no run, or that it started one.
///
/// # Errors
/// [`StoreError::RowCount`] when the ICP has no schedule.
pub async fn schedule_note(tx: &mut Tx<'_>, icp: Uuid, note: Option<&str>) -> Result<(), StoreError> {
    let sql = "UPDATE schedule SET note = $1 WHERE icp_id = $2 AND organisation_id = $3";
    exactly_one("schedule_note", tx.execute(sql, params![note, icp, tx.organisation()]).await?)
}

/// At most `limit` ticks of all organisations that are due, the oldest first.
pub async fn schedule_due(
    tx: &mut SystemTx<'_>,
    now: Time,
    limit: usize,
) -> Result<Vec<DueSchedule>, StoreError> {
    let sql = "SELECT organisation_id, icp_id, next_at FROM schedule
               WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at LIMIT $2";
    let read = |row| {
        let mut columns = Columns::of("schedule", row);
        Ok(DueSchedule {
            organisation: columns.text("organisation_id")?,
            icp: columns.uuid("icp_id")?,
            tick: columns.time("next_at")?,
        })
    };
    tx.query(sql, params![now, limit]).await?.into_iter().map(read).collect()
}
