//! Removes what nobody will ask for again.

use crate::answer::KEPT_DAYS;
use crate::{Context, Error, Result};
use sluice_model::Time;
use sluice_store::ops::chore::{CLEAN, chore_take};
use sluice_store::ops::decision::decision_expire;
use sluice_store::ops::evidence::evidence_expire;
use sluice_store::ops::idempotency::idempotency_expire;
use sluice_store::ops::job_record::job_expire;
use sluice_store::ops::webhook_delivery::webhook_event_expire;
use sluice_store::{StoreError, SystemTx, Unit};

/// Rows removed in one unit: few enough that nobody who writes has to wait for it.
const BATCH: usize = 500;
/// How often it is done, by whichever process comes first.
const EVERY_MS: i64 = 3_600_000;

/// What a clean-up removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Answers kept for an `Idempotency-Key`.
    pub answers: usize,
    /// Jobs that were done.
    pub jobs: usize,
    /// Decisions of runs whose list was deleted.
    pub decisions: usize,
    /// Pages and answers of outside checks that had expired.
    pub evidence: usize,
    /// What webhooks were told.
    pub webhooks: usize,
}

/// Cleans up if it is time to and no other process has begun: answers to requests that were sent twice, and pages and
/// answers of outside checks, once they have expired, and what ended more than `keep_days` ago: jobs that were done,
/// decisions of runs whose list was deleted, and what webhooks were told. Says what it removed.
///
/// # Errors
/// The store's. What was removed before stays so; the rest goes the next time.
pub async fn clean_up(context: &Context, keep_days: u32) -> Result<Option<Removed>> {
    let now = context.now();
    let take = context.store.write_system(move |tx| {
        Box::pin(async move { Ok::<_, Error>(chore_take(tx, CLEAN, now, now.plus_millis(EVERY_MS)).await?) })
    });
    if !take.await? {
        return Ok(None);
    }
    let (expired, old) = (now.plus_days(-KEPT_DAYS), now.plus_days(-i64::from(keep_days)));
    let removed = Removed {
        answers: in_batches(context, expired, |tx, before| {
            Box::pin(async move { Ok(some(idempotency_expire(tx, before, BATCH).await?)) })
        })
        .await?,
        jobs: in_batches(context, old, |tx, before| {
            Box::pin(async move { Ok(some(job_expire(tx, before, BATCH).await?)) })
        })
        .await?,
        decisions: in_batches(context, old, |tx, before| {
            Box::pin(async move { decision_expire(tx, before, BATCH).await })
        })
        .await?,
        evidence: in_batches(context, now, |tx, before| {
            Box::pin(async move { Ok(some(evidence_expire(tx, before, BATCH).await?)) })
        })
        .await?,
        webhooks: in_batches(context, old, |tx, before| {
            Box::pin(async move { Ok(some(webhook_event_expire(tx, before, BATCH).await?)) })
        })
        .await?,
    };
    if removed != Removed::default() {
        tracing::info!(
            removed.answers,
            removed.jobs,
            removed.decisions,
            removed.evidence,
            removed.webhooks,
            "cleaned up"
        );
    }
    Ok(Some(removed))
}

/// An empty batch says that nothing is left.
fn some(removed: usize) -> Option<usize> {
    Some(removed).filter(|removed| *removed > 0)
}

/// Repeats a unit until it says that nothing is left, or the process is to end. Returns how many it removed.
async fn in_batches(
    context: &Context,
    before: Time,
    batch: impl for<'t> Fn(&'t mut SystemTx<'_>, Time) -> Unit<'t, Option<usize>, StoreError>
    + Copy
    + Send
    + 'static,
) -> Result<usize> {
    let mut all = 0;
    while !context.stop.has_begun() {
        match context.store.write_system(move |tx| batch(tx, before)).await? {
            Some(removed) => all += removed,
            None => break,
        }
    }
    Ok(all)
}
