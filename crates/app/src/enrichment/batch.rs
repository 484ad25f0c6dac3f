use super::ask::{ask, can_look_up};
use super::get::newest;
use crate::answer::once;
use crate::lead_lists::{from_catalog, resolve};
use crate::{Context, IdempotencyKey, Result};
use sluice_model::enrichment::{Enrichment, EnrichmentBatch, EnrichmentField, EnrichmentTask};
use sluice_model::{Actor, EntityKind};
use uuid::Uuid;

/// Asks for a field of each of some people.
///
/// # Errors
/// [`crate::Error::Invalid`] for ids that name nobody; as for one.
pub async fn batch(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    body: EnrichmentBatch,
) -> Result<Vec<Enrichment>> {
    let EnrichmentBatch { person_ids, field } = body;
    let catalog = from_catalog(context, EntityKind::Person, &person_ids).await?;
    let can = can_look_up(context, actor).await?;
    let (by, ctx) = (actor.clone(), context.clone());
    let records = once(context, actor, key, move |tx| {
        Box::pin(async move {
            let ids = resolve(tx, &ctx, EntityKind::Person, &person_ids, &catalog, "personIds").await?;
            Ok(ask(tx, &ctx, &by, field, &ids, can).await?.records)
        })
    })
    .await?;
    context.wake.notify_waiters();
    Ok(records)
}

/// The newest record of each task that has one, in the order of the tasks.
///
/// # Errors
/// The store's.
pub async fn query(context: &Context, actor: &Actor, tasks: Vec<EnrichmentTask>) -> Result<Vec<Enrichment>> {
    context
        .read(actor, move |tx| {
            Box::pin(async move {
                let mut known = Vec::new();
                for field in EnrichmentField::ALL {
                    let of = |task: &&EnrichmentTask| task.field == field && task.entity_type == field.of();
                    let ids: Vec<Uuid> = tasks.iter().filter(of).map(|task| task.entity_id).collect();
                    known.push(newest(tx, field, &ids).await?);
                }
                let record = |task: &EnrichmentTask| {
                    let of_field = known.get(EnrichmentField::ALL.iter().position(|f| *f == task.field)?)?;
                    of_field
                        .get(&task.entity_id)
                        .filter(|record| record.entity_type == task.entity_type)
                        .cloned()
                };
                Ok(tasks.iter().filter_map(record).collect())
            })
        })
        .await
}
