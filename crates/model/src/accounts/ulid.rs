//! ULIDs in lower case: 48 bits of time and 80 of randomness as 26 characters whose order is that of the time.

use crate::time::Time;

/// Characters of an id without its prefix.
pub const LENGTH: usize = 26;
/// Crockford's base 32, in lower case.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of the time.
const TIME: usize = 10;
const TIME_BITS: u32 = 48;
const RANDOM_BITS: u32 = 80;

/// The text of a ULID of this time and the low 80 bits of `random`.
#[must_use]
pub fn encode(time: Time, random: u128) -> String {
    let ms = u128::try_from(time.millis()).unwrap_or(0) & ((1 << TIME_BITS) - 1);
    let value = (ms << RANDOM_BITS) | (random & ((1 << RANDOM_BITS) - 1));
    let digit = |at: usize| {
        let shift = 5 * (LENGTH - 1 - at);
        let five = usize::try_from((value >> shift) & 31).unwrap_or_default();
        ALPHABET.get(five).copied().map_or('0', char::from)
    };
    (0..LENGTH).map(digit).collect()
}

/// The time of a ULID. `None` for 26 characters that are none of ours.
#[must_use]
pub fn time_of(text: &str) -> Option<Time> {
    let mut ms: i64 = 0;
    for byte in text.bytes().take(TIME) {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        ms = (ms << 5) | i64::try_from(digit).ok()?;
    }
    (text.len() == LENGTH).then_some(Time::from_millis(ms))
}

/// Whether `text` has the form of an id without its prefix: 26 of `[a-z0-9]`.
#[must_use]
pub fn is_bare(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{encode, is_bare, time_of};
    use crate::time::Time;

    #[test]
    fn a_ulid_carries_its_time_and_sorts_by_it() {
        let time = Time::from_millis(1_706_174_100_000);
        let id = encode(time, 1);
        assert_eq!(id, "01hmzydch00000000000000001");
        assert_eq!(time_of(&id), Some(time));
        assert!(is_bare(&id));
        assert!(encode(time, u128::MAX) < encode(time.plus_millis(1), 0), "later is greater");
        assert!(encode(time, 31) < encode(time, 32));
        assert_eq!(encode(Time::from_millis((1 << 48) - 1), u128::MAX), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }

    #[test]
    fn what_is_no_ulid_has_no_time() {
        for text in ["", "01hmzydch0", "u1hmzydcx00000000000000001", "01HMZYDCH00000000000000001"] {
            assert_eq!(time_of(text), None, "{text}");
        }
    }
}
