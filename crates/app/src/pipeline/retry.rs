//! The unknown candidates of an earlier run, taken first.

use super::candidate::{Candidate, Record};
use super::plan::Rules;
use crate::context::Context;
use crate::error::Result;
use sluice_catalog::{Catalog, Search, Sort, Window};
use sluice_model::decision::Source;
use sluice_model::filter::Filter;
use sluice_model::{Actor, EntityKind, Lead, Time, Verdict};
use sluice_store::ops::decision::{DecisionFilter, decision_list};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// Decisions read at once.
const PAGE: usize = 1_000;

/// Yields the candidates that an earlier run could not tell, in its order, as far as the searches of the ICP find them
/// still.
pub struct Retry {
    catalog: Arc<dyn Catalog>,
    kind: EntityKind,
    /// Provider and filter of each search.
    searches: Vec<(String, Filter)>,
    now: Time,
    /// Those not taken yet.
    ids: std::vec::IntoIter<Uuid>,
}

impl Retry {
    /// The ids of candidates of this run whose verdict is unknown, in its order.
    ///
    /// # Errors
    /// The store's.
    pub async fn unknown_of(context: &Context, actor: &Actor, run: Uuid) -> Result<Vec<Uuid>> {
        context
            .read_long(actor, move |tx| {
                Box::pin(async move {
                    let (mut ids, mut after) = (Vec::new(), 0);
                    loop {
                        let verdict = Some(Verdict::Unknown);
                        let filter = DecisionFilter { verdict, after, ..DecisionFilter::default() };
                        let page = decision_list(tx, run, filter, PAGE).await?;
                        ids.extend(page.iter().map(|decision| decision.candidate.id));
                        match page.last().filter(|_| page.len() == PAGE) {
                            Some(last) => after = last.sequence,
                            None => return Ok(ids),
                        }
                    }
                })
            })
            .await
    }

    /// Candidates with these ids, but those in `seen`.
    #[must_use]
    pub fn new(catalog: Arc<dyn Catalog>, rules: &Rules, ids: Vec<Uuid>, seen: &HashSet<Uuid>) -> Self {
        let fresh: Vec<Uuid> = ids.into_iter().filter(|id| !seen.contains(id)).collect();
        let searches = rules.searches.iter().map(|search| (search.provider.clone(), search.filter.clone()));
        Self {
            catalog,
            kind: rules.kind,
            searches: searches.collect(),
            now: rules.as_of,
            ids: fresh.into_iter(),
        }
    }

    /// The next of them, from at most `most` ids; none when all are taken.
    ///
    /// # Errors
    /// The catalog's.
    pub async fn next_batch(&mut self, most: usize) -> Result<Option<Vec<Candidate>>> {
        let ids: Vec<Uuid> = self.ids.by_ref().take(most).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let mut records: HashMap<Uuid, (Record, Vec<Source>)> = HashMap::new();
        for (criterion, (provider, filter)) in self.searches.iter().enumerate() {
            let search = Search {
                filter: filter.clone(),
                ids: Some(ids.clone()),
                window: Window::Page { offset: 0, limit: ids.len() },
                count: false,
                sort: Sort::Rank,
                now: self.now,
            };
            for (id, record) in self.found(search).await? {
                let source = Source::search(provider.clone(), criterion);
                records.entry(id).or_insert_with(|| (record, Vec::new())).1.push(source);
            }
        }
        let in_order = ids.iter().filter_map(|id| records.remove(id));
        Ok(Some(in_order.map(|(record, sources)| Candidate::new(record, sources)).collect()))
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
