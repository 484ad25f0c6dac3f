use super::ask::{ask, can_look_up};
use crate::answer::once;
use crate::selection::Selected;
use crate::{Context, IdempotencyKey, Result};
use serde::{Deserialize, Serialize};
use sluice_model::Actor;
use sluice_model::enrichment::{Enrichment, EnrichmentBulk};
use utoipa::ToSchema;

/// What a bulk asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkEnrichment {
    /// People of the selection.
    pub total: usize,
    /// How many of them are looked up now.
    pub started: usize,
    /// How many are being looked up already, or were found before.
    pub reused: usize,
    /// In the order of the selection.
    pub enrichments: Vec<Enrichment>,
}

/// Asks for a field of each person of a selection.
///
/// # Errors
/// [`crate::Error::Invalid`] for ids that name nobody; [`crate::Error::InsufficientCredits`] before any work.
pub async fn bulk(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    body: EnrichmentBulk,
) -> Result<BulkEnrichment> {
    let EnrichmentBulk { selection, field } = body;
    let selected = Selected::of(context, selection).await?;
    let can = can_look_up(context, actor).await?;
    let (by, ctx) = (actor.clone(), context.clone());
    let answer = once(context, actor, key, move |tx| {
        Box::pin(async move {
            let ids = selected.adopt(tx, &ctx, Some("selection")).await?;
            let asked = ask(tx, &ctx, &by, field, &ids, can).await?;
            Ok(BulkEnrichment {
                total: asked.records.len(),
                started: asked.new,
                reused: asked.records.len() - asked.new,
                enrichments: asked.records,
            })
        })
    })
    .await?;
    context.wake.notify_waiters();
    Ok(answer)
}
