//! The mirrored contacts of the CRM.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::Tx;
use crate::value::{Value, params};
use sluice_model::Time;
use sluice_model::crm::{CrmProvider, CrmReference};
use std::collections::HashMap;

/// A contact with what it is recognised by. Made before the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContact {
    pub reference: CrmReference,
    /// JSON.
    pub data: String,
    pub keys: Vec<String>,
}

/// A mirrored contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredContact {
    pub reference: CrmReference,
    /// JSON.
    pub data: String,
    /// The tasks on it as JSON, and when they were read; none when they never were.
    pub tasks: Option<(String, Time)>,
}

/// Ids of CRMs that count are put in the order of their numbers.
fn number(id: &str) -> i64 {
    id.parse().unwrap_or_default()
}

fn read(row: Row) -> Result<StoredContact, StoreError> {
    let mut columns = Columns::of("crm_contact", row);
    let reference = CrmReference { entity: columns.text("entity")?, id: columns.text("id")? };
    let data = columns.text("data")?;
    let tasks = columns.optional_text("tasks")?;
    Ok(StoredContact { reference, data, tasks: tasks.zip(columns.optional_time("tasks_at")?) })
}

/// Keeps a contact as the CRM has it now, with its keys in place of those that it had.
pub async fn crm_contact_put(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    generation: i64,
    contact: &NewContact,
) -> Result<(), StoreError> {
    let CrmReference { entity, id } = &contact.reference;
    let sql = "INSERT INTO crm_contact (organisation_id, provider, entity, number, id, generation, data)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (organisation_id, provider, entity, number, id)
               DO UPDATE SET generation = $6, data = $7";
    let params = params![
        tx.organisation(),
        provider.name(),
        entity,
        number(id),
        id,
        generation,
        contact.data.as_str()
    ];
    tx.execute(sql, params).await?;
    keys_delete(tx, provider, &contact.reference).await?;
    for key in &contact.keys {
        let sql = "INSERT INTO crm_contact_key (organisation_id, provider, key, entity, number, id)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        tx.execute(sql, params![tx.organisation(), provider.name(), key, entity, number(id), id]).await?;
    }
    Ok(())
}

async fn keys_delete(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    reference: &CrmReference,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM crm_contact_key
               WHERE organisation_id = $1 AND provider = $2 AND entity = $3 AND number = $4 AND id = $5";
    let CrmReference { entity, id } = reference;
    tx.execute(sql, params![tx.organisation(), provider.name(), entity, number(id), id]).await.map(drop)
}

/// Forgets a contact that the CRM has no longer. Nothing happens when it was not known.
pub async fn crm_contact_delete(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    reference: &CrmReference,
) -> Result<(), StoreError> {
    keys_delete(tx, provider, reference).await?;
    let sql = "DELETE FROM crm_contact
               WHERE organisation_id = $1 AND provider = $2 AND entity = $3 AND number = $4 AND id = $5";
    let CrmReference { entity, id } = reference;
    tx.execute(sql, params![tx.organisation(), provider.name(), entity, number(id), id]).await.map(drop)
}

/// Lets the sync of this generation have seen a contact that the CRM has and could not show: it stays as it is. Nothing
/// happens when it was not known.
pub async fn crm_contact_keep(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    generation: i64,
    reference: &CrmReference,
) -> Result<(), StoreError> {
    let sql = "UPDATE crm_contact SET generation = $1
               WHERE organisation_id = $2 AND provider = $3 AND entity = $4 AND number = $5 AND id = $6";
    let CrmReference { entity, id } = reference;
    let params = params![generation, tx.organisation(), provider.name(), entity, number(id), id];
    tx.execute(sql, params).await.map(drop)
}

/// Forgets at most `limit` contacts: all, but for those of `kept` that its sync of this generation, or a later one, has
/// seen. Returns how many.
pub async fn crm_contact_sweep(
    tx: &mut Tx<'_>,
    kept: Option<(CrmProvider, i64)>,
    limit: usize,
) -> Result<usize, StoreError> {
    let sql = "SELECT provider, entity, id FROM crm_contact
               WHERE organisation_id = $1 AND (provider <> $2 OR generation < $3) LIMIT $4";
    let (provider, generation) = kept.map_or(("", 0), |(provider, generation)| (provider.name(), generation));
    let rows = tx.query(sql, params![tx.organisation(), provider, generation, limit]).await?;
    let gone = rows.len();
    for row in rows {
        let mut columns = Columns::of("crm_contact", row);
        let provider = columns.named("provider", CrmProvider::from_name)?;
        let reference = CrmReference { entity: columns.text("entity")?, id: columns.text("id")? };
        crm_contact_delete(tx, provider, &reference).await?;
    }
    Ok(gone)
}

/// The next `limit` contacts after this one, by entity and id.
pub async fn crm_contact_page(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    after: Option<&CrmReference>,
    limit: usize,
) -> Result<Vec<StoredContact>, StoreError> {
    let sql = "SELECT entity, id, data, tasks, tasks_at FROM crm_contact
               WHERE organisation_id = $1 AND provider = $2 AND (entity, number, id) > ($3, $4, $5)
               ORDER BY entity, number, id LIMIT $6";
    let (entity, id) = after.map_or(("", ""), |after| (after.entity.as_str(), after.id.as_str()));
    let params = params![tx.organisation(), provider.name(), entity, number(id), id, limit];
    tx.query(sql, params).await?.into_iter().map(read).collect()
}

/// One contact.
pub async fn crm_contact_get(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    reference: &CrmReference,
) -> Result<Option<StoredContact>, StoreError> {
    let sql = "SELECT entity, id, data, tasks, tasks_at FROM crm_contact
               WHERE organisation_id = $1 AND provider = $2 AND entity = $3 AND number = $4 AND id = $5";
    let CrmReference { entity, id } = reference;
    let params = params![tx.organisation(), provider.name(), entity, number(id), id];
    tx.query_one(sql, params).await?.map(read).transpose()
}

/// The contact of each key that has one: of several, the first by entity and id.
pub async fn crm_contact_find(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    keys: &[String],
) -> Result<HashMap<String, CrmReference>, StoreError> {
    let sql = "SELECT key, entity, id FROM crm_contact_key
               WHERE organisation_id = $1 AND provider = $2 AND key IN ({list}) ORDER BY entity, number, id";
    let list: Vec<Value> = keys.iter().map(Value::from).collect();
    let rows = tx.query_list(sql, &[tx.tenant(), provider.name().into()], &list).await?;
    let mut found = HashMap::new();
    for row in rows {
        let mut columns = Columns::of("crm_contact_key", row);
        let key = columns.text("key")?;
        let reference = CrmReference { entity: columns.text("entity")?, id: columns.text("id")? };
        found.entry(key).or_insert(reference);
    }
    Ok(found)
}

/// How many contacts the mirror has.
pub async fn crm_contact_count(tx: &mut Tx<'_>, provider: CrmProvider) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM crm_contact WHERE organisation_id = $1 AND provider = $2";
    let row = tx.query_one(sql, params![tx.organisation(), provider.name()]).await?;
    row.map_or(Ok(0), |row| Columns::of("crm_contact", row).count("count"))
}

/// At most `limit` contacts who are people of the organisation as well, and whose tasks were not read since `before`;
/// those first that wait longest.
pub async fn crm_contact_without_tasks(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    before: Time,
    limit: usize,
) -> Result<Vec<CrmReference>, StoreError> {
    let sql = "SELECT c.entity, c.id FROM crm_contact c
               WHERE c.organisation_id = $1 AND c.provider = $2 AND COALESCE(c.tasks_at, 0) < $3
                 AND (EXISTS (SELECT 1 FROM crm_identity i WHERE i.organisation_id = c.organisation_id
                              AND i.provider = c.provider AND i.kind = 'person' AND i.crm_id = c.id
                              AND i.entity = c.entity)
                   OR EXISTS (SELECT 1 FROM crm_contact_key k JOIN record_key r
                              ON r.organisation_id = k.organisation_id AND r.kind = 'person' AND r.key = k.key
                              WHERE k.organisation_id = c.organisation_id AND k.provider = c.provider
                              AND k.entity = c.entity AND k.number = c.number AND k.id = c.id))
               ORDER BY COALESCE(c.tasks_at, 0), c.entity, c.number, c.id LIMIT $4";
    let rows = tx.query(sql, params![tx.organisation(), provider.name(), before, limit]).await?;
    let read = |row| {
        let mut columns = Columns::of("crm_contact", row);
        Ok(CrmReference { entity: columns.text("entity")?, id: columns.text("id")? })
    };
    rows.into_iter().map(read).collect()
}

/// Keeps the tasks on a contact, as of `at`. Nothing happens when the contact is gone.
pub async fn crm_contact_set_tasks(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    reference: &CrmReference,
    tasks: &str,
    at: Time,
) -> Result<(), StoreError> {
    let sql = "UPDATE crm_contact SET tasks = $1, tasks_at = $2
               WHERE organisation_id = $3 AND provider = $4 AND entity = $5 AND number = $6 AND id = $7";
    let CrmReference { entity, id } = reference;
    let params = params![tasks, at, tx.organisation(), provider.name(), entity, number(id), id];
    tx.execute(sql, params).await.map(drop)
}
