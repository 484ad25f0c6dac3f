//! The organisation's own people and companies, and the identifiers by which they are found again.

use crate::error::StoreError;
use crate::row::{Columns, Row, to_json};
use crate::tx::{Tx, exactly_one};
use crate::value::{Value, params};
use sluice_model::{Company, EntityKind, Lead, Time};
use std::collections::HashMap;
use uuid::Uuid;

/// Adds a company with the keys by which it is found.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken.
pub async fn company_insert(tx: &mut Tx<'_>, company: &Company, keys: &[String]) -> Result<(), StoreError> {
    let in_crm = company.crm_id.is_some() || company.bullhorn_id.is_some();
    let times = (company.created_at, company.updated_at);
    let new = New {
        id: company.id,
        kind: EntityKind::Company,
        base: company.base_provider_id,
        company: None,
        in_crm,
        times,
    };
    insert(tx, new, to_json(company)?, keys).await
}

/// Adds a person with the keys by which they are found. Their company must have been added before.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken, [`StoreError::RowCount`] when the organisation has no such
/// company.
pub async fn person_insert(tx: &mut Tx<'_>, lead: &Lead, keys: &[String]) -> Result<(), StoreError> {
    let times = (lead.person.created_at, lead.person.updated_at);
    let new = New {
        id: lead.person.id,
        kind: EntityKind::Person,
        base: lead.base_provider_id,
        company: lead.person.company_id,
        in_crm: lead.is_in_crm(),
        times,
    };
    if let Some(company) = new.company {
        // The foreign key alone would take another organisation's company.
        let known = record_known(tx, EntityKind::Company, &[company]).await?;
        exactly_one("person_insert", known.len())?;
    }
    // The company has a row of its own: kept once.
    let data = match &lead.company {
        None => to_json(lead)?,
        Some(_) => to_json(&Lead { company: None, ..lead.clone() })?,
    };
    insert(tx, new, data, keys).await
}

struct New {
    id: Uuid,
    kind: EntityKind,
    base: Option<Uuid>,
    company: Option<Uuid>,
    in_crm: bool,
    times: (Option<Time>, Option<Time>),
}

async fn insert(tx: &mut Tx<'_>, new: New, data: String, keys: &[String]) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO record (id, organisation_id, kind, base_provider_id, company_id, in_crm, created_at,
                   updated_at, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let epoch = Time::from_millis(0);
    let params = params![
        new.id,
        tx.organisation(),
        new.kind.name(),
        new.base,
        new.company,
        new.in_crm,
        new.times.0.unwrap_or(epoch),
        new.times.1.unwrap_or(epoch),
        data
    ];
    tx.execute(sql, params).await?;
    keys_insert(tx, new.kind, new.id, keys).await
}

/// Gives a record of the organisation further keys; one that another record has stays with that record.
pub async fn record_add_keys(
    tx: &mut Tx<'_>,
    kind: EntityKind,
    id: Uuid,
    keys: &[String],
) -> Result<(), StoreError> {
    if keys.is_empty() || record_known(tx, kind, &[id]).await?.is_empty() {
        return Ok(());
    }
    keys_insert(tx, kind, id, keys).await
}

async fn keys_insert(tx: &mut Tx<'_>, kind: EntityKind, id: Uuid, keys: &[String]) -> Result<(), StoreError> {
    for key in keys {
        let sql = "INSERT INTO record_key (organisation_id, kind, key, record_id) VALUES ($1, $2, $3, $4)
                   ON CONFLICT DO NOTHING";
        tx.execute(sql, params![tx.organisation(), kind.name(), key, id]).await?;
    }
    Ok(())
}

/// The record of each key that has one.
pub async fn record_find(
    tx: &mut Tx<'_>,
    kind: EntityKind,
    keys: &[String],
) -> Result<HashMap<String, Uuid>, StoreError> {
    let sql =
        "SELECT key, record_id FROM record_key WHERE organisation_id = $1 AND kind = $2 AND key IN ({list})";
    let list: Vec<Value> = keys.iter().map(Value::from).collect();
    let fixed = [tx.tenant(), kind.name().into()];
    let rows = tx.query_list(sql, &fixed, &list).await?;
    let read = |row| {
        let mut columns = Columns::of("record_key", row);
        Ok((columns.text("key")?, columns.uuid("record_id")?))
    };
    rows.into_iter().map(read).collect()
}

/// Which of these ids are records of this kind.
pub async fn record_known(tx: &mut Tx<'_>, kind: EntityKind, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT id FROM record WHERE organisation_id = $1 AND kind = $2 AND id IN ({list})";
    let list: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let fixed = [tx.tenant(), kind.name().into()];
    let rows = tx.query_list(sql, &fixed, &list).await?;
    rows.into_iter().map(|row| Columns::of("record", row).uuid("id")).collect()
}

/// Which of these records are in the CRM.
pub async fn record_in_crm(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT id FROM record WHERE organisation_id = $1 AND in_crm = 1 AND id IN ({list})";
    let list: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let fixed = [tx.tenant()];
    let rows = tx.query_list(sql, &fixed, &list).await?;
    rows.into_iter().map(|row| Columns::of("record", row).uuid("id")).collect()
}

/// When each of these records was last put on a list other than `except`.
pub async fn record_last_listed(
    tx: &mut Tx<'_>,
    ids: &[Uuid],
    except: Option<Uuid>,
) -> Result<HashMap<Uuid, Time>, StoreError> {
    let sql = "SELECT record_id, MAX(listed_at) FROM listing
               WHERE organisation_id = $1 AND lead_list_id <> $2 AND record_id IN ({list}) GROUP BY record_id";
    let list: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let fixed = [tx.tenant(), except.map_or_else(String::new, |id| id.to_string()).into()];
    let rows = tx.query_list(sql, &fixed, &list).await?;
    let read = |row| {
        let mut columns = Columns::of("listing", row);
        Ok((columns.uuid("record_id")?, columns.time("listed_at")?))
    };
    rows.into_iter().map(read).collect()
}

/// Notes that records of the organisation were put on a list.
pub async fn listing_insert(tx: &mut Tx<'_>, list: Uuid, ids: &[Uuid], at: Time) -> Result<(), StoreError> {
    let list_of_ids: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let fixed = [tx.tenant()];
    let sql = "SELECT id FROM record WHERE organisation_id = $1 AND id IN ({list})";
    for row in tx.query_list(sql, &fixed, &list_of_ids).await? {
        let id = Columns::of("record", row).uuid("id")?;
        let sql = "INSERT INTO listing (record_id, lead_list_id, organisation_id, listed_at)
                   VALUES ($1, $2, $3, $4)
                   ON CONFLICT (record_id, lead_list_id) DO UPDATE SET listed_at = $4";
        tx.execute(sql, params![id, list, tx.organisation(), at]).await?;
    }
    Ok(())
}

/// Takes back that records were put on a list: for a run that is cancelled without keeping anything.
pub async fn listing_delete(tx: &mut Tx<'_>, list: Uuid) -> Result<(), StoreError> {
    let sql = "DELETE FROM listing WHERE lead_list_id = $1 AND organisation_id = $2";
    tx.execute(sql, params![list, tx.organisation()]).await.map(drop)
}

fn read_person(row: Row) -> Result<Lead, StoreError> {
    let mut columns = Columns::of("record", row);
    let mut lead: Lead = columns.json("data")?;
    if let Some(company) = columns.optional_text("company")? {
        lead.company = Some(Columns::of("record", vec![Value::Text(company)]).json("data")?);
    }
    Ok(lead)
}

fn read_company(row: Row) -> Result<Company, StoreError> {
    Columns::of("record", row).json("data")
}

/// The people of a list with their companies, in the order of the list.
pub async fn person_list(tx: &mut Tx<'_>, list: Uuid) -> Result<Vec<Lead>, StoreError> {
    let sql = "SELECT r.data, c.data FROM lead_list_item i JOIN record r ON r.id = i.record_id
               LEFT JOIN record c ON c.id = r.company_id AND c.organisation_id = r.organisation_id
               WHERE i.lead_list_id = $1 AND r.organisation_id = $2 AND r.kind = 'person' ORDER BY i.position";
    tx.query(sql, params![list, tx.organisation()]).await?.into_iter().map(read_person).collect()
}

/// The companies of a list, in the order of the list.
pub async fn company_list(tx: &mut Tx<'_>, list: Uuid) -> Result<Vec<Company>, StoreError> {
    let sql = "SELECT r.data FROM lead_list_item i JOIN record r ON r.id = i.record_id
               WHERE i.lead_list_id = $1 AND r.organisation_id = $2 AND r.kind = 'company' ORDER BY i.position";
    tx.query(sql, params![list, tx.organisation()]).await?.into_iter().map(read_company).collect()
}

/// A person of the organisation with their company.
pub async fn person_get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Lead>, StoreError> {
    let sql = "SELECT r.data, c.data FROM record r LEFT JOIN record c ON c.id = r.company_id AND c.organisation_id = r.organisation_id
               WHERE r.id = $1 AND r.organisation_id = $2 AND r.kind = 'person'";
    tx.query_one(sql, params![id, tx.organisation()]).await?.map(read_person).transpose()
}

/// Those of these people that the organisation has, with their companies, in no order.
pub async fn person_get_many(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<Lead>, StoreError> {
    let sql = "SELECT r.data, c.data FROM record r
               LEFT JOIN record c ON c.id = r.company_id AND c.organisation_id = r.organisation_id
               WHERE r.organisation_id = $1 AND r.kind = 'person' AND r.id IN ({list})";
    let list: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let rows = tx.query_list(sql, &[tx.tenant()], &list).await?;
    rows.into_iter().map(read_person).collect()
}

/// A company of the organisation.
pub async fn company_get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Company>, StoreError> {
    let sql = "SELECT data FROM record WHERE id = $1 AND organisation_id = $2 AND kind = 'company'";
    tx.query_one(sql, params![id, tx.organisation()]).await?.map(read_company).transpose()
}

/// Notes that a record is, or is no longer, in the CRM.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such record.
pub async fn record_set_in_crm(tx: &mut Tx<'_>, id: Uuid, in_crm: bool) -> Result<(), StoreError> {
    let sql = "UPDATE record SET in_crm = $1 WHERE id = $2 AND organisation_id = $3";
    exactly_one("record_set_in_crm", tx.execute(sql, params![in_crm, id, tx.organisation()]).await?)
}
