//! Jobs as those see them who look after the queue: what was given up, and to try it again.

use super::job::tell_workers;
use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::{SystemTx, Tx};
use crate::value::params;
use sluice_model::{JobState, Time};
use uuid::Uuid;

/// A job with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    pub id: Uuid,
    pub organisation: String,
    pub kind: String,
    pub state: JobState,
    pub attempts: i64,
    /// What the last attempt ended with. Names internals.
    pub error: Option<String>,
    pub created_at: Time,
    /// When it is, or was, to be begun.
    pub run_at: Time,
    /// When it was done or given up.
    pub finished_at: Option<Time>,
    /// The ICP of its run, and what the run says of its failure; `None` for a job that is no run.
    pub run: Option<(Uuid, Option<String>)>,
}

const COLUMNS: &str = "SELECT j.id, j.organisation_id, j.kind, j.state, j.attempts, j.error, j.created_at,
     j.run_at, j.finished_at, r.icp_id, r.error
     FROM job j LEFT JOIN run r ON r.id = j.id AND r.organisation_id = j.organisation_id";
const PAGE: &str = " ORDER BY j.id DESC LIMIT ";

fn read(row: Row) -> Result<JobRecord, StoreError> {
    let mut columns = Columns::of("job", row);
    Ok(JobRecord {
        id: columns.uuid("id")?,
        organisation: columns.text("organisation_id")?,
        kind: columns.text("kind")?,
        state: columns.named("state", JobState::from_name)?,
        attempts: columns.int("attempts")?,
        error: columns.optional_text("error")?,
        created_at: columns.time("created_at")?,
        run_at: columns.time("run_at")?,
        finished_at: columns.optional_time("finished_at")?,
        run: match columns.optional_uuid("icp_id")? {
            Some(icp) => Some((icp, columns.optional_text("error")?)),
            None => None,
        },
    })
}

/// The newest `limit` jobs of the organisation in this state that are older than job `below`, newest first.
pub async fn job_list(
    tx: &mut Tx<'_>,
    state: JobState,
    below: Option<Uuid>,
    limit: usize,
) -> Result<Vec<JobRecord>, StoreError> {
    let filter = " WHERE j.organisation_id = $1 AND j.state = $2 AND j.id < $3";
    let sql = [COLUMNS, filter, PAGE, "$4"].concat();
    let below = below.unwrap_or(Uuid::max());
    let rows = tx.query(&sql, params![tx.organisation(), state.name(), below, limit]).await?;
    rows.into_iter().map(read).collect()
}

/// The newest `limit` jobs of all organisations in this state, newest first.
pub async fn job_list_all(
    tx: &mut SystemTx<'_>,
    state: JobState,
    limit: usize,
) -> Result<Vec<JobRecord>, StoreError> {
    let sql = [COLUMNS, " WHERE j.state = $1", PAGE, "$2"].concat();
    tx.query(&sql, params![state.name(), limit]).await?.into_iter().map(read).collect()
}

/// Looks a job up.
pub async fn job_get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<JobRecord>, StoreError> {
    let sql = [COLUMNS, " WHERE j.id = $1 AND j.organisation_id = $2"].concat();
    tx.query_one(&sql, params![id, tx.organisation()]).await?.map(read).transpose()
}

/// The organisation of a job.
pub async fn job_organisation(tx: &mut SystemTx<'_>, id: Uuid) -> Result<Option<String>, StoreError> {
    let row = tx.query_one("SELECT organisation_id FROM job WHERE id = $1", params![id]).await?;
    row.map(|row| Columns::of("job", row).text("organisation_id")).transpose()
}

/// Queues a job that was given up again, its attempts counted anew. Returns whether there was one.
pub async fn job_revive(tx: &mut Tx<'_>, id: Uuid, now: Time) -> Result<bool, StoreError> {
    let sql = "UPDATE job SET state = 'ready', attempts = 0, error = NULL, finished_at = NULL, run_at = $1
               WHERE id = $2 AND state = 'dead' AND organisation_id = $3";
    let revived = tx.execute(sql, params![now, id, tx.organisation()]).await? == 1;
    if revived {
        tell_workers(tx).await?;
    }
    Ok(revived)
}

/// Removes a job that was given up. Returns whether there was one.
pub async fn job_discard(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let sql = "DELETE FROM job WHERE id = $1 AND state = 'dead' AND organisation_id = $2";
    Ok(tx.execute(sql, params![id, tx.organisation()]).await? == 1)
}

/// Removes at most `limit` jobs of all organisations that were done at `before` or earlier. Returns how many.
pub async fn job_expire(tx: &mut SystemTx<'_>, before: Time, limit: usize) -> Result<usize, StoreError> {
    let sql = "DELETE FROM job WHERE id IN
                   (SELECT id FROM job WHERE state = 'done' AND finished_at <= $1
                    ORDER BY finished_at LIMIT $2)";
    tx.execute(sql, params![before, limit]).await
}
