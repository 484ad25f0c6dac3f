//! API keys.

use crate::admin::{hash, is_secret, new_secret, user_not_found};
use crate::{Context, Error, Result};
use sluice_model::Actor;
use sluice_model::accounts::key::KEY_PREFIX;
use sluice_model::accounts::{ApiKey, ApiKeyId, CreatedApiKey, KeyActor, NewApiKey, RequestId};
use sluice_store::ops::api_key::{
    api_key_actor, api_key_insert, api_key_list, api_key_revoke, api_key_revoke_hash,
};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::system;

/// Who a key belongs to, and what it may do now. Its form is checked before anything is looked up.
///
/// # Errors
/// [`Error::Unauthorized`] for anything but a valid key.
pub async fn authenticate(context: &Context, key: &str) -> Result<KeyActor> {
    if !is_secret(key, KEY_PREFIX) {
        return Err(Error::Unauthorized);
    }
    let hash = hash(key);
    let actor: Result<Option<KeyActor>> = context
        .store
        .read_system(move |tx| Box::pin(async move { Ok(api_key_actor(tx, &hash).await?) }))
        .await;
    actor?.ok_or(Error::Unauthorized)
}

/// A new id of a request.
#[must_use]
pub fn request_id(context: &Context) -> RequestId {
    RequestId::from_bare(context.new_ulid())
}

fn admins_only(actor: &Actor) -> Result<()> {
    if actor.is_admin() {
        return Ok(());
    }
    Err(Error::Forbidden("Only admins manage API keys".to_owned()))
}

/// Makes a key of an admin. It never may more than they.
///
/// # Errors
/// Forbidden for others.
pub async fn create(context: &Context, actor: &Actor, new: NewApiKey) -> Result<CreatedApiKey> {
    admins_only(actor)?;
    create_for(context, &actor.organisation, Some(&actor.user), new).await
}

/// Makes a key on the command line: of a user, or of nobody with rights of its own.
///
/// # Errors
/// [`Error::NotFound`] without the organisation or the user.
pub async fn create_for(
    context: &Context,
    organisation: &str,
    user: Option<&str>,
    new: NewApiKey,
) -> Result<CreatedApiKey> {
    let key = new_secret(context, KEY_PREFIX);
    let (hash, ctx) = (hash(&key), context.clone());
    let (organisation, user) = (organisation.to_owned(), user.map(str::to_owned));
    let api_key = context
        .store
        .write_system(move |tx| {
            Box::pin(async move {
                if system::organisation_name(tx, &organisation).await?.is_none() {
                    return Err(Error::NotFound(format!("Organisation not found: {organisation}")));
                }
                if let Some(user) = &user
                    && system::member_get(tx, &organisation, user).await?.is_none()
                {
                    return Err(user_not_found(&organisation, user));
                }
                let id = ApiKeyId::from_bare(ctx.new_ulid());
                let made = ApiKey {
                    created_at: id.time(),
                    id,
                    name: new.name,
                    user_id: user,
                    scopes: new.scopes,
                    rate_per_minute: new.rate_per_minute,
                    revoked_at: None,
                };
                api_key_insert(tx, &organisation, &hash, &made).await?;
                Ok(made)
            })
        })
        .await?;
    Ok(CreatedApiKey { key, api_key })
}

/// The organisation's keys, newest first, revoked ones too.
///
/// # Errors
/// Forbidden for all but admins.
pub async fn list(context: &Context, actor: &Actor) -> Result<Vec<ApiKey>> {
    admins_only(actor)?;
    context.read(actor, |tx| Box::pin(async move { Ok(api_key_list(tx).await?) })).await
}

/// Revokes a key at once.
///
/// # Errors
/// Forbidden for all but admins; [`Error::NotFound`].
pub async fn revoke(context: &Context, actor: &Actor, id: &ApiKeyId) -> Result<()> {
    admins_only(actor)?;
    let (by, id, now) = (actor.clone(), id.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                if !api_key_revoke(tx, &id, now).await? {
                    return Err(Error::NotFound(format!("API key not found: {id}")));
                }
                let entry = sluice_store::ops::audit::AuditEntry {
                    user: by.user,
                    action: "api_key.revoke".to_owned(),
                    entity_id: id.to_string(),
                    at: now,
                };
                Ok(audit_insert(tx, &entry).await?)
            })
        })
        .await
}

/// Revokes a key given whole, on the command line.
///
/// # Errors
/// [`Error::NotFound`] when there is no such valid key.
pub async fn revoke_key(context: &Context, key: &str) -> Result<()> {
    let (hash, now) = (hash(key), context.now());
    let revoked: Result<bool> = context
        .store
        .write_system(move |tx| Box::pin(async move { Ok(api_key_revoke_hash(tx, &hash, now).await?) }))
        .await;
    if revoked? { Ok(()) } else { Err(Error::NotFound("No such valid API key".to_owned())) }
}
