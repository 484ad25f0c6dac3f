//! Which calls are made again, and when.

use super::call::{Call, Reply, Traffic};
use crate::error::ConnectError;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::Duration;

/// The longest wait that a host may ask for; whoever asks for more is not called again.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest pause of our own.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Why there is no reply.
#[derive(Debug)]
pub(super) enum Failure {
    /// It would be the same again.
    Final(ConnectError),
    /// The name could not be looked up: nothing was sent.
    Unresolved(ConnectError),
    /// There was no connection: nothing was sent.
    Unsent(ConnectError),
    /// It is not known what became of the request.
    Lost(ConnectError),
}

impl Failure {
    pub fn into_error(self) -> ConnectError {
        let (Self::Final(error) | Self::Unresolved(error) | Self::Unsent(error) | Self::Lost(error)) = self;
        error
    }

    /// Whether the host is to blame, rather than the call.
    pub const fn is_of_host(&self) -> bool {
        !matches!(self, Self::Final(_))
    }
}

/// How long to wait before the call is made again; none when it is not.
pub(super) fn pause(call: &Call, outcome: &Result<Reply, Failure>, backoff: Duration) -> Option<Duration> {
    let (is_repeated, wait) = match outcome {
        Ok(reply) => {
            let wait = reply.retry_after();
            match reply.status {
                // Nothing was done.
                429 | 503 | super::OVERLOADED => (true, wait),
                _ if call.explains(reply) => (false, None),
                501 | 505 => (false, None),
                408 | 425 | 500..=599 => (call.repeatable, wait),
                _ => (false, None),
            }
        }
        Err(Failure::Final(_)) => (false, None),
        // Most names of companies that cannot be looked up are gone.
        Err(Failure::Unresolved(_)) => (call.traffic == Traffic::Service, None),
        Err(Failure::Unsent(_)) => (true, None),
        Err(Failure::Lost(_)) => (call.repeatable, None),
    };
    let is_too_long = wait.is_some_and(|wait| wait > LONGEST_WAIT);
    // Those who were told to wait equally long do not come back together.
    (is_repeated && !is_too_long).then(|| wait.map_or(backoff, |wait| wait + backoff))
}

/// A pause that doubles with each attempt; a random half of it keeps callers apart.
pub(super) fn backoff(first: Duration, attempt: u32) -> Duration {
    let whole = first.saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST_PAUSE);
    // Keys of hash tables are random, and that is all that is needed here.
    let random = RandomState::new().hash_one(attempt) >> 32;
    #[expect(clippy::cast_precision_loss, reason = "32 bits fit")]
    let share = random as f32 / 2_f32.powi(32);
    whole / 2 + (whole / 2).mul_f32(share)
}
