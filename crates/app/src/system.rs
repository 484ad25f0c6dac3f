//! The system's clock and randomness. Everything else takes them as parameters.

use sluice_model::Time;
use sluice_model::id::Random;
use sluice_model::time::Clock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the product reads the clock")]
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place where the product draws randomness")]
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness ids would repeat and tokens be guessable: better to stop.
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(error = %error, "the operating system gives no randomness");
            std::process::abort();
        }
    }
}
