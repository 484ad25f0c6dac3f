//! A catalog in memory, for tests.

use super::{
    company_matches, company_relevance, person_matches, person_relevance, rank_of_company, rank_of_person,
};
use crate::facts;
use crate::{
    Catalog, CatalogError, CompanyHit, Count, FacetCounts, Page, PersonHit, Rank, Search, Sort, Window,
};
use async_trait::async_trait;
use sluice_model::{Company, EntityKind, Person};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock};
use uuid::Uuid;

/// People and companies in memory, searched one by one.
#[derive(Default)]
pub struct ReferenceCatalog {
    records: RwLock<Records>,
}

#[derive(Clone, Default)]
struct Records {
    people: BTreeMap<Uuid, Person>,
    companies: BTreeMap<Uuid, Company>,
}

impl ReferenceCatalog {
    /// An empty catalog.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a person in the place of the one with the same id, if there is one.
    pub fn put_person(&self, person: Person) {
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        records.people.insert(person.id, person);
    }

    /// Puts a company in the place of the one with the same id, if there is one.
    pub fn put_company(&self, company: Company) {
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        records.companies.insert(company.id, company);
    }

    fn read<T>(&self, look: impl FnOnce(&Records) -> T) -> T {
        look(&self.records.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Records {
    fn company_of(&self, person: &Person) -> Option<&Company> {
        person.company_id.and_then(|id| self.companies.get(&id))
    }

    fn person_hit(&self, person: &Person) -> PersonHit {
        PersonHit {
            rank: rank_of_person(person),
            person: person.clone(),
            company: self.company_of(person).cloned(),
        }
    }
}

/// One record found, by what decides on its place.
struct Found<'r, T> {
    relevance: u64,
    rank: Rank,
    id: Uuid,
    record: &'r T,
}

/// Sorts what was found and takes the window's part of it.
fn window<'r, T>(mut found: Vec<Found<'r, T>>, search: &Search) -> Vec<Found<'r, T>> {
    found.sort_by_key(|found| {
        let relevance = if search.sort == Sort::Relevance { found.relevance } else { 0 };
        (Reverse(relevance), Reverse(found.rank), found.id)
    });
    match search.window {
        Window::Page { offset, limit } => found.into_iter().skip(offset).take(limit).collect(),
        Window::Below { rank, limit } => {
            found.sort_by_key(|found| (Reverse(found.rank), found.id));
            found.retain(|found| rank.is_none_or(|rank| found.rank < rank));
            if let Some(last) = limit.checked_sub(1).and_then(|last| found.get(last)).map(|found| found.rank)
            {
                found.retain(|found| found.rank >= last);
            } else if limit == 0 {
                found.clear();
            }
            found
        }
    }
}

fn wanted(search: &Search, id: Uuid) -> bool {
    search.ids.as_ref().is_none_or(|ids| ids.contains(&id))
}

#[async_trait]
impl Catalog for ReferenceCatalog {
    async fn search_people(&self, search: Search) -> Result<Page<PersonHit>, CatalogError> {
        Ok(self.read(|records| {
            let mut found = Vec::new();
            for person in records.people.values().filter(|person| wanted(&search, person.id)) {
                if person_matches(&search.filter, person, records.company_of(person), search.now) {
                    found.push(Found {
                        relevance: person_relevance(&search.filter, person, search.now),
                        rank: rank_of_person(person),
                        id: person.id,
                        record: person,
                    });
                }
            }
            let total = search.count.then_some(found.len() as u64);
            let hits =
                window(found, &search).into_iter().map(|found| records.person_hit(found.record)).collect();
            Page { hits, total }
        }))
    }

    async fn search_companies(&self, search: Search) -> Result<Page<CompanyHit>, CatalogError> {
        Ok(self.read(|records| {
            let mut found = Vec::new();
            for company in records.companies.values().filter(|company| wanted(&search, company.id)) {
                if company_matches(&search.filter, company) {
                    found.push(Found {
                        relevance: company_relevance(&search.filter, company),
                        rank: rank_of_company(company),
                        id: company.id,
                        record: company,
                    });
                }
            }
            let total = search.count.then_some(found.len() as u64);
            let hit =
                |found: Found<'_, Company>| CompanyHit { rank: found.rank, company: found.record.clone() };
            Page { hits: window(found, &search).into_iter().map(hit).collect(), total }
        }))
    }

    async fn people(&self, ids: &[Uuid]) -> Result<Vec<PersonHit>, CatalogError> {
        Ok(self.read(|records| {
            ids.iter()
                .filter_map(|id| records.people.get(id))
                .map(|person| records.person_hit(person))
                .collect()
        }))
    }

    async fn companies(&self, ids: &[Uuid]) -> Result<Vec<CompanyHit>, CatalogError> {
        Ok(self.read(|records| {
            let found = ids.iter().filter_map(|id| records.companies.get(id));
            found
                .map(|company| CompanyHit { rank: rank_of_company(company), company: company.clone() })
                .collect()
        }))
    }

    async fn companies_at(&self, urls: &[String]) -> Result<Vec<Uuid>, CatalogError> {
        let wanted: BTreeSet<_> = urls.iter().filter_map(|url| facts::site_query(url)).collect();
        Ok(self.read(|records| {
            let at =
                |company: &&Company| facts::company_sites(company).iter().any(|site| wanted.contains(site));
            let mut found: Vec<&Company> = records.companies.values().filter(at).collect();
            found.sort_by_key(|company| (Reverse(rank_of_company(company)), company.id));
            found.into_iter().map(|company| company.id).collect()
        }))
    }

    async fn count(&self, wanted: Count) -> Result<(u64, FacetCounts), CatalogError> {
        let (filter, now, facets) = (&wanted.filter, wanted.now, wanted.known_facets());
        Ok(self.read(|records| {
            let mut total = 0;
            let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
            let mut add = |facet: &str, value: Option<String>| {
                let values = counts.entry(facet.to_owned()).or_default();
                if let Some(value) = value {
                    *values.entry(value).or_default() += 1;
                }
            };
            match wanted.kind {
                EntityKind::Person => {
                    facets.iter().for_each(|facet| add(facet, None));
                    for person in records.people.values() {
                        let company = records.company_of(person);
                        if person_matches(filter, person, company, now) {
                            total += 1;
                            for facet in &facets {
                                add(facet, facts::person_facet(person, company, facet));
                            }
                        }
                    }
                }
                EntityKind::Company => {
                    facets.iter().for_each(|facet| add(facet, None));
                    for company in
                        records.companies.values().filter(|company| company_matches(filter, company))
                    {
                        total += 1;
                        for facet in &facets {
                            add(facet, facts::company_facet(company, facet));
                        }
                    }
                }
            }
            let counts = counts
                .into_iter()
                .map(|(facet, values)| (facet, most_frequent(values, wanted.top)))
                .collect();
            (total, counts)
        }))
    }

    async fn size(&self) -> Result<(u64, u64), CatalogError> {
        Ok(self.read(|records| (records.people.len() as u64, records.companies.len() as u64)))
    }
}

/// The `top` most frequent values; of equally frequent ones those first in the alphabet.
pub(crate) fn most_frequent(
    values: impl IntoIterator<Item = (String, u64)>,
    top: usize,
) -> Vec<(String, u64)> {
    let mut values: Vec<(String, u64)> = values.into_iter().collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    values.truncate(top);
    values
}
