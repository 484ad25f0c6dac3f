//! What the organisation knows of candidates, looked up for a whole batch at once.

use super::candidate::{Candidate, Record};
use super::plan::Rules;
use crate::context::Context;
use crate::crm;
use crate::error::{Error, Result};
use crate::leads::identifiers::{record_keys_of_company, record_keys_of_person};
use crate::suppressions::find::{Probe, of_company_record, of_lead};
use sluice_model::crm::{CrmMatch, CrmProvider};
use sluice_model::icp::CustomFilter;
use sluice_model::suppression::SuppressionKind;
use sluice_model::{Actor, Company, EntityKind, Suppression, Time};
use sluice_store::Tx;
use sluice_store::ops::record::{record_find, record_in_crm, record_last_listed};
use sluice_store::ops::suppression::{suppression_any, suppression_find};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What is known of one candidate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The entry that suppresses it, with the value it was found by.
    pub suppressed_by: Option<(Suppression, String)>,
    /// When the organisation last put it on a list, this run's apart.
    pub last_listed: Option<Time>,
    /// Whether the organisation's CRM has it.
    pub in_crm: bool,
    /// The contact of the CRM's mirror that it is.
    pub crm: Option<CrmMatch>,
}

/// Which facts a run needs, so that nothing is looked up in vain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Knowledge {
    pub listings: bool,
    pub crm: bool,
}

impl Knowledge {
    /// What these rules ask for.
    #[must_use]
    pub fn needed_by(rules: &Rules) -> Self {
        let any = |fits: fn(&CustomFilter) -> bool| rules.filters.iter().any(fits);
        Self {
            listings: any(|filter| matches!(filter, CustomFilter::MinDaysUntilReuse { .. })),
            crm: any(|filter| matches!(filter, CustomFilter::MaxPercentFromCrm { .. })),
        }
    }
}

/// Looks up the facts of a batch, in its order. `list` is the run's own list, which does not count as an earlier one.
///
/// # Errors
/// The store's.
pub async fn gather(
    context: &Context,
    actor: &Actor,
    batch: &[Candidate],
    needed: Knowledge,
    list: Option<Uuid>,
) -> Result<Vec<Facts>> {
    let now = context.now();
    let mut facts = vec![Facts::default(); batch.len()];
    let Some(kind) = batch.first().map(Candidate::kind) else { return Ok(facts) };
    let (suppressing, mirror): (bool, Option<CrmProvider>) = context
        .read(actor, move |tx| {
            Box::pin(async move { Ok::<_, Error>((suppression_any(tx, now).await?, crm::filled(tx).await?)) })
        })
        .await?;
    let mirror = mirror.filter(|_| kind == EntityKind::Person);
    if !suppressing && !needed.listings && !needed.crm && mirror.is_none() {
        return Ok(facts);
    }
    let keys: Vec<Vec<String>> = batch.iter().map(record_keys).collect();
    // Canonical spellings cost more than the look-up: only an organisation with entries pays for them.
    let suppressible = if suppressing { batch } else { &[] };
    let mut probes: Vec<Vec<Probe>> = suppressible.iter().map(probes_of).collect();
    let employer_keys: Vec<Vec<String>> = suppressible.iter().map(employer_keys).collect();
    let known: Vec<crm::Known> =
        if mirror.is_some() { batch.iter().map(known_of).collect() } else { Vec::new() };
    let organisation = actor.organisation.clone();
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let own = own_ids(tx, kind, &keys).await?;
                if suppressing {
                    // An entry may name the id that the organisation's own copy has.
                    let employers = own_ids(tx, EntityKind::Company, &employer_keys).await?;
                    for ((probes, own), employers) in probes.iter_mut().zip(&own).zip(&employers) {
                        add_own(probes, kind, own);
                        add_own(probes, EntityKind::Company, employers);
                    }
                    suppress(tx, &organisation, &probes, now, &mut facts).await?;
                }
                own_facts(tx, &mut facts, &own, needed, list).await?;
                if let Some(provider) = mirror {
                    let found = crm::find_contacts(tx, provider, &known, &own).await?;
                    for (facts, found) in facts.iter_mut().zip(found) {
                        facts.crm = found.map(|found| found.as_match(provider));
                        facts.in_crm |= facts.crm.is_some();
                    }
                }
                Ok(facts)
            })
        })
        .await
}

fn known_of(candidate: &Candidate) -> crm::Known {
    match &candidate.record {
        Record::Person(lead) => crm::Known::of(lead),
        Record::Company(_) => crm::Known::default(),
    }
}

pub(super) fn probes_of(candidate: &Candidate) -> Vec<Probe> {
    match &candidate.record {
        Record::Person(lead) => of_lead(lead),
        Record::Company(company) => of_company_record(company),
    }
}

/// The organisation's own records that have any of these keys, for each of the candidates.
pub(super) async fn own_ids(
    tx: &mut Tx<'_>,
    kind: EntityKind,
    keys: &[Vec<String>],
) -> Result<Vec<Vec<Uuid>>> {
    let flat: Vec<String> = keys.iter().flatten().cloned().collect();
    let known = record_find(tx, kind, &flat).await?;
    let own = keys.iter().map(|keys| {
        let mut ids: Vec<Uuid> = keys.iter().filter_map(|key| known.get(key).copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    });
    Ok(own.collect())
}

pub(super) fn add_own(probes: &mut Vec<Probe>, kind: EntityKind, ids: &[Uuid]) {
    let kind = match kind {
        EntityKind::Person => SuppressionKind::Person,
        EntityKind::Company => SuppressionKind::Company,
    };
    probes.extend(ids.iter().map(|id| Probe::new(kind, id.to_string())));
    // The order in which an entry is named as the reason; ids found just now go behind those of their kind.
    probes.sort_by_key(|probe| probe.kind);
}

/// Finds the entry that suppresses each candidate, by its strongest probe.
pub(super) async fn suppress(
    tx: &mut Tx<'_>,
    organisation: &str,
    probes: &[Vec<Probe>],
    now: Time,
    facts: &mut [Facts],
) -> Result<()> {
    let hashes: Vec<Vec<[u8; 32]>> =
        probes.iter().map(|all| all.iter().map(|probe| probe.hash(organisation)).collect()).collect();
    let flat: Vec<[u8; 32]> = hashes.iter().flatten().copied().collect::<HashSet<_>>().into_iter().collect();
    let found = suppression_find(tx, &flat, now).await?;
    let by_hash: HashMap<&[u8], &Suppression> =
        found.iter().map(|stored| (stored.hash.as_slice(), &stored.entry)).collect();
    for ((facts, probes), hashes) in facts.iter_mut().zip(probes).zip(&hashes) {
        facts.suppressed_by = probes.iter().zip(hashes).find_map(|(probe, hash)| {
            by_hash.get(hash.as_slice()).map(|entry| ((*entry).clone(), probe.value.clone()))
        });
    }
    Ok(())
}

async fn own_facts(
    tx: &mut Tx<'_>,
    facts: &mut [Facts],
    own: &[Vec<Uuid>],
    needed: Knowledge,
    list: Option<Uuid>,
) -> Result<()> {
    let ids: Vec<Uuid> = own.iter().flatten().copied().collect();
    let listed = if needed.listings { record_last_listed(tx, &ids, list).await? } else { HashMap::new() };
    let crm: HashSet<Uuid> =
        if needed.crm { record_in_crm(tx, &ids).await?.into_iter().collect() } else { HashSet::new() };
    for (facts, own) in facts.iter_mut().zip(own) {
        facts.last_listed = own.iter().filter_map(|id| listed.get(id).copied()).max();
        facts.in_crm = own.iter().any(|id| crm.contains(id));
    }
    Ok(())
}

pub(super) fn record_keys(candidate: &Candidate) -> Vec<String> {
    match &candidate.record {
        Record::Person(lead) => record_keys_of_person(lead),
        Record::Company(company) => record_keys_of_catalog_company(company),
    }
}

/// The keys of a person's employer.
pub(super) fn employer_keys(candidate: &Candidate) -> Vec<String> {
    match &candidate.record {
        Record::Person(lead) => lead.company.as_ref().map(record_keys_of_catalog_company).unwrap_or_default(),
        Record::Company(_) => Vec::new(),
    }
}

fn record_keys_of_catalog_company(company: &Company) -> Vec<String> {
    record_keys_of_company(&Company { base_provider_id: Some(company.id), ..company.clone() })
}
