use super::deliveries::detail;
use super::happened::message;
use super::send::Target;
use super::{admins_only, stored};
use crate::{Context, Result};
use serde_json::json;
use sluice_model::Actor;
use sluice_model::webhook::{WebhookDeliveryDetail, WebhookEvent};
use sluice_store::ops::webhook_delivery::{
    NewWebhookEvent, Next, webhook_delivery_insert, webhook_delivery_note, webhook_event_insert,
};
use uuid::Uuid;

/// Sends a message of type `webhook.test` at once, also to a webhook that is disabled, and says how it went. It is sent
/// once. Admins only.
///
/// # Errors
/// Forbidden, not found.
pub async fn test(context: &Context, actor: &Actor, id: Uuid) -> Result<WebhookDeliveryDetail> {
    admins_only(actor)?;
    let found = context.read(actor, move |tx| Box::pin(async move { stored(tx, id).await })).await?;
    let now = context.now();
    let kind = WebhookEvent::Test;
    let payload = message(kind, now, json!({"webhookId": id, "url": found.webhook.url}))?;
    let event = NewWebhookEvent { id: context.new_id(), kind, payload, created_at: now };
    let target = Target::of(context, &actor.organisation, &found, now);
    let tried = target.send(context, event.id, &event.payload).await;
    let next = if tried.attempt.error.is_none() { Next::Delivered } else { Next::Failed };
    let delivery = context.new_id();
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                // It may have been removed meanwhile.
                stored(tx, id).await?;
                webhook_event_insert(tx, &event).await?;
                webhook_delivery_insert(tx, delivery, id, event.id, now).await?;
                webhook_delivery_note(tx, delivery, &tried.attempt, next).await?;
                detail(tx, id, delivery).await
            })
        })
        .await
}
