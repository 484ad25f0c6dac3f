//! How many calls go to one outside host at once, how fast they follow each other, and when it is left alone because
//! it fails.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Hosts that are remembered though nobody calls them.
const REMEMBERED: usize = 10_000;

/// What one host is spared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostLimits {
    /// Calls at once, one at least.
    pub at_once: usize,
    /// Calls a second, on the average.
    pub per_second: u32,
    /// Calls that may follow each other at once after a rest.
    pub burst: u32,
    /// Failures in a row after which the host is left alone.
    pub failures: u32,
    /// How long it is left alone, before one call tries again.
    pub pause: Duration,
}

/// Bounds the calls to each outside host, within this process: with several processes it is so much for each. Hosts
/// that nobody calls are forgotten once their past plays no part. Cloning gives a further handle.
#[derive(Clone, Debug)]
pub struct Hosts(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: HostLimits,
    hosts: Mutex<HashMap<String, Host>>,
}

#[derive(Debug)]
struct Host {
    semaphore: Arc<Semaphore>,
    /// Those who wait for a turn or have one.
    places: usize,
    /// When the next call would begin if calls came evenly (the generic cell rate algorithm).
    next: Instant,
    /// Failures in a row.
    failures: u32,
    /// Until when it is left alone, once there were too many.
    closed_until: Option<Instant>,
    /// One call tries whether it is back.
    trying: bool,
}

/// A host that failed too often in a row is not called for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftAlone(pub Duration);

impl Hosts {
    /// A table of hosts with these limits for each.
    #[must_use]
    pub fn new(limits: HostLimits) -> Self {
        Self(Arc::new(Shared { limits, hosts: Mutex::default() }))
    }

    /// Waits for a turn with this host; turns come in the order in which they were asked for, and none begins sooner
    /// than `pace` after the one before. It lasts until it is dropped. Who waits no longer, because the future was
    /// dropped, has lost their place and nothing else.
    ///
    /// # Errors
    /// [`LeftAlone`] at once, when the host has failed too often.
    pub async fn turn(&self, host: &str, pace: Option<Duration>) -> Result<Turn, LeftAlone> {
        let place = Place::take(self.0.clone(), host.to_ascii_lowercase())?;
        // The semaphore is never closed; without a permit there would be no bound, but still an answer.
        let permit = place.semaphore.clone().acquire_owned().await.ok();
        // The host may have failed in the meantime.
        let tries = place.enter()?;
        let turn = Turn { _permit: permit, place, tries };
        let begins = turn.place.begin(pace);
        if begins > Instant::now() {
            tokio::time::sleep_until(begins).await;
        }
        Ok(turn)
    }

    /// How many hosts are called or remembered.
    #[must_use]
    pub fn known(&self) -> usize {
        self.0.lock().len()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        // Nothing that could panic is done under the lock.
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host {
    fn new(limits: HostLimits, now: Instant) -> Self {
        let semaphore = Arc::new(Semaphore::new(limits.at_once.max(1)));
        Self { semaphore, places: 0, next: now, failures: 0, closed_until: None, trying: false }
    }

    /// How long it is still left alone.
    fn left_alone(&self, limits: HostLimits, now: Instant) -> Option<LeftAlone> {
        let until = self.closed_until?;
        if until > now {
            return Some(LeftAlone(until - now));
        }
        // Whoever tries it now decides for the others.
        self.trying.then_some(LeftAlone(limits.pause))
    }

    /// Whether a host that nobody calls would be treated like a new one.
    fn is_forgettable(&self, now: Instant) -> bool {
        self.places == 0 && self.failures == 0 && self.next <= now
    }
}

/// A turn with a host.
#[must_use = "the turn is over when this is dropped"]
#[derive(Debug)]
pub struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
    place: Place,
    /// Whether this call finds out if a host that was left alone is back.
    tries: bool,
}

impl Turn {
    /// The host answered.
    pub fn answered(mut self) {
        self.tries = false;
        self.place.with(|host| {
            host.failures = 0;
            host.closed_until = None;
            host.trying = false;
        });
    }

    /// The host failed.
    pub fn failed(mut self) {
        let (limits, now) = (self.place.shared.limits, Instant::now());
        let tried = std::mem::take(&mut self.tries);
        self.place.with(|host| {
            host.failures = host.failures.saturating_add(1);
            host.trying &= !tried;
            if host.failures >= limits.failures.max(1) {
                host.closed_until = Some(now + limits.pause);
            }
        });
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // A trial that nobody waited for has told nothing: the next call tries.
        if self.tries {
            self.place.with(|host| host.trying = false);
        }
    }
}

/// Keeps the entry of a host, from the time somebody waits for it until their turn is over.
#[derive(Debug)]
struct Place {
    shared: Arc<Shared>,
    host: String,
    semaphore: Arc<Semaphore>,
}

impl Place {
    fn take(shared: Arc<Shared>, host: String) -> Result<Self, LeftAlone> {
        let (limits, now) = (shared.limits, Instant::now());
        let semaphore = {
            let mut hosts = shared.lock();
            if hosts.len() >= REMEMBERED && !hosts.contains_key(&host) {
                hosts.retain(|_, host| !host.is_forgettable(now));
                if hosts.len() >= REMEMBERED {
                    hosts.retain(|_, host| host.places > 0);
                }
            }
            let entry = hosts.entry(host.clone()).or_insert_with(|| Host::new(limits, now));
            if let Some(left_alone) = entry.left_alone(limits, now) {
                return Err(left_alone);
            }
            entry.places += 1;
            entry.semaphore.clone()
        };
        Ok(Self { shared, host, semaphore })
    }

    /// Begins to call: whether this call tries a host that was left alone.
    fn enter(&self) -> Result<bool, LeftAlone> {
        let (limits, now) = (self.shared.limits, Instant::now());
        self.with(|host| match host.left_alone(limits, now) {
            Some(left_alone) => Err(left_alone),
            None => {
                host.trying = host.closed_until.is_some();
                Ok(host.trying)
            }
        })
        .unwrap_or(Ok(false))
    }

    /// Takes the next moment at which a call may begin.
    fn begin(&self, pace: Option<Duration>) -> Instant {
        let (limits, now) = (self.shared.limits, Instant::now());
        let interval = Duration::from_secs(1) / limits.per_second.max(1);
        let (interval, ahead) = match pace {
            Some(pace) if pace > interval => (pace, Duration::ZERO),
            _ => (interval, interval * limits.burst.saturating_sub(1)),
        };
        self.with(|host| {
            let begins = now.max(host.next.checked_sub(ahead).unwrap_or(now));
            host.next = host.next.max(now) + interval;
            begins
        })
        .unwrap_or(now)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Host) -> T) -> Option<T> {
        self.shared.lock().get_mut(&self.host).map(change)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut hosts = self.shared.lock();
        let Some(entry) = hosts.get_mut(&self.host) else { return };
        entry.places -= 1;
        if entry.is_forgettable(now) {
            hosts.remove(&self.host);
        }
    }
}
