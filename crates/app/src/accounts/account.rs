//! Accounts.

use super::paging::{self, Request};
use super::{audit, need, not_found, show};
use crate::webhooks::{self, Happened};
use crate::{Context, Error, Result};
use sluice_model::accounts::{
    Account, AccountId, AccountPatch, AccountQuery, Activity, ActivityQuery, KeyActor, ListKind, NewAccount,
    Page, Scope,
};
use sluice_model::text;
use sluice_store::Tx;
use sluice_store::ops::account::{
    StoredAccount, account_get, account_get_many, account_insert, account_of_domain, account_save,
};
use sluice_store::ops::activity::Logs;
use sluice_store::ops::listing::{Listing, ListingFilter};
use std::collections::HashMap;

/// The live account with this id.
pub(super) async fn live(tx: &mut Tx<'_>, id: &AccountId) -> Result<StoredAccount> {
    let found = account_get(tx, id).await?.filter(|account| account.deleted_at.is_none());
    found.ok_or_else(|| not_found::account(&id.to_string()))
}

/// Finds, brings back or makes the account of a domain; whether it was made or brought back. The name is for one that
/// has to be made.
pub(super) async fn find_or_make(
    tx: &mut Tx<'_>,
    context: &Context,
    domain: &str,
    name: Option<&str>,
) -> Result<(bool, StoredAccount)> {
    match account_of_domain(tx, domain).await? {
        Some(account) if account.deleted_at.is_none() => Ok((false, account)),
        Some(account) => {
            let updated_at = context.now().max(account.updated_at);
            let account = StoredAccount { deleted_at: None, updated_at, ..account };
            account_save(tx, &account).await?;
            Ok((true, account))
        }
        None => {
            let id = AccountId::from_bare(context.new_ulid());
            Ok((true, account_insert(tx, &id, domain, name, id.time()).await?))
        }
    }
}

/// The account.
///
/// # Errors
/// Not found.
pub async fn get(context: &Context, key: &KeyActor, id: &AccountId) -> Result<Account> {
    need(key, Scope::AccountsRead)?;
    let (id, tenant) = (id.clone(), key.tenant.clone());
    context
        .store
        .read(&key.organisation, move |tx| {
            Box::pin(async move {
                let account = live(tx, &id).await?;
                show::account(tx, &tenant, account).await
            })
        })
        .await
}

/// Renames the account.
///
/// # Errors
/// Not found.
pub async fn update(
    context: &Context,
    key: &KeyActor,
    id: &AccountId,
    patch: AccountPatch,
) -> Result<Account> {
    need(key, Scope::AccountsWrite)?;
    let (by, id, now) = (key.clone(), id.clone(), context.now());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let mut account = live(tx, &id).await?;
                account.name = Some(patch.name);
                account.updated_at = now.max(account.updated_at);
                account_save(tx, &account).await?;
                audit(tx, &by, "account.update", &id.to_string(), now).await?;
                show::account(tx, &by.tenant, account).await
            })
        })
        .await
}

/// Finds or makes the account of a domain; whether it was made, or brought back.
///
/// # Errors
/// Those of the store.
pub async fn create(context: &Context, key: &KeyActor, new: NewAccount) -> Result<(bool, Account)> {
    need(key, Scope::AccountsWrite)?;
    let (by, ctx) = (key.clone(), context.clone());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let (made, account) = find_or_make(tx, &ctx, &new.domain, new.name.as_deref()).await?;
                if made {
                    audit(tx, &by, "account.create", &account.id.to_string(), ctx.now()).await?;
                    webhooks::tell(tx, &ctx, &Happened::AccountCreated(&account)).await?;
                }
                Ok((made, show::account(tx, &by.tenant, account).await?))
            })
        })
        .await
}

/// A page of accounts, newest activity first.
///
/// # Errors
/// [`Error::Invalid`] for a bad cursor.
pub async fn list(context: &Context, key: &KeyActor, query: AccountQuery) -> Result<Page<Account>> {
    need(key, Scope::AccountsRead)?;
    let request = Request::of(context, key, ListKind::Accounts, query.page)?;
    let (asked, tenant) = (request.clone(), key.tenant.clone());
    let search = query.search.as_deref().map(text::fold);
    let filter = ListingFilter { id: None, domain: query.domain, search, updated_since: query.updated_since };
    let found = context
        .store
        .read_long(&key.organisation, move |tx| {
            Box::pin(async move {
                let places = paging::places(tx, &asked, Listing::Accounts, &filter).await?;
                let ids: Vec<AccountId> =
                    places.page.items.iter().map(|place| AccountId::from_bare(place.id.as_str())).collect();
                let found = account_get_many(tx, &ids).await?;
                let mut found: HashMap<AccountId, StoredAccount> =
                    found.into_iter().map(|account| (account.id.clone(), account)).collect();
                let stored = ids.iter().filter_map(|id| found.remove(id)).collect();
                let shown = show::accounts(tx, &tenant, stored).await?;
                Ok::<_, Error>(places.map(|_| shown))
            })
        })
        .await?;
    request.remember(context, found.anchor);
    Ok(found.page)
}

/// Hides the account until it is restored or named again.
///
/// # Errors
/// Not found.
pub async fn delete(context: &Context, key: &KeyActor, id: &AccountId) -> Result<()> {
    need(key, Scope::AccountsWrite)?;
    let (by, id, now) = (key.clone(), id.clone(), context.now());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let mut account = live(tx, &id).await?;
                account.deleted_at = Some(now);
                account_save(tx, &account).await?;
                audit(tx, &by, "account.delete", &id.to_string(), now).await
            })
        })
        .await
}

/// Brings a deleted account back; one that is live stays as it is.
///
/// # Errors
/// Not found.
pub async fn restore(context: &Context, key: &KeyActor, id: &AccountId) -> Result<Account> {
    need(key, Scope::AccountsWrite)?;
    let (by, id, now) = (key.clone(), id.clone(), context.now());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let found = account_get(tx, &id).await?;
                let mut account = found.ok_or_else(|| not_found::account(&id.to_string()))?;
                if account.deleted_at.take().is_some() {
                    account.updated_at = now.max(account.updated_at);
                    account_save(tx, &account).await?;
                    audit(tx, &by, "account.restore", &id.to_string(), now).await?;
                }
                show::account(tx, &by.tenant, account).await
            })
        })
        .await
}

/// What happened to the account, newest first: its own logs, and those of linked prospects when they are asked for.
///
/// # Errors
/// Not found; [`Error::Invalid`] for a bad cursor.
pub async fn activity(
    context: &Context,
    key: &KeyActor,
    id: &AccountId,
    query: ActivityQuery,
) -> Result<Page<Activity>> {
    need(key, Scope::LogsRead)?;
    let request = Request::of(context, key, ListKind::Activity, query.page)?;
    let (asked, id) = (request.clone(), id.clone());
    let found = context
        .store
        .read_long(&key.organisation, move |tx| {
            Box::pin(async move {
                let StoredAccount { id, domain, counts, .. } = live(tx, &id).await?;
                let mut counted = counts.own;
                if query.include_deleted {
                    counted += counts.own_deleted;
                }
                let mut logs = Logs::OfAccount(id);
                if query.include_prospect_activity {
                    counted += counts.prospect;
                    counted += if query.include_deleted { counts.prospect_deleted } else { 0 };
                    logs = Logs::OfDomain(domain);
                }
                paging::logs(tx, &asked, &logs, query.include_deleted, counted).await
            })
        })
        .await?
        .map(|logs| logs.into_iter().map(show::activity).collect());
    request.remember(context, found.anchor);
    Ok(found.page)
}
