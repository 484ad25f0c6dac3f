//! The unknown candidates of an earlier run, taken first.

use super::candidate::{Candidate, Record};
use super::plan::Rules;
use crate::context::Context;
use crate::error::Result;
use sluice_catalog::{Catalog, Search, Sort, Window};
use sluice_model::decision::Source;
use sluice_model::filter::Filter;
use sluice_model::icp::LeadProviderCriterion;
use sluice_model::{Actor, EntityKind, Lead, Time};
use sluice_store::ops::decision::{UnknownCandidate, decision_unknown};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// Decisions read at once.
const PAGE: usize = 1_000;

/// Yields the candidates that an earlier run could not tell, in its order: those of the catalog as far as the searches
/// of the ICP find them still; those of the CRM and of other providers, who may not be asked for one person, from what
/// was kept of them, as long as the ICP names who found them.
pub struct Retry {
    catalog: Arc<dyn Catalog>,
    kind: EntityKind,
    /// The searches of the catalog: position, provider, filter.
    searches: Vec<(usize, String, Filter)>,
    /// Who else is asked: the CRM, which has no position, and other providers.
    outside: Vec<(Option<usize>, String)>,
    now: Time,
    /// Those not taken yet.
    unknown: std::vec::IntoIter<UnknownCandidate>,
}

/// Whether any of these sources lies outside of the catalog, which then cannot be asked for the record again.
#[must_use]
pub fn is_of_outside(rules: &Rules, sources: &[Source]) -> bool {
    let is_of_catalog = |source: &Source| {
        let search = source.criterion.and_then(|at| rules.searches.get(at));
        search.is_some_and(LeadProviderCriterion::is_of_catalog)
    };
    !sources.iter().all(is_of_catalog)
}

impl Retry {
    /// The candidates of this run whose verdict is unknown, in its order.
    ///
    /// # Errors
    /// The store's.
    pub async fn unknown_of(context: &Context, actor: &Actor, run: Uuid) -> Result<Vec<UnknownCandidate>> {
        context
            .read_long(actor, move |tx| {
                Box::pin(async move {
                    let mut unknown: Vec<UnknownCandidate> = Vec::new();
                    loop {
                        let after = unknown.last().map_or(0, |last| last.sequence);
                        let page = decision_unknown(tx, run, after, PAGE).await?;
                        let more = page.len() == PAGE;
                        unknown.extend(page);
                        if !more {
                            return Ok(unknown);
                        }
                    }
                })
            })
            .await
    }

    /// These candidates, but those in `seen`.
    #[must_use]
    pub fn new(
        catalog: Arc<dyn Catalog>,
        rules: &Rules,
        mut unknown: Vec<UnknownCandidate>,
        seen: &HashSet<Uuid>,
    ) -> Self {
        unknown.retain(|known| !seen.contains(&known.candidate));
        let (mut searches, mut outside) = (Vec::new(), Vec::new());
        outside.extend(rules.crm.as_ref().map(|crm| (None, crm.provider.clone())));
        for (at, search) in rules.searches.iter().enumerate() {
            if search.is_of_catalog() {
                searches.push((at, search.provider.clone(), search.filter.clone()));
            } else {
                outside.push((Some(at), search.provider.clone()));
            }
        }
        Self { catalog, kind: rules.kind, searches, outside, now: rules.as_of, unknown: unknown.into_iter() }
    }

    /// The next of them, from at most `most` that were unknown; none when all are taken.
    ///
    /// # Errors
    /// The catalog's.
    pub async fn next_batch(&mut self, most: usize) -> Result<Option<Vec<Candidate>>> {
        let unknown: Vec<UnknownCandidate> = self.unknown.by_ref().take(most).collect();
        if unknown.is_empty() {
            return Ok(None);
        }
        let ids: Vec<Uuid> = unknown.iter().map(|known| known.candidate).collect();
        let mut records: HashMap<Uuid, (Record, Vec<Source>)> = HashMap::new();
        for (criterion, provider, filter) in &self.searches {
            let search = Search {
                filter: filter.clone(),
                window: Window::Page { offset: 0, limit: ids.len() },
                ids: Some(ids.clone()),
                count: false,
                sort: Sort::Rank,
                now: self.now,
            };
            for (id, record) in self.found(search).await? {
                let source = Source::search(provider.clone(), *criterion);
                records.entry(id).or_insert_with(|| (record, Vec::new())).1.push(source);
            }
        }
        let mut batch = Vec::with_capacity(unknown.len());
        for known in unknown {
            let found = records.remove(&known.candidate);
            batch.extend(self.again(known, found)?);
        }
        Ok(Some(batch))
    }

    /// A candidate again, from what the catalog has of it now, else from what was kept; none when nobody finds it.
    fn again(
        &self,
        known: UnknownCandidate,
        found: Option<(Record, Vec<Source>)>,
    ) -> Result<Option<Candidate>> {
        let is_asked = |source: &Source| {
            self.outside.iter().any(|(at, provider)| (*at, provider) == (source.criterion, &source.provider))
        };
        let mut sources: Vec<Source> = known.sources.into_iter().filter(is_asked).collect();
        let kept = match known.record.filter(|_| !sources.is_empty()) {
            Some(kept) => Some(self.read(&kept)?),
            None => None,
        };
        let record = match (found, kept) {
            (None, None) => return Ok(None),
            (None, Some(kept)) => kept,
            (Some((record, searches)), None) => {
                sources = searches;
                record
            }
            (Some((mut record, searches)), Some(kept)) => {
                sources.extend(searches);
                if let (Record::Person(lead), Record::Person(kept)) = (&mut record, kept) {
                    (lead.crm_id, lead.bullhorn_id) = (kept.crm_id, kept.bullhorn_id);
                }
                record
            }
        };
        Ok(Some(Candidate::new(record, sources)))
    }

    fn read(&self, kept: &str) -> Result<Record> {
        Ok(match self.kind {
            EntityKind::Person => Record::Person(serde_json::from_str(kept)?),
            EntityKind::Company => Record::Company(serde_json::from_str(kept)?),
        })
    }

    async fn found(&self, search: Search) -> Result<Vec<(Uuid, Record)>> {
        Ok(match self.kind {
            EntityKind::Person => {
                let hits = self.catalog.search_people(search).await?.hits.into_iter();
                let lead = |person, company| Record::Person(Box::new(Lead::from_catalog(person, company)));
                hits.map(|hit| (hit.person.id, lead(hit.person, hit.company))).collect()
            }
            EntityKind::Company => {
                let hits = self.catalog.search_companies(search).await?.hits.into_iter();
                hits.map(|hit| (hit.company.id, Record::Company(Box::new(hit.company)))).collect()
            }
        })
    }
}
