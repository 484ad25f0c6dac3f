//! A person's row, with what it says about the employer.

use super::clean;
use super::company_row::{set_headcount, set_id, settle_origin, settle_website};
use super::field::PersonField;
use super::row::{Defaults, Notes, Row, first, read, relax, tidy, tidy_list};
use crate::text;
use memchr::memmem::Finder;
use sluice_model::person::{Education, Employer, LanguageSkill, Position, WorkExperience};
use sluice_model::{Company, Person, canon};
use std::sync::LazyLock;

/// A person, and the company they work for as far as the row tells.
#[derive(Clone, Debug, Default)]
pub(super) struct PersonInput {
    pub person: Box<Person>,
    /// Only identifiers and a few facts; `id` is nil unless the row gives a UUID.
    pub employer: Option<Box<Company>>,
}

/// A person's row while it is read.
#[derive(Default)]
pub(super) struct PersonRow {
    person: Box<Person>,
    first_name: Option<String>,
    last_name: Option<String>,
    full_name: Option<String>,
    education: Education,
    employer: Box<Company>,
    employer_domain: Option<String>,
}

impl Row for PersonRow {
    type Field = PersonField;
    type Output = PersonInput;

    fn check_columns(fields: &[PersonField]) -> Result<(), &'static str> {
        let has = |field| fields.contains(&field);
        if has(PersonField::FullName) || (has(PersonField::FirstName) && has(PersonField::LastName)) {
            Ok(())
        } else {
            Err("the person's names (first_name and last_name, or full_name)")
        }
    }

    fn set(&mut self, field: PersonField, value: &str, split: bool, notes: &mut Notes<'_>) {
        let is_name = matches!(field, PersonField::FirstName | PersonField::LastName | PersonField::FullName);
        let Some(value) = (if is_name { clean::present_name(value) } else { clean::present(value) }) else {
            return;
        };
        let person = &mut self.person;
        let employer = &mut self.employer;
        match field {
            PersonField::Id => set_id(&mut person.id, &mut person.external_id, value),
            PersonField::FirstName => first(&mut self.first_name, value),
            PersonField::LastName => first(&mut self.last_name, value),
            PersonField::FullName => first(&mut self.full_name, value),
            PersonField::JobTitle => first(&mut person.job_title, value),
            PersonField::Seniority => {
                let known = clean::seniority(value).map(str::to_owned);
                read(&mut person.seniority, known, notes, "seniority: not a known one, taken from the title");
            }
            PersonField::Headline => first(&mut person.headline, value),
            PersonField::Summary => first(&mut person.summary, value),
            PersonField::City => first(&mut person.city, value),
            PersonField::PostalCode => first(&mut person.postal_code, value),
            PersonField::State => first(&mut person.state, value),
            PersonField::Country => first(&mut person.country, value),
            PersonField::LinkedIn => {
                read(
                    &mut person.linkedin_url,
                    canon::linkedin_person(value),
                    notes,
                    "linkedin: not a profile",
                );
            }
            PersonField::Phone => clean::extend(&mut person.phones, value, split),
            PersonField::Email => add_emails(&mut person.emails, value, notes),
            PersonField::BirthDate => {
                read(
                    &mut person.birth_date,
                    clean::date(value),
                    notes,
                    "birth_date: not a date, or could be two",
                );
            }
            PersonField::Gender => first(&mut person.gender, value),
            PersonField::Departments => clean::extend(&mut person.departments, value, split),
            PersonField::SubDepartments => clean::extend(&mut person.sub_departments, value, split),
            PersonField::Functions => clean::extend(&mut person.functions, value, split),
            PersonField::Skills => clean::extend(&mut person.skills, value, split),
            PersonField::Certifications => clean::extend(&mut person.certifications, value, split),
            PersonField::Badges => clean::extend(&mut person.badges, value, split),
            PersonField::Languages => add_languages(&mut person.languages, value),
            PersonField::Followers => {
                read(&mut person.followers, clean::whole(value), notes, "followers: not a number")
            }
            PersonField::Connections => {
                read(&mut person.connections, clean::whole(value), notes, "connections: not a number");
            }
            PersonField::School => first(&mut self.education.institution.name, value),
            PersonField::Degree => first(&mut self.education.degree_name, value),
            PersonField::FieldOfStudy => first(&mut self.education.field_of_study, value),
            PersonField::EducationStart => {
                let dates = &mut self.education.dates;
                read(&mut dates.start, clean::day_month_or_year(value), notes, "education_start: not a date");
            }
            PersonField::EducationEnd => {
                // One that goes on has no end.
                if !clean::is_present_day(value) {
                    let dates = &mut self.education.dates;
                    read(&mut dates.end, clean::day_month_or_year(value), notes, "education_end: not a date");
                }
            }
            PersonField::Industry => first(&mut person.industry, value),
            PersonField::CompanyId => set_id(&mut employer.id, &mut employer.external_id, value),
            PersonField::CompanyName => first(&mut employer.name, value),
            PersonField::CompanyDomain => first(&mut self.employer_domain, value),
            PersonField::CompanyWebsite => first(&mut employer.website_url, value),
            PersonField::CompanyLinkedIn => {
                let page = canon::linkedin_company(value);
                read(&mut employer.linkedin_url, page, notes, "company_linkedin: not a company page");
            }
            PersonField::CompanyCountry => first(&mut employer.country, value),
            PersonField::CompanyCity => first(&mut employer.city, value),
            PersonField::CompanyState => first(&mut employer.location.headquarter.state, value),
            PersonField::CompanyIndustry => first(&mut employer.industry, value),
            PersonField::CompanyHeadcount => set_headcount(employer, value, notes),
            PersonField::CompanyPhone => clean::extend(&mut employer.phones, value, split),
            PersonField::Source => first(&mut person.source, value),
            PersonField::ObservedAt => {
                read(
                    &mut person.observed_at,
                    clean::observed(value),
                    notes,
                    "observed_at: not a date or time",
                );
            }
        }
    }

    fn finish(mut self, defaults: &Defaults, notes: &mut Notes<'_>) -> Result<PersonInput, String> {
        if let Some(full) = &self.full_name
            && (self.first_name.is_none() || self.last_name.is_none())
        {
            let (first_name, last_name) = split_name(full);
            self.first_name = self.first_name.or(first_name);
            self.last_name = self.last_name.or(last_name);
        }
        let mut person = self.person;
        person.first_name = self.first_name.unwrap_or_default();
        person.last_name = self.last_name.unwrap_or_default();
        if self.education != Education::default() {
            person.educations.push(self.education);
        }
        let mut employer = self.employer;
        if let Some(given) = self.employer_domain {
            employer.domain = notes.or_warn(canon::domain(&given), "company_domain: not a domain");
        }
        let domain_given = employer.domain.is_some();
        settle_website(&mut employer, notes);
        // A column of web sites in a list of people may hold a page of the person: keep it as the company's only
        // when it is the front page of the domain that the row gives for the company.
        if domain_given
            && let (Some(website), Some(domain)) = (&employer.website_url, &employer.domain)
            && !clean::front_page(website, domain)
        {
            employer.website_url = None;
        }
        let employed = !employer.id.is_nil()
            || [&employer.external_id, &employer.name, &employer.domain, &employer.linkedin_url]
                .iter()
                .any(|slot| slot.is_some());
        if employed {
            let company = Employer {
                id: None,
                name: employer.name.clone(),
                domain: employer.domain.clone(),
                linkedin_url: employer.linkedin_url.clone(),
                ..Employer::default()
            };
            let position = Position { title: person.job_title.clone(), ..Position::default() };
            let positions = if person.job_title.is_some() { vec![position] } else { Vec::new() };
            person.work_experiences =
                vec![WorkExperience { company, profile_positions: positions, ..WorkExperience::default() }];
        }
        complete(person, employed.then_some(employer), defaults)
    }

    fn is_record(line: &str) -> bool {
        static KEY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("\"workExperiences\""));
        KEY.find(line.as_bytes()).is_some()
    }

    fn from_record(line: &str, defaults: &Defaults, notes: &mut Notes<'_>) -> Result<PersonInput, String> {
        let person = match serde_json::from_str::<Box<Person>>(line) {
            Ok(person) => person,
            Err(_) => {
                let (value, external) = relax(line)?;
                let mut person: Box<Person> =
                    serde_json::from_value(value).map_err(|error| error.to_string())?;
                person.external_id = person.external_id.or(external);
                person
            }
        };
        let (person, employer) = tidy_record(person, notes);
        complete(person, employer, defaults)
    }
}

/// Holds a record from outside to what this catalog stores; the employer is that of the first job without an end.
fn tidy_record(mut person: Box<Person>, notes: &mut Notes<'_>) -> (Box<Person>, Option<Box<Company>>) {
    (person.created_at, person.updated_at) = (None, None);
    for slot in [
        &mut person.job_title,
        &mut person.city,
        &mut person.postal_code,
        &mut person.country,
        &mut person.state,
        &mut person.linkedin_url,
        &mut person.seniority,
        &mut person.industry,
        &mut person.birth_date,
        &mut person.headline,
        &mut person.summary,
        &mut person.gender,
        &mut person.source,
        &mut person.external_id,
    ] {
        tidy(slot);
    }
    for list in [
        &mut person.phones,
        &mut person.departments,
        &mut person.sub_departments,
        &mut person.functions,
        &mut person.skills,
        &mut person.certifications,
        &mut person.badges,
    ] {
        tidy_list(list);
    }
    for email in std::mem::take(&mut person.emails) {
        add_emails(&mut person.emails, &email, notes);
    }
    for name in [&mut person.first_name, &mut person.last_name] {
        *name = clean::present_name(name).unwrap_or_default().to_owned();
    }
    if let Some(url) = person.linkedin_url.take() {
        person.linkedin_url = notes.or_warn(canon::linkedin_person(&url), "linkedin: not a profile");
    }
    if let Some(name) = person.seniority.take() {
        let known = clean::seniority(&name).map(str::to_owned);
        person.seniority = notes.or_warn(known, "seniority: not a known one, taken from the title");
    }
    if let Some(date) = person.birth_date.take() {
        person.birth_date = notes.or_warn(clean::date(&date), "birth_date: not a date, or could be two");
    }
    for job in &mut person.work_experiences {
        job.company.domain = job.company.domain.as_deref().and_then(canon::domain);
        job.company.linkedin_url = job.company.linkedin_url.as_deref().and_then(canon::linkedin_company);
    }
    let mut employer = Company { id: person.company_id.take().unwrap_or_default(), ..Company::default() };
    if let Some(job) = person.work_experiences.first().filter(|job| job.dates.end.is_none()) {
        if person.job_title.is_none() {
            person.job_title = job.profile_positions.first().and_then(|position| position.title.clone());
        }
        employer.name.clone_from(&job.company.name);
        employer.domain.clone_from(&job.company.domain);
        employer.linkedin_url.clone_from(&job.company.linkedin_url);
        if let Some(id) = &job.company.id {
            set_id(&mut employer.id, &mut employer.external_id, id);
        }
    }
    let employed = employer != Company::default();
    (person, employed.then(|| Box::new(employer)))
}

/// What every person goes through, from a row or a record.
fn complete(
    mut person: Box<Person>,
    employer: Option<Box<Company>>,
    defaults: &Defaults,
) -> Result<PersonInput, String> {
    if person.first_name.is_empty() || person.last_name.is_empty() {
        let missing = match (person.first_name.is_empty(), person.last_name.is_empty()) {
            (true, true) => "no name",
            (true, false) => "no first name",
            _ => "no last name",
        };
        return Err(missing.to_owned());
    }
    if let Some(title) = &person.job_title
        && (person.seniority.is_none() || person.departments.is_empty())
    {
        let told = text::told_by(title);
        person.seniority = person.seniority.or_else(|| told.seniority.map(str::to_owned));
        if person.departments.is_empty() {
            person.departments = told.departments.iter().map(|name| (*name).to_owned()).collect();
        }
    }
    settle_origin(&mut person.source, &mut person.observed_at, defaults);
    let employer = employer.map(|mut employer| {
        employer.source.clone_from(&person.source);
        employer.observed_at = person.observed_at;
        employer
    });
    Ok(PersonInput { person, employer })
}

/// Adds the addresses in a cell, parted by `;`, `,`, `|` or space.
fn add_emails(emails: &mut Vec<String>, value: &str, notes: &mut Notes<'_>) {
    let mut bad = false;
    for part in value.split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '|')) {
        let part = part.trim_start_matches("mailto:").trim_matches(['<', '>', '"']);
        let Some(part) = clean::present(part) else { continue };
        match canon::email(part) {
            Some(email) => clean::push(emails, &email),
            None => bad = true,
        }
    }
    if bad {
        notes.warn("email: not an address");
    }
}

/// Adds languages such as `English (native); German - B2`; commas part them where no semicolon does.
fn add_languages(languages: &mut Vec<LanguageSkill>, value: &str) {
    let mut open = 0_usize;
    let semicolons = value.contains(';');
    let parts = value.split(|c: char| {
        match c {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        c == ';' || (!semicolons && open == 0 && matches!(c, ',' | '|'))
    });
    for part in parts.filter_map(clean::present) {
        let (language, level) = match part.split_once(['(', ':']).or_else(|| part.split_once(" - ")) {
            Some((language, level)) => (language.trim(), clean::present(level.trim_end_matches(')'))),
            None => (part, None),
        };
        if !language.is_empty() && !languages.iter().any(|old| old.language == language) {
            languages.push(LanguageSkill { language: language.to_owned(), level: level.map(str::to_owned) });
        }
    }
}

/// First and last name out of `Ann Lee`, `Lee, Ann` or `Ludwig van Beethoven` (particles go with the last name).
fn split_name(full: &str) -> (Option<String>, Option<String>) {
    const PARTICLES: [&str; 15] =
        ["van", "von", "de", "der", "den", "del", "della", "di", "da", "dos", "la", "le", "zu", "ten", "ter"];
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    if let Some((last, first)) = full.split_once(',') {
        return (some(first.trim()), some(last.trim()));
    }
    let words: Vec<&str> = full.split_whitespace().collect();
    let mut last = words.len().saturating_sub(1);
    while last > 1 && PARTICLES.contains(&words[last - 1].to_lowercase().as_str()) {
        last -= 1;
    }
    (some(&words[..last].join(" ")), words.get(last..).and_then(|words| some(&words.join(" "))))
}

#[cfg(test)]
mod tests {
    use super::split_name;

    #[test]
    fn full_names_are_split() {
        for (full, first, last) in [
            ("Ann Lee", Some("Ann"), Some("Lee")),
            ("Lee, Ann", Some("Ann"), Some("Lee")),
            ("Ludwig van Beethoven", Some("Ludwig"), Some("van Beethoven")),
            ("Ursula von der Leyen", Some("Ursula"), Some("von der Leyen")),
            ("Maria Anna Mozart", Some("Maria Anna"), Some("Mozart")),
            ("Pelé", None, Some("Pelé")),
        ] {
            assert_eq!(split_name(full), (first.map(str::to_owned), last.map(str::to_owned)), "{full}");
        }
    }
}
