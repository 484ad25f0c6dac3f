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
    tell_workers(tx).await
}

/// Adds a job that whoever adds it works on themselves. When they do not come to the end before the lease runs out,
/// workers take it.
pub async fn job_insert_claimed(
    tx: &mut Tx<'_>,
    id: Uuid,
    kind: &str,
    payload: &str,
    now: Time,
    lease: Lease,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO job (id, organisation_id, kind, payload, state, run_at, attempts, created_at, lease_owner,
                   lease_until) VALUES ($1, $2, $3, $4, 'running', $5, 1, $5, $6, $7)";
    tx.execute(sql, params![id, tx.organisation(), kind, payload, now, lease.owner, lease.until])
        .await
        .map(drop)
}

/// Workers of all processes hear, once the unit is committed, that a job can be claimed.
pub(super) async fn tell_workers(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => tx.execute("NOTIFY sluice_job", &[]).await.map(drop),
    }
}

/// Which organisations have a job that is due, in the order of their turns: the fewest running jobs first, then who
/// was served longest ago, then whose job is older. One step of an index for each organisation, however many jobs
/// it has waiting. A running job whose lease ran out waits for another worker.
const TURNS: &str = "WITH RECURSIVE waiting (organisation_id) AS (
         SELECT MIN(organisation_id) FROM job{waiting} WHERE state = 'ready'
         UNION ALL
         SELECT (SELECT MIN(j.organisation_id) FROM job j{waiting}
                 WHERE j.state = 'ready' AND j.organisation_id > w.organisation_id)
         FROM waiting w WHERE w.organisation_id IS NOT NULL
     ), due (organisation_id, run_at) AS (
         SELECT w.organisation_id, (SELECT MIN(j.run_at) FROM job j{waiting}
                                    WHERE j.state = 'ready' AND j.organisation_id = w.organisation_id)
         FROM waiting w WHERE w.organisation_id IS NOT NULL
         UNION ALL
         SELECT organisation_id, run_at FROM job{held} WHERE state = 'running' AND lease_until < $1
     ), turn (organisation_id, run_at, running) AS (
         SELECT d.organisation_id, MIN(d.run_at), (SELECT COUNT(*) FROM job j{held}
                 WHERE j.state = 'running' AND j.organisation_id = d.organisation_id AND j.lease_until >= $1)
         FROM due d WHERE d.run_at <= $1 GROUP BY d.organisation_id
     )
     SELECT t.organisation_id FROM turn t LEFT JOIN job_share s ON s.organisation_id = t.organisation_id
     WHERE t.running < $2
     ORDER BY t.running, COALESCE(s.claimed_at, 0), t.run_at, t.organisation_id LIMIT 4";

/// What an organisation's turn goes to: first what a dead worker began, then the oldest that waits.
const OF_TURN: [&str; 2] = [
    "state = 'running' AND lease_until < $4 ORDER BY run_at, id",
    "state = 'ready' AND run_at <= $4 ORDER BY run_at, id",
];

/// Claims a job that is due, of the organisation whose turn it is: a ready one, or one whose worker let its lease
/// run out. An organisation has at most `most` running jobs. The first and only operation of its unit.
pub async fn job_claim(
    tx: &mut SystemTx<'_>,
    lease: Lease,
    now: Time,
    most: Option<u64>,
) -> Result<Option<Job>, StoreError> {
    let dialect = tx.dialect();
    let locked = match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => {
            // Who works on a job is held by its row alone, whose changes no serializable unit overlooks.
            tx.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", &[]).await?;
            // One claim after the other, so that each sees whose turn it is after the one before. The next statement
            // takes a snapshot of its own.
            tx.query("SELECT pg_advisory_xact_lock($1::BIGINT)::TEXT", params![CLAIM_LOCK]).await?;
            " FOR UPDATE SKIP LOCKED"
        }
    };
    let turns = TURNS
        .replace("{waiting}", &dialect.indexed_by("job_waiting"))
        .replace("{held}", &dialect.indexed_by("job_held"));
    for row in tx.query(&turns, params![now, most.unwrap_or(u64::MAX)]).await? {
        let organisation = Columns::of("job", row).text("organisation_id")?;
        for due in OF_TURN {
            let sql = [CLAIM, due, " LIMIT 1", locked, CLAIMED].concat();
            let params = params![lease.owner, lease.until, organisation.as_str(), now];
            let Some(row) = tx.query_one(&sql, params).await? else { continue };
            let sql = "INSERT INTO job_share (organisation_id, claimed_at) VALUES ($1, $2)
                       ON CONFLICT (organisation_id) DO UPDATE SET claimed_at = $2";
            tx.execute(sql, params![organisation, now]).await?;
            return read(row).map(Some);
        }
        // Somebody else holds the rows, such as one who takes a job back.
    }
    Ok(None)
}

/// Any number, as long as nothing else takes this one.
const CLAIM_LOCK: i64 = 0x51_75_69_63_65;
const CLAIM: &str =
    "UPDATE job SET state = 'running', attempts = attempts + 1, lease_owner = $1, lease_until = $2
     WHERE id = (SELECT id FROM job WHERE organisation_id = $3 AND ";
const CLAIMED: &str = ") RETURNING id, organisation_id, kind, payload, attempts";

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
pub async fn job_finish(tx: &mut Tx<'_>, id: Uuid, owner: Uuid, now: Time) -> Result<bool, StoreError> {
    let sql = "UPDATE job SET state = 'done', lease_owner = NULL, lease_until = NULL, finished_at = $1
               WHERE id = $2 AND lease_owner = $3 AND state = 'running' AND organisation_id = $4";
    Ok(tx.execute(sql, params![now, id, owner, tx.organisation()]).await? == 1)
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

/// Gives the job back as it was before it was claimed: for another worker to take at once, this attempt not counted.
/// Returns whether it was still this owner's.
pub async fn job_release(tx: &mut Tx<'_>, id: Uuid, owner: Uuid) -> Result<bool, StoreError> {
    let sql = "UPDATE job SET state = 'ready', lease_owner = NULL, lease_until = NULL,
                   attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
               WHERE id = $1 AND lease_owner = $2 AND state = 'running' AND organisation_id = $3";
    let released = tx.execute(sql, params![id, owner, tx.organisation()]).await? == 1;
    if released {
        tell_workers(tx).await?;
    }
    Ok(released)
}

/// Gives the job back until `run_at`, this attempt not counted: what it needs is not to be had before. Returns whether
/// it was still this owner's.
pub async fn job_put_off(tx: &mut Tx<'_>, id: Uuid, owner: Uuid, run_at: Time) -> Result<bool, StoreError> {
    let sql = "UPDATE job SET state = 'ready', lease_owner = NULL, lease_until = NULL, run_at = $1,
                   attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
               WHERE id = $2 AND lease_owner = $3 AND state = 'running' AND organisation_id = $4";
    Ok(tx.execute(sql, params![run_at, id, owner, tx.organisation()]).await? == 1)
}

/// Has a job that waits begun at `run_at`, when that is sooner.
pub async fn job_hasten(tx: &mut Tx<'_>, id: Uuid, run_at: Time) -> Result<(), StoreError> {
    let sql = "UPDATE job SET run_at = $1
               WHERE id = $2 AND state = 'ready' AND run_at > $1 AND organisation_id = $3";
    if tx.execute(sql, params![run_at, id, tx.organisation()]).await? == 1 {
        tell_workers(tx).await?;
    }
    Ok(())
}

/// Gives the job up. Returns whether it was still this owner's.
pub async fn job_bury(
    tx: &mut Tx<'_>,
    id: Uuid,
    owner: Uuid,
    error: &str,
    now: Time,
) -> Result<bool, StoreError> {
    let sql =
        "UPDATE job SET state = 'dead', lease_owner = NULL, lease_until = NULL, error = $1, finished_at = $2
               WHERE id = $3 AND lease_owner = $4 AND state = 'running' AND organisation_id = $5";
    Ok(tx.execute(sql, params![error, now, id, owner, tx.organisation()]).await? == 1)
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
