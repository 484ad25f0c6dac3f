//! The work of a webhook's job: what waits is sent, a few messages at once; each outcome is committed alone, as soon as
//! it is known, if the job is still ours. A kill between sending and that sends again: at least once.

use super::send::{Target, Tried};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::jobs::kinds::{Claimed, Outcome};
use futures_util::stream::{self, StreamExt as _};
use serde::Deserialize;
use sluice_model::Time;
use sluice_store::Tx;
use sluice_store::ops::job::{job_extend, job_finish, job_note_progress, job_put_off};
use sluice_store::ops::webhook::{StoredWebhook, webhook_get, webhook_save};
use sluice_store::ops::webhook_delivery::{
    DueDelivery, webhook_delivery_due, webhook_delivery_give_up, webhook_delivery_next, webhook_delivery_note,
};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Messages looked up at once.
const BATCH: usize = 40;
/// Messages on their way to one webhook at once.
const AT_ONCE: usize = 4;
/// After so long others have their turn.
const TURN: Duration = Duration::from_secs(10);
/// Why a message is given up whose webhook was disabled.
pub(super) const DISABLED: &str = "the webhook was disabled";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    webhook_id: Uuid,
}

/// Sends what waits for the webhook of a claimed job.
pub(crate) async fn deliver_job(claimed: &Claimed<'_>) -> Result<Outcome> {
    let webhook = serde_json::from_str::<Payload>(&claimed.job.payload)?.webhook_id;
    let begun = Instant::now();
    loop {
        if (claimed.stopping)() {
            return Ok(Outcome::Stopped);
        }
        let now = claimed.context.now();
        let (stored, due) = look(claimed, webhook, now).await?;
        // One that was tried again after it was given up may have a successor.
        let stored = stored.filter(|stored| stored.webhook.enabled && stored.job == Some(claimed.job.id));
        let turn_over = begun.elapsed() > TURN;
        let Some(stored) = stored.filter(|_| !due.is_empty() && !turn_over) else {
            match rest(claimed, webhook, turn_over).await? {
                Some(outcome) => return Ok(outcome),
                None => continue,
            }
        };
        let target = Target::of(claimed.context, &claimed.job.organisation, &stored, now);
        if !send_all(claimed, &target, due).await? {
            return Ok(Outcome::Lost);
        }
        claimed.got_on.store(true, Ordering::SeqCst);
    }
}

async fn look(
    claimed: &Claimed<'_>,
    webhook: Uuid,
    now: Time,
) -> Result<(Option<StoredWebhook>, Vec<DueDelivery>)> {
    let read = claimed.context.store.read_long(&claimed.job.organisation, move |tx| {
        Box::pin(async move {
            let stored = webhook_get(tx, webhook).await?;
            Ok::<_, Error>((stored, webhook_delivery_due(tx, webhook, now, BATCH).await?))
        })
    });
    read.await
}

/// Ends the job, or gives it back until something is to be sent; none when that is now, and it is still our turn.
async fn rest(claimed: &Claimed<'_>, webhook: Uuid, turn_over: bool) -> Result<Option<Outcome>> {
    let (job, owner, ctx) = (claimed.job.id, claimed.owner, claimed.context.clone());
    let write = claimed.context.store.write(&claimed.job.organisation, move |tx| {
        Box::pin(async move {
            let now = ctx.now();
            let stored = webhook_get(tx, webhook).await?.filter(|stored| stored.job == Some(job));
            let mut next = None;
            if let Some(stored) = stored {
                if !stored.webhook.enabled {
                    webhook_delivery_give_up(tx, webhook, DISABLED, now).await?;
                }
                next = webhook_delivery_next(tx, webhook).await?;
            }
            let still_ours = match next {
                None => job_finish(tx, job, owner, now).await?,
                Some(at) if at <= now && !turn_over => return Ok(None),
                Some(at) => job_put_off(tx, job, owner, at.max(now)).await?,
            };
            Ok::<_, Error>(Some(if still_ours { Outcome::Done } else { Outcome::Lost }))
        })
    });
    write.await
}

/// Sends messages and notes how it went. Returns whether the job is still ours.
async fn send_all(claimed: &Claimed<'_>, target: &Target, due: Vec<DueDelivery>) -> Result<bool> {
    let mut sent = stream::iter(due)
        .map(|delivery| async move {
            if (claimed.stopping)() {
                return Ok(true);
            }
            let tried = target.send(claimed.context, delivery.event, &delivery.payload).await;
            note(claimed, target, delivery, tried).await
        })
        .buffer_unordered(AT_ONCE);
    while let Some(ours) = sent.next().await {
        if !ours? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn note(claimed: &Claimed<'_>, target: &Target, delivery: DueDelivery, tried: Tried) -> Result<bool> {
    let (job, lease, ctx) = (claimed.job.id, claimed.lease(), claimed.context.clone());
    let (webhook, url) = (target.webhook, target.url.clone());
    let write = claimed.context.store.write(&claimed.job.organisation, move |tx| {
        Box::pin(async move {
            if !job_extend(tx, job, lease).await? {
                return Ok(false);
            }
            // It may have been removed meanwhile, with its log.
            let Some(stored) = webhook_get(tx, webhook).await? else { return Ok(true) };
            let now = ctx.now();
            let next = tried.next(delivery.attempts, now, delivery.until);
            webhook_delivery_note(tx, delivery.id, &tried.attempt, next).await?;
            job_note_progress(tx, job).await?;
            if tried.is_gone() && stored.webhook.enabled && stored.webhook.url == url {
                disable(tx, &ctx, stored).await?;
            }
            Ok::<_, Error>(true)
        })
    });
    write.await
}

/// Disables a webhook that said that it is gone.
async fn disable(tx: &mut Tx<'_>, context: &Context, mut stored: StoredWebhook) -> Result<()> {
    let now = context.now();
    stored.webhook.enabled = false;
    stored.webhook.disabled_reason = Some("It answered 410 Gone".to_owned());
    stored.webhook.updated_at = now.max(stored.webhook.updated_at.plus_millis(1));
    stored.version += 1;
    webhook_save(tx, &stored).await?;
    webhook_delivery_give_up(tx, stored.webhook.id, DISABLED, now).await?;
    tracing::warn!(webhook.id = %stored.webhook.id, "a webhook is gone and was disabled");
    Ok(())
}
