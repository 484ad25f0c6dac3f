//! So many requests per minute and key, told in the header fields of the IETF's draft on rate limits.

use crate::http::ApiError;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use sluice_model::accounts::KeyActor;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// Seconds of the window that rates are told for.
const WINDOW: u32 = 60;
/// Keys that are remembered; past that all begin anew, which only ever lets more through.
const MOST: usize = 100_000;

/// How often a key may call.
#[derive(Clone)]
pub struct RateLimit {
    /// Requests per minute of a key that has no rate of its own; 0: as many as it likes.
    pub per_minute: u32,
    /// The time since some moment; must never go back.
    pub elapsed: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl RateLimit {
    /// So many requests per minute, by the machine's steady clock.
    #[must_use]
    pub fn per_minute(per_minute: u32) -> Self {
        let begun = Instant::now();
        Self { per_minute, elapsed: Arc::new(move || begun.elapsed()) }
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::per_minute(6_000)
    }
}

#[derive(Clone)]
struct Ticks(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

type Meter = RateLimiter<NotKeyed, InMemoryState, Ticks, StateInformationMiddleware>;

/// The meters of all keys.
pub struct Limiter {
    per_minute: Option<NonZeroU32>,
    ticks: Ticks,
    meters: Mutex<HashMap<String, Arc<Meter>>>,
}

impl Limiter {
    pub fn new(limit: RateLimit) -> Self {
        let RateLimit { per_minute, elapsed } = limit;
        Self { per_minute: NonZeroU32::new(per_minute), ticks: Ticks(elapsed), meters: Mutex::default() }
    }

    /// Counts a request of the key. `None` for a key without a limit.
    fn count(&self, key: &KeyActor) -> Option<Standing> {
        let rate = key.rate_per_minute.and_then(NonZeroU32::new).or(self.per_minute)?;
        let meter = self.meter(key.key_id.bare(), rate);
        let limit = rate.get();
        Some(match meter.check() {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                // As seconds until all is there again, rounded up.
                let missing = u64::from(limit.saturating_sub(remaining));
                let reset = (missing * u64::from(WINDOW)).div_ceil(u64::from(limit));
                Standing { limit, remaining, reset, retry_after: None }
            }
            Err(wait) => {
                let wait = wait.wait_time_from(self.ticks.now());
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let seconds = seconds.max(1);
                Standing { limit, remaining: 0, reset: seconds, retry_after: Some(seconds) }
            }
        })
    }

    fn meter(&self, key: &str, rate: NonZeroU32) -> Arc<Meter> {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(meter) = meters.get(key) {
            return meter.clone();
        }
        if meters.len() >= MOST {
            meters.clear();
        }
        let meter = RateLimiter::direct_with_clock(Quota::per_minute(rate), self.ticks.clone());
        let meter = Arc::new(meter.with_middleware::<StateInformationMiddleware>());
        meters.insert(key.to_owned(), meter.clone());
        meter
    }
}

/// Where a key stands after a request.
#[derive(Clone, Copy, Debug)]
struct Standing {
    limit: u32,
    remaining: u32,
    /// Seconds.
    reset: u64,
    /// Seconds, for a request that is refused.
    retry_after: Option<u64>,
}

/// The way of one request past the limiter.
#[derive(Clone)]
pub struct Gate {
    limiter: Arc<Limiter>,
    standing: Arc<OnceLock<Standing>>,
}

impl Gate {
    /// Counts the request.
    ///
    /// # Errors
    /// When it is one too many.
    pub fn pass(&self, key: &KeyActor) -> Result<(), ApiError> {
        let Some(standing) = self.limiter.count(key) else { return Ok(()) };
        let standing = self.standing.get_or_init(|| standing);
        if standing.retry_after.is_none() {
            return Ok(());
        }
        let text = format!("More than {} requests per minute", standing.limit);
        Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", text))
    }
}

/// Puts the gate up for the request, and tells in the reply where the key stands.
pub async fn limit(State(limiter): State<Arc<Limiter>>, mut request: Request, next: Next) -> Response {
    let gate = Gate { limiter, standing: Arc::default() };
    request.extensions_mut().insert(gate.clone());
    let mut response = next.run(request).await;
    if let Some(standing) = gate.standing.get() {
        let Standing { limit, remaining, reset, retry_after } = standing;
        let fields = [
            (POLICY, Some(format!("\"key\";q={limit};w={WINDOW}"))),
            (LIMIT, Some(format!("\"key\";r={remaining};t={reset}"))),
            (RETRY_AFTER, retry_after.map(|seconds| seconds.to_string())),
        ];
        for (name, value) in fields {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}
