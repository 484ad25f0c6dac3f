//! What of a record each facet looks at. Engines index it; the reference evaluation compares it as it stands.

mod compile;
pub(crate) mod dates;
mod fields;
pub(crate) mod globe;
pub(crate) mod links;
mod sink;

pub use compile::{Condition, Needle, Test, company_conditions, person_conditions};
pub(crate) use compile::{company_source, person_source};
pub use fields::{NumberField, TermField, TextField};
pub(crate) use sink::{COMPANY_SOURCES, PERSON_SOURCES};
pub use sink::{Sink, Teller};

use crate::text::{self, Address};
use sluice_model::company::Coordinates;
use sluice_model::filter::{Band, CompanySource, PersonSource};
use sluice_model::person::{DateSpan, Education, Employer};
use sluice_model::{Company, Person, canon};
use std::sync::Arc;

/// The facets of people that counts know.
pub const PERSON_FACETS: [&str; 5] = ["seniority", "title", "country", "industry", "employeeSize"];
/// The facets of companies that counts know.
pub const COMPANY_FACETS: [&str; 3] = ["industry", "country", "employeeSize"];

fn present(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn open(dates: &DateSpan) -> bool {
    present(dates.end.as_deref()).is_none()
}

/// The title of the latest job: the person's own title, else the first position of the first job.
#[must_use]
pub fn latest_title(person: &Person) -> Option<&str> {
    present(person.job_title.as_deref()).or_else(|| {
        let position = person.work_experiences.first()?.profile_positions.first()?;
        present(position.title.as_deref())
    })
}

/// The titles held now: those of open positions in open jobs, and the person's own title unless the first job
/// has ended.
#[must_use]
pub fn current_titles(person: &Person) -> Vec<&str> {
    let mut out = Vec::new();
    if person.work_experiences.first().is_none_or(|job| open(&job.dates)) {
        out.extend(present(person.job_title.as_deref()));
    }
    for job in person.work_experiences.iter().filter(|job| open(&job.dates)) {
        for position in job.profile_positions.iter().filter(|position| open(&position.dates)) {
            if let Some(title) = present(position.title.as_deref())
                && !out.contains(&title)
            {
                out.push(title);
            }
        }
    }
    out
}

/// The titles of the past: those of positions or jobs that ended.
#[must_use]
pub fn previous_titles(person: &Person) -> Vec<&str> {
    let mut out = Vec::new();
    for job in &person.work_experiences {
        let ended = !open(&job.dates);
        for position in job.profile_positions.iter().filter(|position| ended || !open(&position.dates)) {
            if let Some(title) = present(position.title.as_deref())
                && !out.contains(&title)
            {
                out.push(title);
            }
        }
    }
    out
}

/// The identities of a person's employers.
#[derive(Debug, Default)]
pub(crate) struct Employers {
    /// Of the first job, else the person's company.
    pub latest: Vec<Arc<Vec<String>>>,
    /// Of open jobs, and the person's company.
    pub current: Vec<Arc<Vec<String>>>,
    /// Of jobs that ended.
    pub previous: Vec<Arc<Vec<String>>>,
}

impl Employers {
    /// The employers of a person; `employer` tells the identities of one.
    pub fn of(person: &Person, mut employer: impl FnMut(&Employer) -> Arc<Vec<String>>) -> Self {
        let mut out = Self::default();
        for (index, job) in person.work_experiences.iter().enumerate() {
            let names = employer(&job.company);
            if index == 0 {
                out.latest.push(Arc::clone(&names));
            }
            if open(&job.dates) { &mut out.current } else { &mut out.previous }.push(names);
        }
        if let Some(id) = person.company_id {
            let own = format!("i:{id}");
            if out.latest.is_empty() {
                out.latest.push(Arc::new(vec![own.clone()]));
            }
            if !out.current.iter().flat_map(|names| names.iter()).any(|name| *name == own) {
                out.current.push(Arc::new(vec![own]));
            }
        }
        out
    }

    /// The identities in a list, each once.
    pub fn each(list: &[Arc<Vec<String>>]) -> Vec<&str> {
        let mut out: Vec<&str> = list.iter().flat_map(|names| names.iter().map(String::as_str)).collect();
        if list.len() > 1 {
            out.sort_unstable();
            out.dedup();
        }
        out
    }
}

/// The identities of an employer: id, domain and name.
pub(crate) fn employer(company: &Employer) -> Vec<String> {
    let mut out = Vec::new();
    out.extend(present(company.id.as_deref()).map(|id| format!("i:{}", text::fold(id))));
    out.extend(company.domain.as_deref().and_then(canon::domain).map(|domain| format!("d:{domain}")));
    out.extend(company.name.as_deref().and_then(canon::company_name).map(|name| format!("n:{name}")));
    out
}

/// The identities that a company in a filter may mean: its id, its domain, its name.
#[must_use]
pub fn company_query(value: &str) -> Vec<String> {
    let mut out = vec![format!("i:{}", text::fold(value))];
    out.extend(canon::domain(value).map(|domain| format!("d:{domain}")));
    out.extend(canon::company_name(value).map(|name| format!("n:{name}")));
    out
}

/// The texts of a person that a keyword is looked for in.
#[must_use]
pub fn person_texts(person: &Person, source: PersonSource) -> Vec<&str> {
    match source {
        PersonSource::Headline => person.headline.as_deref().into_iter().collect(),
        PersonSource::Summary => person.summary.as_deref().into_iter().collect(),
        PersonSource::Skill => person.skills.iter().map(String::as_str).collect(),
        PersonSource::Certification => person.certifications.iter().map(String::as_str).collect(),
        PersonSource::Course => person.courses.iter().map(String::as_str).collect(),
        PersonSource::Projects => person.projects.iter().map(String::as_str).collect(),
    }
}

/// The texts of a company that a keyword is looked for in.
#[must_use]
pub fn company_texts(company: &Company, source: CompanySource) -> Vec<&str> {
    match source {
        CompanySource::Name => {
            [&company.name, &company.legal_name].into_iter().flatten().map(String::as_str).collect()
        }
        CompanySource::Keyword => company.keywords.iter().map(String::as_str).collect(),
        CompanySource::Seo => company.seo_texts.iter().map(String::as_str).collect(),
        CompanySource::Description => {
            [&company.description, &company.summary].into_iter().flatten().map(String::as_str).collect()
        }
        CompanySource::Industry => company.industry.as_deref().into_iter().collect(),
    }
}

/// The place tokens of where a person lives.
#[must_use]
pub fn person_place(person: &Person) -> Vec<String> {
    text::place_tokens(Address {
        country: person.country.as_deref(),
        state: person.state.as_deref(),
        city: person.city.as_deref(),
    })
}

/// The place tokens of a company: of its head office; further places count only when there is none.
#[must_use]
pub fn company_place(company: &Company) -> Vec<String> {
    let office = &company.location.headquarter;
    let tokens = text::place_tokens(Address {
        country: present(office.country.as_deref()).or(company.country.as_deref()),
        state: office.state.as_deref(),
        city: present(office.city.as_deref()).or(company.city.as_deref()),
    });
    if !tokens.is_empty() {
        return tokens;
    }
    let Some(place) = company.location.locations.first() else { return tokens };
    text::place_tokens(Address {
        country: place.country.as_deref(),
        state: place.state.as_deref(),
        city: place.city.as_deref(),
    })
}

/// City, state and country of a company's head office as they are written.
pub(crate) fn company_place_names(company: &Company) -> [Option<&str>; 3] {
    let office = &company.location.headquarter;
    [
        office.city.as_deref().or(company.city.as_deref()),
        office.state.as_deref(),
        office.country.as_deref().or(company.country.as_deref()),
    ]
}

/// Title and company of a person, as suggestions show them.
pub(crate) fn position(person: &Person, company: Option<&Company>) -> Option<String> {
    let company = company.and_then(|company| company.name.as_deref());
    let parts: Vec<&str> = latest_title(person).into_iter().chain(company).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The registrable domain of a company, from its domain or its web site.
#[must_use]
pub fn company_domain(company: &Company) -> Option<String> {
    [&company.domain, &company.website_url].into_iter().flatten().find_map(|text| canon::domain(text))
}

/// The number of employees as far as it is known: the exact number, else the band.
#[must_use]
pub fn company_size(company: &Company) -> Option<Band> {
    match company.employees {
        Some(number) => Some(Band { start: Some(number), end: Some(number) }),
        None => company.headcount.as_deref().and_then(Band::parse),
    }
}

/// The texts of one education, with the field that each is.
pub(crate) fn education_texts(education: &Education) -> impl Iterator<Item = (TextField, &str)> {
    [
        (TextField::School, &education.institution.name),
        (TextField::Degree, &education.degree_name),
        (TextField::FieldOfStudy, &education.field_of_study),
    ]
    .into_iter()
    .filter_map(|(field, value)| Some((field, present(value.as_deref())?)))
}

/// The years that graduations are told apart in.
pub(crate) const YEARS: std::ops::RangeInclusive<u64> = 1900..=2100;

/// The years in which educations ended, and `open` for one that goes on.
pub(crate) fn graduations(person: &Person) -> Vec<String> {
    let mut out = Vec::new();
    for education in &person.educations {
        let dates = &education.dates;
        let end = match present(dates.end.as_deref()) {
            Some(end) => dates::year(end).filter(|year| YEARS.contains(year)).map(|year| year.to_string()),
            None => present(dates.start.as_deref()).map(|_| "open".to_owned()),
        };
        out.extend(end);
    }
    out.sort();
    out.dedup();
    out
}

/// Folded values, each once, without empty ones.
pub(crate) fn folded(values: &[String]) -> Vec<String> {
    let mut out: Vec<String> =
        values.iter().map(|value| text::fold(value)).filter(|value| !value.is_empty()).collect();
    out.sort();
    out.dedup();
    out
}

/// The departments, sub-departments and functions of a person.
pub(crate) fn departments(person: &Person) -> Vec<String> {
    let all = [&person.departments, &person.sub_departments, &person.functions];
    let mut out: Vec<String> = all.into_iter().flatten().map(|name| department(name)).collect();
    out.retain(|name| !name.is_empty());
    out.sort();
    out.dedup();
    out
}

/// A department as it is compared: by the name that all its names have in common, if it is known.
pub(crate) fn department(name: &str) -> String {
    text::department_named(name).map_or_else(|| text::fold(name), str::to_owned)
}

/// Whether an address is known.
pub(crate) fn has_email(person: &Person) -> bool {
    !person.emails.is_empty()
}

/// Whether a number is known.
pub(crate) fn has_phone(person: &Person) -> bool {
    !person.phones.is_empty()
}

/// The day on which a person was observed, else changed, counted from 1970.
pub(crate) fn observed_day(person: &Person) -> Option<u64> {
    let time = person.observed_at.or(person.updated_at)?;
    Some(u64::try_from(time.day()).unwrap_or(0))
}

/// The address of a company's web site as it is compared; without one, its domain.
pub(crate) fn company_url(company: &Company) -> Option<String> {
    [&company.website_url, &company.domain].into_iter().flatten().find_map(|url| links::address(url))
}

/// Numbers as they are compared: in international form, else the digits alone.
pub(crate) fn phones(phones: &[String]) -> Vec<String> {
    let mut out: Vec<String> = phones.iter().filter_map(|number| phone(number)).collect();
    out.sort();
    out.dedup();
    out
}

/// One number as it is compared.
pub(crate) fn phone(number: &str) -> Option<String> {
    canon::phone(number).or_else(|| {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    })
}

/// The kind of a company, as the filter language names it.
pub(crate) fn company_type(company: &Company) -> Option<String> {
    let name = text::fold(company.company_type.as_deref()?).replace([' ', '-'], "_");
    (!name.is_empty()).then_some(name)
}

/// The codes of a company, and the shorter ones that they begin with, down to the sector's two digits.
pub(crate) fn naics(company: &Company) -> Vec<String> {
    let mut out = Vec::new();
    for code in &company.naics {
        let digits: String = code.chars().filter(char::is_ascii_digit).take(6).collect();
        out.extend((2..=digits.len()).filter_map(|length| digits.get(..length)).map(str::to_owned));
    }
    out.sort();
    out.dedup();
    out
}

/// The year in which a company was founded.
pub(crate) fn founded(company: &Company) -> Option<u64> {
    company.founded_year.and_then(|year| u64::try_from(year).ok())
}

/// The day of the last round, counted from 1970.
pub(crate) fn funding_day(company: &Company) -> Option<u64> {
    company.funding.as_ref()?.date.as_deref().and_then(dates::day)
}

/// Where the head office lies.
pub(crate) fn company_point(company: &Company) -> Option<Coordinates> {
    let point = company.location.headquarter.coordinates?;
    (point.lat.abs() <= 90.0 && point.lng.abs() <= 180.0).then_some(point)
}

/// The bands that sizes are counted in, by their lower bound.
const SIZES: [(u64, &str); 8] = [
    (10_001, "10001+"),
    (5_001, "5001-10000"),
    (1_001, "1001-5000"),
    (501, "501-1000"),
    (201, "201-500"),
    (51, "51-200"),
    (11, "11-50"),
    (0, "1-10"),
];

/// One facet's value of a person for counting; `company` is the record of their company.
#[must_use]
pub fn person_facet(person: &Person, company: Option<&Company>, facet: &str) -> Option<String> {
    match facet {
        "seniority" => person.seniority.as_deref().and_then(label),
        "title" => latest_title(person).and_then(label),
        "country" => person.country.as_deref().and_then(country),
        "industry" | "employeeSize" => company.and_then(|company| company_facet(company, facet)),
        _ => None,
    }
}

/// One facet's value of a company for counting.
#[must_use]
pub fn company_facet(company: &Company, facet: &str) -> Option<String> {
    match facet {
        "industry" => company.industry.as_deref().and_then(label),
        "country" => {
            let office = company.location.headquarter.country.as_deref();
            present(office).or(company.country.as_deref()).and_then(country)
        }
        "employeeSize" => {
            let size = company_size(company)?;
            let number = size.start.or(size.end)?;
            SIZES.iter().find(|(from, _)| number >= *from).map(|(_, name)| (*name).to_owned())
        }
        _ => None,
    }
}

/// A text as counts show it: white space collapsed, at most 200 characters.
fn label(text: &str) -> Option<String> {
    let label: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
    (!label.is_empty()).then_some(label)
}

/// A country as counts show it: its ISO code when it is known.
fn country(name: &str) -> Option<String> {
    text::country_code(name).or_else(|| label(name))
}

/// The sites of a company: its registrable domain, and its page on LinkedIn.
#[must_use]
pub fn company_sites(company: &Company) -> Vec<(TermField, String)> {
    let domain = company_domain(company).map(|domain| (TermField::Domain, domain));
    let page = company.linkedin_url.as_deref().and_then(canon::linkedin_company);
    domain.into_iter().chain(page.map(|page| (TermField::Linkedin, page))).collect()
}

/// What a URL asks for among [`company_sites`]: a page on LinkedIn, else a domain.
#[must_use]
pub fn site_query(url: &str) -> Option<(TermField, String)> {
    match canon::linkedin_company(url) {
        Some(page) => Some((TermField::Linkedin, page)),
        None => canon::domain(url).map(|domain| (TermField::Domain, domain)),
    }
}
