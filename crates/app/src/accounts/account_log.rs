//! Logs of accounts.

use super::account::{find_or_make, live};
use super::paging::{self, Request};
use super::{audit, need, not_found, same_content, show};
use crate::webhooks::{Happened, Hooks};
use crate::{Context, Error, Result};
use sluice_model::accounts::{
    AccountId, AccountLog, AccountLogId, AccountLogReceipt, KeyActor, ListKind, LogQuery, NewAccountLog,
    Page, Scope,
};
use sluice_store::Tx;
use sluice_store::ops::account::{
    AccountCounts, StoredAccount, account_count_log, account_of_domain, account_recount,
};
use sluice_store::ops::activity::{
    Logs, Subject, activity_delete, activity_get, activity_insert, activity_told,
};

/// Writes a log of the account that it names; the account of an unknown domain is made. Returns whether it is new:
/// a replay under its idempotency key is told what the first was.
///
/// # Errors
/// Not found for an unknown id; [`Error::Conflict`] when id and domain name different accounts, or the key was
/// used for other content.
pub async fn create(
    context: &Context,
    key: &KeyActor,
    new: NewAccountLog,
) -> Result<(bool, AccountLogReceipt)> {
    need(key, Scope::LogsWrite)?;
    let ctx = context.clone();
    context
        .store
        .write(&key.organisation, move |tx| Box::pin(async move { write(tx, &ctx, new).await }))
        .await
}

async fn write(tx: &mut Tx<'_>, context: &Context, new: NewAccountLog) -> Result<(bool, AccountLogReceipt)> {
    let content = &new.content;
    if let Some(key) = &content.idempotency_key
        && let Some(told) = activity_told(tx, false, key).await?
    {
        same_content(&told, content)?;
        let account = AccountId::from_bare(told.subject);
        return Ok((false, receipt(account, told.log, told.source, told.kind)));
    }
    let (made, account) = named(tx, context, &new).await?;
    let log = context.new_ulid();
    let subject = Subject::Account(account.id.clone());
    activity_insert(tx, &log, &subject, Some(&account.domain), content).await?;
    account_count_log(tx, &account.domain, &log, true).await?;
    let mut hooks = Hooks::of(tx).await?;
    if made {
        hooks.tell(tx, context, &Happened::AccountCreated(&account)).await?;
    }
    hooks.tell(tx, context, &Happened::AccountLog { account: &account.id, log: &log, content }).await?;
    Ok((true, receipt(account.id, log, new.content.source, new.content.kind)))
}

/// The account that the log names; whether it was made or brought back.
async fn named(tx: &mut Tx<'_>, context: &Context, new: &NewAccountLog) -> Result<(bool, StoredAccount)> {
    let name = new.name.as_deref();
    let Some(id) = &new.account_id else {
        let domain = new.domain.as_deref().unwrap_or_default();
        return find_or_make(tx, context, domain, name).await;
    };
    let account = live(tx, id).await?;
    if let Some(domain) = new.domain.as_deref().filter(|domain| *domain != account.domain) {
        let text = match account_of_domain(tx, domain).await? {
            Some(other) => format!("accountId names {}, but domain belongs to {}", account.id, other.id),
            None => format!("accountId names {}, whose domain is {}", account.id, account.domain),
        };
        return Err(Error::Conflict(text));
    }
    Ok((false, account))
}

fn receipt(account_id: AccountId, log: String, source: String, kind: String) -> AccountLogReceipt {
    let account_log_id = AccountLogId::from_bare(log);
    AccountLogReceipt { account_id, created_at: account_log_id.time(), account_log_id, source, kind }
}

/// A page of the account's own logs, newest first.
///
/// # Errors
/// Not found; [`Error::Invalid`] for a bad cursor.
pub async fn list(
    context: &Context,
    key: &KeyActor,
    account: &AccountId,
    query: LogQuery,
) -> Result<Page<AccountLog>> {
    need(key, Scope::LogsRead)?;
    let request = Request::of(context, key, ListKind::Activity, query.page)?;
    let (asked, account) = (request.clone(), account.clone());
    let found = context
        .store
        .read_long(&key.organisation, move |tx| {
            Box::pin(async move {
                let StoredAccount { id, counts, .. } = live(tx, &account).await?;
                let hidden = if query.include_deleted { counts.own_deleted } else { 0 };
                let logs = Logs::OfAccount(id);
                paging::logs(tx, &asked, &logs, query.include_deleted, counts.own + hidden).await
            })
        })
        .await?
        .map(|logs| logs.into_iter().filter_map(show::account_log).collect());
    request.remember(context, found.anchor);
    Ok(found.page)
}

/// One log, deleted or not.
///
/// # Errors
/// Not found.
pub async fn get(
    context: &Context,
    key: &KeyActor,
    account: &AccountId,
    log: &AccountLogId,
) -> Result<AccountLog> {
    need(key, Scope::LogsRead)?;
    let (account, log) = (account.clone(), log.clone());
    context
        .store
        .read(&key.organisation, move |tx| {
            Box::pin(async move {
                let found = live(tx, &account).await?;
                let stored = activity_get(tx, &Logs::OfAccount(found.id), log.bare()).await?;
                stored.and_then(show::account_log).ok_or_else(|| not_found::log(&log.to_string()))
            })
        })
        .await
}

/// Hides a log. It keeps its idempotency key.
///
/// # Errors
/// Not found, also when it was deleted before.
pub async fn delete(
    context: &Context,
    key: &KeyActor,
    account: &AccountId,
    log: &AccountLogId,
) -> Result<()> {
    need(key, Scope::LogsWrite)?;
    let (by, now, account, log) = (key.clone(), context.now(), account.clone(), log.clone());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let found = live(tx, &account).await?;
                if !activity_delete(tx, &Logs::OfAccount(found.id), log.bare(), now).await? {
                    return Err(not_found::log(&log.to_string()));
                }
                let change = AccountCounts { own: -1, own_deleted: 1, ..AccountCounts::default() };
                account_recount(tx, &found.domain, change).await?;
                audit(tx, &by, "account_log.delete", &log.to_string(), now).await
            })
        })
        .await
}
