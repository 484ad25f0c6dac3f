//! One record out of two observations of it.
//!
//! - **The newest observation wins, field by field; an absence never overwrites a value.** At the same moment
//!   (two rows of one file) what is stored stays and gaps are filled, so that importing a file again changes
//!   nothing, whatever its rows say about one another.
//! - E-mail addresses and phones are united: each is a fact of its own, and addresses are identities. Other lists
//!   (skills, keywords …) are one statement: the newer list replaces the older, at the same moment they are united.
//! - A row that only names the present job adds it to the career, in front if it is newer; an older one goes
//!   behind. A whole career replaces an older one.
//! - `source` and `observedAt` are those of the newest observation; `provenance` tells who gave the fields that
//!   it did not give. An observation that only confirms moves `observedAt`, not `updatedAt`.

use sluice_model::person::{Employer, Position, Provenance, WorkExperience};
use sluice_model::{Company, Person, Time, canon};
use std::collections::BTreeMap;
use std::mem::take;

/// What a merge did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Merged {
    /// A value is another one now.
    pub changed: bool,
    /// Only when and by whom values were seen is different.
    pub confirmed: bool,
}

/// Who saw something, and when; never seen is before everything.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    source: Option<String>,
    at: Option<Time>,
}

struct Merge {
    stored: Seen,
    row: Seen,
    /// The row is the newest observation of the record.
    newer: bool,
    stored_fields: BTreeMap<String, Provenance>,
    row_fields: BTreeMap<String, Provenance>,
    fields: BTreeMap<String, Provenance>,
    changed: bool,
}

impl Merge {
    fn new(
        stored: Seen,
        row: Seen,
        stored_fields: BTreeMap<String, Provenance>,
        row_fields: BTreeMap<String, Provenance>,
    ) -> Self {
        let newer = row.at > stored.at;
        Self { stored, row, newer, stored_fields, row_fields, fields: BTreeMap::new(), changed: false }
    }

    fn stored_at(&self, field: &str) -> Option<Time> {
        self.stored_fields.get(field).map_or(self.stored.at, |seen| seen.observed_at)
    }

    /// Whether the row's value of a field that both have is the newer one.
    fn is_newer(&self, field: &str) -> bool {
        let row = self.row_fields.get(field).map_or(self.row.at, |seen| seen.observed_at);
        row > self.stored_at(field)
    }

    /// Whether both values were seen at the same moment.
    fn is_tie(&self, field: &str) -> bool {
        let row = self.row_fields.get(field).map_or(self.row.at, |seen| seen.observed_at);
        row == self.stored_at(field)
    }

    /// Notes who gave the value that the field now has, unless it is who gives the record.
    fn given_by(&mut self, field: &'static str, by_row: bool) {
        let (own, level) = if by_row {
            (self.row_fields.remove(field), &self.row)
        } else {
            (self.stored_fields.remove(field), &self.stored)
        };
        let record = if self.newer { &self.row } else { &self.stored };
        let (source, at) = match &own {
            Some(seen) => (Some(seen.source.as_str()), seen.observed_at),
            None => (level.source.as_deref(), level.at),
        };
        if source != record.source.as_deref() || at != record.at {
            let source = source.unwrap_or_default().to_owned();
            self.fields.insert(field.to_owned(), Provenance { source, observed_at: at });
        }
    }

    fn value<T: PartialEq>(&mut self, field: &'static str, stored: &mut Option<T>, row: Option<T>) {
        match (stored.is_some(), row) {
            (false, None) => {}
            (true, None) => self.given_by(field, false),
            (false, row) => {
                *stored = row;
                self.changed = true;
                self.given_by(field, true);
            }
            (true, row) => {
                let newer = self.is_newer(field);
                if newer && *stored != row {
                    *stored = row;
                    self.changed = true;
                }
                self.given_by(field, newer);
            }
        }
    }

    fn text(&mut self, field: &'static str, stored: &mut String, row: String) {
        let some = |text: String| (!text.is_empty()).then_some(text);
        let mut value = some(take(stored));
        self.value(field, &mut value, some(row));
        *stored = value.unwrap_or_default();
    }

    fn list<T: PartialEq>(&mut self, field: &'static str, stored: &mut Vec<T>, row: Vec<T>, unite: bool) {
        if row.is_empty() || stored.is_empty() {
            let taken = !row.is_empty();
            if taken {
                *stored = row;
                self.changed = true;
            }
            if taken || !stored.is_empty() {
                self.given_by(field, taken);
            }
            return;
        }
        let newer = self.is_newer(field);
        let unite = unite || self.is_tie(field);
        let no_news = row.iter().all(|value| stored.contains(value))
            && (unite || stored.iter().all(|value| row.contains(value)));
        if !no_news && (newer || unite) {
            let (first, second) = if newer { (row, take(stored)) } else { (take(stored), row) };
            *stored = first;
            if unite {
                let missing: Vec<T> = second.into_iter().filter(|value| !stored.contains(value)).collect();
                stored.extend(missing);
            }
            self.changed = true;
        }
        self.given_by(field, newer);
    }

    fn jobs(&mut self, stored: &mut Vec<WorkExperience>, row: Vec<WorkExperience>) {
        const FIELD: &str = "workExperiences";
        let only_present = matches!(row.as_slice(), [job] if job.dates == Default::default());
        if stored.is_empty() || !only_present {
            self.list(FIELD, stored, row, false);
            return;
        }
        let newer = self.is_newer(FIELD);
        for job in row {
            self.changed |= add_job(stored, job, newer);
        }
        self.given_by(FIELD, newer);
    }

    /// Writes who saw the record last, and the fields that others gave. Returns what happened.
    fn finish(
        self,
        source: &mut Option<String>,
        observed_at: &mut Option<Time>,
        provenance: &mut BTreeMap<String, Provenance>,
        before: &BTreeMap<String, Provenance>,
    ) -> Merged {
        let record = if self.newer { self.row } else { self.stored };
        let confirmed = *source != record.source || *observed_at != record.at || self.fields != *before;
        *source = record.source;
        *observed_at = record.at;
        *provenance = self.fields;
        Merged { changed: self.changed, confirmed }
    }
}

/// Adds a job that is known without its dates to a career. Returns whether anything is new.
fn add_job(career: &mut Vec<WorkExperience>, job: WorkExperience, newer: bool) -> bool {
    let Some(at) = career.iter().position(|old| same_employer(&old.company, &job.company)) else {
        let at = if newer { 0 } else { career.len() };
        career.insert(at, job);
        return true;
    };
    let old = &mut career[at];
    let mut changed = complete_employer(&mut old.company, job.company);
    if let Some(position) = job.profile_positions.into_iter().next() {
        changed |= add_position(&mut old.profile_positions, position, newer && at == 0);
    }
    if newer && at > 0 {
        career[..=at].rotate_right(1);
        changed = true;
    }
    changed
}

fn add_position(positions: &mut Vec<Position>, position: Position, first: bool) -> bool {
    match positions.iter().position(|old| old.title == position.title) {
        _ if positions.is_empty() => positions.push(position),
        Some(at) if first && at > 0 => positions[..=at].rotate_right(1),
        None if first => positions.insert(0, position),
        _ => return false,
    }
    true
}

fn same_employer(a: &Employer, b: &Employer) -> bool {
    match ((&a.id, &b.id), (&a.domain, &b.domain)) {
        ((Some(a), Some(b)), _) | (_, (Some(a), Some(b))) => a == b,
        _ => {
            let name = |employer: &Employer| employer.name.as_deref().and_then(canon::company_name);
            a.name.is_some() && (a.name == b.name || name(a) == name(b))
        }
    }
}

fn complete_employer(stored: &mut Employer, row: Employer) -> bool {
    let mut changed = false;
    for (stored, row) in [
        (&mut stored.id, row.id),
        (&mut stored.name, row.name),
        (&mut stored.domain, row.domain),
        (&mut stored.linkedin_url, row.linkedin_url),
        (&mut stored.logo_url, row.logo_url),
    ] {
        if stored.is_none() && row.is_some() {
            *stored = row;
            changed = true;
        }
    }
    changed
}

/// Merges a row into the company that it is about.
pub(super) fn company(stored: &mut Company, row: Company) -> Merged {
    let before = stored.provenance.clone();
    let mut merge = Merge::new(
        Seen { source: stored.source.clone(), at: stored.observed_at },
        Seen { source: row.source, at: row.observed_at },
        take(&mut stored.provenance),
        row.provenance,
    );
    let m = &mut merge;
    m.value("name", &mut stored.name, row.name);
    m.value("legalName", &mut stored.legal_name, row.legal_name);
    m.value("description", &mut stored.description, row.description);
    m.value("summary", &mut stored.summary, row.summary);
    m.value("headcount", &mut stored.headcount, row.headcount);
    m.value("employees", &mut stored.employees, row.employees);
    m.value("industry", &mut stored.industry, row.industry);
    m.value("sector", &mut stored.sector, row.sector);
    m.list("phones", &mut stored.phones, row.phones, true);
    m.value("linkedinUrl", &mut stored.linkedin_url, row.linkedin_url);
    m.value("websiteUrl", &mut stored.website_url, row.website_url);
    m.value("domain", &mut stored.domain, row.domain);
    m.value("city", &mut stored.city, row.city);
    m.value("postalCode", &mut stored.postal_code, row.postal_code);
    m.value("country", &mut stored.country, row.country);
    m.value("logoUrl", &mut stored.logo_url, row.logo_url);
    m.value("crmId", &mut stored.crm_id, row.crm_id);
    m.value("bullhornId", &mut stored.bullhorn_id, row.bullhorn_id);
    m.value("foundedYear", &mut stored.founded_year, row.founded_year);
    m.value("revenue", &mut stored.revenue, row.revenue);
    let (place, new) = (&mut stored.location.headquarter, row.location.headquarter);
    m.value("state", &mut place.state, new.state);
    m.value("street", &mut place.street, new.street);
    m.value("continent", &mut place.continent, new.continent);
    m.value("rawAddress", &mut place.raw_address, new.raw_address);
    m.value("coordinates", &mut place.coordinates, new.coordinates);
    m.list("locations", &mut stored.location.locations, row.location.locations, false);
    m.value("type", &mut stored.company_type, row.company_type);
    m.list("keywords", &mut stored.keywords, row.keywords, false);
    m.list("technologies", &mut stored.technologies, row.technologies, false);
    m.list("naics", &mut stored.naics, row.naics, false);
    m.list("productsAndServices", &mut stored.products_and_services, row.products_and_services, false);
    m.value("funding", &mut stored.funding, row.funding);
    m.list("languages", &mut stored.languages, row.languages, false);
    m.list("socialLinks", &mut stored.social_links, row.social_links, false);
    m.list("seoTexts", &mut stored.seo_texts, row.seo_texts, false);
    m.value("retailSize", &mut stored.retail_size, row.retail_size);
    m.value("marketCap", &mut stored.market_cap, row.market_cap);
    m.value("isin", &mut stored.isin, row.isin);
    m.value("externalId", &mut stored.external_id, row.external_id);
    super::company_row::mirror_place(stored);
    merge.finish(&mut stored.source, &mut stored.observed_at, &mut stored.provenance, &before)
}

/// Merges a row into the person that it is about.
pub(super) fn person(stored: &mut Person, row: Person) -> Merged {
    let before = stored.provenance.clone();
    let mut merge = Merge::new(
        Seen { source: stored.source.clone(), at: stored.observed_at },
        Seen { source: row.source, at: row.observed_at },
        take(&mut stored.provenance),
        row.provenance,
    );
    let m = &mut merge;
    m.text("firstName", &mut stored.first_name, row.first_name);
    m.text("lastName", &mut stored.last_name, row.last_name);
    m.value("jobTitle", &mut stored.job_title, row.job_title);
    m.value("seniority", &mut stored.seniority, row.seniority);
    m.value("city", &mut stored.city, row.city);
    m.value("postalCode", &mut stored.postal_code, row.postal_code);
    m.value("state", &mut stored.state, row.state);
    m.value("country", &mut stored.country, row.country);
    m.value("linkedinUrl", &mut stored.linkedin_url, row.linkedin_url);
    m.list("phones", &mut stored.phones, row.phones, true);
    m.list("emails", &mut stored.emails, row.emails, true);
    m.value("companyId", &mut stored.company_id, row.company_id);
    m.value("industry", &mut stored.industry, row.industry);
    m.value("birthDate", &mut stored.birth_date, row.birth_date);
    m.list("departments", &mut stored.departments, row.departments, false);
    m.list("subDepartments", &mut stored.sub_departments, row.sub_departments, false);
    m.list("functions", &mut stored.functions, row.functions, false);
    m.list("skills", &mut stored.skills, row.skills, false);
    m.list("languages", &mut stored.languages, row.languages, false);
    m.list("educations", &mut stored.educations, row.educations, false);
    m.jobs(&mut stored.work_experiences, row.work_experiences);
    m.value("headline", &mut stored.headline, row.headline);
    m.value("summary", &mut stored.summary, row.summary);
    m.value("gender", &mut stored.gender, row.gender);
    m.list("certifications", &mut stored.certifications, row.certifications, false);
    m.list("badges", &mut stored.badges, row.badges, false);
    m.list("courses", &mut stored.courses, row.courses, false);
    m.list("projects", &mut stored.projects, row.projects, false);
    m.list("socialLinks", &mut stored.social_links, row.social_links, false);
    m.value("followers", &mut stored.followers, row.followers);
    m.value("connections", &mut stored.connections, row.connections);
    m.value("externalId", &mut stored.external_id, row.external_id);
    merge.finish(&mut stored.source, &mut stored.observed_at, &mut stored.provenance, &before)
}
