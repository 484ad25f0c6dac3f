//! Logs of accounts and prospects. A list of them is ordered by id, which is the order in which they were committed.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::Tx;
use crate::value::params;
use sluice_model::Time;
use sluice_model::accounts::{AccountId, LogContent, ProspectId};
use sluice_model::raw::RawJson;

/// Whose log it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Account(AccountId),
    Prospect { id: ProspectId, created: bool },
}

impl Subject {
    const fn kind(&self) -> i64 {
        match self {
            Self::Account(_) => 0,
            Self::Prospect { .. } => 1,
        }
    }
}

/// The logs of a list: an account's own, those of all with a domain, or a prospect's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logs {
    OfAccount(AccountId),
    OfDomain(String),
    OfProspect(ProspectId),
}

impl Logs {
    const fn column(&self) -> &'static str {
        match self {
            Self::OfAccount(_) => "account_id",
            Self::OfDomain(_) => "domain",
            Self::OfProspect(_) => "prospect_id",
        }
    }

    fn value(&self) -> &str {
        match self {
            Self::OfAccount(id) => id.bare(),
            Self::OfDomain(domain) => domain,
            Self::OfProspect(id) => id.bare(),
        }
    }
}

/// A log with what a list shows beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLog {
    /// Without a prefix.
    pub id: String,
    pub account: Option<AccountId>,
    pub prospect: Option<ProspectId>,
    pub source: String,
    pub kind: String,
    pub payload: RawJson,
    pub idempotency_key: Option<String>,
    pub deleted_at: Option<Time>,
    pub prospect_name: Option<String>,
    pub prospect_deleted_at: Option<Time>,
    /// The live account with the log's domain.
    pub linked_account: Option<AccountId>,
}

/// What a log's sender was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldLog {
    pub request_hash: Vec<u8>,
    pub log: String,
    /// The account or the prospect, as it was then.
    pub subject: String,
    pub created_prospect: bool,
    pub source: String,
    pub kind: String,
}

/// Which rows of a list, from the newest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogSlice {
    /// Those behind this log.
    Behind(String),
    /// Those behind the first so many, of a list that has `total`.
    Offset { offset: u64, total: u64 },
}

/// Adds a log.
///
/// # Errors
/// [`StoreError::Duplicate`] when its idempotency key is taken.
pub async fn activity_insert(
    tx: &mut Tx<'_>,
    id: &str,
    subject: &Subject,
    domain: Option<&str>,
    content: &LogContent,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO activity (organisation_id, id, kind, account_id, prospect_id, domain, source, type, payload,
                   idempotency_key, request_hash, created_prospect, gone)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0)";
    let (account, prospect, created) = match subject {
        Subject::Account(id) => (Some(id.bare()), None, false),
        Subject::Prospect { id, created } => (None, Some(id.bare()), *created),
    };
    let params = params![
        tx.organisation(),
        id,
        subject.kind(),
        account,
        prospect,
        domain,
        content.source.as_str(),
        content.kind.as_str(),
        content.payload.as_str(),
        content.idempotency_key.as_deref(),
        content.request_hash.as_ref().map(<[u8; 32]>::as_slice),
        created
    ];
    tx.execute(sql, params).await.map(drop)
}

/// What was told when a log came under this idempotency key, of an account or of a prospect.
pub async fn activity_told(
    tx: &mut Tx<'_>,
    of_prospect: bool,
    key: &str,
) -> Result<Option<ToldLog>, StoreError> {
    let sql =
        "SELECT request_hash, id, COALESCE(told_id, account_id, prospect_id), created_prospect, source, type
               FROM activity WHERE organisation_id = $1 AND kind = $2 AND idempotency_key = $3";
    let Some(row) = tx.query_one(sql, params![tx.organisation(), of_prospect, key]).await? else {
        return Ok(None);
    };
    let mut columns = Columns::of("activity", row);
    Ok(Some(ToldLog {
        request_hash: columns.blob("request_hash")?,
        log: columns.text("id")?,
        subject: columns.text("told_id")?,
        created_prospect: columns.boolean("created_prospect")?,
        source: columns.text("source")?,
        kind: columns.text("type")?,
    }))
}

const WHOLE: &str = "SELECT a.id, a.account_id, a.prospect_id, a.source, a.type, a.payload, a.idempotency_key,
     a.deleted_at, p.name, p.deleted_at, c.id FROM activity a
     LEFT JOIN prospect p ON p.organisation_id = a.organisation_id AND p.id = a.prospect_id
     LEFT JOIN account c ON c.organisation_id = a.organisation_id AND c.domain = a.domain AND c.deleted_at IS NULL";

fn read(row: Row) -> Result<StoredLog, StoreError> {
    let mut columns = Columns::of("activity", row);
    Ok(StoredLog {
        id: columns.text("id")?,
        account: columns.optional_text("account_id")?.map(AccountId::from_bare),
        prospect: columns.optional_text("prospect_id")?.map(ProspectId::from_bare),
        source: columns.text("source")?,
        kind: columns.text("type")?,
        payload: columns.raw_json("payload")?,
        idempotency_key: columns.optional_text("idempotency_key")?,
        deleted_at: columns.optional_time("deleted_at")?,
        prospect_name: columns.optional_text("prospect.name")?,
        prospect_deleted_at: columns.optional_time("prospect.deleted_at")?,
        linked_account: columns.optional_text("account.id")?.map(AccountId::from_bare),
    })
}

/// Looks one log of a list up, deleted or not.
pub async fn activity_get(tx: &mut Tx<'_>, logs: &Logs, id: &str) -> Result<Option<StoredLog>, StoreError> {
    let sql = format!("{WHOLE} WHERE a.organisation_id = $1 AND a.{} = $2 AND a.id = $3", logs.column());
    tx.query_one(&sql, params![tx.organisation(), logs.value(), id]).await?.map(read).transpose()
}

/// The greatest id in a list, deleted logs included; empty for none.
pub async fn activity_anchor(tx: &mut Tx<'_>, logs: &Logs) -> Result<String, StoreError> {
    let sql = format!(
        "SELECT COALESCE(MAX(id), '') FROM activity WHERE organisation_id = $1 AND {} = $2",
        logs.column()
    );
    let row = tx.query_one(&sql, params![tx.organisation(), logs.value()]).await?;
    row.map_or(Ok(String::new()), |row| Columns::of("activity", row).text("id"))
}

fn seen(include_deleted: bool) -> &'static str {
    if include_deleted { "" } else { " AND gone = 0" }
}

/// How many logs of a list came after the anchor.
pub async fn activity_newer(
    tx: &mut Tx<'_>,
    logs: &Logs,
    include_deleted: bool,
    anchor: &str,
) -> Result<u64, StoreError> {
    let sql = format!(
        "SELECT COUNT(*) FROM activity WHERE organisation_id = $1 AND {} = $2 AND id > $3{}",
        logs.column(),
        seen(include_deleted)
    );
    let row = tx.query_one(&sql, params![tx.organisation(), logs.value(), anchor]).await?;
    row.map_or(Ok(0), |row| Columns::of("activity", row).count("count"))
}

/// Up to `limit` logs of a list as it was at the anchor, newest first. An offset is counted from the end that is
/// nearer, so that the last page costs what the first does.
pub async fn activity_page(
    tx: &mut Tx<'_>,
    logs: &Logs,
    include_deleted: bool,
    anchor: &str,
    slice: &LogSlice,
    limit: usize,
) -> Result<Vec<StoredLog>, StoreError> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    // One bound only: of two the index would be entered at the first. What lies behind a log lies behind the anchor.
    let (bound, from, order, (limit, skipped)) = match slice {
        LogSlice::Behind(id) => ("<", id.as_str(), "DESC", (limit, 0)),
        LogSlice::Offset { offset, total } if offset.saturating_mul(2) <= *total => {
            ("<=", anchor, "DESC", (limit, *offset))
        }
        LogSlice::Offset { offset, total } => {
            let left = total.saturating_sub(*offset);
            ("<=", anchor, "ASC", (limit.min(left), left.saturating_sub(limit)))
        }
    };
    let params = params![tx.organisation(), logs.value(), from, limit, skipped];
    // The inner select goes through the index alone; rows are fetched for the page only.
    let sql = format!(
        "{WHOLE} WHERE a.sequence IN (SELECT sequence FROM activity WHERE organisation_id = $1 AND {} = $2
             AND id {bound} $3{} ORDER BY id {order} LIMIT $4 OFFSET $5) ORDER BY a.id DESC",
        logs.column(),
        seen(include_deleted)
    );
    tx.query(&sql, params).await?.into_iter().map(read).collect()
}

/// Marks a log of a list as deleted. Returns whether it was there and not deleted before.
pub async fn activity_delete(tx: &mut Tx<'_>, logs: &Logs, id: &str, now: Time) -> Result<bool, StoreError> {
    let sql = format!(
        "UPDATE activity SET deleted_at = $1, gone = gone | 1
         WHERE organisation_id = $2 AND {} = $3 AND id = $4 AND deleted_at IS NULL",
        logs.column()
    );
    Ok(tx.execute(&sql, params![now, tx.organisation(), logs.value(), id]).await? == 1)
}

/// Hides all logs of a prospect that is deleted, or shows those again that are not deleted themselves.
pub async fn activity_hide(tx: &mut Tx<'_>, prospect: &ProspectId, hide: bool) -> Result<(), StoreError> {
    let sql = "UPDATE activity SET gone = (gone & 1) | $1 WHERE organisation_id = $2 AND prospect_id = $3";
    let bit: i64 = if hide { 2 } else { 0 };
    tx.execute(sql, params![bit, tx.organisation(), prospect.bare()]).await.map(drop)
}

/// Gives the logs of a prospect another domain.
pub async fn activity_set_domain(
    tx: &mut Tx<'_>,
    prospect: &ProspectId,
    domain: Option<&str>,
) -> Result<(), StoreError> {
    let sql = "UPDATE activity SET domain = $1 WHERE organisation_id = $2 AND prospect_id = $3";
    tx.execute(sql, params![domain, tx.organisation(), prospect.bare()]).await.map(drop)
}

/// Moves all logs of a prospect to another one with this domain. Their senders were told of the first.
pub async fn activity_move(
    tx: &mut Tx<'_>,
    from: &ProspectId,
    into: &ProspectId,
    domain: Option<&str>,
) -> Result<(), StoreError> {
    let sql = "UPDATE activity SET prospect_id = $1, domain = $2, told_id = COALESCE(told_id, $3)
               WHERE organisation_id = $4 AND prospect_id = $3";
    tx.execute(sql, params![into.bare(), domain, from.bare(), tx.organisation()]).await.map(drop)
}
