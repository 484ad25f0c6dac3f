//! No more calls a minute than a service allows.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Gives calls their turns: at most so many in any minute, a twenty-fifth of them at once.
#[derive(Debug)]
pub(super) struct Pace {
    /// Between two calls in the long run; zero when there is no limit.
    interval: Duration,
    burst: Duration,
    /// When the calls so far are paid for.
    paid: Mutex<Option<Instant>>,
}

impl Pace {
    /// `per_minute` calls in any minute; 0 for no limit.
    pub(super) fn new(per_minute: u32) -> Self {
        // A burst may fall into the same minute as a steady stream behind it: both together stay below the limit.
        let burst = (per_minute / 25).max(1);
        let steady = per_minute.saturating_sub(burst).max(1);
        let interval = if per_minute > 0 { Duration::from_secs(60) / steady } else { Duration::ZERO };
        Self { interval, burst: interval * (burst - 1), paid: Mutex::new(None) }
    }

    /// Waits for the next turn.
    pub(super) async fn turn(&self) {
        let now = Instant::now();
        let at = {
            let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
            let begin = paid.map_or(now, |paid| paid.max(now));
            *paid = Some(begin + self.interval);
            begin.checked_sub(self.burst).unwrap_or(now)
        };
        if at > now {
            tokio::time::sleep_until(at).await;
        }
    }

    /// Nobody has a turn for so long.
    pub(super) fn pause(&self, time: Duration) {
        let until = Instant::now() + time + self.burst;
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        *paid = Some(paid.map_or(until, |paid| paid.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use std::time::Duration;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_calls_than_allowed() {
        let pace = Pace::new(1_500);
        let begin = Instant::now();
        let mut turns = Vec::new();
        for _ in 0..4_000 {
            pace.turn().await;
            turns.push(begin.elapsed());
        }
        let most = turns
            .iter()
            .map(|from| {
                turns.iter().filter(|turn| *turn >= from && **turn < *from + Duration::from_secs(60)).count()
            })
            .max();
        assert!(most <= Some(1_500), "{most:?}");
        assert_eq!(turns.iter().filter(|turn| turn.is_zero()).count(), 60, "the burst");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody() {
        for pace in [Pace::new(600), Pace::new(0)] {
            pace.turn().await;
            pace.pause(Duration::from_secs(3));
            let begin = Instant::now();
            pace.turn().await;
            assert!(begin.elapsed() >= Duration::from_secs(3), "{:?}", begin.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nobody_waits() {
        let pace = Pace::new(0);
        let begin = Instant::now();
        for _ in 0..10_000 {
            pace.turn().await;
        }
        assert!(begin.elapsed().is_zero());
    }
}
