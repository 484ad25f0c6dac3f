//! One made-up person.

use super::SOURCE;
use super::companies::Employers;
use super::random::{Dice, sums};
use super::tables::{Department, SENIORITIES, Tables, Tongue};
use sluice_model::person::{
    DateSpan, Education, EmployeeRange, Employer, Institution, LanguageSkill, Position, WorkExperience,
};
use sluice_model::{Company, Person, Time, text};
use std::sync::LazyLock;

/// The day after the last observation, 2026-10-01, and the months since year 0 then.
const END: Time = Time::from_millis(1_790_812_800_000);
const END_MONTH: i64 = 2026 * 12 + 9;
/// How far observations lie back.
const DAYS: i64 = 730;

/// The `number`th person of a seed. `None` when there is no company.
pub(super) fn make(employers: &Employers<'_>, seed: u64, number: u64) -> Option<Person> {
    let tables = Tables::get();
    let dice = &mut Dice::of(seed, number);
    let company = employers.draw(dice)?;
    let country = company.country.as_deref().unwrap_or("United States");
    let nation = tables.nation(country);
    // Some have come from elsewhere.
    let names = &tables.names[if dice.percent(8) { dice.below(tables.names.len()) } else { nation.names }];
    let (first, last) = (dice.pick(&names.given), dice.pick(&names.family));
    let department = &tables.departments[dice.weighted(&tables.department_sums)];
    let seniority = seniority(company, dice);
    let tongue = tongue(country, dice);
    let part = dice.pick(&department.parts);
    let title = title(tables, department, part, seniority, tongue, dice);

    let mut person = Person {
        id: uuid::Builder::from_random_bytes(id_bytes(seed, number)).into_uuid(),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        country: Some(country.to_owned()),
        company_id: (!company.id.is_nil()).then_some(company.id),
        seniority: Some(seniority.to_owned()),
        industry: company.industry.clone(),
        departments: vec![department.name.to_owned()],
        sub_departments: vec![part.to_owned()],
        functions: vec![department.name.to_owned()],
        skills: skills(tables, department, dice),
        languages: languages(nation.language, dice),
        source: Some(SOURCE.to_owned()),
        observed_at: Some(observed_at(dice)),
        ..Person::default()
    };
    settle(&mut person, company, employers, dice);
    reach(&mut person, number, dice);
    person.work_experiences = career(tables, department, employers, company, &title, seniority, tongue, dice);
    if dice.percent(60) {
        person.educations.push(education(&person, department, dice));
    }
    if dice.percent(4) {
        person.birth_date = Some(format!(
            "{}-{:02}-{:02}",
            dice.between(1958, 2003),
            dice.between(1, 12),
            dice.between(1, 28)
        ));
    }
    let employer = company.name.as_deref().unwrap_or("a company");
    if dice.percent(70) {
        person.headline = Some(format!("{title} at {employer}"));
    }
    if dice.percent(20) {
        let skills = person.skills.join(", ");
        person.summary =
            Some(format!("Synthetic profile. Works in {} with a focus on {skills}.", department.name));
    }
    person.job_title = Some(title);
    Some(person)
}

/// 16 bytes for an id, apart from the draws for the person's traits.
fn id_bytes(seed: u64, number: u64) -> [u8; 16] {
    let mut dice = Dice::of(!seed, number);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&dice.next().to_be_bytes());
    bytes[8..].copy_from_slice(&dice.next().to_be_bytes());
    bytes
}

fn seniority(company: &Company, dice: &mut Dice) -> &'static str {
    static SUMS: LazyLock<Vec<u64>> = LazyLock::new(|| sums(SENIORITIES.iter().map(|(_, weight)| *weight)));
    // Small companies have few levels: more of their people lead.
    if company.headcount.as_deref() == Some("1-10") && dice.percent(25) {
        return dice.pick(&["founder", "owner", "c_suite", "c_suite"]);
    }
    SENIORITIES[dice.weighted(&SUMS)].0
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

fn title(
    tables: &Tables,
    department: &Department,
    part: &str,
    seniority: &str,
    tongue: Tongue,
    dice: &mut Dice,
) -> String {
    if seniority == "c_suite" && tongue == Tongue::English && dice.percent(75) {
        return dice.pick(&department.top_titles).to_owned();
    }
    let (name, roles) = &department.local[tongue as usize];
    let pattern = dice.pick(tables.titles(seniority, tongue));
    let (before, what, after) = match pattern.split_once('{') {
        Some((before, rest)) => {
            let (what, after) = rest.split_once('}').unwrap_or((rest, ""));
            (before, what, after)
        }
        None => return pattern.to_owned(),
    };
    let inside = match what {
        "r" => dice.pick(roles),
        "s" => part,
        _ => name,
    };
    format!("{before}{inside}{after}")
}

/// Two to seven skills, most of the department's own.
fn skills(tables: &Tables, department: &Department, dice: &mut Dice) -> Vec<String> {
    let count = dice.between(2, 7);
    let mut skills: Vec<&str> = Vec::new();
    for _ in 0..count {
        let from = if dice.percent(85) {
            department
        } else {
            &tables.departments[dice.below(tables.departments.len())]
        };
        let skill = dice.pick(&from.skills);
        if !skills.contains(&skill) {
            skills.push(skill);
        }
    }
    skills.into_iter().map(str::to_owned).collect()
}

fn languages(own: &str, dice: &mut Dice) -> Vec<LanguageSkill> {
    let language =
        |name: &str, level: &str| LanguageSkill { language: name.to_owned(), level: Some(level.to_owned()) };
    let mut languages = vec![language(own, "Native")];
    if own != "English" && dice.percent(70) {
        languages.push(language("English", dice.pick(&["Fluent", "Advanced", "Intermediate"])));
    }
    if dice.percent(20) {
        let third = dice.pick(&["German", "French", "Spanish", "Italian", "Chinese", "Portuguese"]);
        if languages.iter().all(|known| known.language != third) {
            languages.push(language(third, dice.pick(&["Basic", "Intermediate"])));
        }
    }
    languages
}

/// More observations lie in the last year than in the one before.
fn observed_at(dice: &mut Dice) -> Time {
    let days = if dice.percent(40) { dice.between(1, DAYS) } else { dice.between(1, DAYS / 2) };
    END.plus_days(-days).plus_millis(dice.between(0, 86_399) * 1_000)
}

/// Lives where the company is, or near another company of the country.
fn settle(person: &mut Person, company: &Company, employers: &Employers<'_>, dice: &mut Dice) {
    let place = match dice.below(100) {
        0..85 => Some(company),
        85..95 => employers.neighbour(company, dice),
        _ => None,
    };
    if let Some(place) = place {
        person.city.clone_from(&place.city);
        person.state.clone_from(&place.location.headquarter.state);
    }
}

/// E-mail, phone, profile.
fn reach(person: &mut Person, number: u64, dice: &mut Dice) {
    let part = |name: &str| text::fold(name).replace([' ', '\'', '.'], "");
    let (first, last) = (part(&person.first_name), part(&person.last_name));
    if dice.percent(80) {
        person.emails.push(format!("{first}.{last}.{number}@example.com"));
    }
    if dice.percent(35) {
        person.phones.push(phone(person.country.as_deref().unwrap_or_default(), dice));
    }
    if dice.percent(15) {
        person.linkedin_url = Some(format!("https://www.linkedin.com/in/synthetic-{number}-{first}-{last}"));
        person.connections = Some(dice.below(500) as u64);
        person.followers = Some(dice.below(3_000) as u64);
    }
}

/// A number from a range that is kept for fiction: North America 555-0100 to 555-0199, and those of Ofcom, the
/// Bundesnetzagentur, ARCEP and ACMA. Other countries get the North American one.
fn phone(country: &str, dice: &mut Dice) -> String {
    match country {
        "United Kingdom" => format!("+44 20 7946 0{:03}", dice.below(1000)),
        "Germany" => format!("+49 30 23125 {:03}", dice.below(1000)),
        "France" => format!("+33 1 99 00 {:02} {:02}", dice.below(100), dice.below(100)),
        "Australia" => format!("+61 2 5550 {:04}", dice.below(10_000)),
        _ => format!("+1-{}-555-01{:02}", dice.pick(&[202, 212, 303, 312, 415, 617]), dice.below(100)),
    }
}

/// The present job and up to four earlier ones, the latest first.
#[expect(clippy::too_many_arguments, reason = "one call, one person")]
fn career(
    tables: &Tables,
    department: &Department,
    employers: &Employers<'_>,
    company: &Company,
    title: &str,
    seniority: &str,
    tongue: Tongue,
    dice: &mut Dice,
) -> Vec<WorkExperience> {
    let most = match seniority {
        "intern" => 0,
        "entry" => 1,
        "mid-level" => 2,
        _ => 4,
    };
    let mut end = END_MONTH;
    let mut start = end - dice.between(1, if most == 0 { 12 } else { 110 });
    let mut jobs = vec![job(company, title.to_owned(), start, None)];
    for _ in 0..dice.between(0, most) {
        let Some(earlier) =
            (if dice.percent(75) { employers.neighbour(company, dice) } else { employers.draw(dice) })
        else {
            break;
        };
        let level = if jobs.len() > 1 || dice.percent(40) {
            dice.pick(&["entry", "mid-level", "mid-level"])
        } else {
            dice.pick(&["mid-level", "senior", "manager"])
        };
        let part = dice.pick(&department.parts);
        let title = self::title(tables, department, part, level, tongue, dice);
        end = start - dice.between(0, 6);
        start = end - dice.between(6, 90);
        jobs.push(job(earlier, title, start, Some(end)));
    }
    jobs
}

fn job(company: &Company, title: String, start: i64, end: Option<i64>) -> WorkExperience {
    let dates = DateSpan { start: Some(month(start)), end: end.map(month) };
    WorkExperience {
        company: Employer {
            id: (!company.id.is_nil()).then(|| company.id.to_string()),
            name: company.name.clone(),
            domain: company.domain.clone(),
            linkedin_url: company.linkedin_url.clone(),
            employees: company.headcount.as_deref().and_then(range),
            logo_url: None,
        },
        profile_positions: vec![Position { title: Some(title), dates: dates.clone(), ..Position::default() }],
        dates,
    }
}

/// `201-500` or `10001+` as numbers.
fn range(band: &str) -> Option<EmployeeRange> {
    match band.split_once('-') {
        Some((start, end)) => Some(EmployeeRange { start: start.parse().ok(), end: end.parse().ok() }),
        None => Some(EmployeeRange { start: Some(band.strip_suffix('+')?.parse().ok()?), end: None }),
    }
}

/// The `2019-04` of a number of months since year 0.
fn month(months: i64) -> String {
    format!("{:04}-{:02}", months.div_euclid(12), months.rem_euclid(12) + 1)
}

fn education(person: &Person, department: &Department, dice: &mut Dice) -> Education {
    let place = person.city.as_deref().or(person.country.as_deref()).unwrap_or("Springfield");
    let school = match dice.below(3) {
        0 => format!("University of {place}"),
        1 => format!("{place} Institute of Technology"),
        _ => format!("{place} Business School"),
    };
    let field = match department.name {
        "Engineering" | "Information Technology" | "Product" => ["Computer Science", "Engineering"],
        "Finance" => ["Economics", "Accounting"],
        "Legal" => ["Law", "Law"],
        "Research" => ["Chemistry", "Biology"],
        _ => ["Business Administration", "Communication"],
    };
    let end = dice.between(1980, 2024);
    Education {
        institution: Institution { name: Some(school), ..Institution::default() },
        degree_name: Some(
            dice.pick(&["Bachelor", "Bachelor", "Master", "Master", "Doctorate", "Diploma"]).to_owned(),
        ),
        field_of_study: Some(dice.pick(&field).to_owned()),
        dates: DateSpan { start: Some((end - dice.between(3, 6)).to_string()), end: Some(end.to_string()) },
        grade: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{END, month};

    #[test]
    fn fixed_dates() {
        assert_eq!(END.to_string(), "2026-10-01T00:00:00.000Z");
        assert_eq!((month(2026 * 12 + 9), month(2026 * 12)), ("2026-10".to_owned(), "2026-01".to_owned()));
        assert_ne!(uuid::Builder::from_random_bytes(super::id_bytes(1, 0)).into_uuid(), uuid::Uuid::nil());
    }
}
