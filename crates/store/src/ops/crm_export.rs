//! Exports to the CRM, record by record.

use crate::error::StoreError;
use crate::row::{Columns, Row, to_json};
use crate::tx::{Tx, exactly_one};
use crate::value::params;
use sluice_model::Time;
use sluice_model::crm::{CrmExport, CrmProvider, Duplicates, ExportOutcome, ExportResult, ExportStatus};
use uuid::Uuid;

/// A record that has no outcome yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenRecord {
    pub position: u64,
    /// Of the organisation's person.
    pub record: Uuid,
    /// Whether the CRM may have been told to make it.
    pub intent: bool,
}

/// Adds an export of these people.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken.
pub async fn crm_export_insert(
    tx: &mut Tx<'_>,
    export: &CrmExport,
    people: &[Uuid],
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO crm_export (id, organisation_id, provider, duplicates, status, records, created_by,
                   created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let params = params![
        export.id,
        tx.organisation(),
        export.provider.name(),
        export.duplicates.name(),
        export.status.name(),
        export.records,
        export.created_by.as_str(),
        export.created_at
    ];
    tx.execute(sql, params).await?;
    for (position, record) in people.iter().enumerate() {
        let sql =
            "INSERT INTO crm_export_record (export_id, position, record_id, intent) VALUES ($1, $2, $3, 0)";
        tx.execute(sql, params![export.id, position, *record]).await?;
    }
    Ok(())
}

/// Looks an export up.
pub async fn crm_export_get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<CrmExport>, StoreError> {
    let sql = "SELECT provider, duplicates, status, records,
                   (SELECT COUNT(*) FROM crm_export_record WHERE export_id = $1 AND outcome IS NOT NULL),
                   error, created_by, created_at, finished_at
               FROM crm_export WHERE id = $1 AND organisation_id = $2";
    let Some(row) = tx.query_one(sql, params![id, tx.organisation()]).await? else { return Ok(None) };
    let mut columns = Columns::of("crm_export", row);
    let provider = columns.named("provider", CrmProvider::from_name)?;
    let duplicates = columns.named("duplicates", Duplicates::from_name)?;
    let status = columns.named("status", ExportStatus::from_name)?;
    let (records, done) = (columns.count("records")?, columns.count("done")?);
    Ok(Some(CrmExport {
        id,
        status,
        provider,
        duplicates,
        records,
        done,
        error: columns.optional_text("error")?,
        created_by: columns.text("created_by")?,
        created_at: columns.time("created_at")?,
        finished_at: columns.optional_time("finished_at")?,
    }))
}

/// Notes where an export is in its life.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such export.
pub async fn crm_export_set_status(
    tx: &mut Tx<'_>,
    id: Uuid,
    status: ExportStatus,
    error: Option<&str>,
    finished_at: Option<Time>,
) -> Result<(), StoreError> {
    let sql = "UPDATE crm_export SET status = $1, error = $2, finished_at = $3
               WHERE id = $4 AND organisation_id = $5";
    let params = params![status.name(), error, finished_at, id, tx.organisation()];
    exactly_one("crm_export_set_status", tx.execute(sql, params).await?)
}

/// The first `limit` records without an outcome, in their order. The export must be the organisation's.
pub async fn crm_export_open(
    tx: &mut Tx<'_>,
    export: Uuid,
    limit: usize,
) -> Result<Vec<OpenRecord>, StoreError> {
    let sql = "SELECT r.position, r.record_id, r.intent FROM crm_export_record r
               JOIN crm_export e ON e.id = r.export_id
               WHERE r.export_id = $1 AND e.organisation_id = $2 AND r.outcome IS NULL
               ORDER BY r.position LIMIT $3";
    let read = |row| {
        let mut columns = Columns::of("crm_export_record", row);
        Ok(OpenRecord {
            position: columns.count("position")?,
            record: columns.uuid("record_id")?,
            intent: columns.boolean("intent")?,
        })
    };
    tx.query(sql, params![export, tx.organisation(), limit]).await?.into_iter().map(read).collect()
}

/// Whether somebody works on another export of the organisation: it is running, and so is its job, which has its id.
pub async fn crm_export_others_running(tx: &mut Tx<'_>, id: Uuid, now: Time) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM crm_export e JOIN job j ON j.id = e.id AND j.organisation_id = e.organisation_id
               WHERE e.organisation_id = $1 AND e.id <> $2 AND e.status = 'running'
                 AND j.state = 'running' AND j.lease_until >= $3 LIMIT 1";
    Ok(tx.query_one(sql, params![tx.organisation(), id, now]).await?.is_some())
}

/// Notes that the CRM is about to be told to make this record; or that it was told, and certainly did not.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such record, or it has its outcome.
pub async fn crm_export_intend(
    tx: &mut Tx<'_>,
    export: Uuid,
    position: u64,
    intended: bool,
) -> Result<(), StoreError> {
    let sql = "UPDATE crm_export_record SET intent = $1
               WHERE export_id = $2 AND position = $3 AND outcome IS NULL
                 AND EXISTS (SELECT 1 FROM crm_export WHERE id = $2 AND organisation_id = $4)";
    let updated = tx.execute(sql, params![intended, export, position, tx.organisation()]).await?;
    exactly_one("crm_export_intend", updated)
}

/// Whether it was noted that the CRM is about to be told to make this record.
pub async fn crm_export_intended(tx: &mut Tx<'_>, export: Uuid, position: u64) -> Result<bool, StoreError> {
    let sql = "SELECT r.intent FROM crm_export_record r JOIN crm_export e ON e.id = r.export_id
               WHERE r.export_id = $1 AND r.position = $2 AND e.organisation_id = $3";
    let row = tx.query_one(sql, params![export, position, tx.organisation()]).await?;
    row.map_or(Ok(false), |row| Columns::of("crm_export_record", row).boolean("intent"))
}

/// Notes what became of a record. It has one outcome, once.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such record, or it has its outcome.
pub async fn crm_export_settle(
    tx: &mut Tx<'_>,
    export: Uuid,
    position: u64,
    result: &ExportResult,
) -> Result<(), StoreError> {
    let sql = "UPDATE crm_export_record SET outcome = $1, crm_id = $2, message = $3, changed = $4, intent = 0
               WHERE export_id = $5 AND position = $6 AND outcome IS NULL
                 AND EXISTS (SELECT 1 FROM crm_export WHERE id = $5 AND organisation_id = $7)";
    let params = params![
        result.outcome.name(),
        result.crm_id.as_deref(),
        result.message.as_deref(),
        to_json(&result.changed_fields)?,
        export,
        position,
        tx.organisation()
    ];
    exactly_one("crm_export_settle", tx.execute(sql, params).await?)
}

fn read_result(row: Row) -> Result<(u64, ExportResult), StoreError> {
    let mut columns = Columns::of("crm_export_record", row);
    let position = columns.count("position")?;
    let result = ExportResult {
        person_id: columns.uuid("record_id")?,
        outcome: columns.named("outcome", ExportOutcome::from_name)?,
        crm_id: columns.optional_text("crm_id")?,
        message: columns.optional_text("message")?,
        changed_fields: columns.json("changed")?,
    };
    Ok((position, result))
}

/// What became of the records so far, in their order: at most `limit` at this position or later, each with its own.
pub async fn crm_export_results(
    tx: &mut Tx<'_>,
    export: Uuid,
    from: u64,
    limit: usize,
) -> Result<Vec<(u64, ExportResult)>, StoreError> {
    let sql = "SELECT r.position, r.record_id, r.outcome, r.crm_id, r.message, r.changed
               FROM crm_export_record r JOIN crm_export e ON e.id = r.export_id
               WHERE r.export_id = $1 AND e.organisation_id = $2 AND r.outcome IS NOT NULL AND r.position >= $3
               ORDER BY r.position LIMIT $4";
    tx.query(sql, params![export, tx.organisation(), from, limit])
        .await?
        .into_iter()
        .map(read_result)
        .collect()
}

/// How many records have each outcome.
pub async fn crm_export_counts(
    tx: &mut Tx<'_>,
    export: Uuid,
) -> Result<Vec<(ExportOutcome, u64)>, StoreError> {
    let sql = "SELECT r.outcome, COUNT(*) FROM crm_export_record r JOIN crm_export e ON e.id = r.export_id
               WHERE r.export_id = $1 AND e.organisation_id = $2 AND r.outcome IS NOT NULL
               GROUP BY r.outcome ORDER BY r.outcome";
    let read = |row| {
        let mut columns = Columns::of("crm_export_record", row);
        Ok((columns.named("outcome", ExportOutcome::from_name)?, columns.count("count")?))
    };
    tx.query(sql, params![export, tx.organisation()]).await?.into_iter().map(read).collect()
}
