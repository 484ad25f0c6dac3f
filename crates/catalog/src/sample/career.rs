//! A made-up career: jobs without gaps or overlaps that make no sense, each on a step no higher than the next.

use super::companies::Employers;
use super::random::Dice;
use super::tables::{Department, STAYS, STEPS, Tables, Tongue};
use sluice_model::person::{DateSpan, EmployeeRange, Employer, Position, WorkExperience};
use sluice_model::{Company, Time};

/// Jobs that a career shows.
const JOBS: usize = 6;
/// Months that are too few for a job of their own.
const SHORT: i64 = 4;

/// Where somebody works.
pub(super) struct Place<'a> {
    pub employers: &'a Employers<'a>,
    pub company: &'a Company,
    pub department: &'static Department,
    pub tables: &'static Tables,
}

/// The present job, and those before.
pub(super) struct Career {
    pub title: String,
    /// The part of the department.
    pub part: &'static str,
    /// The latest first.
    pub jobs: Vec<WorkExperience>,
}

/// A stretch of work in one position, in months since year 0.
struct Stretch {
    start: i64,
    end: Option<i64>,
}

impl Career {
    /// A career of `months` months up to `now` that has led to `seniority`.
    pub fn draw(place: &Place<'_>, seniority: &'static str, now: i64, months: i64, dice: &mut Dice) -> Self {
        let first = now - months;
        let part = dice.pick(&place.department.parts);
        let title = title(place, place.company, part, seniority, dice);
        let mut stretch = Stretch { start: begin(now, first, dice), end: None };
        let mut jobs = vec![job(place.company, title.clone(), &stretch)];
        let mut company = place.company;
        // Founders and owners have been employees before, of any step.
        let mut step = STEPS.iter().position(|(name, _, _)| *name == seniority).unwrap_or(STEPS.len() - 1);
        let mut positions = 1;
        while positions < JOBS && stretch.start - first >= SHORT {
            let promoted = dice.percent(25);
            let end = if promoted {
                stretch.start
            } else {
                stretch.start - gap(dice).min(stretch.start - first - 1)
            };
            stretch = Stretch { start: begin(end, first, dice), end: Some(end) };
            step = earlier_step(step, (stretch.start - first) / 12, promoted, dice);
            let level = STEPS.get(step).map_or("entry", |(name, _, _)| name);
            if !promoted {
                company = earlier_company(place, company, dice);
            }
            let title = self::title(place, company, dice.pick(&place.department.parts), level, dice);
            match jobs.last_mut() {
                Some(stay) if promoted => extend(stay, title, &stretch),
                _ => jobs.push(job(company, title, &stretch)),
            }
            positions += 1;
        }
        Self { title, part, jobs }
    }
}

/// When a position began that ended at `end`, not before the first of all.
fn begin(end: i64, first: i64, dice: &mut Dice) -> i64 {
    let start = (end - dice.pick(&STAYS)).max(first);
    // A rest that is too short for a job belongs to this one.
    if start - first < SHORT { first } else { start }
}

/// Months between two jobs: mostly none.
fn gap(dice: &mut Dice) -> i64 {
    match dice.below(100) {
        0..70 => 0,
        70..90 => dice.between(1, 2),
        _ => dice.between(3, 12),
    }
}

/// The step before: no higher than the next, lower after a promotion, and within reach after so many years.
fn earlier_step(step: usize, years: i64, promoted: bool, dice: &mut Dice) -> usize {
    let down = match dice.below(100) {
        0..40 if !promoted => 0,
        0..85 => 1,
        _ => 2,
    };
    let lower = step.saturating_sub(down);
    let reached = STEPS.iter().rposition(|(_, least, _)| *least <= years).unwrap_or(0);
    // Who has a job has left internships behind, but for a first short one.
    lower.min(reached).max(usize::from(step > 0))
}

/// Mostly a company of the same country.
fn earlier_company<'a>(place: &Place<'a>, after: &'a Company, dice: &mut Dice) -> &'a Company {
    let found =
        if dice.percent(75) { place.employers.neighbour(after, dice) } else { place.employers.draw(dice) };
    found.unwrap_or(after)
}

fn tongue(country: &str, dice: &mut Dice) -> Tongue {
    let (own, percent) = match country {
        "Germany" | "Austria" => (Tongue::German, 60),
        "Switzerland" | "Liechtenstein" => (Tongue::German, 35),
        "France" | "Monaco" => (Tongue::French, 60),
        "Luxembourg" | "Belgium" => (Tongue::French, 25),
        _ => return Tongue::English,
    };
    if dice.percent(percent) { own } else { Tongue::English }
}

fn title(place: &Place<'_>, company: &Company, part: &str, seniority: &str, dice: &mut Dice) -> String {
    let tongue = tongue(company.country.as_deref().unwrap_or_default(), dice);
    if seniority == "c_suite" && tongue == Tongue::English && dice.percent(75) {
        return dice.pick(&place.department.top_titles).to_owned();
    }
    let (name, roles) = &place.department.local[tongue as usize];
    let pattern = dice.pick(place.tables.titles(seniority, tongue));
    let Some((before, rest)) = pattern.split_once('{') else { return pattern.to_owned() };
    let (what, after) = rest.split_once('}').unwrap_or((rest, ""));
    let inside = match what {
        "r" => dice.pick(roles),
        "s" => part,
        _ => name,
    };
    [before, inside, after].concat()
}

fn job(company: &Company, title: String, stretch: &Stretch) -> WorkExperience {
    let position = position(title, stretch);
    WorkExperience {
        company: Employer {
            id: (!company.id.is_nil()).then(|| company.id.to_string()),
            name: company.name.clone(),
            domain: company.domain.clone(),
            linkedin_url: company.linkedin_url.clone(),
            employees: company.headcount.as_deref().and_then(range),
            logo_url: None,
        },
        dates: position.dates.clone(),
        profile_positions: vec![position],
    }
}

/// An earlier position at the same company.
fn extend(stay: &mut WorkExperience, title: String, stretch: &Stretch) {
    stay.dates.start = Some(month(stretch.start));
    stay.profile_positions.push(position(title, stretch));
}

fn position(title: String, stretch: &Stretch) -> Position {
    let dates = DateSpan { start: Some(month(stretch.start)), end: stretch.end.map(month) };
    Position { title: Some(title), dates, ..Position::default() }
}

/// `201-500` or `10001+` as numbers.
fn range(band: &str) -> Option<EmployeeRange> {
    match band.split_once('-') {
        Some((start, end)) => Some(EmployeeRange { start: start.parse().ok(), end: end.parse().ok() }),
        None => Some(EmployeeRange { start: Some(band.strip_suffix('+')?.parse().ok()?), end: None }),
    }
}

/// The `2019-04` of a number of months since year 0.
pub(super) fn month(months: i64) -> String {
    format!("{:04}-{:02}", months.div_euclid(12), months.rem_euclid(12) + 1)
}

/// The months since year 0 of a time.
pub(super) fn month_of(time: Time) -> i64 {
    let date = time.date();
    let mut parts = date.split('-').map(|part| part.parse().unwrap_or(0));
    let (year, month): (i64, i64) = (parts.next().unwrap_or(0), parts.next().unwrap_or(1));
    12 * year + month - 1
}
