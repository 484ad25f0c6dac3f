//! Answers kept for requests that may be sent again.

use crate::error::StoreError;
use crate::row::Columns;
use crate::tx::{SystemTx, Tx};
use crate::value::params;
use sluice_model::Time;

/// An answer that was given under an `Idempotency-Key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// SHA-256 of the method, the path and the body.
    pub request_hash: Vec<u8>,
    /// The answer as JSON.
    pub response: String,
}

/// The answer kept for a user's key, if it is younger than `since`.
pub async fn idempotency_get(
    tx: &mut Tx<'_>,
    user: &str,
    key: &str,
    since: Time,
) -> Result<Option<KeptAnswer>, StoreError> {
    let sql = "SELECT request_hash, response FROM idempotency
               WHERE organisation_id = $1 AND user_id = $2 AND key = $3 AND created_at > $4";
    let Some(row) = tx.query_one(sql, params![tx.organisation(), user, key, since]).await? else {
        return Ok(None);
    };
    let mut columns = Columns::of("idempotency", row);
    Ok(Some(KeptAnswer { request_hash: columns.blob("request_hash")?, response: columns.text("response")? }))
}

/// Keeps an answer; an expired one under the same key is replaced.
pub async fn idempotency_put(
    tx: &mut Tx<'_>,
    user: &str,
    key: &str,
    answer: &KeptAnswer,
    now: Time,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO idempotency (organisation_id, user_id, key, request_hash, response, created_at)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (organisation_id, user_id, key)
               DO UPDATE SET request_hash = $4, response = $5, created_at = $6";
    let params =
        params![tx.organisation(), user, key, answer.request_hash.as_slice(), answer.response.as_str(), now];
    tx.execute(sql, params).await.map(drop)
}

/// Forgets at most `limit` answers of all organisations that were given at `before` or earlier. Returns how many.
pub async fn idempotency_expire(
    tx: &mut SystemTx<'_>,
    before: Time,
    limit: usize,
) -> Result<usize, StoreError> {
    let sql = "DELETE FROM idempotency WHERE (organisation_id, user_id, key) IN
                   (SELECT organisation_id, user_id, key FROM idempotency WHERE created_at <= $1
                    ORDER BY created_at LIMIT $2)";
    tx.execute(sql, params![before, limit]).await
}
