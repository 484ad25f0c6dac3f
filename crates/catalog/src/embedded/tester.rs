//! One test of a filter on one segment.

use super::bits::Bits;
use super::cache::{Cache, Question};
use super::docs::Docs;
use super::encode::{self, ValueField};
use super::schema::{CommonFields, failure};
use super::segment::Segment;
use super::snapshot::Snapshot;
use crate::CatalogError;
use crate::facts::{Condition, NumberField, TermField, Test, globe};
use sluice_model::filter::Wrapper;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tantivy::SegmentReader;
use tantivy::columnar::{Column, ColumnValues};

/// Segments of fewer documents answer anew each time.
const REMEMBERED_FROM: u32 = 20_000;
/// How many numbers of a column are read at once.
const BLOCK: usize = 1024;

/// What is needed to answer.
#[derive(Clone, Copy)]
pub(super) struct Tester<'q> {
    pub fields: &'q CommonFields,
    pub snapshot: &'q Snapshot,
    pub cache: &'q Cache,
    pub cancelled: &'q AtomicBool,
}

impl Tester<'_> {
    /// Keeps the documents in question for which all conditions hold. The answers to the values that any.include
    /// clauses ask for go to `seen`, when there is one, for the order of relevance.
    pub fn restrict(
        &self,
        segment: &mut Segment<'_>,
        conditions: &[Condition],
        mut seen: Option<&mut Vec<Arc<Docs>>>,
    ) -> Result<(), CatalogError> {
        for condition in conditions {
            if segment.within.is_empty() {
                return Ok(());
            }
            let include = condition.wrapper == Wrapper::AnyInclude;
            let mut answers = Vec::with_capacity(condition.values.len());
            for test in &condition.values {
                if self.cancelled.load(Ordering::Relaxed) {
                    return Err(CatalogError::Cancelled);
                }
                answers.push(self.docs(segment, test)?);
            }
            join(&mut segment.within, condition.wrapper, &answers);
            if let Some(seen) = seen.as_deref_mut().filter(|_| include) {
                seen.append(&mut answers);
            }
        }
        Ok(())
    }

    /// The documents that pass, of those in question at least.
    fn docs(&self, segment: &Segment<'_>, test: &Test) -> Result<Arc<Docs>, CatalogError> {
        if segment.max_doc() < REMEMBERED_FROM {
            return Ok(Arc::new(Docs::Many(self.answer(segment, test)?)));
        }
        self.remembered(segment.reader, Question::Test(test.clone()), || {
            self.answer(&Segment::all(segment.reader), test)
        })
    }

    /// Answers from memory, or asks and remembers. What is asked must hold for all documents of the segment.
    pub fn remembered(
        &self,
        reader: &SegmentReader,
        question: Question,
        ask: impl FnOnce() -> Result<Bits, CatalogError>,
    ) -> Result<Arc<Docs>, CatalogError> {
        let id = reader.segment_id();
        if let Some(docs) = self.cache.get(id, &question) {
            return Ok(docs);
        }
        let docs = Arc::new(Docs::of(ask()?));
        self.cache.put(id, question, &docs);
        Ok(docs)
    }

    fn answer(&self, segment: &Segment<'_>, test: &Test) -> Result<Bits, CatalogError> {
        match test {
            Test::Text { field, needle } => match self.fields.direct(*field) {
                Some(own) => segment.text(own, field.profile(), None, needle),
                None => {
                    let numbers = self.snapshot.values_like(field.profile(), needle)?;
                    let terms = numbers.iter().map(|number| ValueField::Text(*field).value(*number));
                    segment.any_bytes(self.fields.terms, terms)
                }
            },
            Test::Any { field, terms } => {
                let employer = matches!(field, TermField::LatestEmployer | TermField::CurrentEmployer);
                let own = terms.iter().map(|term| encode::term_of(*field, term));
                let both = terms.iter().filter(|_| employer).map(|term| encode::both_employers(term));
                segment.any_bytes(self.fields.terms, own.chain(both))
            }
            Test::Within { field, bands } => {
                let fits = |number| bands.iter().any(|(from, to)| (*from..=*to).contains(&number));
                Ok(numbers(segment, &column(segment.reader, *field)?, fits))
            }
            Test::Has(field) => Ok(numbers(segment, &column(segment.reader, *field)?, |_| true)),
            Test::Overlaps { from, to, bands } => {
                let (from, to) = (column(segment.reader, *from)?, column(segment.reader, *to)?);
                let mut found = segment.within.clone();
                found.retain(|doc| {
                    from.first(doc).zip(to.first(doc)).is_some_and(|(from, to)| {
                        bands.iter().any(|(start, end)| from <= *end && to >= *start)
                    })
                });
                Ok(found)
            }
            Test::Near { centre, most } => near(segment, *centre, *most),
            Test::AnyOf(tests) => {
                let mut found = segment.none();
                for test in tests {
                    found.or(&self.answer(segment, test)?);
                }
                Ok(found)
            }
            Test::AllOf(tests) => {
                let mut found = segment.within.clone();
                for test in tests {
                    found.and(&self.answer(segment, test)?);
                }
                Ok(found)
            }
            Test::Not(test) => {
                let mut found = segment.within.clone();
                found.and_not(&self.answer(segment, test)?);
                Ok(found)
            }
        }
    }
}

/// Joins the answers to the values of a clause.
fn join(within: &mut Bits, wrapper: Wrapper, answers: &[Arc<Docs>]) {
    match (wrapper, answers) {
        (Wrapper::AnyInclude, [one]) => one.restrict(within),
        (Wrapper::AllInclude, all) => all.iter().for_each(|docs| docs.restrict(within)),
        (Wrapper::AnyExclude, all) => all.iter().for_each(|docs| docs.take_from(within)),
        (Wrapper::AnyInclude, all) => {
            let mut joined = Bits::none(within.len());
            all.iter().for_each(|docs| docs.add_to(&mut joined));
            within.and(&joined);
        }
        (Wrapper::AllExclude, all) => {
            let mut joined = within.clone();
            all.iter().for_each(|docs| docs.restrict(&mut joined));
            within.and_not(&joined);
        }
    }
}

fn column(reader: &SegmentReader, field: NumberField) -> Result<Column<u64>, CatalogError> {
    reader.fast_fields().u64(field.name()).map_err(failure)
}

/// Documents with a number that fits.
fn numbers(segment: &Segment<'_>, column: &Column<u64>, fits: impl Fn(u64) -> bool) -> Bits {
    let mut out = segment.none();
    if segment.max_doc() < REMEMBERED_FROM {
        for doc in segment.within.iter() {
            if column.first(doc).is_some_and(&fits) {
                out.insert(doc);
            }
        }
        return out;
    }
    let mut found = Vec::with_capacity(BLOCK);
    blocks(column.values.as_ref(), |first, numbers| {
        found.clear();
        found.extend((first..).zip(numbers).filter(|(_, number)| fits(**number)).map(|(row, _)| row));
        column.index.select_batch_in_place(0, &mut found);
        found.iter().for_each(|doc| out.insert(*doc));
    });
    out
}

/// Hands all numbers of a column to `each`, a block at a time with the row of its first.
pub(super) fn blocks(values: &dyn ColumnValues<u64>, mut each: impl FnMut(u32, &[u64])) {
    let mut block = [0; BLOCK];
    let rows = values.num_vals();
    for first in (0..rows).step_by(BLOCK) {
        let length = BLOCK.min((rows - first) as usize);
        if let Some(part) = block.get_mut(..length) {
            values.get_range(u64::from(first), part);
            each(first, part);
        }
    }
}

/// Documents whose place on the globe is near enough.
fn near(segment: &Segment<'_>, centre: [u64; 3], most: u64) -> Result<Bits, CatalogError> {
    let columns = [NumberField::GlobeX, NumberField::GlobeY, NumberField::GlobeZ];
    let [x, y, z] = columns.map(|field| column(segment.reader, field));
    let (x, y, z) = (x?, y?, z?);
    let mut found = segment.within.clone();
    found.retain(|doc| match (x.first(doc), y.first(doc), z.first(doc)) {
        (Some(x), Some(y), Some(z)) => globe::distance([x, y, z], centre) <= most,
        _ => false,
    });
    Ok(found)
}
