//! Which record of the organisation is which record of the CRM.

use crate::error::StoreError;
use crate::row::{Columns, to_json};
use crate::tx::{Tx, exactly_one};
use crate::value::{Value, params};
use sluice_model::crm::{CrmProvider, CrmReference};
use sluice_model::{EntityKind, Lead, Time};
use std::collections::HashMap;
use uuid::Uuid;

/// Notes which record of the CRM is ours of this key: the id of a person, or of a company, or what a company without a
/// record is told by. A later one takes the place of an earlier one.
pub async fn crm_identity_put(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    kind: EntityKind,
    key: &str,
    reference: &CrmReference,
    now: Time,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO crm_identity (organisation_id, provider, kind, record_id, entity, crm_id, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (organisation_id, provider, kind, record_id)
               DO UPDATE SET entity = $5, crm_id = $6, created_at = $7";
    let CrmReference { entity, id } = reference;
    let params = params![tx.organisation(), provider.name(), kind.name(), key, entity, id, now];
    tx.execute(sql, params).await.map(drop)
}

/// The records of the CRM that these of ours are.
pub async fn crm_identity_get(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    kind: EntityKind,
    keys: &[String],
) -> Result<HashMap<String, CrmReference>, StoreError> {
    let sql = "SELECT record_id, entity, crm_id FROM crm_identity
               WHERE organisation_id = $1 AND provider = $2 AND kind = $3 AND record_id IN ({list})";
    let list: Vec<Value> = keys.iter().map(Value::from).collect();
    let rows = tx.query_list(sql, &[tx.tenant(), provider.name().into(), kind.name().into()], &list).await?;
    let read = |row| {
        let mut columns = Columns::of("crm_identity", row);
        let key = columns.text("record_id")?;
        Ok((key, CrmReference { entity: columns.text("entity")?, id: columns.text("crm_id")? }))
    };
    rows.into_iter().map(read).collect()
}

/// Forgets which record of the CRM is ours of this key. Nothing happens when it was not noted.
pub async fn crm_identity_delete(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    kind: EntityKind,
    key: &str,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM crm_identity
               WHERE organisation_id = $1 AND provider = $2 AND kind = $3 AND record_id = $4";
    tx.execute(sql, params![tx.organisation(), provider.name(), kind.name(), key]).await.map(drop)
}

/// Forgets all records of the CRM that are ours of this kind.
pub async fn crm_identity_clear(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    kind: EntityKind,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM crm_identity WHERE organisation_id = $1 AND provider = $2 AND kind = $3";
    tx.execute(sql, params![tx.organisation(), provider.name(), kind.name()]).await.map(drop)
}

/// Gives a person of the organisation their id in the CRM.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such person.
pub async fn person_set_crm_id(
    tx: &mut Tx<'_>,
    id: Uuid,
    provider: CrmProvider,
    crm_id: &str,
) -> Result<(), StoreError> {
    let sql = "SELECT data FROM record WHERE id = $1 AND organisation_id = $2 AND kind = 'person'";
    let row = tx.query_one(sql, params![id, tx.organisation()]).await?;
    let Some(row) = row else { return exactly_one("person_set_crm_id", 0) };
    let mut lead: Lead = Columns::of("record", row).json("data")?;
    lead.crm_id = Some(crm_id.to_owned());
    if provider == CrmProvider::Bullhorn {
        lead.bullhorn_id = Some(crm_id.to_owned());
    }
    let sql = "UPDATE record SET data = $1, in_crm = 1 WHERE id = $2 AND organisation_id = $3";
    let updated = tx.execute(sql, params![to_json(&lead)?, id, tx.organisation()]).await?;
    exactly_one("person_set_crm_id", updated)
}
