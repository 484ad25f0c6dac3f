//! ICPs and their history.

use super::schedule::schedule_set;
use crate::error::StoreError;
use crate::row::{Columns, Row, to_json};
use crate::tx::{Tx, exactly_one};
use crate::value::params;
use sluice_model::icp::Schedule;
use sluice_model::{Icp, IcpVersion};
use uuid::Uuid;

const COLUMNS: &str = "i.id, i.version, i.name, i.description, i.created_at, i.updated_at, i.user_ids,
     i.leads_per_list, i.active_until, i.lead_provider_criteria, i.custom_filter_criteria, i.crm_filters, i.schedule";

/// An ICP and the number of its latest version.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredIcp {
    pub icp: Icp,
    pub version: i64,
}

fn read(row: Row) -> Result<StoredIcp, StoreError> {
    let mut columns = Columns::of("icp", row);
    let id = columns.uuid("id")?;
    let version = columns.int("version")?;
    let icp = Icp {
        id,
        name: columns.text("name")?,
        description: columns.optional_text("description")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("updated_at")?,
        user_ids: columns.json("user_ids")?,
        leads_per_list: columns.int("leads_per_list")?,
        active_until: columns.optional_time("active_until")?,
        lead_provider_criteria: columns.raw_json("lead_provider_criteria")?,
        custom_filter_criteria: columns.raw_json("custom_filter_criteria")?,
        crm_filters: columns.optional_raw_json("crm_filters")?,
        schedule: columns.optional_text("schedule")?.map(Schedule::from_stored),
    };
    Ok(StoredIcp { icp, version })
}

/// Adds an ICP as version 1, with its history.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken.
pub async fn icp_insert(tx: &mut Tx<'_>, icp: &Icp, user: &str, changed: &[&str]) -> Result<(), StoreError> {
    let history = version_insert(tx, icp, 1, user, changed).await?;
    let sql =
        "INSERT INTO icp (id, organisation_id, version, name, description, created_at, updated_at, user_ids,
                   leads_per_list, active_until, lead_provider_criteria, custom_filter_criteria, crm_filters,
                   schedule, history)
               VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let params = params![
        icp.id,
        tx.organisation(),
        icp.name.as_str(),
        icp.description.as_deref(),
        icp.created_at,
        icp.updated_at,
        to_json(&icp.user_ids)?,
        icp.leads_per_list,
        icp.active_until,
        icp.lead_provider_criteria.as_str(),
        icp.custom_filter_criteria.as_str(),
        icp.crm_filters.as_ref().map(|raw| raw.as_str().to_owned()),
        icp.schedule.as_ref().map(Schedule::as_str),
        history
    ];
    tx.execute(sql, params).await?;
    users_insert(tx, icp).await?;
    if icp.schedule.is_some() {
        schedule_set(tx, icp).await?;
    }
    Ok(())
}

async fn users_insert(tx: &mut Tx<'_>, icp: &Icp) -> Result<(), StoreError> {
    for user in &icp.user_ids {
        let sql = "INSERT INTO icp_user (organisation_id, user_id, icp_id) VALUES ($1, $2, $3)";
        tx.execute(sql, params![tx.organisation(), user, icp.id]).await?;
    }
    Ok(())
}

/// Adds a version behind the newest one, and returns where it is.
async fn version_insert(
    tx: &mut Tx<'_>,
    icp: &Icp,
    version: i64,
    user: &str,
    changed: &[&str],
) -> Result<i64, StoreError> {
    let sql = "INSERT INTO icp_version (previous, version, organisation_id, user_id, created_at, changed, icp)
               VALUES ((SELECT history FROM icp WHERE id = $1 AND organisation_id = $2), $3, $2, $4, $5, $6, $7)
               RETURNING sequence";
    let params =
        params![icp.id, tx.organisation(), version, user, icp.updated_at, to_json(&changed)?, to_json(icp)?];
    let row = tx.query_one(sql, params).await?;
    let row = row.ok_or(StoreError::RowCount { operation: "version_insert", rows: 0 })?;
    Columns::of("icp_version", row).int("sequence")
}

/// Looks an ICP up.
pub async fn icp_get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<StoredIcp>, StoreError> {
    let sql = const_format(COLUMNS, " FROM icp i WHERE i.id = $1 AND i.organisation_id = $2");
    tx.query_one(&sql, params![id, tx.organisation()]).await?.map(read).transpose()
}

fn const_format(columns: &str, rest: &str) -> String {
    let mut sql = String::with_capacity(columns.len() + rest.len() + 7);
    sql.push_str("SELECT ");
    sql.push_str(columns);
    sql.push_str(rest);
    sql
}

/// All ICPs of the organisation, newest first; with `user`, those that list this user.
pub async fn icp_list(tx: &mut Tx<'_>, user: Option<&str>) -> Result<Vec<StoredIcp>, StoreError> {
    let rows = match user {
        Some(user) => {
            let rest = " FROM icp_user u JOIN icp i ON i.id = u.icp_id
                        WHERE u.organisation_id = $1 AND u.user_id = $2 ORDER BY i.created_at DESC, i.id DESC";
            tx.query(&const_format(COLUMNS, rest), params![tx.organisation(), user]).await?
        }
        None => {
            let rest = " FROM icp i WHERE i.organisation_id = $1 ORDER BY i.created_at DESC, i.id DESC";
            tx.query(&const_format(COLUMNS, rest), params![tx.organisation()]).await?
        }
    };
    rows.into_iter().map(read).collect()
}

/// Saves a changed ICP as its next version, with history: who, and which fields.
///
/// # Errors
/// [`StoreError::RowCount`] when the ICP is not at the version before.
pub async fn icp_save(
    tx: &mut Tx<'_>,
    next: &StoredIcp,
    user: &str,
    changed: &[&str],
) -> Result<(), StoreError> {
    let icp = &next.icp;
    let history = version_insert(tx, icp, next.version, user, changed).await?;
    let sql = "UPDATE icp SET version = $1, name = $2, description = $3, updated_at = $4, user_ids = $5,
                   leads_per_list = $6, active_until = $7, lead_provider_criteria = $8, custom_filter_criteria = $9,
                   crm_filters = $10, schedule = $11, history = $12
               WHERE id = $13 AND organisation_id = $14 AND version = $15";
    let params = params![
        next.version,
        icp.name.as_str(),
        icp.description.as_deref(),
        icp.updated_at,
        to_json(&icp.user_ids)?,
        icp.leads_per_list,
        icp.active_until,
        icp.lead_provider_criteria.as_str(),
        icp.custom_filter_criteria.as_str(),
        icp.crm_filters.as_ref().map(|raw| raw.as_str().to_owned()),
        icp.schedule.as_ref().map(Schedule::as_str),
        history,
        icp.id,
        tx.organisation(),
        next.version - 1
    ];
    exactly_one("icp_save", tx.execute(sql, params).await?)?;
    if changed.contains(&"userIds") {
        tx.execute("DELETE FROM icp_user WHERE icp_id = $1", params![icp.id]).await?;
        users_insert(tx, icp).await?;
    }
    if changed.contains(&"schedule") || changed.contains(&"activeUntil") {
        schedule_set(tx, icp).await?;
    }
    Ok(())
}

/// Deletes an ICP and its history. Lead lists made from it stay, without ICP.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such ICP.
pub async fn icp_delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    let sql = "DELETE FROM icp_version WHERE sequence IN (
                   WITH RECURSIVE chain (sequence) AS (
                       SELECT history FROM icp WHERE id = $1 AND organisation_id = $2
                       UNION ALL
                       SELECT v.previous FROM chain c JOIN icp_version v ON v.sequence = c.sequence)
                   SELECT sequence FROM chain)";
    tx.execute(sql, params![id, tx.organisation()]).await?;
    let sql = "DELETE FROM icp WHERE id = $1 AND organisation_id = $2";
    exactly_one("icp_delete", tx.execute(sql, params![id, tx.organisation()]).await?)
}

fn read_version(row: Row) -> Result<IcpVersion, StoreError> {
    let mut columns = Columns::of("icp_version", row);
    Ok(IcpVersion {
        version: columns.int("version")?,
        user_id: columns.text("user_id")?,
        created_at: columns.time("created_at")?,
        changed: columns.json("changed")?,
        icp: columns.json("icp")?,
    })
}

/// The versions of an ICP, newest first: at most `limit`, older than version `below`. Goes back from the newest one,
/// and no further than it has to: versions are numbered without gaps.
pub async fn icp_version_list(
    tx: &mut Tx<'_>,
    id: Uuid,
    below: Option<i64>,
    limit: usize,
) -> Result<Vec<IcpVersion>, StoreError> {
    let sql = "WITH RECURSIVE chain (sequence, version, lowest) AS (
                   SELECT history, version,
                          CASE WHEN $1 <= version THEN $1 ELSE version + 1 END - $2
                   FROM icp WHERE id = $3 AND organisation_id = $4
                   UNION ALL
                   SELECT v.previous, v.version - 1, c.lowest
                   FROM chain c JOIN icp_version v ON v.sequence = c.sequence
                   WHERE c.version > c.lowest)
               SELECT v.version, v.user_id, v.created_at, v.changed, v.icp
               FROM chain c JOIN icp_version v ON v.sequence = c.sequence
               WHERE v.version < $1 AND v.version >= c.lowest ORDER BY v.version DESC";
    let below = below.unwrap_or(i64::MAX).max(0);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = params![below, limit, id, tx.organisation()];
    tx.query(sql, params).await?.into_iter().map(read_version).collect()
}

/// One version of an ICP.
pub async fn icp_version_get(
    tx: &mut Tx<'_>,
    id: Uuid,
    version: i64,
) -> Result<Option<IcpVersion>, StoreError> {
    let found = icp_version_list(tx, id, Some(version.saturating_add(1)), 1).await?;
    Ok(found.into_iter().find(|found| found.version == version))
}
