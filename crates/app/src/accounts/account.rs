//! Accounts.

use crate::{Context, Result};
use sluice_model::accounts::{
    Account, AccountId, AccountPatch, AccountQuery, Activity, ActivityQuery, KeyActor, NewAccount, Page,
};

/// The account.
pub async fn get(context: &Context, key: &KeyActor, id: &AccountId) -> Result<Account> {
    todo!()
}
/// Renames the account.
pub async fn update(
    context: &Context,
    key: &KeyActor,
    id: &AccountId,
    patch: AccountPatch,
) -> Result<Account> {
    todo!()
}
/// Finds or makes the account of a domain; whether it was made (or brought back).
pub async fn create(context: &Context, key: &KeyActor, new: NewAccount) -> Result<(bool, Account)> {
    todo!()
}
/// A page of accounts, newest activity first.
pub async fn list(context: &Context, key: &KeyActor, query: AccountQuery) -> Result<Page<Account>> {
    todo!()
}
/// Hides the account until it is restored or named again.
pub async fn delete(context: &Context, key: &KeyActor, id: &AccountId) -> Result<()> {
    todo!()
}
/// Brings a deleted account back.
pub async fn restore(context: &Context, key: &KeyActor, id: &AccountId) -> Result<Account> {
    todo!()
}
/// What happened to the account, newest first.
pub async fn activity(
    context: &Context,
    key: &KeyActor,
    id: &AccountId,
    query: ActivityQuery,
) -> Result<Page<Activity>> {
    todo!()
}
