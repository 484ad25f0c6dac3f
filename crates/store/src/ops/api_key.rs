//! API keys. Only their hashes are kept.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::{SystemTx, Tx};
use crate::value::params;
use sluice_model::accounts::{ApiKey, ApiKeyId, KeyActor, Scopes, TenantId};
use sluice_model::{Role, Time};

/// Adds a key by its hash.
///
/// # Errors
/// [`StoreError::Duplicate`] when the organisation does not exist.
pub async fn api_key_insert(
    tx: &mut SystemTx<'_>,
    organisation: &str,
    hash: &[u8],
    key: &ApiKey,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO api_key (hash, id, organisation_id, user_id, name, scopes, rate_per_minute, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let params = params![
        hash,
        key.id.bare(),
        organisation,
        key.user_id.as_deref(),
        key.name.as_deref(),
        key.scopes.to_text(),
        key.rate_per_minute.map(i64::from),
        key.created_at
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Who has the valid key with this hash. Its scopes are cut to what its maker may do now; a key whose maker left
/// is none.
pub async fn api_key_actor(tx: &mut SystemTx<'_>, hash: &[u8]) -> Result<Option<KeyActor>, StoreError> {
    let sql = "SELECT k.id, k.organisation_id, o.tenant_id, k.user_id, k.scopes, k.rate_per_minute, m.role
               FROM api_key k JOIN organisation o ON o.id = k.organisation_id
               LEFT JOIN member m ON m.organisation_id = k.organisation_id AND m.id = k.user_id
               WHERE k.hash = $1 AND k.revoked_at IS NULL AND (k.user_id IS NULL OR m.role IS NOT NULL)";
    let Some(row) = tx.query_one(sql, params![hash]).await? else { return Ok(None) };
    let mut columns = Columns::of("api_key", row);
    let mut actor = KeyActor {
        key_id: ApiKeyId::from_bare(columns.text("id")?),
        organisation: columns.text("organisation_id")?,
        tenant: TenantId::from_bare(columns.text("tenant_id")?),
        user: columns.optional_text("user_id")?,
        scopes: columns.named("scopes", Scopes::parse)?,
        rate_per_minute: columns.optional_int("rate_per_minute")?.and_then(|rate| u32::try_from(rate).ok()),
    };
    if let Some(role) = columns.optional_text("role")?.as_deref().and_then(Role::from_name) {
        actor.scopes = actor.scopes.and(Scopes::of_role(role));
    }
    Ok(Some(actor))
}

/// Revokes the key with this hash. Returns whether there was a valid one.
pub async fn api_key_revoke_hash(tx: &mut SystemTx<'_>, hash: &[u8], now: Time) -> Result<bool, StoreError> {
    let sql = "UPDATE api_key SET revoked_at = $1 WHERE hash = $2 AND revoked_at IS NULL";
    Ok(tx.execute(sql, params![now, hash]).await? == 1)
}

/// Revokes a key of the organisation. Returns whether it has one with this id; one revoked before stays as it was.
pub async fn api_key_revoke(tx: &mut Tx<'_>, id: &ApiKeyId, now: Time) -> Result<bool, StoreError> {
    let sql =
        "UPDATE api_key SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 AND organisation_id = $3";
    Ok(tx.execute(sql, params![now, id.bare(), tx.organisation()]).await? == 1)
}

/// The organisation's keys, newest first, revoked ones too.
pub async fn api_key_list(tx: &mut Tx<'_>) -> Result<Vec<ApiKey>, StoreError> {
    let sql = "SELECT id, name, user_id, scopes, rate_per_minute, created_at, revoked_at FROM api_key
               WHERE organisation_id = $1 ORDER BY id DESC";
    tx.query(sql, params![tx.organisation()]).await?.into_iter().map(read).collect()
}

fn read(row: Row) -> Result<ApiKey, StoreError> {
    let mut columns = Columns::of("api_key", row);
    Ok(ApiKey {
        id: ApiKeyId::from_bare(columns.text("id")?),
        name: columns.optional_text("name")?,
        user_id: columns.optional_text("user_id")?,
        scopes: columns.named("scopes", Scopes::parse)?,
        rate_per_minute: columns.optional_int("rate_per_minute")?.and_then(|rate| u32::try_from(rate).ok()),
        created_at: columns.time("created_at")?,
        revoked_at: columns.optional_time("revoked_at")?,
    })
}
