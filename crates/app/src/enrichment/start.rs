use super::ask::{ask, can_look_up};
use super::not_found;
use crate::answer::once;
use crate::lead_lists::{from_catalog, resolve};
use crate::{Context, Error, IdempotencyKey, Result};
use serde::{Deserialize, Serialize};
use sluice_model::Actor;
use sluice_model::enrichment::{Enrichment, EnrichmentField};
use uuid::Uuid;

/// A record, and whether it was asked for just now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    pub is_new: bool,
    pub record: Enrichment,
}

/// Asks for a field of a person, or of a company for its summary. One of the catalog is copied to the organisation
/// first. What is being looked up, or was found, is not asked for again.
///
/// # Errors
/// Not found; [`Error::Conflict`] when nobody can be asked; [`Error::InsufficientCredits`].
pub async fn start(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    id: Uuid,
    field: EnrichmentField,
) -> Result<Started> {
    let catalog = from_catalog(context, field.of(), &[id]).await?;
    let can = can_look_up(context, actor).await?;
    let (by, ctx) = (actor.clone(), context.clone());
    let started = once(context, actor, key, move |tx| {
        Box::pin(async move {
            let absent = not_found(field.of(), id);
            let ids = match resolve(tx, &ctx, field.of(), &[id], &catalog, "id").await {
                Err(Error::Invalid(_)) => return Err(absent),
                other => other?,
            };
            let asked = ask(tx, &ctx, &by, field, &ids, can).await?;
            let record = asked.records.into_iter().next().ok_or(absent)?;
            Ok(Started { is_new: asked.new > 0, record })
        })
    })
    .await?;
    context.wake.notify_waiters();
    Ok(started)
}
