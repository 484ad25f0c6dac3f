//! Organisations, users and tokens, and who a token belongs to.

use crate::context::Context;
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use sluice_model::accounts::TenantId;
use sluice_model::{Actor, Fault, Role};
use sluice_store::StoreError;
use sluice_store::ops::system;

/// What every token begins with.
pub const TOKEN_PREFIX: &str = "sl_pat_";
/// Letters and digits after the prefix: 40 of base 32 are 200 bits.
const TOKEN_LENGTH: usize = 40;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Adds an organisation.
///
/// # Errors
/// [`Error::Invalid`] for an id that is no id, [`Error::Conflict`] when it is taken.
pub async fn create_organisation(context: &Context, id: &str, name: &str) -> Result<()> {
    check_id("id", id)?;
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 255 {
        return Err(invalid("name", "String must contain 1 to 255 character(s)"));
    }
    let (id, tenant, now) = (id.to_owned(), TenantId::from_bare(context.new_ulid()), context.now());
    let taken = Error::Conflict(format!("organisation '{id}' exists already"));
    let insert = context.store.write_system(move |tx| {
        Box::pin(async move { system::organisation_insert(tx, &id, &name, &tenant, now).await })
    });
    duplicate_as(insert.await, taken)
}

/// The name of an organisation.
///
/// # Errors
/// [`Error::NotFound`] without it.
pub async fn organisation_name(context: &Context, id: &str) -> Result<String> {
    let wanted = id.to_owned();
    let name: Result<Option<String>> = context
        .store
        .read_system(move |tx| Box::pin(async move { Ok(system::organisation_name(tx, &wanted).await?) }))
        .await;
    name?.ok_or_else(|| Error::NotFound(format!("Organisation not found: {id}")))
}

/// Adds a user to an organisation.
///
/// # Errors
/// [`Error::NotFound`] without the organisation, [`Error::Conflict`] when it has the user already.
pub async fn create_user(
    context: &Context,
    organisation: &str,
    id: &str,
    role: Role,
    email: Option<&str>,
) -> Result<()> {
    check_id("id", id)?;
    let email = match email {
        Some(email) => {
            Some(sluice_model::canon::email(email).ok_or_else(|| invalid("email", "Invalid email"))?)
        }
        None => None,
    };
    let actor = Actor { organisation: organisation.to_owned(), user: id.to_owned(), role };
    let now = context.now();
    context
        .store
        .write_system(move |tx| {
            Box::pin(async move {
                if system::organisation_name(tx, &actor.organisation).await?.is_none() {
                    return Err(Error::NotFound(format!("Organisation not found: {}", actor.organisation)));
                }
                if system::member_get(tx, &actor.organisation, &actor.user).await?.is_some() {
                    return Err(Error::Conflict(format!("user '{}' exists already", actor.user)));
                }
                Ok(system::member_insert(tx, &actor, email.as_deref(), now).await?)
            })
        })
        .await
}

/// Gives a user another role. Tokens and keys follow at once.
///
/// # Errors
/// [`Error::NotFound`] when there is no such user.
pub async fn set_role(context: &Context, actor: &Actor) -> Result<()> {
    let actor = actor.clone();
    let missing = user_not_found(&actor.organisation, &actor.user);
    let set = context
        .store
        .write_system(move |tx| Box::pin(async move { system::member_set_role(tx, &actor).await }));
    no_row_as(set.await, missing)
}

/// Removes a user with their tokens; keys that they made are no longer valid.
///
/// # Errors
/// [`Error::NotFound`] when there is no such user.
pub async fn remove_user(context: &Context, organisation: &str, user: &str) -> Result<()> {
    let missing = user_not_found(organisation, user);
    let (organisation, user) = (organisation.to_owned(), user.to_owned());
    let removed = context.store.write_system(move |tx| {
        Box::pin(async move { system::member_delete(tx, &organisation, &user).await })
    });
    no_row_as(removed.await, missing)
}

/// Makes a token for a user and returns it; only its hash is kept.
///
/// # Errors
/// [`Error::NotFound`] when there is no such user.
pub async fn create_token(context: &Context, organisation: &str, user: &str) -> Result<String> {
    let token = new_secret(context, TOKEN_PREFIX);
    let (hash, id, now) = (hash(&token), context.new_id(), context.now());
    let (organisation, user) = (organisation.to_owned(), user.to_owned());
    context
        .store
        .write_system(move |tx| {
            Box::pin(async move {
                if system::member_get(tx, &organisation, &user).await?.is_none() {
                    return Err(user_not_found(&organisation, &user));
                }
                Ok(system::token_insert(tx, &hash, id, &organisation, &user, now).await?)
            })
        })
        .await?;
    Ok(token)
}

/// Revokes a token at once.
///
/// # Errors
/// [`Error::NotFound`] when there is no such valid token.
pub async fn revoke_token(context: &Context, token: &str) -> Result<()> {
    let (hash, now) = (hash(token), context.now());
    let revoked: Result<bool> = context
        .store
        .write_system(move |tx| Box::pin(async move { Ok(system::token_revoke(tx, &hash, now).await?) }))
        .await;
    if revoked? { Ok(()) } else { Err(Error::NotFound("No such valid token".to_owned())) }
}

/// Who a token belongs to. Its form is checked before anything is looked up.
///
/// # Errors
/// [`Error::Unauthorized`] for anything but a valid token.
pub async fn authenticate(context: &Context, token: &str) -> Result<Actor> {
    if !is_secret(token, TOKEN_PREFIX) {
        return Err(Error::Unauthorized);
    }
    let hash = hash(token);
    let actor: Result<Option<Actor>> = context
        .store
        .read_system(move |tx| Box::pin(async move { Ok(system::token_actor(tx, &hash).await?) }))
        .await;
    actor?.ok_or(Error::Unauthorized)
}

/// A new secret that begins with this prefix.
pub(crate) fn new_secret(context: &Context, prefix: &str) -> String {
    let mut random = [0_u8; TOKEN_LENGTH];
    context.random.fill(&mut random);
    let body: String = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
    format!("{prefix}{body}")
}

/// Whether a text has the form of a secret with this prefix.
pub(crate) fn is_secret(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|body| body.len() == TOKEN_LENGTH && body.bytes().all(|byte| ALPHABET.contains(&byte)))
}

/// The message for a user who is not there.
pub(crate) fn user_not_found(organisation: &str, user: &str) -> Error {
    Error::NotFound(format!("User not found: {user} in {organisation}"))
}

fn no_row_as(result: std::result::Result<(), StoreError>, missing: Error) -> Result<()> {
    match result {
        Err(StoreError::RowCount { rows: 0, .. }) => Err(missing),
        other => Ok(other?),
    }
}

pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn invalid(field: &str, message: &str) -> Error {
    Error::Invalid(vec![Fault::new(vec![field.into()], message)])
}

fn check_id(field: &str, id: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@' | '|' | ':');
    if id.is_empty() || id.len() > 255 || !id.chars().all(plain) {
        return Err(invalid(field, "Expected 1 to 255 letters, digits and _ - . @ | :"));
    }
    Ok(())
}

fn duplicate_as<T>(result: std::result::Result<T, StoreError>, taken: Error) -> Result<T> {
    match result {
        Err(StoreError::Duplicate(_)) => Err(taken),
        other => Ok(other?),
    }
}
