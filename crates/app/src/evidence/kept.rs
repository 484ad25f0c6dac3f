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
use uuid::Uuid;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    kind: Kind,
    hash: [u8; 32],
    expires_at: Time,
}

/// What is kept by a key, whenever the key was made.
pub type Place = (Kind, [u8; 32]);

impl Key {
    /// What it leads to.
    #[must_use]
    pub const fn place(&self) -> Place {
        (self.kind, self.hash)
    }

    /// The id of what `reference` buys under this key: the same as long as it can be kept, so that a purchase is known
    /// again whose buyer was killed before it was there.
    #[must_use]
    pub fn purchase(&self, reference: Uuid, now: Time) -> Uuid {
        let mut digest = Sha256::new();
        digest.update(reference.as_bytes());
        digest.update(self.kind.name());
        digest.update(self.hash);
        // What is kept for days is bought anew when they are over; what is daily has its day in the hash.
        digest.update(now.day().div_euclid(VERDICT_DAYS).to_be_bytes());
        let mut bytes = [0_u8; 16];
        bytes.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

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

/// Whose it is, and what.
type Flight = (String, Place);

impl Flights {
    /// Waits until nobody else looks this up. It is the caller's until the guard is dropped.
    pub async fn turn(&self, organisation: &str, key: Key) -> OwnedMutexGuard<()> {
        let place = (organisation.to_owned(), key.place());
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
    use uuid::Uuid;

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
        assert_eq!(verdict(today).place(), verdict(later.plus_days(9)).place(), "whatever the day");
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn the_same_is_bought_under_the_same_id_until_it_has_to_be_bought_anew() {
        let (today, run) = (Time::from_millis(5 * DAY_MS), Uuid::from_u128(1));
        let verdict = |now| Key::new(Kind::Verdict, &["a"], now).purchase(run, now);
        assert_eq!(verdict(today), verdict(Time::from_millis(5 * DAY_MS + 1)));
        assert_ne!(verdict(today), verdict(today.plus_days(90)), "it is no longer kept");
        let key = Key::new(Kind::Verdict, &["a"], today);
        assert_ne!(verdict(today), key.purchase(Uuid::from_u128(2), today), "another run");
        assert_ne!(verdict(today), Key::new(Kind::Choice, &["a"], today).purchase(run, today));
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
