//! What a run must come to, said plainly from the description of the pipeline: one candidate after the other, in
//! memory, without the product's own pipeline. Only what a filter means and in which order records stand is taken
//! from the catalog's reference evaluation.

use crate::organisation::Organisation;
use regex::Regex;
use serde_json::{Value, json};
use sluice_catalog::Rank;
use sluice_catalog::reference::{company_matches, person_matches, rank_of_company, rank_of_person};
use sluice_model::filter::Filter;
use sluice_model::suppression::SuppressionKind;
use sluice_model::{Company, EntityKind, Lead, Person, Time, canon};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A record of the catalog.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    Person(&'a Person, Option<&'a Company>),
    Company(&'a Company),
}

/// A rule of an ICP.
#[derive(Clone, Debug)]
pub enum Rule {
    Matches {
        field: String,
        regex: String,
    },
    DaysUntilReuse(i64),
    PerCompany(u64),
    /// In hundredths of a percent.
    FromCrm(u64),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub searches: Vec<Filter>,
    pub rules: Vec<Rule>,
    pub target: u64,
    pub now: Time,
}

/// A record that some search finds, and the searches that find it.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    pub record: Record<'a>,
    pub sources: Vec<usize>,
}

/// What is decided on one candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub id: Uuid,
    pub sources: Vec<usize>,
    pub stage: &'static str,
    /// `None`: accepted.
    pub reason: Option<String>,
    pub filter: Option<usize>,
}

/// Everything that is decided on, and the accepted records in order.
pub struct Outcome<'a> {
    pub decided: Vec<Decided>,
    pub accepted: Vec<Record<'a>>,
}

impl<'a> Record<'a> {
    pub fn kind(&self) -> EntityKind {
        match self {
            Self::Person(..) => EntityKind::Person,
            Self::Company(_) => EntityKind::Company,
        }
    }

    pub fn id(&self) -> Uuid {
        match self {
            Self::Person(person, _) => person.id,
            Self::Company(company) => company.id,
        }
    }

    fn rank(&self) -> Rank {
        match self {
            Self::Person(person, _) => rank_of_person(person),
            Self::Company(company) => rank_of_company(company),
        }
    }

    fn fits(&self, filter: &Filter, now: Time) -> bool {
        match self {
            Self::Person(person, company) => person_matches(filter, person, *company, now),
            Self::Company(company) => company_matches(filter, company),
        }
    }

    fn profile(&self) -> Option<String> {
        match self {
            Self::Person(person, _) => person.linkedin_url.as_deref().and_then(canon::linkedin_person),
            Self::Company(company) => company.linkedin_url.as_deref().and_then(canon::linkedin_company),
        }
    }

    fn addresses(&self) -> Vec<String> {
        match self {
            Self::Person(person, _) => person.emails.iter().filter_map(|email| canon::email(email)).collect(),
            Self::Company(_) => Vec::new(),
        }
    }

    /// By which the organisation's own copy is found.
    pub fn keys(&self) -> Vec<String> {
        let mut keys = vec![self.id().to_string()];
        keys.extend(self.profile());
        keys.extend(self.addresses());
        if let Self::Company(company) = self {
            keys.extend(company.domain.as_deref().and_then(canon::domain));
        }
        keys
    }

    /// Company id, else domain, else normalised name.
    fn company_key(&self) -> Option<String> {
        match self {
            Self::Company(company) => Some(company.id.to_string()),
            Self::Person(person, company) => {
                let job = person.work_experiences.first().map(|job| &job.company);
                let domain = || job.and_then(|job| job.domain.as_deref()).and_then(canon::domain);
                let name = || job.and_then(|job| job.name.as_deref()).and_then(canon::company_name);
                let id = company.map(|company| company.id).or(person.company_id);
                id.map(|id| id.to_string()).or_else(domain).or_else(name)
            }
        }
    }

    /// What it is told from others by, the strongest first, with the name of the reason.
    fn identities(&self) -> Vec<(&'static str, String)> {
        let mut out = Vec::new();
        out.extend(self.profile().map(|profile| ("same LinkedIn URL", profile)));
        out.extend(self.addresses().into_iter().map(|address| ("same e-mail", address)));
        match self {
            Self::Person(person, _) => {
                let name = canon::person_name(&person.first_name, &person.last_name);
                if let (Some(name), Some(company)) = (name, self.company_key()) {
                    out.push(("same name and company", format!("{name} at {company}")));
                }
            }
            Self::Company(company) => {
                let domain = company.domain.as_deref().and_then(canon::domain);
                out.extend(domain.map(|domain| ("same domain", domain)));
                let country = company.country.as_deref().map(sluice_model::text::fold).unwrap_or_default();
                let name = company.name.as_deref().and_then(canon::company_name);
                out.extend(name.map(|name| ("same name and company", format!("{name} in {country}"))));
            }
        }
        out
    }

    /// The values of a kind that suppress the record when they are on the list.
    fn suppressing(&self, kind: SuppressionKind, organisation: &Organisation) -> Vec<String> {
        let own = |record: &Record<'_>| -> Vec<String> {
            let ids = organisation.own_of(record).into_iter().filter_map(|at| organisation.own[at].id);
            ids.map(|id| id.to_string()).collect()
        };
        let employer = match self {
            Self::Person(_, company) => *company,
            Self::Company(company) => Some(*company),
        };
        // A company that is only named in the person's latest job.
        let job = match self {
            Self::Person(person, None) => person.work_experiences.first().map(|job| &job.company),
            _ => None,
        };
        let mut out = Vec::new();
        match (kind, self) {
            (SuppressionKind::Person, Self::Person(person, _)) => {
                out.push(person.id.to_string());
                out.extend(own(self));
                out.extend(self.profile());
            }
            (SuppressionKind::Email, _) => out = self.addresses(),
            (SuppressionKind::Domain, _) => {
                out.extend(
                    self.addresses().iter().filter_map(|address| canon::domain(address.split_once('@')?.1)),
                );
                out.extend(employer.and_then(|company| canon::domain(company.domain.as_deref()?)));
                out.extend(job.and_then(|job| canon::domain(job.domain.as_deref()?)));
            }
            (SuppressionKind::Company, _) => {
                if let Some(company) = employer {
                    out.push(company.id.to_string());
                    out.extend(own(&Record::Company(company)));
                    out.extend(company.name.as_deref().and_then(canon::company_name));
                } else if let Self::Person(person, _) = self {
                    out.extend(person.company_id.map(|id| id.to_string()));
                    out.extend(job.and_then(|job| canon::company_name(job.name.as_deref()?)));
                }
            }
            (SuppressionKind::Person, Self::Company(_)) => {}
        }
        out
    }

    /// All values at a dotted path, as text.
    fn texts(&self, path: &str) -> Vec<String> {
        let (value, path) = match self {
            Self::Person(person, company) => {
                (json!(Lead::from_catalog((*person).clone(), company.cloned())), path)
            }
            Self::Company(company) => (json!(company), path.strip_prefix("company.").unwrap_or(path)),
        };
        let mut at = vec![&value];
        for key in path.split('.') {
            at = at.into_iter().flat_map(items).filter_map(|value| value.get(key)).collect();
        }
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            _ => None,
        };
        at.into_iter().flat_map(items).filter_map(text).collect()
    }
}

fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().flat_map(items).collect(),
        other => vec![other],
    }
}

/// Whom the searches find, in the order of the searches and within each in rank order; each once.
pub fn candidates<'a>(searches: &[Filter], records: impl Iterator<Item = Record<'a>>) -> Vec<Candidate<'a>> {
    let found_by = |record: &Record<'_>| -> Vec<usize> {
        (0..searches.len()).filter(|at| record.fits(&searches[*at], Time::from_millis(0))).collect()
    };
    let found = records.map(|record| Candidate { sources: found_by(&record), record });
    in_order(found.filter(|candidate| !candidate.sources.is_empty()).collect())
}

/// Sorts what was found.
pub fn in_order(mut found: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    found.sort_by_key(|found| (found.sources[0], Reverse(found.record.rank()), found.record.id()));
    found
}

/// Takes the candidates one by one until the target is reached or they run out.
pub fn decide<'a>(candidates: &[Candidate<'a>], wanted: &Wanted, organisation: &Organisation) -> Outcome<'a> {
    let patterns: Vec<Option<Regex>> = wanted
        .rules
        .iter()
        .map(|rule| match rule {
            Rule::Matches { regex, .. } => Some(Regex::new(regex).expect("a valid pattern")),
            _ => None,
        })
        .collect();
    let mut out = Outcome { decided: Vec::new(), accepted: Vec::new() };
    let mut identities: HashSet<String> = HashSet::new();
    let mut per_company: HashMap<String, u64> = HashMap::new();
    let mut from_crm = 0;
    for candidate in candidates {
        if out.accepted.len() as u64 == wanted.target {
            break;
        }
        let record = &candidate.record;
        let own = organisation.own_of(record);
        let in_crm = own.iter().any(|at| organisation.own[*at].in_crm);
        let mut objection: Option<(&'static str, String, Option<usize>)> = None;
        // 1 identity
        for (reason, identity) in record.identities() {
            if objection.is_none() && identities.contains(&format!("{reason} {identity}")) {
                objection = Some(("identity", reason.to_owned(), None));
            }
        }
        identities
            .extend(record.identities().into_iter().map(|(reason, identity)| format!("{reason} {identity}")));
        // 2 suppression
        for kind in SuppressionKind::ALL {
            let values = record.suppressing(kind, organisation);
            if objection.is_none()
                && values.iter().any(|value| organisation.suppresses(kind, value, wanted.now))
            {
                objection = Some(("suppression", format!("{} suppressed", kind.name()), None));
            }
        }
        // 3 rules
        for (at, rule) in wanted.rules.iter().enumerate() {
            if objection.is_some() {
                break;
            }
            if let (Rule::Matches { field, .. }, Some(pattern)) = (rule, &patterns[at])
                && !record.texts(field).iter().any(|text| pattern.is_match(text))
            {
                objection = Some(("rules", format!("{field} does not match"), Some(at)));
            }
            if let Rule::DaysUntilReuse(days) = rule
                && own
                    .iter()
                    .filter_map(|own| organisation.own[*own].listed_at)
                    .any(|listed| wanted.now < listed.plus_days(*days))
            {
                objection = Some(("rules", "reused too soon".to_owned(), Some(at)));
            }
        }
        // 4 caps
        let company = record.company_key();
        for (at, rule) in wanted.rules.iter().enumerate() {
            if objection.is_some() {
                break;
            }
            if let (Rule::PerCompany(most), Some(company)) = (rule, &company)
                && per_company.get(company).copied().unwrap_or(0) + 1 > *most
            {
                objection = Some(("caps", "company is full".to_owned(), Some(at)));
            }
            if let Rule::FromCrm(hundredths) = rule
                && in_crm
                && (from_crm + 1) * 10_000 > *hundredths * wanted.target
            {
                objection = Some(("caps", "enough from the CRM".to_owned(), Some(at)));
            }
        }
        if objection.is_none() {
            out.accepted.push(*record);
            if let Some(company) = company {
                *per_company.entry(company).or_default() += 1;
            }
            from_crm += u64::from(in_crm);
        }
        let (stage, reason, filter) = match objection {
            Some((stage, reason, filter)) => (stage, Some(reason), filter),
            None => ("accept", None, None),
        };
        let sources = candidate.sources.clone();
        out.decided.push(Decided { id: record.id(), sources, stage, reason, filter });
    }
    out
}
