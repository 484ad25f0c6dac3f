//! Organisations, users and tokens: what has to be known before a tenant is.

use crate::error::StoreError;
use crate::row::Columns;
use crate::tx::{SystemTx, exactly_one};
use crate::value::params;
use sluice_model::accounts::TenantId;
use sluice_model::{Actor, Role, Time};
use uuid::Uuid;

/// Answers when the database does.
pub async fn ping(tx: &mut SystemTx<'_>) -> Result<(), StoreError> {
    tx.query("SELECT COUNT(*) FROM schema_migration", &[]).await.map(drop)
}

/// Adds an organisation.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken.
pub async fn organisation_insert(
    tx: &mut SystemTx<'_>,
    id: &str,
    name: &str,
    tenant: &TenantId,
    now: Time,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO organisation (id, name, tenant_id, created_at) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, params![id, name, tenant.bare(), now]).await.map(drop)
}

/// The tenant id of an organisation.
pub async fn organisation_tenant(tx: &mut SystemTx<'_>, id: &str) -> Result<Option<TenantId>, StoreError> {
    let row = tx.query_one("SELECT tenant_id FROM organisation WHERE id = $1", params![id]).await?;
    row.map(|row| Columns::of("organisation", row).text("tenant_id").map(TenantId::from_bare)).transpose()
}

/// The name of an organisation.
pub async fn organisation_name(tx: &mut SystemTx<'_>, id: &str) -> Result<Option<String>, StoreError> {
    let row = tx.query_one("SELECT name FROM organisation WHERE id = $1", params![id]).await?;
    row.map(|row| Columns::of("organisation", row).text("name")).transpose()
}

/// Adds a user to an organisation.
///
/// # Errors
/// [`StoreError::Duplicate`] when the organisation has the user, or does not exist.
pub async fn member_insert(
    tx: &mut SystemTx<'_>,
    actor: &Actor,
    email: Option<&str>,
    now: Time,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO member (organisation_id, id, role, email, created_at) VALUES ($1, $2, $3, $4, $5)";
    let params = params![actor.organisation.as_str(), actor.user.as_str(), actor.role.name(), email, now];
    tx.execute(sql, params).await.map(drop)
}

/// A user of an organisation.
pub async fn member_get(
    tx: &mut SystemTx<'_>,
    organisation: &str,
    user: &str,
) -> Result<Option<Actor>, StoreError> {
    let sql = "SELECT role FROM member WHERE organisation_id = $1 AND id = $2";
    let Some(row) = tx.query_one(sql, params![organisation, user]).await? else { return Ok(None) };
    let role = Columns::of("member", row).named("role", Role::from_name)?;
    Ok(Some(Actor { organisation: organisation.to_owned(), user: user.to_owned(), role }))
}

/// Adds a token of a user by its hash.
///
/// # Errors
/// [`StoreError::Duplicate`] when the user does not exist.
pub async fn token_insert(
    tx: &mut SystemTx<'_>,
    hash: &[u8],
    id: Uuid,
    organisation: &str,
    user: &str,
    now: Time,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO token (hash, id, organisation_id, user_id, created_at) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, params![hash, id, organisation, user, now]).await.map(drop)
}

/// The user whose valid token has this hash.
pub async fn token_actor(tx: &mut SystemTx<'_>, hash: &[u8]) -> Result<Option<Actor>, StoreError> {
    let sql = "SELECT t.organisation_id, t.user_id, m.role FROM token t
               JOIN member m ON m.organisation_id = t.organisation_id AND m.id = t.user_id
               WHERE t.hash = $1 AND t.revoked_at IS NULL";
    let Some(row) = tx.query_one(sql, params![hash]).await? else { return Ok(None) };
    let mut columns = Columns::of("token", row);
    Ok(Some(Actor {
        organisation: columns.text("organisation_id")?,
        user: columns.text("user_id")?,
        role: columns.named("role", Role::from_name)?,
    }))
}

/// Revokes the token with this hash. Returns whether there was a valid one.
pub async fn token_revoke(tx: &mut SystemTx<'_>, hash: &[u8], now: Time) -> Result<bool, StoreError> {
    let sql = "UPDATE token SET revoked_at = $1 WHERE hash = $2 AND revoked_at IS NULL";
    Ok(tx.execute(sql, params![now, hash]).await? == 1)
}

/// Changes the role of a user.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such user.
pub async fn member_set_role(tx: &mut SystemTx<'_>, actor: &Actor) -> Result<(), StoreError> {
    let sql = "UPDATE member SET role = $1 WHERE organisation_id = $2 AND id = $3";
    let params = params![actor.role.name(), actor.organisation.as_str(), actor.user.as_str()];
    exactly_one("member_set_role", tx.execute(sql, params).await?)
}

/// Removes a user from an organisation, with their tokens.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such user.
pub async fn member_delete(tx: &mut SystemTx<'_>, organisation: &str, user: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM token WHERE organisation_id = $1 AND user_id = $2";
    tx.execute(sql, params![organisation, user]).await?;
    let sql = "DELETE FROM member WHERE organisation_id = $1 AND id = $2";
    exactly_one("member_delete", tx.execute(sql, params![organisation, user]).await?)
}
