//! Setting webhooks up: admins, for their organisation.

use super::deliver::DISABLED;
use super::{admins_only, sealed_as, stored, webhook_not_found};
use crate::{Context, Error, Precondition, Result, Versioned};
use serde::Serialize;
use sluice_connect::{ExposeSecret as _, SecretString, webhook};
use sluice_model::webhook::{MAX_WEBHOOKS, Webhook, WebhookCreate, WebhookPatch};
use sluice_model::{Actor, Time};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::webhook::{
    StoredWebhook, webhook_delete, webhook_get, webhook_insert, webhook_list, webhook_save,
};
use sluice_store::ops::webhook_delivery::webhook_delivery_give_up;
use utoipa::ToSchema;
use uuid::Uuid;

/// The bytes of a key.
const KEY_BYTES: usize = 32;

/// A webhook with its secret, which is shown this once.
#[derive(Clone, Serialize, ToSchema)]
pub struct WebhookWithSecret {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// `whsec_` and the base64 of the key that messages are signed with.
    pub secret: String,
}

/// A new secret, and what is kept of it.
pub(super) fn new_secret(
    context: &Context,
    organisation: &str,
    webhook: Uuid,
) -> Result<(SecretString, Vec<u8>)> {
    let mut key = [0_u8; KEY_BYTES];
    context.random.fill(&mut key);
    let secret = webhook::secret(&key);
    let sealed = context.vault()?.seal(&*context.random, organisation, &sealed_as(webhook), &secret)?;
    Ok((secret, sealed))
}

/// A webhook as it is shown, with its version.
pub(super) fn shown(stored: StoredWebhook, now: Time) -> Versioned<Webhook> {
    let mut value = stored.webhook;
    value.previous_secret_until = value.previous_secret_until.filter(|until| now < *until);
    Versioned { version: stored.version, value }
}

/// The same with its secret.
pub(super) fn with_secret(
    stored: StoredWebhook,
    secret: &SecretString,
    now: Time,
) -> Versioned<WebhookWithSecret> {
    let Versioned { version, value } = shown(stored, now);
    let secret = secret.expose_secret().to_owned();
    Versioned { version, value: WebhookWithSecret { webhook: value, secret } }
}

/// Sets a webhook up. Admins only.
///
/// # Errors
/// Forbidden; [`Error::Conflict`] when the organisation has as many as it may.
pub async fn create(
    context: &Context,
    actor: &Actor,
    new: WebhookCreate,
) -> Result<Versioned<WebhookWithSecret>> {
    admins_only(actor)?;
    let (by, ctx) = (actor.clone(), context.clone());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                if webhook_list(tx).await?.len() >= MAX_WEBHOOKS {
                    return Err(Error::Conflict(format!(
                        "An organisation has at most {MAX_WEBHOOKS} webhooks"
                    )));
                }
                let (id, now) = (ctx.new_id(), ctx.now());
                let (secret, sealed) = new_secret(&ctx, &by.organisation, id)?;
                let webhook = Webhook {
                    id,
                    url: new.url,
                    events: new.events,
                    description: new.description,
                    enabled: new.enabled,
                    disabled_reason: None,
                    previous_secret_until: None,
                    created_at: now,
                    updated_at: now,
                    created_by: by.user.clone(),
                };
                let stored =
                    StoredWebhook { webhook, version: 1, secret: sealed, previous_secret: None, job: None };
                webhook_insert(tx, &stored).await?;
                audit_insert(tx, &crate::icps::audit(&by, "webhook.create", id, now)).await?;
                Ok(with_secret(stored, &secret, now))
            })
        })
        .await
}

/// The webhooks of the organisation, oldest first. Admins only.
///
/// # Errors
/// Forbidden.
pub async fn list(context: &Context, actor: &Actor) -> Result<Vec<Webhook>> {
    admins_only(actor)?;
    let rows: Vec<StoredWebhook> =
        context.read(actor, |tx| Box::pin(async move { Ok::<_, Error>(webhook_list(tx).await?) })).await?;
    let now = context.now();
    Ok(rows.into_iter().map(|row| shown(row, now).value).collect())
}

/// Reads a webhook. Admins only.
///
/// # Errors
/// Forbidden, not found.
pub async fn get(context: &Context, actor: &Actor, id: Uuid) -> Result<Versioned<Webhook>> {
    admins_only(actor)?;
    let found = context.read(actor, move |tx| Box::pin(async move { stored(tx, id).await })).await?;
    Ok(shown(found, context.now()))
}

/// Changes a webhook. What waits when it is disabled is given up. Admins only.
///
/// # Errors
/// Forbidden, not found, [`Error::PreconditionFailed`].
pub async fn update(
    context: &Context,
    actor: &Actor,
    id: Uuid,
    condition: Option<Precondition>,
    patch: WebhookPatch,
) -> Result<Versioned<Webhook>> {
    admins_only(actor)?;
    let (by, now) = (actor.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                let before = stored(tx, id).await?;
                Precondition::check(condition.as_ref(), before.version)?;
                let mut after = before.clone();
                apply(&mut after.webhook, patch);
                if after != before {
                    after.version += 1;
                    after.webhook.updated_at = now.max(before.webhook.updated_at.plus_millis(1));
                    webhook_save(tx, &after).await?;
                    audit_insert(tx, &crate::icps::audit(&by, "webhook.update", id, now)).await?;
                }
                if before.webhook.enabled && !after.webhook.enabled {
                    webhook_delivery_give_up(tx, id, DISABLED, now).await?;
                }
                Ok(shown(after, now))
            })
        })
        .await
}

fn apply(webhook: &mut Webhook, patch: WebhookPatch) {
    if let Some(url) = patch.url {
        webhook.url = url;
    }
    if let Some(events) = patch.events {
        webhook.events = events;
    }
    if let Some(description) = patch.description {
        webhook.description = description;
    }
    if let Some(enabled) = patch.enabled {
        webhook.enabled = enabled;
    }
    if webhook.enabled {
        webhook.disabled_reason = None;
    }
}

/// Removes a webhook with its secret and its log. Admins only.
///
/// # Errors
/// Forbidden, not found, [`Error::PreconditionFailed`].
pub async fn remove(
    context: &Context,
    actor: &Actor,
    id: Uuid,
    condition: Option<Precondition>,
) -> Result<()> {
    admins_only(actor)?;
    let (by, now) = (actor.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                let missing = || webhook_not_found(&id.to_string());
                let found = webhook_get(tx, id).await?.ok_or_else(missing)?;
                Precondition::check(condition.as_ref(), found.version)?;
                webhook_delete(tx, id).await?;
                Ok(audit_insert(tx, &crate::icps::audit(&by, "webhook.remove", id, now)).await?)
            })
        })
        .await
}
