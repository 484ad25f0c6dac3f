//! Lead lists and what they hold.

use super::record::record_known;
use crate::error::StoreError;
use crate::row::{Columns, Row, to_json};
use crate::tx::{Tx, exactly_one};
use crate::value::params;
use sluice_model::{EntityKind, LeadList, Time};
use std::collections::HashSet;
use uuid::Uuid;

/// A lead list and its revision, which every change moves on.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLeadList {
    pub list: LeadList,
    pub version: i64,
}

const COLUMNS: &str =
    "SELECT l.id, l.version, l.icp_id, l.name, l.kind, l.start_date, l.end_date, l.user_ids,
     l.created_at, l.updated_at";

fn read(row: Row) -> Result<StoredLeadList, StoreError> {
    let mut columns = Columns::of("lead_list", row);
    let id = columns.uuid("id")?;
    let version = columns.int("version")?;
    let list = LeadList {
        id,
        icp_id: columns.optional_uuid("icp_id")?,
        name: columns.text("name")?,
        kind: columns.named("kind", EntityKind::from_name)?,
        start_date: columns.time("start_date")?,
        end_date: columns.time("end_date")?,
        person_ids: Vec::new(),
        company_ids: Vec::new(),
        user_ids: columns.json("user_ids")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("updated_at")?,
    };
    Ok(StoredLeadList { list, version })
}

/// Adds a list with the records that its `personIds` or `companyIds` name. An ICP that is gone leaves the
/// list without one, as deleting it later would.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken.
pub async fn lead_list_insert(tx: &mut Tx<'_>, list: &LeadList) -> Result<(), StoreError> {
    let sql = "INSERT INTO lead_list (id, organisation_id, version, icp_id, name, kind, start_date, end_date, user_ids,
                   created_at, updated_at)
               VALUES ($1, $2, 1, (SELECT id FROM icp WHERE id = $3 AND organisation_id = $2), $4, $5, $6, $7, $8, $9, $10)";
    let params = params![
        list.id,
        tx.organisation(),
        list.icp_id,
        list.name.as_str(),
        list.kind.name(),
        list.start_date,
        list.end_date,
        to_json(&list.user_ids)?,
        list.created_at,
        list.updated_at
    ];
    tx.execute(sql, params).await?;
    for user in &list.user_ids {
        let sql = "INSERT INTO lead_list_user (organisation_id, user_id, lead_list_id) VALUES ($1, $2, $3)";
        tx.execute(sql, params![tx.organisation(), user, list.id]).await?;
    }
    lead_list_append(tx, list.id, items(list)).await.map(drop)
}

fn items(list: &LeadList) -> &[Uuid] {
    match list.kind {
        EntityKind::Person => &list.person_ids,
        EntityKind::Company => &list.company_ids,
    }
}

/// Looks a list up, with the ids it holds.
pub async fn lead_list_get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<StoredLeadList>, StoreError> {
    let sql = [COLUMNS, " FROM lead_list l WHERE l.id = $1 AND l.organisation_id = $2"].concat();
    let Some(row) = tx.query_one(&sql, params![id, tx.organisation()]).await? else { return Ok(None) };
    let mut stored = read(row)?;
    fill(tx, &mut stored.list).await?;
    Ok(Some(stored))
}

/// Whether the organisation has this list.
pub async fn lead_list_exists(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM lead_list WHERE id = $1 AND organisation_id = $2";
    Ok(tx.query_one(sql, params![id, tx.organisation()]).await?.is_some())
}

async fn fill(tx: &mut Tx<'_>, list: &mut LeadList) -> Result<(), StoreError> {
    let sql = "SELECT record_id FROM lead_list_item WHERE lead_list_id = $1 ORDER BY position";
    let rows = tx.query(sql, params![list.id]).await?;
    let ids = rows
        .into_iter()
        .map(|row| Columns::of("lead_list_item", row).uuid("record_id"))
        .collect::<Result<_, _>>()?;
    match list.kind {
        EntityKind::Person => list.person_ids = ids,
        EntityKind::Company => list.company_ids = ids,
    }
    Ok(())
}

/// All lists of the organisation, newest first; with `user`, those that list this user.
pub async fn lead_list_list(tx: &mut Tx<'_>, user: Option<&str>) -> Result<Vec<StoredLeadList>, StoreError> {
    let rows = match user {
        Some(user) => {
            let rest = " FROM lead_list_user u JOIN lead_list l ON l.id = u.lead_list_id
                        WHERE u.organisation_id = $1 AND u.user_id = $2 ORDER BY l.created_at DESC, l.id DESC";
            tx.query(&[COLUMNS, rest].concat(), params![tx.organisation(), user]).await?
        }
        None => {
            let rest = " FROM lead_list l WHERE l.organisation_id = $1 ORDER BY l.created_at DESC, l.id DESC";
            tx.query(&[COLUMNS, rest].concat(), params![tx.organisation()]).await?
        }
    };
    let mut lists = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for stored in &mut lists {
        fill(tx, &mut stored.list).await?;
    }
    Ok(lists)
}

/// Saves the name, the times and the revision of a changed list; with `replace`, the records it holds too.
///
/// # Errors
/// [`StoreError::RowCount`] when the list is not at the revision before.
pub async fn lead_list_save(tx: &mut Tx<'_>, next: &StoredLeadList, replace: bool) -> Result<(), StoreError> {
    let list = &next.list;
    let sql = "UPDATE lead_list SET version = $1, name = $2, updated_at = $3
               WHERE id = $4 AND organisation_id = $5 AND version = $6";
    let params = params![
        next.version,
        list.name.as_str(),
        list.updated_at,
        list.id,
        tx.organisation(),
        next.version - 1
    ];
    exactly_one("lead_list_save", tx.execute(sql, params).await?)?;
    if replace {
        tx.execute("DELETE FROM lead_list_item WHERE lead_list_id = $1", params![list.id]).await?;
        lead_list_append(tx, list.id, items(list)).await?;
    }
    Ok(())
}

/// Puts records at the end of a list. Those that it holds already are skipped, and those that are no records of
/// the organisation and of the list's kind. Returns those that were added.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such list.
pub async fn lead_list_append(
    tx: &mut Tx<'_>,
    list: Uuid,
    records: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT kind, COALESCE((SELECT MAX(position) FROM lead_list_item WHERE lead_list_id = $1), -1)
               FROM lead_list WHERE id = $1 AND organisation_id = $2";
    let Some(last) = tx.query_one(sql, params![list, tx.organisation()]).await? else {
        return Err(StoreError::RowCount { operation: "lead_list_append", rows: 0 });
    };
    let mut columns = Columns::of("lead_list", last);
    let kind = columns.named("kind", EntityKind::from_name)?;
    let mut position = columns.int("position")?;
    let known: HashSet<Uuid> = record_known(tx, kind, records).await?.into_iter().collect();
    let mut added = Vec::new();
    for record in records.iter().filter(|record| known.contains(record)) {
        let sql = "INSERT INTO lead_list_item (lead_list_id, position, record_id) VALUES ($1, $2, $3)
                   ON CONFLICT (lead_list_id, record_id) DO NOTHING";
        if tx.execute(sql, params![list, position + 1, *record]).await? == 1 {
            position += 1;
            added.push(*record);
        }
    }
    Ok(added)
}

/// Moves a list's revision on after records were put on it.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such list.
pub async fn lead_list_touch(tx: &mut Tx<'_>, id: Uuid, now: Time) -> Result<(), StoreError> {
    let sql = "UPDATE lead_list SET version = version + 1, updated_at = CASE WHEN updated_at < $1 THEN $1 ELSE updated_at + 1 END
               WHERE id = $2 AND organisation_id = $3";
    exactly_one("lead_list_touch", tx.execute(sql, params![now, id, tx.organisation()]).await?)
}

/// Deletes a list; the records it held stay.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such list.
pub async fn lead_list_delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    let sql = "DELETE FROM lead_list WHERE id = $1 AND organisation_id = $2";
    exactly_one("lead_list_delete", tx.execute(sql, params![id, tx.organisation()]).await?)?;
    // The decisions of its run are cleaned up some time later.
    let sql = "UPDATE run SET list_deleted = 1 WHERE lead_list_id = $1 AND organisation_id = $2";
    tx.execute(sql, params![id, tx.organisation()]).await.map(drop)
}
