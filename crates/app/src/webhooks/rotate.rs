use super::settings::{WebhookWithSecret, new_secret, with_secret};
use super::{admins_only, stored};
use crate::{Context, Result, Versioned};
use sluice_model::Actor;
use sluice_model::time::DAY_MS;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::webhook::webhook_save;
use uuid::Uuid;

/// For how long the secret before signs as well.
const OVERLAP_MS: i64 = DAY_MS;

/// Gives a webhook a new secret. For a day messages are signed with the one before as well. Admins only.
///
/// # Errors
/// Forbidden, not found.
pub async fn rotate(context: &Context, actor: &Actor, id: Uuid) -> Result<Versioned<WebhookWithSecret>> {
    admins_only(actor)?;
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                let mut found = stored(tx, id).await?;
                let (secret, sealed) = new_secret(&ctx, &by.organisation, id)?;
                found.previous_secret = Some(std::mem::replace(&mut found.secret, sealed));
                found.webhook.previous_secret_until = Some(now.plus_millis(OVERLAP_MS));
                found.webhook.updated_at = now.max(found.webhook.updated_at.plus_millis(1));
                found.version += 1;
                webhook_save(tx, &found).await?;
                audit_insert(tx, &crate::icps::audit(&by, "webhook.rotate_secret", id, now)).await?;
                Ok(with_secret(found, &secret, now))
            })
        })
        .await
}
