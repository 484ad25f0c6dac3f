//! Questions to one segment: which documents have these terms.

use super::bits::Bits;
use super::encode;
use super::schema::{TextField, failure};
use crate::CatalogError;
use crate::text::{self, Profile};
use sluice_model::filter::{Mode, Wrapper};
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};

/// One segment and the documents that are still in question.
pub(super) struct Segment<'s> {
    pub reader: &'s SegmentReader,
    /// Documents outside need not be answered rightly.
    pub within: Bits,
}

impl Segment<'_> {
    pub fn max_doc(&self) -> u32 {
        self.reader.max_doc()
    }

    pub fn none(&self) -> Bits {
        Bits::none(self.max_doc())
    }

    /// Adds the documents with a term.
    pub fn add_term(&self, field: Field, token: &str, out: &mut Bits) -> Result<(), CatalogError> {
        self.add(&Term::from_field_text(field, &encode::term(token)), out)
    }

    /// Adds the documents with a term of any type.
    pub fn add(&self, term: &Term, out: &mut Bits) -> Result<(), CatalogError> {
        let index = self.reader.inverted_index(term.field()).map_err(failure)?;
        if let Some(mut postings) = index.read_block_postings(term, IndexRecordOption::Basic)? {
            while postings.block_len() > 0 {
                for doc in postings.docs() {
                    out.insert(*doc);
                }
                postings.advance();
            }
        }
        Ok(())
    }

    /// Documents with one of the terms.
    pub fn any_term(&self, field: Field, tokens: &[String]) -> Result<Bits, CatalogError> {
        let mut out = self.none();
        for token in tokens {
            self.add_term(field, token, &mut out)?;
        }
        Ok(out)
    }

    /// Documents that have `value` in a text facet.
    pub fn text(
        &self,
        field: TextField,
        profile: Profile,
        mode: Mode,
        value: &str,
    ) -> Result<Bits, CatalogError> {
        match mode {
            Mode::Smart => self.tokens(field, profile, &text::query_tokens(profile, value)),
            Mode::Word => self.phrase(field, &text::words(value)),
            Mode::Strict => {
                let folded = text::fold(value);
                let mut out = self.none();
                if !folded.is_empty() {
                    self.add(&Term::from_field_text(field.tokens, &encode::whole_term(&folded)), &mut out)?;
                }
                Ok(out)
            }
        }
    }

    /// Documents with a value that has all tokens.
    fn tokens(&self, field: TextField, profile: Profile, tokens: &[String]) -> Result<Bits, CatalogError> {
        // The tokens of a person's name are its words, which stand there once.
        let own = if profile == Profile::Name { field.words } else { field.tokens };
        if let [token] = tokens {
            return self.any_term(own, std::slice::from_ref(token));
        }
        let Some(lists) = self.postings(own, tokens, field.multi)? else {
            return Ok(self.none());
        };
        Ok(self.common(lists, |lists, places| {
            if !field.multi {
                return true;
            }
            // The position of a token is the number of its value: one number must be common to all.
            places.first_of(lists, 0);
            lists.iter_mut().skip(1).all(|(_, postings)| places.keep_common(postings, 0))
        }))
    }

    /// Documents with the words next to each other, in that order.
    fn phrase(&self, field: TextField, words: &[String]) -> Result<Bits, CatalogError> {
        if let [word] = words {
            return self.any_term(field.words, std::slice::from_ref(word));
        }
        let Some(lists) = self.postings(field.words, words, true)? else {
            return Ok(self.none());
        };
        Ok(self.common(lists, |lists, places| {
            let base = lists.first().map_or(0, |(offset, _)| *offset);
            places.first_of(lists, base);
            lists.iter_mut().skip(1).all(|(offset, postings)| places.keep_common(postings, *offset))
        }))
    }

    /// The postings of all terms with their places in `tokens`, the rarest first; `None` when one is missing.
    fn postings(
        &self,
        field: Field,
        tokens: &[String],
        positions: bool,
    ) -> Result<Option<Vec<(u32, SegmentPostings)>>, CatalogError> {
        let option =
            if positions { IndexRecordOption::WithFreqsAndPositions } else { IndexRecordOption::Basic };
        let index = self.reader.inverted_index(field).map_err(failure)?;
        let mut lists = Vec::with_capacity(tokens.len());
        for (offset, token) in (0..).zip(tokens) {
            let term = Term::from_field_text(field, &encode::term(token));
            match index.read_postings(&term, option)? {
                Some(postings) => lists.push((offset, postings)),
                None => return Ok(None),
            }
        }
        lists.sort_by_key(|(_, postings)| postings.doc_freq());
        Ok((!lists.is_empty()).then_some(lists))
    }

    /// Documents that all lists have and that are still in question, for which `fits` holds.
    fn common(
        &self,
        mut lists: Vec<(u32, SegmentPostings)>,
        fits: impl Fn(&mut [(u32, SegmentPostings)], &mut Places) -> bool,
    ) -> Bits {
        let mut out = self.none();
        let mut places = Places::default();
        let mut doc = lists.first().map_or(TERMINATED, |(_, postings)| postings.doc());
        while doc != TERMINATED {
            let mut next = doc;
            for (_, postings) in lists.iter_mut().skip(1) {
                next = if postings.doc() < doc { postings.seek(doc) } else { postings.doc() };
                if next != doc {
                    break;
                }
            }
            if next == doc && self.within.contains(doc) && fits(&mut lists, &mut places) {
                out.insert(doc);
            }
            let Some((_, rarest)) = lists.first_mut() else { break };
            doc = if next == doc || next == TERMINATED {
                if next == TERMINATED { TERMINATED } else { rarest.advance() }
            } else {
                rarest.seek(next)
            };
        }
        out
    }

    /// Joins the values of a clause and keeps the documents in question that fit. `value` answers for one value; the
    /// answers of any.include clauses go to `seen`, when there is one, for the order of relevance.
    pub fn clause<V>(
        &mut self,
        wrapper: Wrapper,
        values: &[V],
        seen: Option<&mut Vec<Bits>>,
        value: impl Fn(&Self, &V) -> Result<Bits, CatalogError>,
    ) -> Result<(), CatalogError> {
        let mut joined = if wrapper.is_all() { self.within.clone() } else { self.none() };
        let mut kept = Vec::new();
        for one in values {
            let found = value(self, one)?;
            if wrapper.is_all() {
                joined.and(&found);
            } else {
                joined.or(&found);
            }
            if seen.is_some() && wrapper == Wrapper::AnyInclude {
                kept.push(found);
            }
        }
        if let Some(seen) = seen {
            seen.append(&mut kept);
        }
        if wrapper.is_exclude() {
            self.within.and_not(&joined);
        } else {
            self.within.and(&joined);
        }
        Ok(())
    }
}

/// Positions that fit all terms so far, counted from the place of the first word.
#[derive(Default)]
struct Places {
    common: Vec<u32>,
    next: Vec<u32>,
    /// What the first list's positions were counted back by.
    base: u32,
}

impl Places {
    /// Begins with the positions of the first list, which is `base` places on from where all are counted.
    fn first_of(&mut self, lists: &mut [(u32, SegmentPostings)], base: u32) {
        self.common.clear();
        self.base = base;
        if let Some((_, postings)) = lists.first_mut() {
            postings.append_positions_with_offset(0, &mut self.common);
        }
    }

    /// Keeps the positions that this list has `offset` places on (equal offsets: the same positions). Returns
    /// whether any is left.
    fn keep_common(&mut self, postings: &mut SegmentPostings, offset: u32) -> bool {
        self.next.clear();
        postings.append_positions_with_offset(0, &mut self.next);
        let base = self.base;
        let mut other = self.next.iter().peekable();
        self.common.retain(|position| {
            let wanted = u64::from(*position) + u64::from(offset);
            while other.next_if(|next| u64::from(**next) + u64::from(base) < wanted).is_some() {}
            other.peek().is_some_and(|next| u64::from(**next) + u64::from(base) == wanted)
        });
        !self.common.is_empty()
    }
}
