//! Connecting a CRM: its key is a connector of the organisation like others.

use super::{clear_begins, sync_begins};
use crate::connectors::Tested;
use crate::context::Context;
use crate::error::{Error, Result};
use serde_json::json;
use sluice_connect::SecretString;
use sluice_model::connector::{ConnectorKind, mask};
use sluice_model::crm::{CrmCredentials, CrmProvider, CrmSettings};
use sluice_model::raw::RawJson;
use sluice_model::{Actor, EntityKind, Fault};
use sluice_store::Tx;
use sluice_store::ops::audit::{AuditEntry, audit_insert};
use sluice_store::ops::connector::{StoredConnector, connector_delete, connector_get, connector_put};
use sluice_store::ops::crm_identity::crm_identity_clear;

/// The connector's name: an organisation has one CRM.
const NAME: &str = ConnectorKind::Crm.name();

fn admins_only(actor: &Actor) -> Result<()> {
    if actor.is_admin() {
        return Ok(());
    }
    Err(Error::Forbidden("Only admins set up the CRM".to_owned()))
}

/// What is connected; the key only by its last characters.
///
/// # Errors
/// The store's.
pub async fn get(context: &Context, actor: &Actor) -> Result<CrmSettings> {
    let row =
        context.read(actor, |tx| Box::pin(async move { Ok::<_, Error>(connector_get(tx, NAME).await?) }));
    if let Some(row) = row.await? {
        return Ok(shown(&row));
    }
    // Set up by the operator for everybody.
    let crm = context.connectors.of(context, &actor.organisation).await?.crm;
    Ok(CrmSettings {
        connected: crm.is_some(),
        provider: crm.map(|crm| crm.provider()),
        ..CrmSettings::default()
    })
}

fn shown(row: &StoredConnector) -> CrmSettings {
    let settings = row.settings.to_value();
    let provider = settings.get("provider").and_then(serde_json::Value::as_str);
    CrmSettings {
        connected: true,
        provider: provider.and_then(CrmProvider::from_name),
        connected_at: Some(row.updated_at),
        api_key_masked: row.masked.clone(),
    }
}

/// Connects a CRM, in place of the one that was connected. The key is tried first, unless told not to; then all
/// contacts are read in the background. Admins only.
///
/// # Errors
/// Forbidden; [`Error::Invalid`] when the CRM does not accept the key; [`Error::Conflict`] when it cannot be asked.
pub async fn put(context: &Context, actor: &Actor, credentials: CrmCredentials) -> Result<CrmSettings> {
    admins_only(actor)?;
    let CrmCredentials { provider, api_key, verify } = credentials;
    let secret = SecretString::from(api_key.clone());
    let refused = |text: String| Error::Invalid(vec![Fault::new(vec!["apiKey".into()], text)]);
    let crm = context.connectors.open_crm(provider, &secret).map_err(|error| refused(error.to_string()))?;
    if verify {
        crm.test().await.map_err(|error| {
            if error.is_passing() {
                let text = "send verify: false to save the key untried";
                Error::Conflict(format!("The CRM cannot be asked now: {error}; {text}"))
            } else {
                refused(format!("The CRM does not accept this key: {error}"))
            }
        })?;
    }
    let sealed = context.vault()?.seal(&*context.random, &actor.organisation, NAME, &secret)?;
    let masked = masked(&api_key);
    let (by, ctx) = (actor.clone(), context.clone());
    let settings = context.write(actor, move |tx| {
        Box::pin(async move {
            let (before, now) = (connector_get(tx, NAME).await?, ctx.now());
            let stored = StoredConnector {
                name: NAME.to_owned(),
                kind: ConnectorKind::Crm,
                settings: RawJson::of(&json!({"provider": provider})),
                secret: Some(sealed),
                masked: Some(masked),
                revision: ctx.new_id(),
                created_at: before.as_ref().map_or(now, |before| before.created_at),
                updated_at: before.map_or(now, |before| now.max(before.updated_at)),
                updated_by: by.user.clone(),
            };
            connector_put(tx, &stored).await?;
            // Perhaps it is another account: nothing counts of what was read before.
            sync_begins(tx, &ctx, provider, true).await?;
            // People are looked at again before what was noted of them counts; a company has nothing to look at.
            crm_identity_clear(tx, provider, EntityKind::Company).await?;
            note(tx, &ctx, &by, "crm.connect").await?;
            Ok::<_, Error>(shown(&stored))
        })
    });
    let settings = settings.await?;
    context.wake.notify_waiters();
    Ok(settings)
}

/// Of credentials in several parts the last characters of one that is a secret.
fn masked(api_key: &str) -> String {
    let parts: Option<serde_json::Value> = serde_json::from_str(api_key).ok();
    let secret = parts.as_ref().and_then(|parts| {
        let part = |name: &str| parts.get(name).and_then(serde_json::Value::as_str);
        part("clientSecret").or_else(|| part("apiKey"))
    });
    mask(secret.unwrap_or(api_key))
}

/// Disconnects the CRM: its key is removed at once, the mirror in the background. Who is who stays known, for when it
/// is connected again. Admins only.
///
/// # Errors
/// Forbidden; not found when none is connected.
pub async fn remove(context: &Context, actor: &Actor) -> Result<()> {
    admins_only(actor)?;
    let (by, ctx) = (actor.clone(), context.clone());
    let removed = context.write(actor, move |tx| {
        Box::pin(async move {
            if !connector_delete(tx, NAME).await? {
                return Err(Error::NotFound("CRM is not connected".to_owned()));
            }
            clear_begins(tx, &ctx).await?;
            note(tx, &ctx, &by, "crm.disconnect").await
        })
    });
    removed.await?;
    context.wake.notify_waiters();
    Ok(())
}

/// Tries a key and keeps nothing. Admins only.
///
/// # Errors
/// Forbidden.
pub async fn test(context: &Context, actor: &Actor, credentials: CrmCredentials) -> Result<Tested> {
    admins_only(actor)?;
    let secret = SecretString::from(credentials.api_key);
    Ok(Tested::of(match context.connectors.open_crm(credentials.provider, &secret) {
        Ok(crm) => crm.test().await,
        Err(error) => Err(error),
    }))
}

async fn note(tx: &mut Tx<'_>, context: &Context, by: &Actor, action: &str) -> Result<()> {
    let (user, action) = (by.user.clone(), action.to_owned());
    let entry = AuditEntry { user, action, entity_id: NAME.to_owned(), at: context.now() };
    Ok(audit_insert(tx, &entry).await?)
}
