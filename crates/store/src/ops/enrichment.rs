//! What was looked up about people and companies, and what is to be.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::{Tx, exactly_one};
use crate::value::{Value, params};
use sluice_model::EntityKind;
use sluice_model::enrichment::{Enrichment, EnrichmentField, EnrichmentStatus};
use std::collections::HashMap;
use uuid::Uuid;

const COLUMNS: &str =
    "SELECT id, organisation_id, entity_id, entity_type, field, status, error, data_found, created_by, credit_id,
     created_at, updated_at FROM enrichment WHERE organisation_id = $1";

fn read(row: Row) -> Result<Enrichment, StoreError> {
    let mut columns = Columns::of("enrichment", row);
    Ok(Enrichment {
        id: columns.uuid("id")?,
        org_id: columns.text("organisation_id")?,
        entity_id: columns.uuid("entity_id")?,
        entity_type: columns.named("entity_type", EntityKind::from_name)?,
        field: columns.named("field", EnrichmentField::from_name)?,
        status: columns.named("status", EnrichmentStatus::from_name)?,
        error: columns.optional_text("error")?,
        data_found: columns.optional_int("data_found")?.map(|found| found != 0),
        created_by: columns.text("created_by")?,
        global_enrichment_id: None,
        credit_transaction_id: columns.optional_uuid("credit_id")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("updated_at")?,
    })
}

/// Adds a record that this job is to work on.
///
/// # Errors
/// [`StoreError::Duplicate`] when the field of the entity was found before, or is being looked up.
pub async fn enrichment_insert(tx: &mut Tx<'_>, new: &Enrichment, job: Uuid) -> Result<(), StoreError> {
    let sql = "INSERT INTO enrichment (id, organisation_id, entity_id, entity_type, field, status, created_by, job_id,
                   created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let params = params![
        new.id,
        tx.organisation(),
        new.entity_id,
        new.entity_type.name(),
        new.field.name(),
        new.status.name(),
        new.created_by.as_str(),
        job,
        new.created_at,
        new.updated_at
    ];
    tx.execute(sql, params).await.map(drop)
}

/// The newest record of this field of each of these entities that has one.
pub async fn enrichment_newest(
    tx: &mut Tx<'_>,
    field: EnrichmentField,
    entities: &[Uuid],
) -> Result<HashMap<Uuid, Enrichment>, StoreError> {
    let sql = [COLUMNS, " AND field = $2 AND entity_id IN ({list}) ORDER BY created_at, id"].concat();
    let list: Vec<Value> = entities.iter().map(|id| Value::from(*id)).collect();
    let fixed = [tx.tenant(), field.name().into()];
    let mut newest = HashMap::new();
    for row in tx.query_list(&sql, &fixed, &list).await? {
        let record = read(row)?;
        newest.insert(record.entity_id, record);
    }
    Ok(newest)
}

/// How many records of the organisation are still to be worked on.
pub async fn enrichment_pending(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM enrichment WHERE organisation_id = $1 AND status = 'pending'";
    let row = tx.query_one(sql, params![tx.organisation()]).await?;
    row.map_or(Ok(0), |row| Columns::of("enrichment", row).count("count"))
}

/// The next record that this job still has to work on.
pub async fn enrichment_next(tx: &mut Tx<'_>, job: Uuid) -> Result<Option<Enrichment>, StoreError> {
    let sql = [COLUMNS, " AND job_id = $2 AND status = 'pending' ORDER BY id LIMIT 1"].concat();
    tx.query_one(&sql, params![tx.organisation(), job]).await?.map(read).transpose()
}

/// Ends a pending record as it now is.
///
/// # Errors
/// [`StoreError::RowCount`] when it is not pending.
pub async fn enrichment_end(tx: &mut Tx<'_>, ended: &Enrichment) -> Result<(), StoreError> {
    let sql =
        "UPDATE enrichment SET status = $1, error = $2, data_found = $3, credit_id = $4, updated_at = $5
               WHERE id = $6 AND organisation_id = $7 AND status = 'pending'";
    let params = params![
        ended.status.name(),
        ended.error.as_deref(),
        ended.data_found.map(i64::from),
        ended.credit_transaction_id,
        ended.updated_at,
        ended.id,
        tx.organisation()
    ];
    exactly_one("enrichment_end", tx.execute(sql, params).await?)
}
