//! Writing down what is to be told, in the unit of work in which it happens.

use super::WEBHOOK_JOB;
use super::happened::Happened;
use crate::context::Context;
use crate::error::Result;
use serde_json::json;
use sluice_model::time::DAY_MS;
use sluice_model::{JobState, Time};
use sluice_store::Tx;
use sluice_store::ops::job::{job_hasten, job_insert};
use sluice_store::ops::webhook::{Subscriber, SubscriberJob, webhook_set_job, webhook_subscribers};
use sluice_store::ops::webhook_delivery::{NewWebhookEvent, webhook_delivery_insert, webhook_event_insert};
use uuid::Uuid;

/// How long it is tried to tell something.
pub(super) const PATIENCE_MS: i64 = DAY_MS;

/// Who hears of what happens in a unit of work: looked up once.
pub(crate) struct Hooks(Vec<Subscriber>);

impl Hooks {
    /// The webhooks of the organisation that are enabled.
    pub async fn of(tx: &mut Tx<'_>) -> Result<Self> {
        Ok(Self(webhook_subscribers(tx).await?))
    }

    /// Writes down what happened for those who hear of it. For nobody nothing is written.
    pub async fn tell(&mut self, tx: &mut Tx<'_>, context: &Context, happened: &Happened<'_>) -> Result<()> {
        let kind = happened.event();
        if !self.0.iter().any(|subscriber| subscriber.hears(kind)) {
            return Ok(());
        }
        let now = context.now();
        for payload in happened.messages(now)? {
            let event = NewWebhookEvent { id: context.new_id(), kind, payload, created_at: now };
            webhook_event_insert(tx, &event).await?;
            for subscriber in self.0.iter_mut().filter(|subscriber| subscriber.hears(kind)) {
                let (id, until) = (context.new_id(), now.plus_millis(PATIENCE_MS));
                webhook_delivery_insert(tx, id, subscriber.webhook, event.id, until).await?;
                send_soon(tx, context, subscriber, now).await?;
            }
        }
        Ok(())
    }

    /// Has what waits for a webhook sent. Returns whether it is one of these.
    pub async fn wake(&mut self, tx: &mut Tx<'_>, context: &Context, webhook: Uuid) -> Result<bool> {
        let Some(subscriber) = self.0.iter_mut().find(|subscriber| subscriber.webhook == webhook) else {
            return Ok(false);
        };
        send_soon(tx, context, subscriber, context.now()).await?;
        Ok(true)
    }
}

/// As [`Hooks::tell`], for what happens alone in its unit of work.
pub(crate) async fn tell(tx: &mut Tx<'_>, context: &Context, happened: &Happened<'_>) -> Result<()> {
    Hooks::of(tx).await?.tell(tx, context, happened).await
}

/// Sees to it that a job sends what waits: that which waits or works, else a new one. One at its end finds what was added
/// meanwhile, as it looks in the unit that ends it.
async fn send_soon(tx: &mut Tx<'_>, context: &Context, subscriber: &mut Subscriber, now: Time) -> Result<()> {
    match subscriber.job {
        Some(SubscriberJob { state: JobState::Running, .. }) => return Ok(()),
        Some(SubscriberJob { id, state: JobState::Ready, run_at }) => {
            if run_at > now {
                job_hasten(tx, id, now).await?;
            }
        }
        _ => {
            let id = context.new_id();
            let payload = json!({"webhookId": subscriber.webhook}).to_string();
            job_insert(tx, id, WEBHOOK_JOB, &payload, now).await?;
            webhook_set_job(tx, subscriber.webhook, id).await?;
            subscriber.job = Some(SubscriberJob { id, state: JobState::Ready, run_at: now });
        }
    }
    if let Some(job) = &mut subscriber.job {
        job.run_at = job.run_at.min(now);
    }
    Ok(())
}
