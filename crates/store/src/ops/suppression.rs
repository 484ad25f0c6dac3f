//! The suppression list.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::{Tx, exactly_one};
use crate::value::{Value, params};
use sluice_model::suppression::SuppressionKind;
use sluice_model::{Suppression, Time};
use uuid::Uuid;

const COLUMNS: &str =
    "SELECT id, kind, value, reason, expires_at, created_at, created_by, removed_at, removed_by,
     erased_at, value_hash FROM suppression";

/// An entry with the hash by which its value is found.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSuppression {
    pub entry: Suppression,
    pub hash: Vec<u8>,
}

fn read(row: Row) -> Result<StoredSuppression, StoreError> {
    let mut columns = Columns::of("suppression", row);
    let entry = Suppression {
        id: columns.uuid("id")?,
        kind: columns.named("kind", SuppressionKind::from_name)?,
        value: columns.optional_text("value")?,
        reason: columns.optional_text("reason")?,
        expires_at: columns.optional_time("expires_at")?,
        created_at: columns.time("created_at")?,
        created_by: columns.text("created_by")?,
        removed_at: columns.optional_time("removed_at")?,
        removed_by: columns.optional_text("removed_by")?,
        erased_at: columns.optional_time("erased_at")?,
    };
    Ok(StoredSuppression { entry, hash: columns.blob("value_hash")? })
}

/// Adds an entry.
pub async fn suppression_insert(tx: &mut Tx<'_>, stored: &StoredSuppression) -> Result<(), StoreError> {
    let entry = &stored.entry;
    let sql = "INSERT INTO suppression (id, organisation_id, kind, value, value_hash, reason, expires_at, created_at,
                   created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let params = params![
        entry.id,
        tx.organisation(),
        entry.kind.name(),
        entry.value.as_deref(),
        stored.hash.as_slice(),
        entry.reason.as_deref(),
        entry.expires_at,
        entry.created_at,
        entry.created_by.as_str()
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Looks an entry up, tombstones included.
pub async fn suppression_get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<StoredSuppression>, StoreError> {
    let sql = [COLUMNS, " WHERE id = $1 AND organisation_id = $2"].concat();
    tx.query_one(&sql, params![id, tx.organisation()]).await?.map(read).transpose()
}

/// The entries, newest first, a page at a time; tombstones only when asked for.
pub async fn suppression_list(
    tx: &mut Tx<'_>,
    include_removed: bool,
    limit: usize,
    offset: usize,
) -> Result<(Vec<StoredSuppression>, u64), StoreError> {
    let condition = " WHERE organisation_id = $1 AND ($2 = 1 OR removed_at IS NULL)";
    let sql = [COLUMNS, condition, " ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4"].concat();
    let rows = tx.query(&sql, params![tx.organisation(), include_removed, limit, offset]).await?;
    let sql = ["SELECT COUNT(*) FROM suppression", condition].concat();
    let count = tx.query_one(&sql, params![tx.organisation(), include_removed]).await?;
    let total = count.map_or(Ok(0), |row| Columns::of("suppression", row).count("count"))?;
    Ok((rows.into_iter().map(read).collect::<Result<_, _>>()?, total))
}

/// Entries on the list (tombstones and expired ones apart) that have one of these hashes.
pub async fn suppression_find(
    tx: &mut Tx<'_>,
    hashes: &[[u8; 32]],
    now: Time,
) -> Result<Vec<StoredSuppression>, StoreError> {
    let rest =
        " WHERE organisation_id = $1 AND removed_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
                AND value_hash IN ({list})";
    let list: Vec<Value> = hashes.iter().map(|hash| Value::Blob(hash.to_vec())).collect();
    let fixed = [tx.tenant(), now.into()];
    let rows = tx.query_list(&[COLUMNS, rest].concat(), &fixed, &list).await?;
    rows.into_iter().map(read).collect()
}

/// Whether the organisation's list has any entry that counts.
pub async fn suppression_any(tx: &mut Tx<'_>, now: Time) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM suppression
               WHERE organisation_id = $1 AND removed_at IS NULL AND (expires_at IS NULL OR expires_at > $2) LIMIT 1";
    Ok(tx.query_one(sql, params![tx.organisation(), now]).await?.is_some())
}

/// Takes an entry off the list and leaves a tombstone.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such entry on the list.
pub async fn suppression_remove(tx: &mut Tx<'_>, id: Uuid, user: &str, now: Time) -> Result<(), StoreError> {
    let sql = "UPDATE suppression SET removed_at = $1, removed_by = $2
               WHERE id = $3 AND organisation_id = $4 AND removed_at IS NULL";
    exactly_one("suppression_remove", tx.execute(sql, params![now, user, id, tx.organisation()]).await?)
}

/// Erases the value of an entry; its hash stays, and goes on suppressing.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such entry.
pub async fn suppression_erase(tx: &mut Tx<'_>, id: Uuid, now: Time) -> Result<(), StoreError> {
    let sql = "UPDATE suppression SET value = NULL, reason = NULL, erased_at = COALESCE(erased_at, $1)
               WHERE id = $2 AND organisation_id = $3";
    exactly_one("suppression_erase", tx.execute(sql, params![now, id, tx.organisation()]).await?)
}
