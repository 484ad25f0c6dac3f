//! Sending again what was sent, or given up.

use super::deliveries::detail;
use super::tell::{Hooks, PATIENCE_MS};
use super::{admins_only, delivery_not_found, stored};
use crate::{Context, Error, Result};
use serde::Serialize;
use sluice_model::Actor;
use sluice_model::webhook::{WebhookDelivery, WebhookReplay};
use sluice_store::Tx;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::webhook_delivery::{webhook_delivery_replay, webhook_delivery_replay_all};
use utoipa::ToSchema;
use uuid::Uuid;

/// Messages of one unit of work.
const BATCH: usize = 1_000;

/// How many messages are sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Replayed {
    pub count: usize,
}

/// Has a message sent again, with the id that it had. Admins only.
///
/// # Errors
/// Forbidden, not found; [`Error::Conflict`] when the webhook is disabled.
pub async fn replay_one(
    context: &Context,
    actor: &Actor,
    webhook: Uuid,
    id: Uuid,
) -> Result<WebhookDelivery> {
    admins_only(actor)?;
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    let delivery = context
        .write(actor, move |tx| {
            Box::pin(async move {
                stored(tx, webhook).await?;
                let until = now.plus_millis(PATIENCE_MS);
                if !webhook_delivery_replay(tx, webhook, id, now, until).await? {
                    return Err(delivery_not_found(&id.to_string()));
                }
                wake(tx, &ctx, webhook).await?;
                audit_insert(tx, &crate::icps::audit(&by, "webhook.replay", webhook, now)).await?;
                Ok(detail(tx, webhook, id).await?.delivery)
            })
        })
        .await?;
    context.wake.notify_waiters();
    Ok(delivery)
}

/// Has the messages of a span of time sent again that wait no longer. Admins only.
///
/// # Errors
/// Forbidden, not found; [`Error::Conflict`] when the webhook is disabled. What was done before an error of the store
/// stays so.
pub async fn replay(
    context: &Context,
    actor: &Actor,
    webhook: Uuid,
    which: WebhookReplay,
) -> Result<Replayed> {
    admins_only(actor)?;
    let (mut count, mut after) = (0, Uuid::nil());
    loop {
        let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
        let first = count == 0;
        let batch: Vec<Uuid> = context
            .write(actor, move |tx| {
                Box::pin(async move {
                    stored(tx, webhook).await?;
                    wake(tx, &ctx, webhook).await?;
                    let until = now.plus_millis(PATIENCE_MS);
                    if first {
                        audit_insert(tx, &crate::icps::audit(&by, "webhook.replay", webhook, now)).await?;
                    }
                    let ids =
                        webhook_delivery_replay_all(tx, webhook, which, after, now, until, BATCH).await?;
                    Ok::<_, Error>(ids)
                })
            })
            .await?;
        count += batch.len();
        match batch.last() {
            Some(last) if batch.len() == BATCH => after = *last,
            _ => break,
        }
    }
    context.wake.notify_waiters();
    Ok(Replayed { count })
}

/// Has what waits sent.
async fn wake(tx: &mut Tx<'_>, context: &Context, webhook: Uuid) -> Result<()> {
    if Hooks::of(tx).await?.wake(tx, context, webhook).await? {
        return Ok(());
    }
    Err(Error::Conflict("This webhook is disabled".to_owned()))
}
