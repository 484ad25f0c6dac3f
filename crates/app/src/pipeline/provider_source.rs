//! Candidates from another provider than the catalog, in its order.
//!
//! They stay with the organisation: the catalog is everybody's, and what one organisation's provider knows is not.

use super::candidate::{Candidate, Record};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::leads::identifiers::record_keys_of_person;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sluice_catalog::import::{company_of, person_of};
use sluice_model::decision::Source;
use sluice_model::icp::LeadProviderCriterion;
use sluice_model::{Actor, EntityKind, Lead, Time};
use std::fmt::Display;
use uuid::Uuid;

/// Records asked for at once.
const PAGE: usize = 100;
/// How much of a record that cannot be used a decision shows, in characters.
const SHOWN: usize = 500;

/// A search of a provider.
pub(super) struct Asked<'s> {
    pub search: &'s LeadProviderCriterion,
    pub filters: &'s Value,
    pub criterion: usize,
    pub as_of: Time,
}

/// A page of candidates.
pub(super) struct ProviderCandidates {
    pub candidates: Vec<Candidate>,
    /// The provider's own name of the next page.
    pub next: Option<String>,
}

/// Asks for a page.
///
/// # Errors
/// [`Error::Outside`], which names the provider, when it is not connected any more or does not answer.
pub(super) async fn provider_page(
    context: &Context,
    actor: &Actor,
    asked: &Asked<'_>,
    page: Option<&str>,
) -> Result<ProviderCandidates> {
    let name = &asked.search.provider;
    let connected = context.connectors.of(context, &actor.organisation).await?;
    let provider = connected.lead_providers.get(name);
    let provider = provider
        .ok_or_else(|| Error::Outside(format!("Missing connector: {name} (for leadProviderCriteria)")))?;
    let found = provider.search(asked.search.kind.name(), asked.filters, page, PAGE).await;
    let found = found.map_err(|error| failed(name, error))?;
    let candidates = found.records.iter().map(|record| candidate(actor, asked, record)).collect();
    Ok(ProviderCandidates { candidates, next: found.next })
}

/// Why a search of this provider comes to nothing.
pub(super) fn failed(provider: &str, why: impl Display) -> Error {
    Error::Outside(format!("Lead provider '{provider}' failed: {why}"))
}

/// A record as a candidate; one that cannot be used says why.
fn candidate(actor: &Actor, asked: &Asked<'_>, record: &Value) -> Candidate {
    let name = &asked.search.provider;
    let source = vec![Source::search(name.clone(), asked.criterion)];
    let read = match asked.search.kind {
        EntityKind::Person => person_of(record, name, asked.as_of)
            .map(|(person, company)| Record::Person(Box::new(Lead { person, company, ..Lead::default() }))),
        EntityKind::Company => {
            company_of(record, name, asked.as_of).map(|company| Record::Company(Box::new(company)))
        }
    };
    let (mut read, unusable) = match read {
        Ok(read) => (read, None),
        Err(reason) => (blank(asked.search.kind), Some(reason)),
    };
    match &mut read {
        Record::Person(lead) => {
            let keys = record_keys_of_person(lead);
            lead.person.id = id_of(actor, asked, keys.first(), record);
            // A record of the provider's own that is told by its identifiers, if the organisation keeps it.
            lead.person.company_id = None;
            if let Some(company) = &mut lead.company {
                company.id = Uuid::nil();
            }
        }
        Record::Company(company) => {
            let key = company.domain.as_ref().map(|domain| format!("dom:{domain}"));
            company.id = id_of(actor, asked, key.as_ref(), record);
        }
    }
    let candidate = Candidate::new(read, source);
    let shown = || record.to_string().chars().take(SHOWN).collect();
    Candidate { unusable: unusable.map(|reason| (reason, shown())), ..candidate }
}

fn blank(kind: EntityKind) -> Record {
    match kind {
        EntityKind::Person => Record::Person(Box::default()),
        EntityKind::Company => Record::Company(Box::default()),
    }
}

/// The same id for the same record each time: by its strongest identifier, else by all that it says.
fn id_of(actor: &Actor, asked: &Asked<'_>, key: Option<&String>, record: &Value) -> Uuid {
    let whole = record.to_string();
    let told = key.map_or(whole.as_str(), String::as_str);
    let mut digest = Sha256::new();
    for part in [actor.organisation.as_str(), &asked.search.provider, asked.search.kind.name(), told] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
