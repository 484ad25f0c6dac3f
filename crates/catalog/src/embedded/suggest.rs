//! Completing what is being typed, by shorter ways than looking at every record.

use super::bits::Bits;
use super::dictionary::{self, Dictionary, Entry};
use super::encode::{self, ValueField};
use super::pick::{self, Answer};
use super::query::Query;
use super::schema::{DirectField, column, failure};
use super::segment::Segment;
use crate::facts::{self, TextField};
use crate::search::{Suggest, Suggestion};
use crate::{CatalogError, Page, Rank, Search, Sort, Window, text};
use rustc_hash::FxHashMap;
use sluice_model::Time;
use sluice_model::filter::Filter;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, Searcher, SegmentReader};
use uuid::Uuid;

/// Where the values of a kind stand: of which field, and what tells them apart from others of the same text.
fn fields(what: Suggest) -> &'static [(ValueField, Option<&'static str>)] {
    use ValueField::{City, Country, State, Text};
    match what {
        Suggest::Skill => &[(Text(TextField::Skill), None)],
        Suggest::Title | Suggest::Headline => &[(Text(TextField::CurrentTitle), None)],
        Suggest::Degree => &[(Text(TextField::Degree), None)],
        Suggest::FieldOfStudy => &[(Text(TextField::FieldOfStudy), None)],
        Suggest::Language => &[(Text(TextField::Spoken), None)],
        Suggest::School => &[(Text(TextField::School), None)],
        Suggest::Industry => &[(Text(TextField::Industry), None)],
        Suggest::Keyword => &[(Text(TextField::Keyword), None)],
        Suggest::Technology => &[(Text(TextField::Technology), None)],
        Suggest::Location => &[(City, Some("city")), (State, Some("state")), (Country, Some("country"))],
        Suggest::Company | Suggest::Person => &[],
    }
}

/// One way in which a value is written.
struct Spelling {
    value: String,
    number: u32,
    count: u64,
}

impl Query<'_> {
    /// What fits the text typed so far.
    pub fn suggest(
        &self,
        what: Suggest,
        typed: &str,
        offset: usize,
        limit: usize,
    ) -> Result<Page<Suggestion>, CatalogError> {
        let window = Window::Page { offset, limit };
        match what {
            Suggest::Person => return self.people_named(typed, window),
            Suggest::Company => return self.companies_named(typed, offset, limit),
            _ => {}
        }
        let dictionary = self.snapshot.dictionary(what, || self.dictionary(what))?;
        let (found, total) = dictionary.like(&text::fold(typed.trim()), offset, limit);
        let suggestion = |entry: &Entry| Suggestion {
            value: entry.value.clone(),
            count: entry.count,
            id: None,
            detail: entry.detail.map(str::to_owned),
        };
        Ok(Page { hits: found.into_iter().map(suggestion).collect(), total: Some(total) })
    }

    /// All values of a kind with the number of records that have them.
    fn dictionary(&self, what: Suggest) -> Result<Dictionary, CatalogError> {
        let mut entries = Vec::new();
        for (field, detail) in fields(what) {
            let mut groups: BTreeMap<String, Vec<Spelling>> = BTreeMap::new();
            for spelling in self.spellings(*field)? {
                let folded = text::fold(&spelling.value);
                if !folded.is_empty() {
                    groups.entry(folded).or_default().push(spelling);
                }
            }
            for (folded, spellings) in groups {
                let count = match spellings.as_slice() {
                    [one] => one.count,
                    // A record that has several spellings counts once.
                    _ => self.having(*field, &spellings)?,
                };
                let most = spellings.into_iter().max_by(|a, b| (a.count, &b.value).cmp(&(b.count, &a.value)));
                entries.extend(most.map(|most| Entry { folded, value: most.value, count, detail: *detail }));
            }
        }
        Ok(Dictionary::new(entries))
    }

    /// Both indexes of records, each with its field of terms.
    fn records(&self) -> [(&Searcher, Field); 2] {
        [
            (&self.snapshot.people, self.indexes.person_fields.common.terms),
            (&self.snapshot.companies, self.indexes.company_fields.common.terms),
        ]
    }

    /// The spellings that records have, longer ones than the index keeps apart.
    fn spellings(&self, field: ValueField) -> Result<Vec<Spelling>, CatalogError> {
        let counts = self.counted(field)?;
        let letter = encode::letter(field.profile()) as u8;
        let mut out = Vec::with_capacity(counts.len());
        for reader in self.snapshot.values.segment_readers() {
            let numbers = reader.fast_fields().u64(column::NUMBER).map_err(failure)?.first_or_default_col(0);
            let index = reader.inverted_index(self.indexes.value_fields.key).map_err(failure)?;
            let mut keys = index.terms().range().ge([letter]).lt([letter + 1]).into_stream()?;
            while keys.advance() {
                let Some(value) = keys.key().get(1..).and_then(|key| std::str::from_utf8(key).ok()) else {
                    continue;
                };
                let postings =
                    index.read_block_postings_from_terminfo(keys.value(), IndexRecordOption::Basic)?;
                let Some(doc) = postings.docs().first() else { continue };
                let number = u32::try_from(numbers.get_val(*doc)).unwrap_or(u32::MAX);
                if let Some(count) = counts.get(&number).filter(|_| !encode::is_hashed(value)) {
                    out.push(Spelling { value: value.trim().to_owned(), number, count: *count });
                }
            }
        }
        Ok(out)
    }

    /// How many records have each value of a field, by number.
    fn counted(&self, field: ValueField) -> Result<FxHashMap<u32, u64>, CatalogError> {
        let code = field.code();
        let mut counts: FxHashMap<u32, u64> = FxHashMap::default();
        for (searcher, terms) in self.records() {
            for reader in searcher.segment_readers() {
                let index = reader.inverted_index(terms).map_err(failure)?;
                let mut values = index.terms().range().ge([code]).lt([code + 1]).into_stream()?;
                while values.advance() {
                    let Some(&[_, a, b, c, d]) = values.key().first_chunk() else { continue };
                    let number = u32::from_be_bytes([a, b, c, d]);
                    let count = if reader.has_deletes() {
                        let mut docs = index
                            .read_block_postings_from_terminfo(values.value(), IndexRecordOption::Basic)?;
                        let mut alive = 0;
                        while docs.block_len() > 0 {
                            alive +=
                                docs.docs().iter().filter(|doc| !reader.is_deleted(**doc)).count() as u64;
                            docs.advance();
                        }
                        alive
                    } else {
                        u64::from(values.value().doc_freq)
                    };
                    if count > 0 {
                        *counts.entry(number).or_default() += count;
                    }
                }
            }
        }
        Ok(counts)
    }

    /// How many records have one of these values.
    fn having(&self, field: ValueField, spellings: &[Spelling]) -> Result<u64, CatalogError> {
        let mut count = 0;
        for (searcher, terms) in self.records() {
            for reader in searcher.segment_readers() {
                let segment = Segment::all(reader);
                let numbers = spellings.iter().map(|spelling| field.value(spelling.number));
                let mut found = segment.any_bytes(terms, numbers)?;
                if let Some(alive) = reader.alive_bitset() {
                    found.retain(|doc| alive.is_alive(doc));
                }
                count += found.count();
            }
        }
        Ok(count)
    }

    /// Documents of a segment with a name that has all complete words, and one that begins with the last; with `slip`
    /// the last may be a little wrong.
    fn named(
        reader: &SegmentReader,
        field: DirectField,
        words: &[String],
        slip: bool,
    ) -> Result<Bits, CatalogError> {
        let mut segment = Segment::all(reader);
        let Some((last, complete)) = words.split_last() else { return Ok(segment.within) };
        for word in complete {
            let found = segment.any_text(field.words, &encode::term(word))?;
            segment.within.and(&found);
        }
        let index = reader.inverted_index(field.words).map_err(failure)?;
        let automaton = if slip { dictionary::automaton(last) } else { None };
        let mut found = segment.none();
        let range = index.terms().range();
        let mut terms = if slip { range } else { range.ge(last) }.into_stream()?;
        while terms.advance() {
            let fits = match &automaton {
                Some(automaton) => {
                    std::str::from_utf8(terms.key()).is_ok_and(|word| dictionary::accepts(automaton, word))
                }
                None if slip => false,
                None if terms.key().starts_with(last.as_bytes()) => true,
                None => break,
            };
            if fits {
                let mut docs =
                    index.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
                while docs.block_len() > 0 {
                    docs.docs().iter().for_each(|doc| found.insert(*doc));
                    docs.advance();
                }
            }
        }
        segment.within.and(&found);
        Ok(segment.within)
    }

    fn people_named(&self, typed: &str, window: Window) -> Result<Page<Suggestion>, CatalogError> {
        let Some(field) = self.indexes.person_fields.common.direct(TextField::FullName) else {
            return Ok(Page { hits: Vec::new(), total: Some(0) });
        };
        let words = text::words(typed);
        let search = Search {
            filter: Filter::default(),
            ids: None,
            window,
            count: true,
            sort: Sort::Rank,
            now: Time::from_millis(0),
        };
        for slip in [false, true] {
            let (found, total) = self.run(&self.snapshot.people, &search, |reader| {
                let mut fits = Self::named(reader, field, &words, slip)?;
                if let Some(alive) = reader.alive_bitset() {
                    fits.retain(|doc| alive.is_alive(doc));
                }
                Ok(Answer { fits, seen: Vec::new(), besides: None })
            })?;
            if total > 0 || slip {
                let hits = self.person_hits(found)?.into_iter().map(|hit| Suggestion {
                    value: hit.person.full_name(),
                    count: 1,
                    id: Some(hit.person.id),
                    detail: facts::position(&hit.person, hit.company.as_ref()),
                });
                return Ok(Page { hits: hits.collect(), total: Some(total) });
            }
        }
        Ok(Page { hits: Vec::new(), total: Some(0) })
    }

    fn companies_named(
        &self,
        typed: &str,
        offset: usize,
        limit: usize,
    ) -> Result<Page<Suggestion>, CatalogError> {
        let Some(field) = self.indexes.company_fields.common.direct(TextField::CompanyName) else {
            return Ok(Page { hits: Vec::new(), total: Some(0) });
        };
        let words = text::words(typed);
        let staff = self.snapshot.staff()?;
        let mut found: Vec<(Reverse<u64>, Reverse<Rank>, Uuid, DocAddress)> = Vec::new();
        for slip in [false, true] {
            for (ord, reader) in (0..).zip(self.snapshot.companies.segment_readers()) {
                let segment = self.companies_in(reader, None)?;
                let mut fits = Self::named(reader, field, &words, slip)?;
                fits.and(&segment.within);
                let order = pick::Order::of(reader)?;
                let seq = reader.fast_fields().u64(column::SEQ).map_err(failure)?.first_or_default_col(0);
                found.extend(fits.iter().map(|doc| {
                    let at = usize::try_from(seq.get_val(doc)).unwrap_or(usize::MAX);
                    let people = staff.get(at).copied().unwrap_or(0);
                    let address = DocAddress::new(ord, doc);
                    (Reverse(u64::from(people)), Reverse(order.rank(doc)), order.id(doc), address)
                }));
            }
            if !found.is_empty() {
                break;
            }
        }
        let total = found.len() as u64;
        let wanted = offset.saturating_add(limit);
        if wanted > 0 && wanted < found.len() {
            found.select_nth_unstable(wanted - 1);
            found.truncate(wanted);
        }
        found.sort_unstable();
        let mut hits = Vec::new();
        for (Reverse(count), _, id, address) in found.into_iter().skip(offset).take(limit) {
            if let Some(company) = self.company(address)? {
                hits.push(Suggestion {
                    value: company.name.unwrap_or_default(),
                    count,
                    id: Some(id),
                    detail: company.domain,
                });
            }
        }
        Ok(Page { hits, total: Some(total) })
    }
}

/// Dictionaries of one state, each made when it is first asked for.
pub(super) type Dictionaries = FxHashMap<Suggest, Arc<Mutex<Option<Arc<Dictionary>>>>>;
