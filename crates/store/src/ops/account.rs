//! Accounts and their counters.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::{Tx, exactly_one};
use crate::value::{Value, params};
use sluice_model::accounts::AccountId;
use sluice_model::{Time, text};

const COLUMNS: &str = "SELECT id, domain, name, updated_at, deleted_at, latest_log, own_logs, own_deleted,
     prospect_logs, prospect_deleted FROM account";

/// An account with what is counted about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    pub id: AccountId,
    pub domain: String,
    pub name: Option<String>,
    pub updated_at: Time,
    pub deleted_at: Option<Time>,
    /// The newest log that is to be seen; empty for none.
    pub latest_log: String,
    pub counts: AccountCounts,
}

/// How many logs there are: the account's own and those of prospects with its domain, to be seen and not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountCounts {
    pub own: i64,
    pub own_deleted: i64,
    pub prospect: i64,
    pub prospect_deleted: i64,
}

fn read(row: Row) -> Result<StoredAccount, StoreError> {
    let mut columns = Columns::of("account", row);
    Ok(StoredAccount {
        id: AccountId::from_bare(columns.text("id")?),
        domain: columns.text("domain")?,
        name: columns.optional_text("name")?,
        updated_at: columns.time("updated_at")?,
        deleted_at: columns.optional_time("deleted_at")?,
        latest_log: columns.text("latest_log")?,
        counts: AccountCounts {
            own: columns.int("own_logs")?,
            own_deleted: columns.int("own_deleted")?,
            prospect: columns.int("prospect_logs")?,
            prospect_deleted: columns.int("prospect_deleted")?,
        },
    })
}

fn search_text(name: Option<&str>, domain: &str) -> String {
    text::fold(&[name.unwrap_or_default(), domain].join("\n"))
}

/// Looks an account up, deleted or not.
pub async fn account_get(tx: &mut Tx<'_>, id: &AccountId) -> Result<Option<StoredAccount>, StoreError> {
    let sql = [COLUMNS, " WHERE organisation_id = $1 AND id = $2"].concat();
    tx.query_one(&sql, params![tx.organisation(), id.bare()]).await?.map(read).transpose()
}

/// The account with this domain, deleted or not.
pub async fn account_of_domain(tx: &mut Tx<'_>, domain: &str) -> Result<Option<StoredAccount>, StoreError> {
    let sql = [COLUMNS, " WHERE organisation_id = $1 AND domain = $2"].concat();
    tx.query_one(&sql, params![tx.organisation(), domain]).await?.map(read).transpose()
}

/// These accounts, deleted or not, in any order.
pub async fn account_get_many(tx: &mut Tx<'_>, ids: &[AccountId]) -> Result<Vec<StoredAccount>, StoreError> {
    let sql = [COLUMNS, " WHERE organisation_id = $1 AND id IN ({list})"].concat();
    let list: Vec<Value> = ids.iter().map(|id| id.bare().into()).collect();
    let fixed = [tx.tenant()];
    tx.query_list(&sql, &fixed, &list).await?.into_iter().map(read).collect()
}

/// Adds an account, and counts the logs of the prospects with its domain.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id or the domain is taken.
pub async fn account_insert(
    tx: &mut Tx<'_>,
    id: &AccountId,
    domain: &str,
    name: Option<&str>,
    now: Time,
) -> Result<StoredAccount, StoreError> {
    let sql = format!(
        "INSERT INTO account (organisation_id, id, domain, name, search, updated_at, latest_log, own_logs,
             own_deleted, prospect_logs, prospect_deleted)
         SELECT $1, $2, $3, $4, $5, $6,
             COALESCE(MAX(latest_log) FILTER (WHERE deleted_at IS NULL), ''), 0, 0,
             COALESCE(SUM(logs) FILTER (WHERE deleted_at IS NULL), 0),
             COALESCE(SUM(logs_deleted), 0) + COALESCE(SUM(logs) FILTER (WHERE deleted_at IS NOT NULL), 0)
         FROM prospect{} WHERE organisation_id = $1 AND domain = $3
         RETURNING id, domain, name, updated_at, deleted_at, latest_log, own_logs, own_deleted, prospect_logs,
             prospect_deleted",
        tx.dialect().indexed_by("prospect_by_domain")
    );
    let params = params![tx.organisation(), id.bare(), domain, name, search_text(name, domain), now];
    let mut rows = tx.query(&sql, params).await?;
    let row = rows.pop().ok_or(StoreError::RowCount { operation: "account_insert", rows: 0 })?;
    read(row)
}

/// Writes an account's name, times and whether it is deleted. Its domain never changes.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such account.
pub async fn account_save(tx: &mut Tx<'_>, account: &StoredAccount) -> Result<(), StoreError> {
    let sql = "UPDATE account SET name = $1, search = $2, updated_at = $3, deleted_at = $4
               WHERE organisation_id = $5 AND id = $6";
    let params = params![
        account.name.as_deref(),
        search_text(account.name.as_deref(), &account.domain),
        account.updated_at,
        account.deleted_at,
        tx.organisation(),
        account.id.bare()
    ];
    exactly_one("account_save", tx.execute(sql, params).await?)
}

/// Counts a new log of the account with this domain, or of one of its prospects. Without an account nothing is done.
pub async fn account_count_log(
    tx: &mut Tx<'_>,
    domain: &str,
    log: &str,
    own: bool,
) -> Result<(), StoreError> {
    let sql = if own {
        "UPDATE account SET latest_log = CASE WHEN latest_log < $1 THEN $1 ELSE latest_log END, own_logs = own_logs + 1
         WHERE organisation_id = $2 AND domain = $3"
    } else {
        "UPDATE account SET latest_log = CASE WHEN latest_log < $1 THEN $1 ELSE latest_log END, prospect_logs = prospect_logs + 1
         WHERE organisation_id = $2 AND domain = $3"
    };
    tx.execute(sql, params![log, tx.organisation(), domain]).await.map(drop)
}

/// Changes the counters of the account with this domain and looks up its latest log anew, after logs were deleted,
/// hidden or moved. Without an account nothing is done.
pub async fn account_recount(tx: &mut Tx<'_>, domain: &str, change: AccountCounts) -> Result<(), StoreError> {
    let sql = "UPDATE account SET own_logs = own_logs + $1, own_deleted = own_deleted + $2,
                   prospect_logs = prospect_logs + $3, prospect_deleted = prospect_deleted + $4,
                   latest_log = COALESCE((SELECT id FROM activity WHERE organisation_id = $5 AND domain = $6
                                              AND gone = 0 ORDER BY id DESC LIMIT 1), '')
               WHERE organisation_id = $5 AND domain = $6";
    let AccountCounts { own, own_deleted, prospect, prospect_deleted } = change;
    let params = params![own, own_deleted, prospect, prospect_deleted, tx.organisation(), domain];
    tx.execute(sql, params).await.map(drop)
}
