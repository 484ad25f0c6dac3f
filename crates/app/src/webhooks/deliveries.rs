//! The log of what was told.

use super::{admins_only, delivery_not_found, stored};
use crate::{Context, Result};
use serde::Serialize;
use sluice_model::Actor;
use sluice_model::webhook::{WebhookDelivery, WebhookDeliveryDetail};
use sluice_store::Tx;
use sluice_store::ops::webhook_delivery::{
    DeliveryFilter, webhook_attempt_list, webhook_delivery_get, webhook_delivery_list,
};
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of the log of a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryPage {
    /// Newest first.
    pub items: Vec<WebhookDelivery>,
    /// To be sent as `cursor` for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<Uuid>,
}

/// The messages to a webhook that fit, newest first. Admins only.
///
/// # Errors
/// Forbidden, not found.
pub async fn deliveries(
    context: &Context,
    actor: &Actor,
    webhook: Uuid,
    filter: DeliveryFilter,
    limit: usize,
) -> Result<DeliveryPage> {
    admins_only(actor)?;
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                stored(tx, webhook).await?;
                let mut items = webhook_delivery_list(tx, webhook, filter, limit + 1).await?;
                let more = items.len() > limit;
                items.truncate(limit);
                let last = items.last().map(|delivery| delivery.id);
                Ok(DeliveryPage { next_cursor: last.filter(|_| more), items })
            })
        })
        .await
}

/// A message with its attempts. Admins only.
///
/// # Errors
/// Forbidden, not found.
pub async fn delivery(
    context: &Context,
    actor: &Actor,
    webhook: Uuid,
    id: Uuid,
) -> Result<WebhookDeliveryDetail> {
    admins_only(actor)?;
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                stored(tx, webhook).await?;
                detail(tx, webhook, id).await
            })
        })
        .await
}

/// A message with its attempts, in a unit of work.
pub(super) async fn detail(tx: &mut Tx<'_>, webhook: Uuid, id: Uuid) -> Result<WebhookDeliveryDetail> {
    let found = webhook_delivery_get(tx, webhook, id).await?;
    let (delivery, payload) = found.ok_or_else(|| delivery_not_found(&id.to_string()))?;
    let attempts = webhook_attempt_list(tx, id).await?;
    Ok(WebhookDeliveryDetail { delivery, payload, attempts })
}
