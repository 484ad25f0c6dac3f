//! How many calls go to one outside host at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls to one host at once, unless something else is said.
const PER_HOST: usize = 4;

/// Bounds the calls to each outside host, within this process: with several processes it is so many for each. Hosts
/// that nobody calls or waits for are forgotten, so that the table is never larger than what is going on. Cloning
/// gives a further handle.
#[derive(Clone, Debug)]
pub struct HostLimits(Arc<Limits>);

#[derive(Debug)]
struct Limits {
    per_host: usize,
    hosts: Mutex<HashMap<String, Host>>,
}

#[derive(Debug)]
struct Host {
    semaphore: Arc<Semaphore>,
    /// Those who wait for a turn or have one.
    places: usize,
}

impl Default for HostLimits {
    fn default() -> Self {
        Self::new(PER_HOST)
    }
}

impl HostLimits {
    /// Limits of so many calls to each host at once, of one at least.
    #[must_use]
    pub fn new(per_host: usize) -> Self {
        Self(Arc::new(Limits { per_host: per_host.max(1), hosts: Mutex::default() }))
    }

    /// Waits for a turn with this host; turns come in the order in which they were asked for. It lasts until the
    /// permit is dropped. Who waits no longer, because the future was dropped, has lost their place and nothing else.
    pub async fn turn(&self, host: &str) -> HostPermit {
        let place = Place::take(self.0.clone(), host.to_ascii_lowercase());
        // The semaphore is never closed; without a permit there would be no bound, but still an answer.
        let permit = place.semaphore.clone().acquire_owned().await.ok();
        HostPermit { _permit: permit, _place: place }
    }

    /// How many hosts are called or waited for.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.0.lock().len()
    }
}

impl Limits {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        // Nothing that could panic is done under the lock.
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn with a host.
#[must_use = "the turn is over when this is dropped"]
#[derive(Debug)]
pub struct HostPermit {
    _permit: Option<OwnedSemaphorePermit>,
    _place: Place,
}

/// Keeps the entry of a host, from the time somebody waits for it until their turn is over.
#[derive(Debug)]
struct Place {
    limits: Arc<Limits>,
    host: String,
    semaphore: Arc<Semaphore>,
}

impl Place {
    fn take(limits: Arc<Limits>, host: String) -> Self {
        let semaphore = {
            let mut hosts = limits.lock();
            let new = || Host { semaphore: Arc::new(Semaphore::new(limits.per_host)), places: 0 };
            let entry = hosts.entry(host.clone()).or_insert_with(new);
            entry.places += 1;
            entry.semaphore.clone()
        };
        Self { limits, host, semaphore }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut hosts = self.limits.lock();
        let Some(entry) = hosts.get_mut(&self.host) else { return };
        entry.places -= 1;
        if entry.places == 0 {
            hosts.remove(&self.host);
        }
    }
}
