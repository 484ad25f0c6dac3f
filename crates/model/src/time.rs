//! Points in time, kept as whole milliseconds since the Unix epoch.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, date};
use jiff::fmt::temporal::Pieces;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Milliseconds of one day.
pub const DAY_MS: i64 = 86_400_000;

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// A point in time with millisecond precision, on the wire `2024-01-15T10:30:00.000Z`
/// (the form of the targeting API's documented examples).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// The last time that has a wire form: 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The time `ms` milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This time moved by `days` times 24 hours (negative: earlier).
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY_MS)))
    }

    /// This time moved by `ms` milliseconds.
    #[must_use]
    pub const fn plus_millis(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Whole days since the epoch, rounded down.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    /// Reads an ISO 8601 / RFC 3339 timestamp with any offset; a date alone is its midnight in UTC.
    /// A timestamp without an offset is refused: it names no point in time. Fractions finer than a
    /// millisecond are cut. Returns `None` for anything else, and for years outside 0000–9999.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 10 {
            return Self::at(DateTime::from_parts(text.parse::<Date>().ok()?, jiff::civil::Time::midnight()));
        }
        // jiff also reads forms RFC 3339 does not know (a space, a zone name): hold to the RFC's shape.
        let shape = text.as_bytes();
        if shape.len() < 20 || shape[4] != b'-' || shape[7] != b'-' || !matches!(shape[10], b'T' | b't') {
            return None;
        }
        let pieces = Pieces::parse(text).ok()?;
        if pieces.time_zone_annotation().is_some() {
            return None;
        }
        let offset = SignedDuration::from_secs(pieces.to_numeric_offset()?.seconds().into());
        Self::at(DateTime::from_parts(pieces.date(), pieces.time()?).checked_sub(offset).ok()?)
    }

    /// A date and time of UTC. Not by way of `jiff::Timestamp`, which ends on 9999-12-30.
    fn at(utc: DateTime) -> Option<Self> {
        let ms = utc.duration_since(EPOCH).as_nanos().div_euclid(1_000_000);
        (utc.year() >= 0).then_some(Self(i64::try_from(ms).ok()?))
    }

    /// As a date and time of UTC.
    pub(crate) fn to_civil(self) -> DateTime {
        EPOCH.saturating_add(SignedDuration::from_millis(self.0))
    }

    /// The time that a date and time of UTC names.
    pub(crate) fn from_civil(utc: DateTime) -> Option<Self> {
        Self::at(utc)
    }

    /// The calendar date in UTC, `2024-01-15`.
    #[must_use]
    pub fn date(self) -> String {
        let mut text = self.to_string();
        text.truncate(10);
        text
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = EPOCH.checked_add(SignedDuration::from_millis(self.0)).map_err(|_| fmt::Error)?;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        )
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("Invalid datetime"))
    }
}

/// Where the time comes from: the system's clock in the binary, a fixed one in tests.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Time;
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn reads_any_offset_and_writes_utc_milliseconds() {
        for (text, out) in [
            ("2024-01-15T10:30:00.000Z", "2024-01-15T10:30:00.000Z"),
            ("2024-01-15T10:30:00Z", "2024-01-15T10:30:00.000Z"),
            ("2024-12-31T23:59:59.9999+02:00", "2024-12-31T21:59:59.999Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
            ("0000-01-01", "0000-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(Time::parse(text).map(|t| t.to_string()).as_deref(), Some(out), "{text}");
        }
    }

    #[test]
    fn refuses_what_names_no_point_in_time() {
        for text in [
            "",
            "tomorrow",
            "2024-01-15T10:30:00",
            "2024-01-15 10:30:00Z",
            "2023-02-29",
            "2024-13-01T00:00:00Z",
            "20240115T103000Z",
            "2024-01-15T25:00:00Z",
            "-000001-01-01T00:00:00Z",
        ] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }
}
