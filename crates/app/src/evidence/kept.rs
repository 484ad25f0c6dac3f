//! What was looked up before: kept in the store, and looked up once at a time.

use crate::context::Context;
use crate::error::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sluice_model::Time;
use sluice_model::time::DAY_MS;
use sluice_store::StoreError;
use sluice_store::ops::evidence::{StoredEvidence, evidence_get, evidence_put};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::OwnedMutexGuard;

/// For how many days a verdict is kept: it depends on nothing that changes with time.
const VERDICT_DAYS: i64 = 90;
/// Flights that are remembered before those that have ended are looked for.
const MANY: usize = 1_024;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A page, by provider, address and day.
    Page,
    /// The pages of a site, by provider, site and day.
    Links,
    /// Which pages a prompt asks for, by model, prompt and pages.
    Choice,
    /// An answer, by model, prompt and content.
    Verdict,
    /// An agent's answer, by agent and version, site, prompt and day.
    Visit,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Links => "links",
            Self::Choice => "choice",
            Self::Verdict => "verdict",
            Self::Visit => "visit",
        }
    }

    /// Whether it is of one day only.
    const fn is_daily(self) -> bool {
        matches!(self, Self::Page | Self::Links | Self::Visit)
    }
}

/// By what it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    kind: Kind,
    hash: [u8; 32],
    expires_at: Time,
}

impl Key {
    /// The key of what depends on these parts alone, and on the day where it is daily.
    #[must_use]
    pub fn new(kind: Kind, parts: &[&str], now: Time) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            // With their lengths, so that no two lists of parts are one text.
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
        if kind.is_daily() {
            digest.update(now.day().to_be_bytes());
        }
        let end = if kind.is_daily() {
            Time::from_millis(now.day().saturating_add(1).saturating_mul(DAY_MS))
        } else {
            now.plus_days(VERDICT_DAYS)
        };
        Self { kind, hash: digest.finalize().into(), expires_at: end }
    }
}

/// SHA-256 of a text, in hex.
#[must_use]
pub fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    let hex =
        |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0'));
    digest.iter().flat_map(hex).collect()
}

/// What was kept under this key, and when.
pub async fn get<T: DeserializeOwned>(
    context: &Context,
    organisation: &str,
    key: Key,
) -> Result<Option<(T, Time)>> {
    let now = context.now();
    let kept = context.store.read(organisation, move |tx| {
        Box::pin(async move { evidence_get(tx, key.kind.name(), &key.hash, now).await })
    });
    let kept: Option<StoredEvidence> = kept.await.map_err(|error: StoreError| crate::Error::from(error))?;
    // What an older version of the program wrote may not be readable: it is looked up again.
    Ok(kept.and_then(|kept| Some((serde_json::from_str(&kept.data).ok()?, kept.created_at))))
}

/// Keeps it.
pub async fn put<T: Serialize>(
    context: &Context,
    organisation: &str,
    key: Key,
    value: &T,
    at: Time,
) -> Result<()> {
    let evidence = StoredEvidence { data: serde_json::to_string(value)?, created_at: at };
    let write = context.store.write(organisation, move |tx| {
        Box::pin(async move { evidence_put(tx, key.kind.name(), &key.hash, &evidence, key.expires_at).await })
    });
    write.await.map_err(|error: StoreError| crate::Error::from(error))
}

/// What is being looked up by this process: who asks for the same waits until it is there.
#[derive(Debug, Default)]
pub struct Flights(Mutex<HashMap<Flight, Weak<tokio::sync::Mutex<()>>>>);

/// Whose it is, of which kind, and its key.
type Flight = (String, Kind, [u8; 32]);

impl Flights {
    /// Waits until nobody else looks this up. It is the caller's until the guard is dropped.
    pub async fn turn(&self, organisation: &str, key: Key) -> OwnedMutexGuard<()> {
        let place = (organisation.to_owned(), key.kind, key.hash);
        let flight = {
            let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if flights.len() >= MANY {
                flights.retain(|_, flight| flight.strong_count() > 0);
            }
            let known = flights.get(&place).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let new = Arc::default();
                flights.insert(place, Arc::downgrade(&new));
                new
            })
        };
        flight.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::{Flights, Key, Kind, MANY, hash};
    use sluice_model::Time;
    use sluice_model::time::DAY_MS;

    #[test]
    fn keys_tell_parts_kinds_and_days_apart() {
        let (today, later) = (Time::from_millis(5 * DAY_MS), Time::from_millis(6 * DAY_MS - 1));
        let key = Key::new(Kind::Page, &["ab", "c"], today);
        assert_eq!(key, Key::new(Kind::Page, &["ab", "c"], later), "one day");
        assert_eq!(key.expires_at, Time::from_millis(6 * DAY_MS));
        for other in [
            Key::new(Kind::Page, &["a", "bc"], today),
            Key::new(Kind::Links, &["ab", "c"], today),
            Key::new(Kind::Page, &["ab", "c"], Time::from_millis(6 * DAY_MS)),
        ] {
            assert_ne!(key, other);
        }
        let verdict = |now| Key::new(Kind::Verdict, &["ab", "c"], now);
        assert_eq!(verdict(today).hash, verdict(later.plus_days(9)).hash, "whatever the day");
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[tokio::test]
    async fn one_looks_up_at_a_time() {
        let flights = Flights::default();
        let key = |number: usize| Key::new(Kind::Page, &[&number.to_string()], Time::from_millis(0));
        let mine = flights.turn("org", key(0)).await;
        let mut other = Box::pin(flights.turn("org", key(0)));
        assert!(futures_util::poll!(&mut other).is_pending(), "somebody looks it up");
        assert!(futures_util::poll!(Box::pin(flights.turn("other", key(0)))).is_ready(), "another's");
        drop(mine);
        assert!(futures_util::poll!(&mut other).is_ready());
        drop(other);
        for number in 0..3 * MANY {
            drop(flights.turn("org", key(number)).await);
        }
        assert!(flights.0.lock().expect("not poisoned").len() <= MANY, "what has ended is forgotten");
    }
}
