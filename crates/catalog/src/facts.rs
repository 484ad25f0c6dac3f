//! What of a record each facet looks at. Engines index it; the reference evaluation compares it as it stands.

use crate::text::{self, Address, Profile};
use sluice_model::filter::{Band, CompanySource, PersonSource};
use sluice_model::person::{DateSpan, Employer};
use sluice_model::{Company, Person, canon};

/// The facets of people that counts know.
pub const PERSON_FACETS: [&str; 5] = ["seniority", "title", "country", "industry", "employeeSize"];
/// The facets of companies that counts know.
pub const COMPANY_FACETS: [&str; 3] = ["industry", "country", "employeeSize"];

/// How the texts of a source are analysed.
#[must_use]
pub fn person_profile(source: PersonSource) -> Profile {
    match source {
        PersonSource::Headline => Profile::Title,
        _ => Profile::Text,
    }
}

/// How the texts of a source are analysed.
#[must_use]
pub fn company_profile(source: CompanySource) -> Profile {
    match source {
        CompanySource::Name => Profile::Company,
        CompanySource::Industry => Profile::Industry,
        _ => Profile::Text,
    }
}

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

/// The identities of the latest employer: that of the first job, else of the person's company.
#[must_use]
pub fn latest_company(person: &Person) -> Vec<String> {
    companies(person, employer).0
}

/// The identities of all present employers: of the open jobs and of the person's company.
#[must_use]
pub fn current_companies(person: &Person) -> Vec<String> {
    companies(person, employer).1
}

/// The identities of the latest employer, and those of all present ones; `employer` tells those of one.
pub(crate) fn companies(
    person: &Person,
    mut employer: impl FnMut(&Employer) -> Vec<String>,
) -> (Vec<String>, Vec<String>) {
    let own = person.company_id.map(|id| format!("i:{id}"));
    let mut latest = Vec::new();
    let mut current: Vec<String> = own.iter().cloned().collect();
    for (index, job) in person.work_experiences.iter().enumerate() {
        let is_open = open(&job.dates);
        if index > 0 && !is_open {
            continue;
        }
        let names = employer(&job.company);
        if index == 0 {
            latest.clone_from(&names);
        }
        if is_open {
            current.extend(names);
        }
    }
    if person.work_experiences.is_empty() {
        latest.extend(own);
    }
    current.sort();
    current.dedup();
    (latest, current)
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
        PersonSource::Course | PersonSource::Projects => Vec::new(),
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
        CompanySource::Seo => Vec::new(),
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
pub fn company_sites(company: &Company) -> Vec<String> {
    let mut out = Vec::new();
    out.extend(company_domain(company).map(|domain| format!("d:{domain}")));
    out.extend(
        company.linkedin_url.as_deref().and_then(canon::linkedin_company).map(|url| format!("l:{url}")),
    );
    out
}

/// What a URL asks for among [`company_sites`]: a page on LinkedIn, else a domain.
#[must_use]
pub fn site_query(url: &str) -> Option<String> {
    canon::linkedin_company(url)
        .map(|url| format!("l:{url}"))
        .or_else(|| canon::domain(url).map(|domain| format!("d:{domain}")))
}
