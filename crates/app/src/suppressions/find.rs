//! Which values of a record the suppression list is searched for.

use crate::leads::identifiers::{IdentifierKind, of_company, of_person};
use sluice_model::canon;
use sluice_model::suppression::SuppressionKind;
use sluice_model::{Company, Lead};
use uuid::Uuid;

/// A value that suppresses a record when it is on the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Probe {
    pub kind: SuppressionKind,
    /// Canonical.
    pub value: String,
}

impl Probe {
    pub fn new(kind: SuppressionKind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into() }
    }

    pub fn hash(&self, organisation: &str) -> [u8; 32] {
        self.kind.hash(organisation, &self.value)
    }
}

/// What suppresses a person: their ids and LinkedIn profile, their e-mail addresses, the domains of these and of
/// their company, and their company. In the order of the kinds, which is that of the ledger's description
/// (3-pipeline §3.2), strongest first within each.
pub(crate) fn of_lead(lead: &Lead) -> Vec<Probe> {
    let mut probes = Vec::new();
    let ids = [Some(lead.person.id), lead.base_provider_id];
    push_ids(&mut probes, SuppressionKind::Person, ids);
    for identifier in of_person(lead) {
        match identifier.kind {
            IdentifierKind::Linkedin => probes.push(Probe::new(SuppressionKind::Person, identifier.value)),
            IdentifierKind::Email => {
                let domain = canon::domain(identifier.value.rsplit('@').next().unwrap_or_default());
                probes.push(Probe::new(SuppressionKind::Email, identifier.value));
                probes.extend(domain.map(|domain| Probe::new(SuppressionKind::Domain, domain)));
            }
            IdentifierKind::Domain | IdentifierKind::Name => {}
        }
    }
    match &lead.company {
        Some(company) => probes.extend(of_company_record(company)),
        None => {
            push_ids(&mut probes, SuppressionKind::Company, [lead.person.company_id, None]);
            if let Some(job) = lead.person.work_experiences.first() {
                let domain = job.company.domain.as_deref().and_then(canon::domain);
                probes.extend(domain.map(|domain| Probe::new(SuppressionKind::Domain, domain)));
                let name = job.company.name.as_deref().and_then(canon::company_name);
                probes.extend(name.map(|name| Probe::new(SuppressionKind::Company, name)));
            }
        }
    }
    probes.sort_by_key(|probe| probe.kind);
    probes
}

/// What suppresses a company: its ids, its domain and its name.
pub(crate) fn of_company_record(company: &Company) -> Vec<Probe> {
    let mut probes = Vec::new();
    push_ids(&mut probes, SuppressionKind::Company, [Some(company.id), company.base_provider_id]);
    for identifier in of_company(company) {
        if identifier.kind == IdentifierKind::Domain {
            probes.push(Probe::new(SuppressionKind::Domain, identifier.value));
        }
    }
    let name = company.name.as_deref().and_then(canon::company_name);
    probes.extend(name.map(|name| Probe::new(SuppressionKind::Company, name)));
    probes
}

fn push_ids(probes: &mut Vec<Probe>, kind: SuppressionKind, ids: [Option<Uuid>; 2]) {
    let [first, second] = ids;
    let second = second.filter(|id| Some(*id) != first);
    for id in first.into_iter().chain(second).filter(|id| !id.is_nil()) {
        probes.push(Probe::new(kind, id.to_string()));
    }
}
