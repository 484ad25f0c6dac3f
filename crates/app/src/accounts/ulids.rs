//! Ids that sort in the order in which they were made.

use sluice_model::Time;
use sluice_model::accounts::ulid;
use sluice_model::id::Random;
use std::sync::{Mutex, PoisonError};

/// Bits of a ULID that are not its time.
const RANDOM_BITS: u32 = 80;

/// Makes ULIDs, each greater than the one before: within a millisecond the last one plus 1, and while the clock is
/// behind the last one's time that time goes on. Called inside units of work, so that the order of the ids is that of
/// the commits wherever units cannot overtake each other: on SQLite, and where they change the same row.
#[derive(Debug, Default)]
pub struct Ulids(Mutex<Last>);

#[derive(Debug, Default)]
struct Last {
    ms: i64,
    random: u128,
}

impl Ulids {
    /// The next id, 26 characters.
    pub fn next(&self, now: Time, random: &dyn Random) -> String {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = last.random + 1;
        if now.millis() > last.ms {
            *last = Last { ms: now.millis(), random: draw(random) };
        } else if next >> RANDOM_BITS == 0 {
            last.random = next;
        } else {
            *last = Last { ms: last.ms + 1, random: draw(random) };
        }
        ulid::encode(Time::from_millis(last.ms), last.random)
    }
}

fn draw(random: &dyn Random) -> u128 {
    let mut bytes = [0_u8; 10];
    random.fill(&mut bytes);
    bytes.iter().fold(0, |value, byte| (value << 8) | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::Ulids;
    use sluice_model::Time;
    use sluice_model::id::Random;

    struct Same(u8);

    impl Random for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn each_is_greater_than_the_one_before_whatever_the_clock_does() {
        let (ulids, start) = (Ulids::default(), 1_706_174_100_000);
        let clock = [0, 0, 5, 3, -1_000_000, 5, 6];
        let ids: Vec<String> =
            clock.iter().map(|ms| ulids.next(Time::from_millis(start + ms), &Same(0))).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
        assert_eq!(ids[0], "01hmzydch00000000000000000");
        assert_eq!(ids[5], "01hmzydch50000000000000003");
        assert_eq!(ids[6], "01hmzydch60000000000000000");
    }

    #[test]
    fn a_full_millisecond_lends_from_the_next() {
        let (ulids, now) = (Ulids::default(), Time::from_millis(1_706_174_100_000));
        let ids: Vec<String> = (0..3).map(|_| ulids.next(now, &Same(0xff))).collect();
        assert_eq!(ids[0], "01hmzydch0zzzzzzzzzzzzzzzz");
        assert_eq!(ids[1], "01hmzydch1zzzzzzzzzzzzzzzz");
        assert_eq!(ids[2], "01hmzydch2zzzzzzzzzzzzzzzz");
    }
}
