//! What any one of the processes does from time to time.

use crate::error::StoreError;
use crate::tx::SystemTx;
use crate::value::params;
use sluice_model::Time;

/// The constant name of the clean-up.
pub const CLEAN: &str = "clean";

/// Takes a chore when it is due, and puts it off until `next` for everybody. Returns whether it is the caller's.
pub async fn chore_take(
    tx: &mut SystemTx<'_>,
    name: &str,
    now: Time,
    next: Time,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO chore (name, next_at) VALUES ($1, $2)
               ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at WHERE chore.next_at <= $3";
    Ok(tx.execute(sql, params![name, next, now]).await? == 1)
}
