//! The queue of background work: claim → commit → work → finish only if still mine.

use crate::driver::Dialect;
use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::{SystemTx, Tx, exactly_one};
use crate::value::params;
use sluice_model::Time;
use uuid::Uuid;

/// A piece of background work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: Uuid,
    pub organisation: String,
    /// Constant name of what is to be done.
    pub kind: String,
    /// JSON.
    pub payload: String,
    /// How often it was begun since it last got on, this time included.
    pub attempts: i64,
}

/// Who holds a claimed job, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Differs for each claim, also of the same worker.
    pub owner: Uuid,
    pub until: Time,
}

/// How many jobs there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    pub ready: u64,
    pub running: u64,
    pub done: u64,
    pub dead: u64,
}

fn read(row: Row) -> Result<Job, StoreError> {
    let mut columns = Columns::of("job", row);
    Ok(Job {
        id: columns.uuid("id")?,
        organisation: columns.text("organisation_id")?,
        kind: columns.text("kind")?,
        payload: columns.text("payload")?,
        attempts: columns.int("attempts")?,
    })
}

/// Queues a job of the organisation, to be begun at `run_at` or later.
pub async fn job_insert(
    tx: &mut Tx<'_>,
    id: Uuid,
    kind: &str,
    payload: &str,
    run_at: Time,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO job (id, organisation_id, kind, payload, state, run_at, attempts, created_at)
               VALUES ($1, $2, $3, $4, 'ready', $5, 0, $5)";
    tx.execute(sql, params![id, tx.organisation(), kind, payload, run_at]).await?;
    if tx.dialect() == Dialect::Postgres {
        // Heard by workers of all processes once the unit is committed.
        tx.execute("NOTIFY sluice_job", &[]).await?;
    }
    Ok(())
}

const CLAIM: &str =
    "UPDATE job SET state = 'running', attempts = attempts + 1, lease_owner = $1, lease_until = $2
     WHERE id = (SELECT id FROM job
                 WHERE (state = 'ready' AND run_at <= $3) OR (state = 'running' AND lease_until < $3)
                 ORDER BY run_at, id LIMIT 1";
const CLAIMED: &str = ") RETURNING id, organisation_id, kind, payload, attempts";

/// Claims the oldest job that is due: a ready one, or one whose worker let its lease run out. The first and only
/// operation of its unit.
pub async fn job_claim(tx: &mut SystemTx<'_>, lease: Lease, now: Time) -> Result<Option<Job>, StoreError> {
    let locked = match tx.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => {
            // Claimers pass by what others are claiming rather than collide with them. Who works on a job is held
            // by its row alone, whose changes no serializable unit overlooks.
            tx.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", &[]).await?;
            " FOR UPDATE SKIP LOCKED"
        }
    };
    let sql = [CLAIM, locked, CLAIMED].concat();
    tx.query_one(&sql, params![lease.owner, lease.until, now]).await?.map(read).transpose()
}

/// Whether any job is due, without claiming it.
pub async fn job_due(tx: &mut SystemTx<'_>, now: Time) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM job
               WHERE (state = 'ready' AND run_at <= $1) OR (state = 'running' AND lease_until < $1) LIMIT 1";
    Ok(tx.query_one(sql, params![now]).await?.is_some())
}

/// Prolongs the lease. Returns whether the job is still this owner's; if not, its work must not be kept.
pub async fn job_extend(tx: &mut Tx<'_>, id: Uuid, lease: Lease) -> Result<bool, StoreError> {
    let sql = "UPDATE job SET lease_until = $1
               WHERE id = $2 AND lease_owner = $3 AND state = 'running' AND organisation_id = $4";
    Ok(tx.execute(sql, params![lease.until, id, lease.owner, tx.organisation()]).await? == 1)
}

/// Notes that the job got on: attempts are counted anew from here, so that only a job that goes nowhere is given up.
pub async fn job_note_progress(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    let sql = "UPDATE job SET attempts = 1 WHERE id = $1 AND organisation_id = $2";
    exactly_one("job_note_progress", tx.execute(sql, params![id, tx.organisation()]).await?)
}

/// Marks the job as done. Returns whether it was still this owner's.
pub async fn job_finish(tx: &mut Tx<'_>, id: Uuid, owner: Uuid) -> Result<bool, StoreError> {
    let sql = "UPDATE job SET state = 'done', lease_owner = NULL, lease_until = NULL
               WHERE id = $1 AND lease_owner = $2 AND state = 'running' AND organisation_id = $3";
    Ok(tx.execute(sql, params![id, owner, tx.organisation()]).await? == 1)
}

/// Gives the job back to be tried again at `run_at`. Returns whether it was still this owner's.
pub async fn job_retry(
    tx: &mut Tx<'_>,
    id: Uuid,
    owner: Uuid,
    error: &str,
    run_at: Time,
) -> Result<bool, StoreError> {
    let sql =
        "UPDATE job SET state = 'ready', lease_owner = NULL, lease_until = NULL, error = $1, run_at = $2
               WHERE id = $3 AND lease_owner = $4 AND state = 'running' AND organisation_id = $5";
    Ok(tx.execute(sql, params![error, run_at, id, owner, tx.organisation()]).await? == 1)
}

/// Gives the job up. Returns whether it was still this owner's.
pub async fn job_bury(tx: &mut Tx<'_>, id: Uuid, owner: Uuid, error: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE job SET state = 'dead', lease_owner = NULL, lease_until = NULL, error = $1
               WHERE id = $2 AND lease_owner = $3 AND state = 'running' AND organisation_id = $4";
    Ok(tx.execute(sql, params![error, id, owner, tx.organisation()]).await? == 1)
}

/// How many jobs there are in each state, over all organisations.
pub async fn job_counts(tx: &mut SystemTx<'_>) -> Result<JobCounts, StoreError> {
    let mut counts = JobCounts::default();
    for row in tx.query("SELECT state, COUNT(*) FROM job GROUP BY state", &[]).await? {
        let mut columns = Columns::of("job", row);
        let state = columns.text("state")?;
        let count = columns.count("count")?;
        match state.as_str() {
            "ready" => counts.ready = count,
            "running" => counts.running = count,
            "done" => counts.done = count,
            _ => counts.dead = count,
        }
    }
    Ok(counts)
}
