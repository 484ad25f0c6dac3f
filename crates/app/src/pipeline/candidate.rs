//! A candidate: a record that a search of the ICP found.

use crate::leads::identifiers::{Identifier, employer_key, of_company, of_person};
use sha2::{Digest, Sha256};
use sluice_model::canon;
use sluice_model::decision::{CandidateRef, Source};
use sluice_model::{Company, EntityKind, Lead};
use uuid::Uuid;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Person(Box<Lead>),
    Company(Box<Company>),
}

/// A record with the searches that found it and the identifiers by which it is told from others.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Id of the catalog record.
    pub id: Uuid,
    pub record: Record,
    pub sources: Vec<Source>,
    /// Strongest first.
    pub identifiers: Vec<Identifier>,
    /// What tells the company from others, for the cap on people per company.
    pub company_key: Option<String>,
    /// Why its record cannot be used, and the beginning of that record.
    pub unusable: Option<(String, String)>,
}

impl Candidate {
    /// A candidate for this record.
    #[must_use]
    pub fn new(record: Record, sources: Vec<Source>) -> Self {
        match &record {
            Record::Person(lead) => Self {
                id: lead.base_provider_id.unwrap_or(lead.person.id),
                identifiers: of_person(lead),
                company_key: employer_key(lead),
                unusable: None,
                record,
                sources,
            },
            Record::Company(company) => Self {
                id: company.id,
                identifiers: of_company(company),
                company_key: Some(company.id.to_string()),
                unusable: None,
                record,
                sources,
            },
        }
    }

    /// What kind of record it is.
    #[must_use]
    pub fn kind(&self) -> EntityKind {
        match self.record {
            Record::Person(_) => EntityKind::Person,
            Record::Company(_) => EntityKind::Company,
        }
    }

    /// How its decision names it.
    #[must_use]
    pub fn reference(&self) -> CandidateRef {
        match &self.record {
            Record::Person(lead) => CandidateRef {
                id: self.id,
                kind: EntityKind::Person,
                name: lead.person.full_name(),
                job_title: lead.person.job_title.clone(),
                company: lead
                    .company
                    .as_ref()
                    .and_then(|company| company.name.clone())
                    .or_else(|| lead.person.company_name().map(str::to_owned)),
            },
            Record::Company(company) => CandidateRef {
                id: self.id,
                kind: EntityKind::Company,
                name: company.name.clone().unwrap_or_default(),
                job_title: None,
                company: None,
            },
        }
    }

    /// Name of the company, for sentences.
    #[must_use]
    pub fn company_name(&self) -> String {
        let reference = self.reference();
        let name = reference.company.unwrap_or(reference.name);
        if canon::company_name(&name).is_some() { name } else { "this company".to_owned() }
    }
}

/// The first eight bytes of a text's SHA-256: what candidates are compared by, also after a restart.
#[must_use]
pub fn short_hash(text: &str) -> u64 {
    let digest = Sha256::digest(text);
    digest.iter().take(8).fold(0, |hash, byte| (hash << 8) | u64::from(*byte))
}
