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
    /// Each search: provider, filter, and whether it is the catalog's own.
    searches: Vec<(String, Filter, bool)>,
    now: Time,
    /// Those not taken yet.
    unknown: std::vec::IntoIter<(Uuid, Vec<Source>)>,
}

impl Retry {
    /// The ids and sources of candidates of this run whose verdict is unknown, in its order.
    ///
    /// # Errors
    /// The store's.
    pub async fn unknown_of(context: &Context, actor: &Actor, run: Uuid) -> Result<Vec<(Uuid, Vec<Source>)>> {
        context
            .read_long(actor, move |tx| {
                Box::pin(async move {
                    let (mut unknown, mut after) = (Vec::new(), 0);
                    loop {
                        let verdict = Some(Verdict::Unknown);
                        let filter = DecisionFilter { verdict, after, ..DecisionFilter::default() };
                        let page = decision_list(tx, run, filter, PAGE).await?;
                        let last = page.last().map(|last| last.sequence).filter(|_| page.len() == PAGE);
                        unknown.extend(page.into_iter().map(|known| (known.candidate.id, known.sources)));
                        match last {
                            Some(last) => after = last,
                            None => return Ok(unknown),
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
        mut unknown: Vec<(Uuid, Vec<Source>)>,
        seen: &HashSet<Uuid>,
    ) -> Self {
        unknown.retain(|(id, _)| !seen.contains(id));
        let searches = rules
            .searches
            .iter()
            .map(|search| (search.provider.clone(), search.filter.clone(), search.is_of_catalog()));
        Self {
            catalog,
            kind: rules.kind,
            searches: searches.collect(),
            now: rules.as_of,
            unknown: unknown.into_iter(),
        }
    }

    /// The next of them, from at most `most` that were unknown; none when all are taken.
    ///
    /// # Errors
    /// The catalog's.
    pub async fn next_batch(&mut self, most: usize) -> Result<Option<Vec<Candidate>>> {
        let unknown: Vec<(Uuid, Vec<Source>)> = self.unknown.by_ref().take(most).collect();
        if unknown.is_empty() {
            return Ok(None);
        }
        let mut records: HashMap<Uuid, (Record, Vec<Source>)> = HashMap::new();
        for (criterion, (provider, filter, is_of_catalog)) in self.searches.iter().enumerate() {
            let source = Source::search(provider.clone(), criterion);
            // Another provider is not asked again: whom it found then is in the catalog since.
            let ids: Vec<Uuid> = unknown
                .iter()
                .filter(|(_, sources)| *is_of_catalog || sources.contains(&source))
                .map(|(id, _)| *id)
                .collect();
            if ids.is_empty() {
                continue;
            }
            let search = Search {
                filter: filter.clone(),
                window: Window::Page { offset: 0, limit: ids.len() },
                ids: Some(ids),
                count: false,
                sort: Sort::Rank,
                now: self.now,
            };
            for (id, record) in self.found(search).await? {
                records.entry(id).or_insert_with(|| (record, Vec::new())).1.push(source.clone());
            }
        }
        let in_order = unknown.iter().filter_map(|(id, _)| records.remove(id));
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
