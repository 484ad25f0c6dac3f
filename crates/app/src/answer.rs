//! Versions, preconditions, and answers to requests that are sent twice.

use crate::context::Context;
use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sluice_model::Actor;
use sluice_store::ops::idempotency::{KeptAnswer, idempotency_get, idempotency_put};
use sluice_store::{Tx, Unit};

/// How many days an answer is kept for its `Idempotency-Key`.
pub(crate) const KEPT_DAYS: i64 = 1;

/// A value and the version of the object that it shows; the version is its ETag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Versioned<T> {
    pub version: i64,
    pub value: T,
}

/// What `If-Match` asks for (RFC 9110 §13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// `*`: the object exists.
    Exists,
    /// The object is at one of these versions.
    Versions(Vec<i64>),
}

impl Precondition {
    /// Checks the version of an object that exists.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`].
    pub fn check(condition: Option<&Self>, version: i64) -> Result<()> {
        match condition {
            Some(Self::Versions(versions)) if !versions.contains(&version) => Err(Error::PreconditionFailed),
            _ => Ok(()),
        }
    }
}

/// The `Idempotency-Key` of a request, and a hash of the request itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub key: String,
    /// SHA-256 of method, path and body.
    pub request_hash: [u8; 32],
}

impl IdempotencyKey {
    /// The key of a request with this method, path and body.
    #[must_use]
    pub fn of(key: &str, method: &str, path: &str, body: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        for part in [method.as_bytes(), path.as_bytes(), body] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self { key: key.to_owned(), request_hash: hasher.finalize().into() }
    }
}

/// Runs a unit of work once per `Idempotency-Key` of the actor: when an answer was given under the key within
/// 24 hours, it is given again and nothing is done. Answer and effect are committed together.
///
/// # Errors
/// The unit's, or [`Error::Conflict`] when the key was used for another request.
pub async fn once<T, F>(context: &Context, actor: &Actor, key: Option<IdempotencyKey>, unit: F) -> Result<T>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx<'_>) -> Unit<'t, T, Error> + Clone + Send + 'static,
{
    let Some(key) = key else { return context.write(actor, unit).await };
    let user = actor.user.clone();
    let now = context.now();
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                if let Some(kept) = idempotency_get(tx, &user, &key.key, now.plus_days(-KEPT_DAYS)).await? {
                    if kept.request_hash != key.request_hash {
                        let text = "This Idempotency-Key was used for another request";
                        return Err(Error::Conflict(text.to_owned()));
                    }
                    return Ok(serde_json::from_str(&kept.response)?);
                }
                let value = unit(tx).await?;
                let response = serde_json::to_string(&value)?;
                let answer = KeptAnswer { request_hash: key.request_hash.to_vec(), response };
                idempotency_put(tx, &user, &key.key, &answer, now).await?;
                Ok(value)
            })
        })
        .await
}
