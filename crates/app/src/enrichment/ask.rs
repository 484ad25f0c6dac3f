//! Asking for lookups: what stands is used again, what is new is paid for and queued.

use super::ENRICHMENT_JOB;
use crate::context::Context;
use crate::credits;
use crate::error::{Error, Result};
use sluice_model::Actor;
use sluice_model::enrichment::{Enrichment, EnrichmentField, EnrichmentStatus};
use sluice_store::Tx;
use sluice_store::ops::enrichment::{enrichment_insert, enrichment_newest, enrichment_pending};
use sluice_store::ops::job::job_insert;
use uuid::Uuid;

/// Records that one job works on: few enough that several workers share a large request.
const PER_JOB: usize = 20;

/// What was asked for.
pub(super) struct Asked {
    /// In the order of the entities.
    pub records: Vec<Enrichment>,
    /// How many of them are new.
    pub new: usize,
}

/// Whether the organisation has anybody to ask.
pub(super) async fn can_look_up(context: &Context, actor: &Actor) -> Result<bool> {
    Ok(!context.connectors.of(context, &actor.organisation).await?.enrichers.is_empty())
}

/// Asks for a field of each of these records of the organisation. All that is new can be paid for, or nothing is done.
///
/// # Errors
/// [`Error::Conflict`] when there is nobody to ask for what is new, [`Error::InsufficientCredits`].
pub(super) async fn ask(
    tx: &mut Tx<'_>,
    context: &Context,
    actor: &Actor,
    field: EnrichmentField,
    entities: &[Uuid],
    can_look_up: bool,
) -> Result<Asked> {
    let known = enrichment_newest(tx, field, entities).await?;
    let standing = |id: &Uuid| known.get(id).filter(|record| record.stands());
    let missing: Vec<Uuid> = entities.iter().copied().filter(|id| standing(id).is_none()).collect();
    if missing.is_empty() {
        return Ok(Asked { records: entities.iter().filter_map(standing).cloned().collect(), new: 0 });
    }
    if !can_look_up {
        return Err(Error::Conflict("Missing connector: enrichment".to_owned()));
    }
    // What is on its way will be paid for as well.
    let waiting = enrichment_pending(tx).await?;
    let needed = u64::try_from(missing.len()).unwrap_or(u64::MAX);
    credits::require(tx, waiting.saturating_add(needed)).await?;
    let now = context.now();
    let mut made = std::collections::HashMap::new();
    for part in missing.chunks(PER_JOB) {
        let job = context.new_id();
        for entity in part {
            let record = Enrichment {
                id: context.new_id(),
                created_at: now,
                updated_at: now,
                entity_id: *entity,
                entity_type: field.of(),
                field,
                status: EnrichmentStatus::Pending,
                error: None,
                data_found: None,
                created_by: actor.user.clone(),
                org_id: actor.organisation.clone(),
                global_enrichment_id: None,
                credit_transaction_id: None,
            };
            enrichment_insert(tx, &record, job).await?;
            made.insert(*entity, record);
        }
        job_insert(tx, job, ENRICHMENT_JOB, "{}", now).await?;
    }
    let records = entities.iter().filter_map(|id| made.get(id).or_else(|| standing(id))).cloned().collect();
    Ok(Asked { records, new: missing.len() })
}
