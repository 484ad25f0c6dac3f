//! Identifiers: UUIDs of version 7, made from the injected clock and randomness.

use crate::time::Time;
use uuid::Uuid;

/// Where randomness comes from: the operating system in the binary, a counter in tests.
pub trait Random: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// Makes a UUID of version 7 (RFC 9562 §5.7): 48 bits of `now` in milliseconds, then 74 random bits.
#[must_use]
pub fn uuid_v7(now: Time, random: &dyn Random) -> Uuid {
    let mut bytes = [0_u8; 10];
    random.fill(&mut bytes);
    let ms = u64::try_from(now.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(ms, &bytes).into_uuid()
}

/// Reads a UUID in its hyphenated form, either case. Anything else is `None`: braces and the
/// bare 32 digits are no ids of ours.
#[must_use]
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::{Random, parse_uuid, uuid_v7};
    use crate::time::Time;

    struct Zero;
    impl Random for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn version_7_carries_the_time() {
        let id = uuid_v7(Time::from_millis(1_705_314_600_000), &Zero);
        assert_eq!(id.to_string(), "018d0cab-c440-7000-8000-000000000000");
    }

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        assert!(parse_uuid("550E8400-e29b-41d4-a716-446655440000").is_some());
        for text in
            ["invalid-id", "550e8400e29b41d4a716446655440000", "{550e8400-e29b-41d4-a716-446655440000}"]
        {
            assert_eq!(parse_uuid(text), None, "{text}");
        }
    }
}
