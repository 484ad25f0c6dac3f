//! What sites ask of robots (RFC 9309).

use crate::error::{ConnectError, Result};
use crate::http::{Call, Client};
use robotxt::Robots;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::{Origin, Url};

/// The name by which a site addresses us.
const AGENT: &str = "Sluice";
/// How long what a site asks for is remembered: no longer than a day (§2.4).
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it is remembered that a site could not be asked.
const KEPT_FAILURE: Duration = Duration::from_secs(5 * 60);
/// Sites that are remembered.
const REMEMBERED: usize = 10_000;
/// The longest pause between pages that a site is granted.
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// What sites ask for, each asked once.
pub(crate) struct Rules {
    client: Client,
    sites: Mutex<HashMap<Origin, Site>>,
}

/// Locked while it is asked, so that it is asked once however many pages wait.
type Site = Arc<tokio::sync::Mutex<Option<Known>>>;

struct Known {
    robots: Result<Arc<Robots>>,
    until: Instant,
}

impl Rules {
    pub fn new(client: Client) -> Self {
        Self { client, sites: Mutex::default() }
    }

    /// The rules of a page's site.
    ///
    /// # Errors
    /// When they cannot be had: nothing may be read then, for now.
    pub async fn of(&self, url: &Url) -> Result<Arc<Robots>> {
        let site = self.site(url.origin());
        let mut known = site.lock().await;
        let now = Instant::now();
        if let Some(known) = known.as_ref().filter(|known| known.until > now) {
            return known.robots.clone();
        }
        let robots = self.ask(url).await;
        let kept = if robots.is_ok() { KEPT } else { KEPT_FAILURE };
        *known = Some(Known { robots: robots.clone(), until: Instant::now() + kept });
        robots
    }

    fn site(&self, origin: Origin) -> Site {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= REMEMBERED && !sites.contains_key(&origin) {
            let now = Instant::now();
            // Those that are asked just now are locked, and stay.
            sites.retain(|_, site| {
                site.try_lock().map_or(true, |known| known.as_ref().is_some_and(|known| known.until > now))
            });
            if sites.len() >= REMEMBERED {
                sites.clear();
            }
        }
        sites.entry(origin).or_default().clone()
    }

    async fn ask(&self, url: &Url) -> Result<Arc<Robots>> {
        let host = url.host_str().unwrap_or_default();
        let at = url.join("/robots.txt").map_err(|error| ConnectError::BadRequest(error.to_string()))?;
        let reply = self.client.send(Call::page(at)).await?;
        let robots = match reply.status {
            200..=299 => Robots::parse(&reply.body, AGENT),
            // Too many requests are no word on what may be read.
            429 | 500..=599 => {
                let text = format!("robots.txt of {host} answered {}", reply.status);
                return Err(ConnectError::Unavailable(text));
            }
            _ => Robots::allow_all(),
        };
        Ok(Arc::new(robots))
    }
}

/// The pause between pages that a site asks for, within reason.
pub(super) fn delay(robots: &Robots) -> Option<Duration> {
    robots.crawl_delay().map(|delay| delay.min(LONGEST_DELAY))
}
