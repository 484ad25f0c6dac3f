//! A clock that stands still until it is moved, and randomness that counts.

use sluice_model::Time;
use sluice_model::id::Random;
use sluice_model::time::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// When every test begins: 2024-01-25T09:15:00.000Z, the time of the documented example.
pub const START: Time = Time::from_millis(1_706_174_100_000);

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(START.millis()))
    }
}

impl TestClock {
    /// Moves on by so many milliseconds (negative: back).
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Moves on by so many days.
    pub fn advance_days(&self, days: i64) {
        self.advance(days * sluice_model::time::DAY_MS);
    }

    /// The time since the test began, as rate limits want it.
    #[must_use]
    pub fn elapsed(self: Arc<Self>) -> Arc<dyn Fn() -> Duration + Send + Sync> {
        Arc::new(move || {
            let ms = self.now().millis() - START.millis();
            Duration::from_millis(u64::try_from(ms).unwrap_or_default())
        })
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Counts instead of drawing.
#[derive(Debug, Default)]
pub struct CountingRandom {
    ids: AtomicU64,
    /// Never begins anew: no two secrets are the same.
    secrets: AtomicU64,
}

impl CountingRandom {
    /// Begins to count ids anew, so that what was made before a test does not show in its ids.
    pub fn restart(&self) {
        self.ids.store(0, Ordering::SeqCst);
    }
}

impl Random for CountingRandom {
    /// Ids (10 bytes) end in the number; everything else gets its digits of base 32, because tokens use five bits
    /// of each byte.
    fn fill(&self, bytes: &mut [u8]) {
        let (counter, bits) = if bytes.len() == 10 { (&self.ids, 8) } else { (&self.secrets, 5) };
        let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
        let mut rest = number;
        for byte in bytes.iter_mut().rev() {
            *byte = u8::try_from(rest & ((1 << bits) - 1)).unwrap_or_default();
            rest >>= bits;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CountingRandom, Random, START};

    #[test]
    fn ids_show_their_number_and_tokens_differ() {
        let random = CountingRandom::default();
        let id = |random: &CountingRandom| sluice_model::id::uuid_v7(START, random).to_string();
        assert_eq!(id(&random), "018d3fe6-b220-7000-8000-000000000001");
        let mut tokens = std::collections::HashSet::new();
        for _ in 0..100 {
            let mut bytes = [0_u8; 40];
            random.fill(&mut bytes);
            assert!(tokens.insert(bytes.map(|byte| byte & 31)));
        }
        random.restart();
        assert_eq!(id(&random), "018d3fe6-b220-7000-8000-000000000001");
    }
}
