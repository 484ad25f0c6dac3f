//! Runs.

use crate::error::StoreError;
use crate::row::{Columns, Row, to_json};
use crate::tx::{Tx, exactly_one};
use crate::value::{Value, params};
use sluice_model::{Run, RunStatus};
use uuid::Uuid;

/// A run with what only its worker needs.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRun {
    pub run: Run,
    /// Grows with every change: the id of a progress event.
    pub revision: i64,
    /// What was asked for, as JSON.
    pub plan: String,
    /// Where the worker goes on, as JSON.
    pub cursor: Option<String>,
    /// Set when the run was told to stop: whether what was accepted stays.
    pub cancel_keeps: Option<bool>,
}

const COLUMNS: &str =
    "SELECT id, revision, icp_id, icp_version, status, stage, progress, funnel, lead_list_id, dry_run,
     cost, stopped_by, error, created_by, created_at, updated_at, started_at, finished_at, scheduled_for,
     plan, cursor, cancel, crm FROM run";

fn read(row: Row) -> Result<StoredRun, StoreError> {
    let mut columns = Columns::of("run", row);
    let id = columns.uuid("id")?;
    let revision = columns.int("revision")?;
    let mut run = Run {
        id,
        icp_id: columns.uuid("icp_id")?,
        icp_version: columns.int("icp_version")?,
        status: columns.named("status", RunStatus::from_name)?,
        stage: columns.text("stage")?,
        progress: columns.json("progress")?,
        funnel: columns.json("funnel")?,
        lead_list_id: columns.optional_uuid("lead_list_id")?,
        dry_run: columns.boolean("dry_run")?,
        cost: columns.json("cost")?,
        stopped_by: columns.optional_text("stopped_by")?,
        error: columns.optional_text("error")?,
        created_by: columns.text("created_by")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("updated_at")?,
        started_at: columns.optional_time("started_at")?,
        finished_at: columns.optional_time("finished_at")?,
        scheduled_for: columns.optional_time("scheduled_for")?,
        crm: None,
    };
    let plan = columns.text("plan")?;
    let cursor = columns.optional_text("cursor")?;
    let cancel_keeps = columns.optional_text("cancel")?.map(|cancel| cancel == "keep");
    if let Some(crm) = columns.optional_text("crm")? {
        run.crm = Some(Columns::of("run", vec![Value::Text(crm)]).json("crm")?);
    }
    Ok(StoredRun { run, revision, plan, cursor, cancel_keeps })
}

/// Adds a run at revision 1.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken, or the tick that it is scheduled for.
pub async fn run_insert(tx: &mut Tx<'_>, run: &Run, plan: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO run (id, organisation_id, revision, icp_id, icp_version, status, stage, progress, funnel,
                   lead_list_id, dry_run, cost, created_by, created_at, updated_at, scheduled_for, plan, crm)
               VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    let params = params![
        run.id,
        tx.organisation(),
        run.icp_id,
        run.icp_version,
        run.status.name(),
        run.stage.as_str(),
        to_json(&run.progress)?,
        to_json(&run.funnel)?,
        run.lead_list_id,
        run.dry_run,
        to_json(&run.cost)?,
        run.created_by.as_str(),
        run.created_at,
        run.updated_at,
        run.scheduled_for,
        plan,
        run.crm.as_ref().map(to_json).transpose()?
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Looks a run up.
pub async fn run_get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<StoredRun>, StoreError> {
    let sql = [COLUMNS, " WHERE id = $1 AND organisation_id = $2"].concat();
    tx.query_one(&sql, params![id, tx.organisation()]).await?.map(read).transpose()
}

/// Whether a run was told to stop, and if so whether what it accepted stays. Nothing for a run that is not there.
pub async fn run_cancel_keeps(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<bool>, StoreError> {
    let sql = "SELECT cancel FROM run WHERE id = $1 AND organisation_id = $2";
    let Some(row) = tx.query_one(sql, params![id, tx.organisation()]).await? else { return Ok(None) };
    Ok(Columns::of("run", row).optional_text("cancel")?.map(|cancel| cancel == "keep"))
}

/// Whether the last run that a schedule started for this ICP has not ended yet.
pub async fn run_scheduled_open(tx: &mut Tx<'_>, icp: Uuid) -> Result<bool, StoreError> {
    let sql =
        "SELECT status FROM run WHERE icp_id = $1 AND organisation_id = $2 AND scheduled_for IS NOT NULL
               ORDER BY scheduled_for DESC LIMIT 1";
    let Some(row) = tx.query_one(sql, params![icp, tx.organisation()]).await? else { return Ok(false) };
    Ok(!Columns::of("run", row).named("status", RunStatus::from_name)?.is_final())
}

/// The newest `limit` runs, newest first, of one ICP and in one state when given.
pub async fn run_list(
    tx: &mut Tx<'_>,
    icp: Option<Uuid>,
    status: Option<RunStatus>,
    limit: usize,
) -> Result<Vec<StoredRun>, StoreError> {
    let mut sql = [COLUMNS, " WHERE organisation_id = $1"].concat();
    let mut params = vec![tx.tenant()];
    if let Some(icp) = icp {
        params.push(icp.into());
        sql.push_str(&format!(" AND icp_id = ${}", params.len()));
    }
    if let Some(status) = status {
        params.push(status.name().into());
        sql.push_str(&format!(" AND status = ${}", params.len()));
    }
    params.push(limit.into());
    sql.push_str(&format!(" ORDER BY created_at DESC, id DESC LIMIT ${}", params.len()));
    tx.query(&sql, &params).await?.into_iter().map(read).collect()
}

/// Saves the state of a run and its cursor, and moves its revision on.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such run.
pub async fn run_save(tx: &mut Tx<'_>, run: &Run, cursor: Option<&str>) -> Result<(), StoreError> {
    let sql = "UPDATE run SET revision = revision + 1, status = $1, stage = $2, progress = $3, funnel = $4,
                   lead_list_id = $5, cost = $6, stopped_by = $7, error = $8, updated_at = $9, started_at = $10,
                   finished_at = $11, cursor = $12, crm = $13
               WHERE id = $14 AND organisation_id = $15";
    let params = params![
        run.status.name(),
        run.stage.as_str(),
        to_json(&run.progress)?,
        to_json(&run.funnel)?,
        run.lead_list_id,
        to_json(&run.cost)?,
        run.stopped_by.as_deref(),
        run.error.as_deref(),
        run.updated_at,
        run.started_at,
        run.finished_at,
        cursor,
        run.crm.as_ref().map(to_json).transpose()?,
        run.id,
        tx.organisation()
    ];
    exactly_one("run_save", tx.execute(sql, params).await?)
}

/// Notes that a run shall stop, and whether what it accepted stays. The worker acts on it.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such run.
pub async fn run_request_cancel(tx: &mut Tx<'_>, id: Uuid, keep: bool) -> Result<(), StoreError> {
    let sql = "UPDATE run SET cancel = $1, revision = revision + 1 WHERE id = $2 AND organisation_id = $3";
    let cancel = if keep { "keep" } else { "drop" };
    exactly_one("run_request_cancel", tx.execute(sql, params![cancel, id, tx.organisation()]).await?)
}
