//! Switches for faults.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What a fake does instead of answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this status, and `Retry-After` when given, in seconds.
    Status(u16, Option<u64>),
    /// Does not answer for so long.
    Slow(Duration),
    /// Does what was asked and closes the connection without an answer.
    LostAnswer,
    /// Does what was asked; the body comes byte by byte.
    SlowBody(Duration),
}

/// The faults of a fake: the next requests meet those that were queued; others meet one by chance, by a seeded
/// sequence. Cloning gives a further handle.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

#[derive(Debug, Default)]
struct Plan {
    queued: VecDeque<Option<Fault>>,
    chance: Option<(f64, u64, Vec<Fault>)>,
    requests: u64,
}

impl Faults {
    /// The next request meets this fault, after those queued before.
    pub fn next(&self, fault: Fault) {
        self.lock().queued.push_back(Some(fault));
    }

    /// The next request is answered, after those queued before.
    pub fn then_answer(&self) {
        self.lock().queued.push_back(None);
    }

    /// From now on this share of requests, 0 to 1, meets one of these faults.
    pub fn at_random(&self, share: f64, seed: u64, faults: Vec<Fault>) {
        self.lock().chance = Some((share, seed | 1, faults));
    }

    /// No more faults.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.queued.clear();
        state.chance = None;
    }

    /// Requests so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.lock().requests
    }

    fn take(&self) -> Option<Fault> {
        let mut state = self.lock();
        state.requests += 1;
        if let Some(fault) = state.queued.pop_front() {
            return fault;
        }
        let (share, seed, faults) = state.chance.as_mut()?;
        // xorshift: the same seed meets the same faults.
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        #[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
        let drawn = (*seed >> 11) as f64 / (1_u64 << 53) as f64;
        if drawn >= *share || faults.is_empty() {
            return None;
        }
        let at = usize::try_from(*seed % faults.len() as u64).unwrap_or_default();
        faults.get(at).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The layer of a router that meets its faults: `axum::middleware::from_fn_with_state(faults, meet)`.
pub async fn meet(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    match faults.take() {
        None => next.run(request).await,
        Some(Fault::Status(status, after)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = status.into_response();
            if let Some(after) = after {
                response.headers_mut().insert("retry-after", HeaderValue::from(after));
            }
            response
        }
        Some(Fault::Slow(time)) => {
            tokio::time::sleep(time).await;
            next.run(request).await
        }
        Some(Fault::LostAnswer) => {
            next.run(request).await;
            broken_off()
        }
        Some(Fault::SlowBody(pause)) => slowly(next.run(request).await, pause).await,
    }
}

/// An answer that breaks off before its first byte.
pub(crate) fn broken_off() -> Response {
    let cut = futures_util::stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("cut off")) });
    Response::new(Body::from_stream(cut))
}

/// The same answer, its bytes one by one with a pause before each.
async fn slowly(response: Response, pause: Duration) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove("content-length");
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let drip = futures_util::stream::iter(bytes).then(move |byte| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, std::io::Error>(vec![byte])
    });
    Response::from_parts(parts, Body::from_stream(drip))
}
