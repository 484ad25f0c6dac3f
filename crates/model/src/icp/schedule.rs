//! When an ICP runs by itself.

use crate::fault::{Faults, Node, shorten};
use crate::time::Time;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

/// The longest expression.
const MAX_LENGTH: usize = 100;

/// A cron expression of five fields (minute, hour, day of month, month, day of week) or a nickname such as `@daily`,
/// as it was sent. Its times are of UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schedule(String);

impl Schedule {
    /// The schedule that a text says, if it says one that is ever due.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let cron = cron(text)?;
        // From a fixed day: whether an expression is sound does not depend on when it is asked.
        let ever = cron.find_next_occurrence(&Time::from_millis(0).to_civil(), false);
        ever.map_err(|_| format!("This schedule is never due: '{}'", shorten(text)))?;
        Ok(Self(text.to_owned()))
    }

    /// Reads a schedule.
    pub(crate) fn read(node: &Node<'_>, faults: &mut Faults) -> Option<Self> {
        match Self::parse(node.text(faults, 1, MAX_LENGTH)?) {
            Ok(schedule) => Some(schedule),
            Err(message) => {
                node.fault(faults, message);
                None
            }
        }
    }

    /// A schedule that was checked when it was written.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The schedule as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When it is due next, later than `now`; `None` when never again.
    #[must_use]
    pub fn next_after(&self, now: Time) -> Option<Time> {
        let cron = cron(&self.0).ok()?;
        Time::from_civil(cron.find_next_occurrence(&now.to_civil(), false).ok()?)
    }
}

fn cron(text: &str) -> Result<Cron, String> {
    let invalid = |reason: &str| format!("Invalid schedule: {reason}");
    // The parser folds case and trims; what is kept is what was sent, so that must be plain already.
    if text.trim() != text || !text.is_ascii() {
        return Err(invalid("expected a cron expression without space around it"));
    }
    if text.contains('@') {
        let known = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
        if !known.contains(&text) {
            return Err(invalid(&format!("expected one of {}", known.join(", "))));
        }
    } else if text.split_ascii_whitespace().count() != 5 {
        return Err(invalid("expected five fields: minute, hour, day of month, month, day of week"));
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(text).map_err(|error| invalid(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use crate::time::Time;

    #[test]
    fn the_next_tick_is_later_than_now_and_of_utc() {
        for (text, now, next) in [
            ("* * * * *", "2024-01-15T10:30:00.000Z", "2024-01-15T10:31:00.000Z"),
            ("* * * * *", "2024-01-15T10:30:59.999Z", "2024-01-15T10:31:00.000Z"),
            ("0 6 * * 1-5", "2024-01-12T06:00:00.000Z", "2024-01-15T06:00:00.000Z"),
            ("0 6 * * MON", "2024-01-12T06:00:00.000Z", "2024-01-15T06:00:00.000Z"),
            ("*/15 8-9 * * *", "2024-01-15T09:45:00Z", "2024-01-16T08:00:00.000Z"),
            ("0 0 29 2 *", "2024-03-01T00:00:00Z", "2028-02-29T00:00:00.000Z"),
            ("0 0 L * *", "2024-02-01T00:00:00Z", "2024-02-29T00:00:00.000Z"),
            ("@hourly", "2024-01-15T10:30:00Z", "2024-01-15T11:00:00.000Z"),
            ("@daily", "2024-12-31T00:00:00Z", "2025-01-01T00:00:00.000Z"),
            ("@weekly", "2024-01-15T10:30:00Z", "2024-01-21T00:00:00.000Z"),
            ("@monthly", "2024-01-15T10:30:00Z", "2024-02-01T00:00:00.000Z"),
            ("@yearly", "2024-01-15T10:30:00Z", "2025-01-01T00:00:00.000Z"),
        ] {
            let schedule = Schedule::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let found = schedule.next_after(Time::parse(now).expect("a time"));
            assert_eq!(found.map(|time| time.to_string()).as_deref(), Some(next), "{text} after {now}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_its_reason() {
        let fields = "expected five fields: minute, hour, day of month, month, day of week";
        for (text, reason) in [
            ("", fields),
            ("* * * *", fields),
            ("* * * * * *", fields),
            ("0 0 * * * * 2025", fields),
            (" * * * * *", "expected a cron expression without space around it"),
            ("＊ * * * *", "expected a cron expression without space around it"),
        ] {
            assert_eq!(Schedule::parse(text), Err(format!("Invalid schedule: {reason}")), "{text}");
        }
        for text in
            ["60 * * * *", "* 24 * * *", "x * * * *", "1-0 * * * *", "*/0 * * * *", "@noon", "@daily x"]
        {
            let error = Schedule::parse(text).expect_err(text);
            assert!(error.starts_with("Invalid schedule: "), "{text}: {error}");
        }
        let never = Schedule::parse("0 0 30 2 *");
        assert_eq!(never, Err("This schedule is never due: '0 0 30 2 *'".to_owned()));
    }
}
