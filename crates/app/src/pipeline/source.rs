//! Candidates in order: the searches of the ICP one after the other, each in rank order.

use super::candidate::{Candidate, Record};
use super::plan::Rules;
use super::provider_source::{Asked, ProviderCandidates, failed, provider_page};
use crate::context::Context;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluice_catalog::{Rank, Search, Sort, Window};
use sluice_model::decision::Source;
use sluice_model::icp::LeadProviderCriterion;
use sluice_model::{Actor, EntityKind, Lead};
use std::collections::{HashMap, HashSet, VecDeque};
use uuid::Uuid;

/// Records fetched first; each further page is twice as large, since a search that goes on tends to go on.
const FIRST_PAGE: usize = 100;
/// Records fetched at once at most.
const LARGEST_PAGE: usize = 1_600;
/// After so many pages in a row with nobody whom it had not found before, another provider is taken to go round in
/// circles.
const BARREN_PAGES: usize = 20;

/// Where the candidates go on: after this rank of this search; for a search of another provider than the catalog, in
/// which of its pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub criterion: usize,
    pub below: Option<Rank>,
    /// The provider's own name of the page; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Records of that page that were looked at.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub taken: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Yields candidates batch by batch. One person found by several searches is one candidate.
pub struct Candidates<'r> {
    context: &'r Context,
    actor: &'r Actor,
    rules: &'r Rules,
    /// Where the next page begins.
    next: Cursor,
    /// Records that the next page fetches.
    page: usize,
    fetched: VecDeque<(Cursor, Candidate)>,
    seen: HashSet<Uuid>,
    walk: Walk,
}

/// What one search of another provider has come past since it was taken up: it must come to an end.
#[derive(Default)]
struct Walk {
    criterion: usize,
    /// The names of its pages.
    pages: HashSet<String>,
    found: HashSet<Uuid>,
    /// Pages in a row on which there was nobody new.
    barren: usize,
}

impl Walk {
    /// Takes a page in. Says what is wrong when the search would not end.
    fn note(
        &mut self,
        page: Option<&str>,
        found: &ProviderCandidates,
    ) -> std::result::Result<(), &'static str> {
        self.pages.extend(page.map(str::to_owned));
        let before = self.found.len();
        self.found.extend(found.candidates.iter().map(|candidate| candidate.id));
        self.barren = if self.found.len() > before { 0 } else { self.barren + 1 };
        match &found.next {
            Some(next) if self.pages.contains(next) => {
                Err("it answered a cursor that it had answered before")
            }
            Some(_) if self.barren >= BARREN_PAGES => Err("page after page held nothing new"),
            _ => Ok(()),
        }
    }
}

impl<'r> Candidates<'r> {
    /// Candidates from `cursor` on; those in `seen` were considered before.
    #[must_use]
    pub fn new(
        context: &'r Context,
        actor: &'r Actor,
        rules: &'r Rules,
        cursor: Cursor,
        seen: HashSet<Uuid>,
    ) -> Self {
        let (page, walk) = (FIRST_PAGE, Walk::default());
        Self { context, actor, rules, next: cursor, page, fetched: VecDeque::new(), seen, walk }
    }

    /// The next `most` candidates (a few more when the last ones share a rank), and the cursor after the last of
    /// them. Empty when there are no more.
    ///
    /// # Errors
    /// The catalog's.
    pub async fn next_batch(&mut self, most: usize) -> Result<(Vec<Candidate>, Cursor)> {
        while self.fetched.len() < most && self.next.criterion < self.rules.searches.len() {
            self.fetch(most.max(self.page)).await?;
            self.page = LARGEST_PAGE.min(self.page * 2);
        }
        let mut after = self.next.clone();
        let mut batch = Vec::new();
        // Candidates of equal rank are not parted: the cursor could not tell where between them it stands.
        while let Some((cursor, candidate)) =
            self.fetched.pop_front_if(|(cursor, _)| batch.len() < most || *cursor == after)
        {
            after = cursor;
            batch.push(candidate);
        }
        Ok((batch, after))
    }

    /// Leaves this record out: it is a candidate already. Returns whether it was not.
    pub(super) fn leave_out(&mut self, id: Uuid) -> bool {
        self.seen.insert(id)
    }

    async fn fetch(&mut self, limit: usize) -> Result<()> {
        let criterion = self.next.criterion;
        let Some(search) = self.rules.searches.get(criterion) else { return Ok(()) };
        if self.rules.left_out.contains(&criterion) {
            self.next = Cursor { criterion: criterion + 1, ..Cursor::default() };
            return Ok(());
        }
        if let Some(filters) = &search.passed_on {
            return self.fetch_from(search, filters).await;
        }
        let search = Search {
            filter: search.filter.clone(),
            ids: None,
            window: Window::Below { rank: self.next.below, limit },
            count: false,
            sort: Sort::Rank,
            now: self.rules.as_of,
        };
        let found: Vec<(Rank, Record)> = match self.rules.kind {
            EntityKind::Person => {
                let page = self.context.catalog.search_people(search).await?;
                let record = |lead| Record::Person(Box::new(lead));
                page.hits
                    .into_iter()
                    .map(|hit| (hit.rank, record(Lead::from_catalog(hit.person, hit.company))))
                    .collect()
            }
            EntityKind::Company => {
                let page = self.context.catalog.search_companies(search).await?;
                page.hits.into_iter().map(|hit| (hit.rank, Record::Company(Box::new(hit.company)))).collect()
            }
        };
        // Hits of equal rank come together, so there may be a few more than asked for.
        let more = found.len() >= limit;
        let last = found.last().map(|(rank, _)| *rank);
        let mut fresh: Vec<(Rank, Record)> = Vec::with_capacity(found.len());
        for (rank, record) in found {
            if self.seen.insert(id_of(&record)) {
                fresh.push((rank, record));
            }
        }
        let also = self.also_found_by(criterion, &fresh).await?;
        for (rank, record) in fresh {
            let mut sources = vec![self.source(criterion)];
            let others = also.get(&id_of(&record)).into_iter().flatten();
            sources.extend(others.map(|other| self.source(*other)));
            let cursor = Cursor { criterion, below: Some(rank), ..Cursor::default() };
            self.fetched.push_back((cursor, Candidate::new(record, sources)));
        }
        self.next = if more {
            Cursor { criterion, below: last, ..Cursor::default() }
        } else {
            Cursor { criterion: criterion + 1, ..Cursor::default() }
        };
        Ok(())
    }

    /// The next page of another provider than the catalog.
    async fn fetch_from(&mut self, search: &LeadProviderCriterion, filters: &Value) -> Result<()> {
        let Cursor { criterion, page, taken, .. } = self.next.clone();
        let asked = Asked { search, filters, criterion, as_of: self.rules.as_of };
        let found = provider_page(self.context, self.actor, &asked, page.as_deref()).await?;
        if self.walk.criterion != criterion {
            self.walk = Walk { criterion, ..Walk::default() };
        }
        self.walk.note(page.as_deref(), &found).map_err(|wrong| failed(&search.provider, wrong))?;
        for (at, candidate) in found.candidates.into_iter().enumerate().skip(taken) {
            if self.seen.insert(candidate.id) {
                let cursor = Cursor { criterion, page: page.clone(), taken: at + 1, ..Cursor::default() };
                self.fetched.push_back((cursor, candidate));
            }
        }
        self.next = match found.next {
            Some(next) => Cursor { criterion, page: Some(next), ..Cursor::default() },
            None => Cursor { criterion: criterion + 1, ..Cursor::default() },
        };
        Ok(())
    }

    fn source(&self, criterion: usize) -> Source {
        let provider = self.rules.searches.get(criterion).map(|search| search.provider.clone());
        Source::search(provider.unwrap_or_default(), criterion)
    }

    /// Which later searches find these records too. Earlier ones do not, or they would have been seen.
    async fn also_found_by(
        &self,
        criterion: usize,
        records: &[(Rank, Record)],
    ) -> Result<HashMap<Uuid, Vec<usize>>> {
        let mut also: HashMap<Uuid, Vec<usize>> = HashMap::new();
        let ids: Vec<Uuid> = records.iter().map(|(_, record)| id_of(record)).collect();
        if ids.is_empty() {
            return Ok(also);
        }
        let later = self.rules.searches.iter().enumerate().skip(criterion + 1);
        for (other, search) in later.filter(|(_, search)| search.is_of_catalog()) {
            let search = Search {
                filter: search.filter.clone(),
                ids: Some(ids.clone()),
                window: Window::Page { offset: 0, limit: ids.len() },
                count: false,
                sort: Sort::Rank,
                now: self.rules.as_of,
            };
            let found: Vec<Uuid> = match self.rules.kind {
                EntityKind::Person => self
                    .context
                    .catalog
                    .search_people(search)
                    .await?
                    .hits
                    .into_iter()
                    .map(|hit| hit.person.id)
                    .collect(),
                EntityKind::Company => {
                    let page = self.context.catalog.search_companies(search).await?;
                    page.hits.into_iter().map(|hit| hit.company.id).collect()
                }
            };
            for id in found {
                also.entry(id).or_default().push(other);
            }
        }
        Ok(also)
    }
}

fn id_of(record: &Record) -> Uuid {
    match record {
        Record::Person(lead) => lead.person.id,
        Record::Company(company) => company.id,
    }
}
