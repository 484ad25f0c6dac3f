//! One made-up person.

use super::SOURCE;
use super::career::{Career, Place, month_of};
use super::companies::Employers;
use super::random::{Dice, sums};
use super::tables::{Department, Name, SENIORITIES, STEPS, Tables};
use sluice_model::person::{DateSpan, Education, Institution, LanguageSkill};
use sluice_model::{Company, Person, Time};
use std::sync::LazyLock;

/// How far observations lie back.
const DAYS: i64 = 730;

/// Makes the people of one seed.
pub(super) struct Maker<'a> {
    employers: Employers<'a>,
    seed: u64,
    as_of: Time,
    /// The month of `as_of`, counted from year 0.
    month: i64,
}

impl<'a> Maker<'a> {
    pub fn new(employers: Employers<'a>, seed: u64, as_of: Time) -> Self {
        Self { employers, seed, as_of, month: month_of(as_of) }
    }

    /// The `number`th person. `None` when there is no company.
    pub fn make(&self, number: u64) -> Option<Person> {
        let tables = Tables::get();
        let dice = &mut Dice::of(self.seed, number);
        let (company, band) = self.employers.draw_with_band(dice)?;
        let country = company.country.as_deref().unwrap_or("United States");
        let nation = tables.nation(country);
        // Some have come from elsewhere.
        let group = if dice.percent(8) { dice.below(tables.names.len()) } else { nation.names };
        let names = tables.names.get(group)?;
        let (first, last) = (dice.pick(&names.given), dice.pick(&names.family));
        let department = tables.departments.get(dice.weighted(&tables.department_sums))?;
        let seniority = seniority(band, dice);
        let months = experience(seniority, dice);
        let place = Place { employers: &self.employers, company, department, tables };
        let career = Career::draw(&place, seniority, self.month, months, dice);
        let mut person = Person {
            id: uuid::Builder::from_random_bytes(id_bytes(self.seed, number)).into_uuid(),
            first_name: first.0.to_owned(),
            last_name: last.0.to_owned(),
            country: Some(country.to_owned()),
            company_id: (!company.id.is_nil()).then_some(company.id),
            seniority: Some(seniority.to_owned()),
            industry: company.industry.clone(),
            departments: vec![department.name.to_owned()],
            sub_departments: vec![career.part.to_owned()],
            functions: vec![department.name.to_owned()],
            skills: skills(tables, department, dice),
            languages: languages(nation.language, dice),
            certifications: certifications(department, dice),
            source: Some(SOURCE.to_owned()),
            observed_at: Some(self.observed_at(dice)),
            ..Person::default()
        };
        settle(&mut person, company, &self.employers, dice);
        reach(&mut person, number, first, last, dice);
        self.study(&mut person, department, seniority, months, dice);
        describe(&mut person, &career.title, company, department, dice);
        person.work_experiences = career.jobs;
        person.job_title = Some(career.title);
        Some(person)
    }

    /// More observations lie in the last year than in the one before.
    fn observed_at(&self, dice: &mut Dice) -> Time {
        let days = if dice.percent(40) { dice.between(1, DAYS) } else { dice.between(1, DAYS / 2) };
        self.as_of.plus_days(-days).plus_millis(dice.between(0, 86_399) * 1_000)
    }

    /// Education before the first job, and a birthday that fits both.
    fn study(
        &self,
        person: &mut Person,
        department: &Department,
        seniority: &str,
        months: i64,
        dice: &mut Dice,
    ) {
        let studies = seniority == "intern";
        let begun = (self.month - months).div_euclid(12);
        let degree = match dice.below(100) {
            _ if studies => ("Bachelor", 3),
            0..48 => ("Bachelor", 3),
            48..82 => ("Master", 2),
            82..90 => ("Doctorate", 4),
            _ => ("Diploma", 5),
        };
        let years = degree.1 + dice.between(0, 1);
        let end = if studies { begun + dice.between(1, 2) } else { begun - dice.between(0, 1) };
        let earlier = matches!(degree.0, "Master" | "Doctorate");
        if dice.percent(68) {
            let start = end - years;
            let until = (end <= self.month.div_euclid(12)).then_some(end);
            person.educations.push(education(person, department, degree.0, (start, until), dice));
            if earlier {
                let before = if degree.0 == "Doctorate" { "Master" } else { "Bachelor" };
                let span = (start - dice.between(3, 5), Some(start));
                person.educations.push(education(person, department, before, span, dice));
            }
        }
        if dice.percent(4) {
            let year = end - years - if earlier { 5 } else { 0 } - dice.between(18, 21);
            let (month, day) = (dice.between(1, 12), dice.between(1, 28));
            person.birth_date = Some(format!("{year}-{month:02}-{day:02}"));
        }
    }
}

/// 16 bytes for an id, apart from the draws for the person's traits.
fn id_bytes(seed: u64, number: u64) -> [u8; 16] {
    let mut dice = Dice::of(!seed, number);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&dice.next().to_be_bytes());
    bytes[8..].copy_from_slice(&dice.next().to_be_bytes());
    bytes
}

/// Small companies have few levels, so that more of their people lead; of large ones very few are at the top.
fn seniority(band: &str, dice: &mut Dice) -> &'static str {
    static SUMS: LazyLock<Vec<u64>> = LazyLock::new(|| sums(SENIORITIES.iter().map(|(_, weight)| *weight)));
    if band == "1-10" && dice.percent(25) {
        return dice.pick(&["founder", "owner", "c_suite", "c_suite"]);
    }
    let drawn = SENIORITIES.get(dice.weighted(&SUMS)).map_or("mid-level", |(name, _)| name);
    let large = matches!(band, "1001-5000" | "5001-10000" | "10001+");
    if large && matches!(drawn, "founder" | "owner" | "partner" | "c_suite") && dice.percent(60) {
        return dice.pick(&["mid-level", "senior", "manager", "director"]);
    }
    drawn
}

/// Months since the first job.
fn experience(seniority: &str, dice: &mut Dice) -> i64 {
    let step = STEPS.iter().find(|(name, _, _)| *name == seniority);
    // Founders, owners and partners are of any age.
    let (least, most) = step.map_or((4, 36), |(_, least, most)| (*least, *most));
    let span = usize::try_from(12 * (most - least)).unwrap_or(12);
    12 * least + 1 + i64::try_from(dice.low(span)).unwrap_or(0)
}

/// Two to seven skills, most of the department's own.
fn skills(tables: &Tables, department: &Department, dice: &mut Dice) -> Vec<String> {
    let count = dice.between(2, 7);
    let mut skills: Vec<&str> = Vec::new();
    for _ in 0..count {
        let from = if dice.percent(85) {
            department
        } else {
            tables.departments.get(dice.below(tables.departments.len())).unwrap_or(department)
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

fn certifications(department: &Department, dice: &mut Dice) -> Vec<String> {
    if !dice.percent(22) {
        return Vec::new();
    }
    let first = dice.pick(&department.certifications);
    let second = dice.pick(&department.certifications);
    let mut certifications = vec![first.to_owned()];
    if second != first && dice.percent(30) {
        certifications.push(second.to_owned());
    }
    certifications
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
fn reach(person: &mut Person, number: u64, first: Name, last: Name, dice: &mut Dice) {
    let (first, last) = (first.1, last.1);
    if dice.percent(80) {
        person.emails.push(format!("{first}.{last}.{number}@example.com"));
    }
    if dice.percent(35) {
        person.phones.push(phone(person.country.as_deref().unwrap_or_default(), dice));
    }
    if dice.percent(15) {
        person.linkedin_url = Some(format!("https://www.linkedin.com/in/synthetic-{number}-{first}-{last}"));
        // The network shows no more than 500.
        let connections = if dice.percent(45) { 500 } else { 10 + dice.below(490) };
        person.connections = Some(connections as u64);
        let audience = if dice.percent(5) { dice.low(40_000) } else { dice.low(600) };
        person.followers = Some((connections / 2 + audience) as u64);
    }
}

/// Headline and summary.
fn describe(person: &mut Person, title: &str, company: &Company, department: &Department, dice: &mut Dice) {
    let employer = company.name.as_deref().unwrap_or("a company");
    if dice.percent(70) {
        person.headline = Some(match (dice.below(10), person.skills.as_slice()) {
            (0, [first, second, ..]) => format!("{title} | {first} | {second}"),
            (1, _) => title.to_owned(),
            _ => format!("{title} at {employer}"),
        });
    }
    if dice.percent(20) {
        let skills = person.skills.join(", ");
        person.summary =
            Some(format!("Synthetic profile. Works in {} with a focus on {skills}.", department.name));
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

/// One education; `span`: first and last year, the last when it is over.
fn education(
    person: &Person,
    department: &Department,
    degree: &str,
    span: (i64, Option<i64>),
    dice: &mut Dice,
) -> Education {
    let place = person.city.as_deref().or(person.country.as_deref()).unwrap_or("Springfield");
    let school = match dice.below(3) {
        0 => format!("University of {place}"),
        1 => format!("{place} Institute of Technology"),
        _ => format!("{place} Business School"),
    };
    let fields = match department.name {
        "Engineering" | "Information Technology" | "Product" => ["Computer Science", "Engineering"],
        "Finance" => ["Economics", "Accounting"],
        "Legal" => ["Law", "Law"],
        "Research" => ["Chemistry", "Biology"],
        _ => ["Business Administration", "Communication"],
    };
    Education {
        institution: Institution { name: Some(school), ..Institution::default() },
        degree_name: Some(degree.to_owned()),
        field_of_study: Some(dice.pick(&fields).to_owned()),
        dates: DateSpan { start: Some(span.0.to_string()), end: span.1.map(|year| year.to_string()) },
        grade: None,
    }
}

#[cfg(test)]
mod tests {
    use crate::sample::AS_OF;
    use crate::sample::career::{month, month_of};

    #[test]
    fn fixed_dates() {
        assert_eq!(AS_OF.to_string(), "2026-10-01T00:00:00.000Z");
        assert_eq!(month_of(AS_OF), 2026 * 12 + 9);
        assert_eq!((month(2026 * 12 + 9), month(2026 * 12)), ("2026-10".to_owned(), "2026-01".to_owned()));
        assert_ne!(uuid::Builder::from_random_bytes(super::id_bytes(1, 0)).into_uuid(), uuid::Uuid::nil());
    }
}
