//! Searches on one snapshot.

use super::bits::Bits;
use super::cache::Question;
use super::docs::Docs;
use super::encode;
use super::pick::{self, Answer, Found};
use super::schema::{CommonFields, column, failure};
use super::segment::Segment;
use super::snapshot::{self, Indexes, Snapshot};
use super::tester::{self, Tester};
use crate::facts::{self, Condition, TermField};
use crate::{CatalogError, CompanyHit, Page, PersonHit, Search, Sort};
use rustc_hash::{FxHashMap, FxHashSet};
use sluice_model::filter::{Filter, IdSet};
use sluice_model::{Company, Person};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tantivy::columnar::ColumnValues;
use tantivy::schema::Field;
use tantivy::{DocAddress, Executor, Searcher, SegmentReader, Term};
use uuid::Uuid;

/// Records that one thread reads in a row: enough to be worth handing over.
const HITS_PER_TASK: usize = 100;

/// The indexes, one state of them, and the threads to search with.
pub(super) struct Query<'q> {
    pub indexes: &'q Indexes,
    pub snapshot: &'q Snapshot,
    pub executor: &'q Executor,
    /// Set when nobody waits for the answer any more.
    pub cancelled: &'q AtomicBool,
}

/// What is asked of people, answered as far as it is the same for all segments.
pub(super) struct People<'s> {
    search: &'s Search,
    conditions: Vec<Condition>,
    employers: Option<Employers>,
    /// Companies, by sequence number, whose people are not wanted.
    blocked: Option<Bits>,
    excluded: Excluded<'s>,
}

/// What is asked of companies.
pub(super) struct Companies<'s> {
    search: &'s Search,
    conditions: Vec<Condition>,
    excluded: Excluded<'s>,
}

/// Records that are known already.
struct Excluded<'s> {
    ids: &'s IdSet,
    /// The same, made when many are asked for.
    set: OnceLock<FxHashSet<Uuid>>,
}

/// From how many documents on it pays to make a set of the excluded ids.
const WORTH_A_SET: u64 = 20_000;

impl<'s> Excluded<'s> {
    fn new(ids: &'s IdSet) -> Self {
        Self { ids, set: OnceLock::new() }
    }

    fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The set, if so many documents are worth one.
    fn set(&self, documents: u64) -> Option<&FxHashSet<Uuid>> {
        (documents >= WORTH_A_SET).then(|| self.set.get_or_init(|| self.ids.iter().copied().collect()))
    }

    fn contains(&self, set: Option<&FxHashSet<Uuid>>, id: Uuid) -> bool {
        set.map_or_else(|| self.ids.contains(&id), |set| set.contains(&id))
    }
}

/// Which companies a person may be at.
struct Employers {
    conditions: Vec<Condition>,
    /// By sequence number; worked out when the people there are not remembered.
    pass: OnceLock<Bits>,
    /// Whether people without a company's record pass.
    orphans: bool,
}

/// The sequence number in a value of the company column.
fn sequence(company: u64) -> Option<u32> {
    company.checked_sub(1).and_then(|seq| u32::try_from(seq).ok())
}

impl Employers {
    /// Who passes is different when what is asked is, or the companies are.
    fn question(&self, snapshot: &Snapshot) -> Question {
        Question::Employers(snapshot.number, self.conditions.clone())
    }
}

impl Query<'_> {
    /// Runs `work` on each segment, on several threads when there is enough to do.
    pub fn each<R: Send>(
        &self,
        searcher: &Searcher,
        work: impl Fn(u32, &SegmentReader) -> Result<R, CatalogError> + Sync,
    ) -> Result<Vec<R>, CatalogError> {
        let work = |ord, segment: &SegmentReader| {
            if self.cancelled.load(Ordering::Relaxed) {
                Err(CatalogError::Cancelled)
            } else {
                work(ord, segment)
            }
        };
        let segments = (0..).zip(searcher.segment_readers());
        if searcher.segment_readers().len() < 2 || searcher.num_docs() < 50_000 {
            return segments.map(|(ord, segment)| work(ord, segment)).collect();
        }
        let results =
            self.executor.map(|(ord, segment)| Ok(work(ord, segment)), segments).map_err(failure)?;
        results.into_iter().collect()
    }

    /// A segment with all its living documents in question, or those of `ids`.
    fn alive<'s>(
        reader: &'s SegmentReader,
        id_field: Field,
        ids: Option<&[Uuid]>,
    ) -> Result<Segment<'s>, CatalogError> {
        let mut segment = Segment::all(reader);
        if let Some(ids) = ids {
            let mut wanted = segment.none();
            for id in ids {
                segment.add(&Term::from_field_bytes(id_field, id.as_bytes()), &mut wanted)?;
            }
            segment.within = wanted;
        }
        if let Some(alive) = reader.alive_bitset() {
            segment.within.retain(|doc| alive.is_alive(doc));
        }
        Ok(segment)
    }

    /// The companies of a segment that have a record, or those of them in `ids`.
    pub fn companies_in<'s>(
        &self,
        reader: &'s SegmentReader,
        ids: Option<&[Uuid]>,
    ) -> Result<Segment<'s>, CatalogError> {
        let fields = &self.indexes.company_fields;
        let mut segment = Self::alive(reader, fields.common.id, ids)?;
        let live = self.tester(&fields.common).remembered(reader, Question::Live, || {
            let all = Segment::all(reader);
            let mut live = all.none();
            all.add(&Term::from_field_text(fields.live, "1"), &mut live)?;
            Ok(live)
        })?;
        live.restrict(&mut segment.within);
        Ok(segment)
    }

    fn tester<'t>(&'t self, fields: &'t CommonFields) -> Tester<'t> {
        Tester { fields, snapshot: self.snapshot, cache: &self.indexes.cache, cancelled: self.cancelled }
    }

    /// Which companies a person may be at; `None` when the filter does not ask.
    fn employers(&self, filter: &Filter) -> Result<Option<Employers>, CatalogError> {
        if filter.account.is_empty() {
            return Ok(None);
        }
        let conditions = facts::company_conditions(filter);
        let orphans = conditions.iter().all(|condition| condition.wrapper.is_exclude());
        let employers = Employers { conditions, pass: OnceLock::new(), orphans };
        let question = employers.question(self.snapshot);
        let mut segments = self.snapshot.people.segment_readers().iter();
        if segments.any(|reader| self.indexes.cache.get(reader.segment_id(), &question).is_none()) {
            // Now, on all threads, rather than by the first segment that needs it.
            self.passing(&employers)?;
        }
        Ok(Some(employers))
    }

    /// The companies, by sequence number, that a person may be at.
    fn passing<'e>(&self, employers: &'e Employers) -> Result<&'e Bits, CatalogError> {
        if let Some(pass) = employers.pass.get() {
            return Ok(pass);
        }
        let Employers { conditions, orphans, .. } = employers;
        let orphans = *orphans;
        let searcher = &self.snapshot.companies;
        let len = u32::try_from(self.snapshot.addresses()?.len()).unwrap_or(u32::MAX);
        let mut pass = if orphans { Bits::all(len) } else { Bits::none(len) };
        let found = self.each(searcher, |_, reader| {
            let mut segment = self.companies_in(reader, None)?;
            let all = segment.within.clone();
            let fields = &self.indexes.company_fields.common;
            self.tester(fields).restrict(&mut segment, conditions, None)?;
            let mut wanted = segment.within;
            if orphans {
                // Who is at an unknown company passes, so look for those who do not.
                let mut failing = all;
                failing.and_not(&wanted);
                wanted = failing;
            }
            let seq = reader.fast_fields().u64(column::SEQ).map_err(failure)?.first_or_default_col(0);
            Ok(wanted.iter().filter_map(|doc| u32::try_from(seq.get_val(doc)).ok()).collect::<Vec<_>>())
        })?;
        for seq in found.into_iter().flatten() {
            if orphans {
                pass.remove(seq);
            } else {
                pass.insert(seq);
            }
        }
        Ok(employers.pass.get_or_init(|| pass))
    }

    /// The people of a segment who are at a company that they may be at.
    fn employed(&self, reader: &SegmentReader, employers: &Employers) -> Result<Arc<Docs>, CatalogError> {
        let company = reader.fast_fields().u64(column::COMPANY).map_err(failure)?.first_or_default_col(0);
        let question = employers.question(self.snapshot);
        self.tester(&self.indexes.person_fields.common).remembered(reader, question, || {
            let pass = self.passing(employers)?;
            let passes = |company| match sequence(company).filter(|seq| *seq < pass.len()) {
                Some(seq) => pass.contains(seq),
                None => employers.orphans,
            };
            let mut found = Bits::none(reader.max_doc());
            tester::blocks(company.as_ref(), |first, numbers| {
                for (doc, _) in (first..).zip(numbers).filter(|(_, company)| passes(**company)) {
                    found.insert(doc);
                }
            });
            Ok(found)
        })
    }

    /// Makes ready what is asked of people.
    pub fn people<'s>(&self, search: &'s Search) -> Result<People<'s>, CatalogError> {
        let lists = &search.filter.lists;
        let blocked = if lists.companies.is_empty() {
            None
        } else {
            let mut blocked = Bits::none(u32::try_from(self.snapshot.addresses()?.len()).unwrap_or(u32::MAX));
            self.sequence_numbers(&lists.companies)?.into_iter().for_each(|seq| blocked.insert(seq));
            Some(blocked)
        };
        Ok(People {
            search,
            conditions: facts::person_conditions(&search.filter, search.now),
            employers: self.employers(&search.filter)?,
            blocked,
            excluded: Excluded::new(&lists.people),
        })
    }

    /// Makes ready what is asked of companies.
    pub fn companies<'s>(&self, search: &'s Search) -> Companies<'s> {
        Companies {
            search,
            conditions: facts::company_conditions(&search.filter),
            excluded: Excluded::new(&search.filter.lists.companies),
        }
    }

    /// The sequence numbers of companies, known by their record or only reserved.
    fn sequence_numbers(&self, ids: &IdSet) -> Result<Vec<u32>, CatalogError> {
        let mut out = Vec::new();
        if ids.is_empty() {
            return Ok(out);
        }
        let searcher = &self.snapshot.companies;
        // Looking an id up costs about as much as reading thirty rows of a column.
        if ids.len() as u64 * 30 < searcher.num_docs() {
            for id in ids {
                if let Some(address) = snapshot::find(searcher, self.indexes.company_fields.common.id, *id)? {
                    let reader = searcher.segment_reader(address.segment_ord);
                    let seq = reader.fast_fields().u64(column::SEQ).map_err(failure)?.first(address.doc_id);
                    out.extend(seq.and_then(|seq| u32::try_from(seq).ok()));
                }
            }
            return Ok(out);
        }
        let ids: FxHashSet<Uuid> = ids.iter().copied().collect();
        for reader in searcher.segment_readers() {
            let order = pick::Order::of(reader)?;
            let seq = reader.fast_fields().u64(column::SEQ).map_err(failure)?.first_or_default_col(0);
            for doc in reader.doc_ids_alive().filter(|doc| ids.contains(&order.id(*doc))) {
                out.extend(u32::try_from(seq.get_val(doc)).ok());
            }
        }
        Ok(out)
    }

    /// The people of a segment who fit.
    pub fn people_in<'s>(
        &self,
        reader: &'s SegmentReader,
        wanted: &'s People<'s>,
    ) -> Result<Answer<'s>, CatalogError> {
        let fields = &self.indexes.person_fields.common;
        let mut segment = Self::alive(reader, fields.id, wanted.search.ids.as_deref())?;
        let mut seen = Vec::new();
        let relevance = (wanted.search.sort == Sort::Relevance).then_some(&mut seen);
        self.tester(fields).restrict(&mut segment, &wanted.conditions, relevance)?;
        if let Some(employers) = &wanted.employers
            && !segment.within.is_empty()
        {
            self.employed(reader, employers)?.restrict(&mut segment.within);
        }
        let order = pick::Order::of(reader)?;
        let company = reader.fast_fields().u64(column::COMPANY).map_err(failure)?.first_or_default_col(0);
        let (blocked, excluded) = (wanted.blocked.as_ref(), &wanted.excluded);
        let set = if excluded.is_empty() { None } else { excluded.set(segment.within.count()) };
        let besides: Option<Box<dyn Fn(u32) -> bool + 's>> = if blocked.is_none() && excluded.is_empty() {
            None
        } else {
            Some(Box::new(move |doc| {
                let blocks =
                    |blocked: &Bits| sequence(company.get_val(doc)).is_some_and(|seq| blocked.contains(seq));
                !blocked.is_some_and(blocks)
                    && (excluded.is_empty() || !excluded.contains(set, order.id(doc)))
            }))
        };
        Ok(Answer { fits: segment.within, seen, besides })
    }

    pub fn search_people(&self, search: &Search) -> Result<Page<PersonHit>, CatalogError> {
        let wanted = self.people(search)?;
        let searcher = &self.snapshot.people;
        let (found, total) = self.run(searcher, search, |reader| self.people_in(reader, &wanted))?;
        let hits = self.person_hits(found)?;
        Ok(Page { hits, total: search.count.then_some(total) })
    }

    pub fn search_companies(&self, search: &Search) -> Result<Page<CompanyHit>, CatalogError> {
        let wanted = self.companies(search);
        let searcher = &self.snapshot.companies;
        let (found, total) = self.run(searcher, search, |reader| self.companies_fitting(reader, &wanted))?;
        let mut hits = Vec::with_capacity(found.len());
        for found in found {
            if let Some(company) = self.company(found.address)? {
                hits.push(CompanyHit { rank: found.rank, company });
            }
        }
        Ok(Page { hits, total: search.count.then_some(total) })
    }

    /// The companies of a segment that fit.
    pub fn companies_fitting<'s>(
        &self,
        reader: &'s SegmentReader,
        wanted: &'s Companies<'s>,
    ) -> Result<Answer<'s>, CatalogError> {
        let mut segment = self.companies_in(reader, wanted.search.ids.as_deref())?;
        let mut seen = Vec::new();
        let relevance = (wanted.search.sort == Sort::Relevance).then_some(&mut seen);
        let fields = &self.indexes.company_fields.common;
        self.tester(fields).restrict(&mut segment, &wanted.conditions, relevance)?;
        let order = pick::Order::of(reader)?;
        let excluded = &wanted.excluded;
        let set = if excluded.is_empty() { None } else { excluded.set(segment.within.count()) };
        let besides: Option<Box<dyn Fn(u32) -> bool + 's>> = if excluded.is_empty() {
            None
        } else {
            Some(Box::new(move |doc| !excluded.contains(set, order.id(doc))))
        };
        Ok(Answer { fits: segment.within, seen, besides })
    }

    pub fn run<'s>(
        &self,
        searcher: &'s Searcher,
        search: &Search,
        answer: impl Fn(&'s SegmentReader) -> Result<Answer<'s>, CatalogError> + Sync,
    ) -> Result<(Vec<Found>, u64), CatalogError> {
        let orders = pick::orders(searcher)?;
        let parts = self.each(searcher, |ord, _| {
            let reader = searcher.segment_reader(ord);
            let order = pick::Order::of(reader)?;
            Ok(pick::of_segment(search, ord, reader.max_doc(), &order, answer(reader)?))
        })?;
        let total = parts.iter().map(|(_, total)| total).sum();
        let found = parts.into_iter().flat_map(|(found, _)| found).collect();
        Ok((pick::window(search, &orders, found), total))
    }

    /// The records of these documents with their companies, in this order. Many are read by several threads.
    pub fn person_hits(&self, found: Vec<Found>) -> Result<Vec<PersonHit>, CatalogError> {
        let addresses = self.snapshot.addresses()?;
        let mut columns = Vec::new();
        for reader in self.snapshot.people.segment_readers() {
            columns.push(reader.fast_fields().u64(column::COMPANY).map_err(failure)?.first_or_default_col(0));
        }
        let read = |part: &[Found]| self.read_hits(part, addresses, &columns);
        if found.len() <= HITS_PER_TASK {
            return read(&found);
        }
        let parts = self.executor.map(|part| Ok(read(part)), found.chunks(HITS_PER_TASK)).map_err(failure)?;
        let parts: Result<Vec<_>, CatalogError> = parts.into_iter().collect();
        Ok(parts?.into_iter().flatten().collect())
    }

    fn read_hits(
        &self,
        found: &[Found],
        addresses: &[Option<DocAddress>],
        columns: &[Arc<dyn ColumnValues<u64>>],
    ) -> Result<Vec<PersonHit>, CatalogError> {
        let searcher = &self.snapshot.people;
        let mut companies: FxHashMap<usize, Option<Company>> = FxHashMap::default();
        let mut hits = Vec::with_capacity(found.len());
        for found in found {
            let field = self.indexes.person_fields.common.record;
            let Some(person) = snapshot::read::<Person>(searcher, field, found.address)? else { continue };
            let number = columns
                .get(found.address.segment_ord as usize)
                .map(|column| column.get_val(found.address.doc_id));
            let seq =
                number.and_then(|number| number.checked_sub(1)).and_then(|seq| usize::try_from(seq).ok());
            let company = match seq.and_then(|seq| Some((seq, (*addresses.get(seq)?)?))) {
                None => None,
                Some((seq, address)) => match companies.get(&seq) {
                    Some(company) => company.clone(),
                    None => {
                        let company = self.company(address)?;
                        companies.insert(seq, company.clone());
                        company
                    }
                },
            };
            hits.push(PersonHit { rank: found.rank, person, company });
        }
        Ok(hits)
    }

    pub fn company(&self, address: DocAddress) -> Result<Option<Company>, CatalogError> {
        snapshot::read(&self.snapshot.companies, self.indexes.company_fields.common.record, address)
    }

    /// Where the records with these ids lie, in their order; unknown ids are left out.
    pub fn located(
        &self,
        searcher: &Searcher,
        field: Field,
        ids: &[Uuid],
    ) -> Result<Vec<Found>, CatalogError> {
        let orders = pick::orders(searcher)?;
        let mut out = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(address) = snapshot::find(searcher, field, *id)?
                && let Some(order) = orders.get(address.segment_ord as usize)
            {
                out.push(Found { score: 0, rank: order.rank(address.doc_id), address });
            }
        }
        Ok(out)
    }

    /// The ids of companies with one of these sites, the best rank first.
    pub fn companies_at(&self, sites: &[(TermField, String)]) -> Result<Vec<Uuid>, CatalogError> {
        let searcher = &self.snapshot.companies;
        let mut found = Vec::new();
        for reader in searcher.segment_readers() {
            let mut segment = self.companies_in(reader, None)?;
            let terms = sites.iter().map(|(field, site)| encode::term_of(*field, site));
            let at = segment.any_bytes(self.indexes.company_fields.common.terms, terms)?;
            segment.within.and(&at);
            let order = pick::Order::of(reader)?;
            found
                .extend(segment.within.iter().map(|doc| (std::cmp::Reverse(order.rank(doc)), order.id(doc))));
        }
        found.sort();
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }
}
