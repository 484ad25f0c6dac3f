//! Prospects.

use crate::{Context, Result};
use sluice_model::accounts::{
    Activity, ActivityQuery, KeyActor, NewProspect, Page, Prospect, ProspectId, ProspectPatch, ProspectQuery,
};

/// The prospect; a merged one is its survivor.
pub async fn get(context: &Context, key: &KeyActor, id: &ProspectId) -> Result<Prospect> {
    todo!()
}
/// Changes the given fields.
pub async fn update(
    context: &Context,
    key: &KeyActor,
    id: &ProspectId,
    patch: ProspectPatch,
) -> Result<Prospect> {
    todo!()
}
/// Finds or makes the prospect with these identifiers; whether it was made (or brought back).
pub async fn create(context: &Context, key: &KeyActor, new: NewProspect) -> Result<(bool, Prospect)> {
    todo!()
}
/// A page of prospects, newest activity first.
pub async fn list(context: &Context, key: &KeyActor, query: ProspectQuery) -> Result<Page<Prospect>> {
    todo!()
}
/// Hides the prospect until it is restored or named again.
pub async fn delete(context: &Context, key: &KeyActor, id: &ProspectId) -> Result<()> {
    todo!()
}
/// Brings a deleted prospect back.
pub async fn restore(context: &Context, key: &KeyActor, id: &ProspectId) -> Result<Prospect> {
    todo!()
}
/// Makes the prospect one with `into`, which survives.
pub async fn merge(
    context: &Context,
    key: &KeyActor,
    id: &ProspectId,
    into: &ProspectId,
) -> Result<Prospect> {
    todo!()
}
/// What happened to the prospect, newest first.
pub async fn activity(
    context: &Context,
    key: &KeyActor,
    id: &ProspectId,
    query: ActivityQuery,
) -> Result<Page<Activity>> {
    todo!()
}
