//! What outside checks saw and were told, kept until a day.

use crate::error::StoreError;
use crate::row::Columns;
use crate::tx::{SystemTx, Tx};
use crate::value::params;
use sluice_model::Time;

/// What is kept of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvidence {
    /// As JSON.
    pub data: String,
    pub created_at: Time,
}

/// What was kept of this kind under this key, unless it has expired.
pub async fn evidence_get(
    tx: &mut Tx<'_>,
    kind: &str,
    key: &[u8],
    now: Time,
) -> Result<Option<StoredEvidence>, StoreError> {
    let sql = "SELECT data, created_at FROM evidence
               WHERE organisation_id = $1 AND kind = $2 AND key = $3 AND expires_at > $4";
    let Some(row) = tx.query_one(sql, params![tx.organisation(), kind, key, now]).await? else {
        return Ok(None);
    };
    let mut columns = Columns::of("evidence", row);
    Ok(Some(StoredEvidence { data: columns.text("data")?, created_at: columns.time("created_at")? }))
}

/// Keeps it until `expires_at`; what was there under the same key is replaced.
pub async fn evidence_put(
    tx: &mut Tx<'_>,
    kind: &str,
    key: &[u8],
    evidence: &StoredEvidence,
    expires_at: Time,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO evidence (organisation_id, kind, key, data, created_at, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (organisation_id, kind, key)
               DO UPDATE SET data = excluded.data, created_at = excluded.created_at, expires_at = excluded.expires_at";
    let params =
        params![tx.organisation(), kind, key, evidence.data.as_str(), evidence.created_at, expires_at];
    tx.execute(sql, params).await.map(drop)
}

/// Forgets at most `limit` pieces of all organisations that expired at `before` or earlier. Returns how many.
pub async fn evidence_expire(tx: &mut SystemTx<'_>, before: Time, limit: usize) -> Result<usize, StoreError> {
    let sql = "DELETE FROM evidence WHERE (organisation_id, kind, key) IN
                   (SELECT organisation_id, kind, key FROM evidence WHERE expires_at <= $1
                    ORDER BY expires_at LIMIT $2)";
    tx.execute(sql, params![before, limit]).await
}
