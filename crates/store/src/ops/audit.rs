//! Who did what when.

use crate::error::StoreError;
use crate::row::Columns;
use crate::tx::Tx;
use crate::value::params;
use sluice_model::Time;

/// One entry of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub user: String,
    /// `icp.delete`, `lead_list.create`, …
    pub action: String,
    pub entity_id: String,
    pub at: Time,
}

/// Adds an entry.
pub async fn audit_insert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO audit (organisation_id, user_id, action, entity_id, at) VALUES ($1, $2, $3, $4, $5)";
    let params = params![
        tx.organisation(),
        entry.user.as_str(),
        entry.action.as_str(),
        entry.entity_id.as_str(),
        entry.at
    ];
    tx.execute(sql, params).await.map(drop)
}

/// The newest `limit` entries, newest first.
pub async fn audit_list(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
    let sql = "SELECT user_id, action, entity_id, at FROM audit WHERE organisation_id = $1
               ORDER BY sequence DESC LIMIT $2";
    let rows = tx.query(sql, params![tx.organisation(), limit]).await?;
    let read = |row| {
        let mut columns = Columns::of("audit", row);
        Ok(AuditEntry {
            user: columns.text("user_id")?,
            action: columns.text("action")?,
            entity_id: columns.text("entity_id")?,
            at: columns.time("at")?,
        })
    };
    rows.into_iter().map(read).collect()
}
