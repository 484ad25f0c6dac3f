//! The ledger of credits: rows are only added, and the balance is their sum. The sum is kept on the account's row,
//! which is what two units that change it meet at.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::Tx;
use crate::value::params;
use sluice_model::Time;
use sluice_model::credit::{CreditKind, CreditTransaction};
use uuid::Uuid;

fn read(row: Row) -> Result<CreditTransaction, StoreError> {
    let mut columns = Columns::of("credit_transaction", row);
    Ok(CreditTransaction {
        id: columns.uuid("id")?,
        organization_id: columns.text("organisation_id")?,
        kind: columns.named("kind", CreditKind::from_name)?,
        amount: columns.count("amount")?,
        operation_type: columns.text("operation_type")?,
        source: columns.text("source")?,
        reference_id: columns.optional_text("reference_id")?,
        description: columns.optional_text("description")?,
        metadata: columns.optional_raw_json("metadata")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("created_at")?,
    })
}

/// The organisation's balance; none when its ledger was never begun.
pub async fn credit_balance(tx: &mut Tx<'_>) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT balance FROM credit_account WHERE organisation_id = $1";
    let row = tx.query_one(sql, params![tx.organisation()]).await?;
    row.map(|row| Columns::of("credit_account", row).count("balance")).transpose()
}

/// Adds credits; the first ones begin the ledger.
pub async fn credit_add(tx: &mut Tx<'_>, added: &CreditTransaction) -> Result<(), StoreError> {
    let sql = "INSERT INTO credit_account (organisation_id, balance) VALUES ($1, $2)
               ON CONFLICT (organisation_id) DO UPDATE SET balance = credit_account.balance + excluded.balance";
    tx.execute(sql, params![tx.organisation(), added.amount]).await?;
    insert(tx, added).await
}

/// Takes credits. Returns whether there were enough; if not, nothing is changed.
///
/// # Errors
/// [`StoreError::Duplicate`] when they were taken before for the same operation and reference.
pub async fn credit_consume(tx: &mut Tx<'_>, taken: &CreditTransaction) -> Result<bool, StoreError> {
    let sql = "UPDATE credit_account SET balance = balance - $1 WHERE organisation_id = $2 AND balance >= $1";
    if tx.execute(sql, params![taken.amount, tx.organisation()]).await? == 0 {
        return Ok(false);
    }
    insert(tx, taken).await?;
    Ok(true)
}

async fn insert(tx: &mut Tx<'_>, new: &CreditTransaction) -> Result<(), StoreError> {
    let sql = "INSERT INTO credit_transaction (id, organisation_id, kind, amount, operation_type, source,
                   reference_id, description, metadata, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let params = params![
        new.id,
        tx.organisation(),
        new.kind.name(),
        new.amount,
        new.operation_type.as_str(),
        new.source.as_str(),
        new.reference_id.as_deref(),
        new.description.as_deref(),
        new.metadata.as_ref().map(|metadata| metadata.as_str().to_owned()),
        new.created_at
    ];
    tx.execute(sql, params).await.map(drop)
}

/// The transaction that took credits for this operation and reference.
pub async fn credit_taken(
    tx: &mut Tx<'_>,
    operation_type: &str,
    reference_id: &str,
) -> Result<Option<Uuid>, StoreError> {
    let sql = "SELECT id FROM credit_transaction WHERE organisation_id = $1 AND operation_type = $2
                   AND reference_id = $3 AND kind = 'credit_consumed'";
    let row = tx.query_one(sql, params![tx.organisation(), operation_type, reference_id]).await?;
    row.map(|row| Columns::of("credit_transaction", row).uuid("id")).transpose()
}

/// How many credits were added by this operation for this reference.
pub async fn credit_returned(
    tx: &mut Tx<'_>,
    operation_type: &str,
    reference_id: &str,
) -> Result<u64, StoreError> {
    let sql =
        "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM credit_transaction WHERE organisation_id = $1
                   AND operation_type = $2 AND reference_id = $3 AND kind = 'credit_added'";
    let row = tx.query_one(sql, params![tx.organisation(), operation_type, reference_id]).await?;
    row.map_or(Ok(0), |row| Columns::of("credit_transaction", row).count("amount"))
}

/// Transactions from `start` to before `end`, newest first, a page at a time, and how many there are in all.
pub async fn credit_history(
    tx: &mut Tx<'_>,
    span: (Option<Time>, Option<Time>),
    limit: usize,
    offset: usize,
) -> Result<(Vec<CreditTransaction>, u64), StoreError> {
    let condition =
        " FROM credit_transaction WHERE organisation_id = $1 AND created_at >= $2 AND created_at < $3";
    let start = span.0.map_or(i64::MIN, Time::millis);
    let end = span.1.map_or(i64::MAX, Time::millis);
    let columns = "SELECT id, organisation_id, kind, amount, operation_type, source, reference_id, description, metadata,
                       created_at, created_at";
    let sql = [columns, condition, " ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5"].concat();
    let rows = tx.query(&sql, params![tx.organisation(), start, end, limit, offset]).await?;
    let sql = ["SELECT COUNT(*)", condition].concat();
    let count = tx.query_one(&sql, params![tx.organisation(), start, end]).await?;
    let count = count.map_or(Ok(0), |row| Columns::of("credit_transaction", row).count("count"))?;
    Ok((rows.into_iter().map(read).collect::<Result<_, _>>()?, count))
}
