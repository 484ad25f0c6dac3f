//! Dates of careers as numbers.

use super::open;
use sluice_model::person::WorkExperience;
use sluice_model::{Person, Time};

/// The month of `2019`, `2019-04` or `2019-04-01`, counted from the year 0; a year alone is its January.
pub(crate) fn month(date: &str) -> Option<u64> {
    let mut parts = date.trim().split('-');
    let year: u64 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month: u64 = match parts.next() {
        Some(month) => month.parse().ok().filter(|month| (1..=12).contains(month))?,
        None => 1,
    };
    Some(year * 12 + month - 1)
}

/// The year of a date.
pub(crate) fn year(date: &str) -> Option<u64> {
    month(date).map(|month| month / 12)
}

/// The day of `2019-04-01`, counted from 1970; a year or a month alone is its first day. Earlier days are 0.
pub(crate) fn day(date: &str) -> Option<u64> {
    let whole = match date.trim().len() {
        4 => format!("{}-01-01T00:00:00Z", date.trim()),
        7 => format!("{}-01T00:00:00Z", date.trim()),
        _ => format!("{}T00:00:00Z", date.trim().get(..10)?),
    };
    Time::parse(&whole).map(|time| u64::try_from(time.day()).unwrap_or(0))
}

/// The present month.
pub(crate) fn this_month(now: Time) -> u64 {
    month(&now.date()).unwrap_or(0)
}

fn start(job: &WorkExperience) -> Option<u64> {
    job.dates.start.as_deref().and_then(month).or_else(|| {
        job.profile_positions
            .iter()
            .filter_map(|position| position.dates.start.as_deref().and_then(month))
            .min()
    })
}

fn present_job(person: &Person) -> Option<&WorkExperience> {
    person.work_experiences.iter().find(|job| open(&job.dates))
}

/// The month in which the present position began: the first open one of the first open job.
pub(crate) fn job_since(person: &Person) -> Option<u64> {
    let job = present_job(person)?;
    let position = job.profile_positions.iter().find(|position| open(&position.dates));
    position.and_then(|position| position.dates.start.as_deref()).and_then(month).or_else(|| start(job))
}

/// The month in which the present stay began: that of the first open job.
pub(crate) fn company_since(person: &Person) -> Option<u64> {
    present_job(person).and_then(start)
}

/// How long somebody has worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// As if from this month on without a pause.
    Since(u64),
    /// So many months, and no longer.
    Months(u64),
}

impl Work {
    /// Months until `now`, a month.
    pub fn until(self, now: u64) -> u64 {
        match self {
            Self::Since(month) => now.saturating_sub(month),
            Self::Months(months) => months,
        }
    }
}

/// The time somebody has worked; months in which they had several jobs count once. `None` when no job has dates.
pub(crate) fn work(person: &Person) -> Option<Work> {
    let mut present: Option<u64> = None;
    let mut past = Vec::new();
    for job in &person.work_experiences {
        let Some(start) = start(job) else { continue };
        if open(&job.dates) {
            present = Some(present.map_or(start, |first| first.min(start)));
        } else if let Some(end) = job.dates.end.as_deref().and_then(month)
            && end >= start
        {
            past.push((start, end));
        }
    }
    if present.is_none() && past.is_empty() {
        return None;
    }
    // From the latest to the earliest: `from` is where the months counted so far begin.
    past.sort_unstable_by_key(|(_, end)| std::cmp::Reverse(*end));
    let mut from = present.unwrap_or(u64::MAX);
    let (mut first, mut months) = (present, 0);
    for (start, end) in past {
        if let Some(open) = first.filter(|open| end >= *open && months == 0) {
            first = Some(open.min(start));
            from = from.min(start);
            continue;
        }
        let end = end.min(from);
        months += end.saturating_sub(start);
        from = from.min(start);
    }
    Some(match first {
        Some(open) => Work::Since(open.saturating_sub(months)),
        None => Work::Months(months),
    })
}

#[cfg(test)]
mod tests {
    use super::{Work, day, month, work};
    use sluice_model::Person;
    use sluice_model::person::{DateSpan, WorkExperience};

    #[test]
    fn dates_are_numbers() {
        for (date, expected) in
            [("2019", Some(24_228)), ("2019-04", Some(24_231)), ("2019-04-30", Some(24_231)), ("19", None)]
        {
            assert_eq!(month(date), expected, "{date}");
        }
        for (date, expected) in [("1970-01-02", Some(1)), ("1971", Some(365)), ("1960", Some(0)), ("x", None)]
        {
            assert_eq!(day(date), expected, "{date}");
        }
    }

    fn career(jobs: &[(&str, Option<&str>)]) -> Person {
        let job = |(start, end): &(&str, Option<&str>)| WorkExperience {
            dates: DateSpan { start: Some((*start).to_owned()), end: end.map(str::to_owned) },
            ..WorkExperience::default()
        };
        Person { work_experiences: jobs.iter().map(job).collect(), ..Person::default() }
    }

    #[test]
    fn months_at_the_same_time_count_once() {
        let january = 2020 * 12;
        for (jobs, expected) in [
            (&[][..], None),
            (&[("2020", None)], Some(Work::Since(january))),
            (&[("2020", None), ("2018", Some("2019"))], Some(Work::Since(january - 12))),
            (&[("2020", None), ("2018", Some("2020"))], Some(Work::Since(january - 24))),
            (
                &[("2020", None), ("2018", Some("2021")), ("2017", Some("2018-06"))],
                Some(Work::Since(january - 36)),
            ),
            (&[("2018", Some("2019")), ("2018", Some("2019"))], Some(Work::Months(12))),
            (&[("2018", Some("2019")), ("2015", Some("2016-07"))], Some(Work::Months(30))),
            (&[("2018", Some("2019")), ("2015", Some("2018-07"))], Some(Work::Months(48))),
            (&[("2015", Some("2020")), ("2016", Some("2017"))], Some(Work::Months(60))),
        ] {
            assert_eq!(work(&career(jobs)), expected, "{jobs:?}");
        }
        assert_eq!(Work::Since(january).until(january + 5), 5);
        assert_eq!(Work::Months(7).until(january), 7);
    }
}
