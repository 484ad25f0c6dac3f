//! Users of an organisation, as one of its own units sees them.

use crate::error::StoreError;
use crate::row::Columns;
use crate::tx::Tx;
use crate::value::params;
use sluice_model::Role;

/// The role of a user of the organisation, if it has them.
pub async fn member_role(tx: &mut Tx<'_>, user: &str) -> Result<Option<Role>, StoreError> {
    let sql = "SELECT role FROM member WHERE organisation_id = $1 AND id = $2";
    let row = tx.query_one(sql, params![tx.organisation(), user]).await?;
    row.map(|row| Columns::of("member", row).named("role", Role::from_name)).transpose()
}
