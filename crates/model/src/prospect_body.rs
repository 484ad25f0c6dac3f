//! People as clients send them: the body of add-prospects, and selections.

use crate::canon;
use crate::fault::{Fault, Faults, Node};
use crate::filter::Filter;
use crate::kind::EntityKind;
use crate::lead::Lead;
use crate::person::{Employer, Person, WorkExperience};
use uuid::Uuid;

mod history;

/// The most people in one add-prospects body.
pub const MAX_PROSPECTS: usize = 10_000;
/// The most people that one bulk selection takes.
pub const MAX_TARGET_COUNT: i64 = 1_000;

/// Which people an operation is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Selection {
    /// These.
    Manual { included_ids: Vec<Uuid> },
    /// A window of a search's hits, without some.
    Bulk { filter: Box<Filter>, start_index: usize, target_count: usize, excluded_ids: Vec<Uuid> },
}

/// The body of add-prospects.
#[derive(Clone, Debug, PartialEq)]
pub enum AddProspects {
    /// People written out. Their `id`, when given, is that of a catalog record.
    Prospects(Vec<NewProspect>),
    /// People of the catalog.
    Selection(Selection),
}

/// A person written out by a client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewProspect {
    pub lead: Lead,
    /// Name of their company, when only that is known.
    pub company_name: Option<String>,
    pub company_domain: Option<String>,
}

impl AddProspects {
    /// Reads the body: `{"prospects":[…]}`, a selection, or `{"selection":{…}}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let body = read_body(node, &mut faults);
        faults.finish(body)
    }
}

fn read_body(node: &Node<'_>, faults: &mut Faults) -> Option<AddProspects> {
    let entries = node.entries(faults)?;
    if entries.contains_key("mode") {
        return read_selection(node, faults).map(AddProspects::Selection);
    }
    if entries.contains_key("selection") {
        let mut selection = None;
        node.object(faults, &[], |key, child, faults| {
            if key == "selection" {
                selection = read_selection(child, faults);
            }
            key == "selection"
        })?;
        return selection.map(AddProspects::Selection);
    }
    let mut prospects = None;
    node.object(faults, &["prospects"], |key, child, faults| {
        if key == "prospects" {
            prospects = child.array(faults, MAX_PROSPECTS, read_prospect);
        }
        key == "prospects"
    })?;
    prospects.map(AddProspects::Prospects)
}

/// Reads `{"mode":"manual",…}` or `{"mode":"bulk",…}`.
pub fn read_selection(node: &Node<'_>, faults: &mut Faults) -> Option<Selection> {
    let bulk = node.value().get("mode").and_then(serde_json::Value::as_str) == Some("bulk");
    if bulk {
        return read_bulk(node, faults);
    }
    let mut included_ids = None;
    node.object(faults, &["mode", "includedIds"], |key, child, faults| {
        match key {
            "mode" => drop(child.one_of(faults, &["manual", "bulk"])),
            "includedIds" => included_ids = child.array(faults, MAX_PROSPECTS, |id, faults| id.uuid(faults)),
            _ => return false,
        }
        true
    })?;
    Some(Selection::Manual { included_ids: crate::lead_list::without_duplicate_ids(included_ids?) })
}

fn read_bulk(node: &Node<'_>, faults: &mut Faults) -> Option<Selection> {
    let (mut filter, mut start, mut count, mut excluded) = (None, Some(0), None, Some(Vec::new()));
    node.object(faults, &["filters", "targetCount"], |key, child, faults| {
        match key {
            "mode" => {}
            "filters" => filter = read_search_filter(child, faults),
            "startIndex" => start = child.integer(faults, 0, 1_000_000_000),
            "targetCount" => count = child.integer(faults, 1, MAX_TARGET_COUNT),
            "excludedIds" => excluded = child.array(faults, 100_000, |id, faults| id.uuid(faults)),
            _ => return false,
        }
        true
    })?;
    Some(Selection::Bulk {
        filter: Box::new(filter?),
        start_index: usize::try_from(start?).ok()?,
        target_count: usize::try_from(count?).ok()?,
        excluded_ids: excluded?,
    })
}

/// Reads a person search body as a filter: its `page` and `size` do not matter here.
fn read_search_filter(node: &Node<'_>, faults: &mut Faults) -> Option<Filter> {
    let entries = node.entries(faults)?;
    let mut filter = entries.clone();
    filter.shift_remove("page");
    filter.shift_remove("size");
    let filter = serde_json::Value::Object(filter);
    Filter::read(&Node::at(&filter, *node.place()), faults, EntityKind::Person)
}

fn read_prospect(node: &Node<'_>, faults: &mut Faults) -> Option<NewProspect> {
    let mut new = NewProspect::default();
    node.object(faults, &["firstName", "lastName"], |key, child, faults| {
        read_field(&mut new, key, child, faults)
    })?;
    let known = new.company_name.is_some() || new.company_domain.is_some();
    if known && new.lead.person.work_experiences.is_empty() {
        let company = Employer {
            name: new.company_name.clone(),
            domain: new.company_domain.clone(),
            ..Employer::default()
        };
        new.lead.person.work_experiences.push(WorkExperience { company, ..WorkExperience::default() });
    }
    Some(new)
}

/// Reads one key of a person. Keys that a client may send back as it read them, but that are derived
/// here (`createdAt`, `company`, `clientContact`, …), are accepted and ignored.
fn read_field(new: &mut NewProspect, key: &str, node: &Node<'_>, faults: &mut Faults) -> bool {
    let NewProspect { lead, company_name, company_domain } = new;
    let person: &mut Person = &mut lead.person;
    match key {
        "firstName" => person.first_name = node.trimmed(faults, 255).unwrap_or_default(),
        "lastName" => person.last_name = node.trimmed(faults, 255).unwrap_or_default(),
        "id" => lead.base_provider_id = node.nullable(faults, Node::uuid).flatten().or(lead.base_provider_id),
        "baseProviderId" => {
            lead.base_provider_id = node.nullable(faults, Node::uuid).flatten().or(lead.base_provider_id)
        }
        "jobTitle" => person.job_title = optional(node, faults),
        "headline" => person.headline = optional(node, faults),
        "summary" => person.summary = optional(node, faults),
        "city" => person.city = optional(node, faults),
        "state" => person.state = optional(node, faults),
        "postalCode" => person.postal_code = optional(node, faults),
        "country" => person.country = optional(node, faults),
        "seniority" => person.seniority = optional(node, faults),
        "industry" => person.industry = optional(node, faults),
        "birthDate" => person.birth_date = optional(node, faults),
        "linkedinUrl" => person.linkedin_url = node.nullable(faults, linkedin).flatten(),
        "phones" => person.phones = strings(node, faults),
        "emails" => person.emails = node.array(faults, 100, email).unwrap_or_default(),
        "skills" => person.skills = strings(node, faults),
        "departments" => person.departments = strings(node, faults),
        "subDepartments" => person.sub_departments = strings(node, faults),
        "functions" => person.functions = strings(node, faults),
        "companyName" => *company_name = optional(node, faults),
        "companyDomain" => *company_domain = node.nullable(faults, domain).flatten(),
        "companyId" => person.company_id = node.nullable(faults, Node::uuid).flatten(),
        "crmId" => lead.crm_id = optional(node, faults),
        "bullhornId" => lead.bullhorn_id = optional(node, faults),
        "languages" => person.languages = history::languages(node, faults),
        "educations" => person.educations = history::educations(node, faults),
        "workExperiences" => person.work_experiences = history::work_experiences(node, faults),
        "createdAt" | "updatedAt" | "company" | "clientContact" | "consentStatus" | "consentSource"
        | "consentUpdatedAt" | "deletedAt" | "leadOwnerId" | "gender" | "certifications" | "badges"
        | "courses" | "projects" | "socialLinks" | "followers" | "connections" | "source" | "observedAt"
        | "externalId" | "provenance" => {}
        _ => return false,
    }
    true
}

fn optional(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let text =
        node.nullable(faults, |node, faults| node.text(faults, 0, 10_000).map(str::to_owned)).flatten()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn strings(node: &Node<'_>, faults: &mut Faults) -> Vec<String> {
    node.array(faults, 1_000, |item, faults| item.text(faults, 1, 1_000).map(str::to_owned))
        .unwrap_or_default()
}

fn canonical(
    node: &Node<'_>,
    faults: &mut Faults,
    message: &str,
    canonical: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let out = canonical(node.string(faults)?);
    if out.is_none() {
        node.fault(faults, message);
    }
    out
}

fn email(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    canonical(node, faults, "Invalid email", canon::email)
}

fn linkedin(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    canonical(node, faults, "Invalid LinkedIn profile URL", canon::linkedin_person)
}

fn domain(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    canonical(node, faults, "Invalid domain", canon::domain)
}
