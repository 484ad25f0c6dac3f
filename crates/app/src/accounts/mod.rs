//! Actions of the accounts API, for machines with a key. Each checks the scope of the key first.

pub mod account;
pub mod account_log;
pub(crate) mod bridge;
mod identity;
pub mod keys;
pub mod not_found;
mod paging;
pub mod prospect;
pub mod prospect_log;
mod show;
mod ulids;

pub use paging::Anchors;
pub use ulids::Ulids;

use crate::error::{Error, Result};
use sluice_model::Time;
use sluice_model::accounts::{KeyActor, LogContent, Scope};
use sluice_store::Tx;
use sluice_store::ops::activity::ToldLog;
use sluice_store::ops::audit::{AuditEntry, audit_insert};

/// Refuses a key without this scope.
fn need(key: &KeyActor, scope: Scope) -> Result<()> {
    if key.scopes.has(scope) {
        return Ok(());
    }
    Err(Error::Forbidden(format!("This key lacks the scope '{}'", scope.name())))
}

/// Notes who did what: the user who made the key, else the key.
async fn audit(tx: &mut Tx<'_>, key: &KeyActor, action: &str, entity: &str, at: Time) -> Result<()> {
    let user = key.user.clone().unwrap_or_else(|| key.key_id.to_string());
    let entry = AuditEntry { user, action: action.to_owned(), entity_id: entity.to_owned(), at };
    Ok(audit_insert(tx, &entry).await?)
}

/// Refuses an idempotency key that was used for other content.
fn same_content(told: &ToldLog, content: &LogContent) -> Result<()> {
    if content.request_hash.is_some_and(|hash| told.request_hash == hash) {
        return Ok(());
    }
    Err(Error::Conflict("This idempotencyKey was used for another log".to_owned()))
}
