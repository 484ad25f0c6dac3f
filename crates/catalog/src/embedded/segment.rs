//! Questions to one segment: which documents have these terms.

use super::bits::Bits;
use super::encode;
use super::schema::{DirectField, failure};
use crate::CatalogError;
use crate::facts::Needle;
use crate::text::Profile;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};

/// One segment and the documents that are still in question.
pub(super) struct Segment<'s> {
    pub reader: &'s SegmentReader,
    /// Documents outside need not be answered rightly.
    pub within: Bits,
}

impl<'s> Segment<'s> {
    /// A segment with all its documents in question, deleted ones among them.
    pub fn all(reader: &'s SegmentReader) -> Self {
        Self { reader, within: Bits::all(reader.max_doc()) }
    }

    pub fn max_doc(&self) -> u32 {
        self.reader.max_doc()
    }

    pub fn none(&self) -> Bits {
        Bits::none(self.max_doc())
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

    /// Documents with one of these terms, as bytes.
    pub fn any_bytes<T: AsRef<[u8]>>(
        &self,
        field: Field,
        terms: impl IntoIterator<Item = T>,
    ) -> Result<Bits, CatalogError> {
        let mut out = self.none();
        for term in terms {
            self.add(&Term::from_field_bytes(field, term.as_ref()), &mut out)?;
        }
        Ok(out)
    }

    /// Documents that have a text like the needle; `prefix` stands before each term of the field.
    pub fn text(
        &self,
        field: DirectField,
        profile: Profile,
        prefix: Option<char>,
        needle: &Needle,
    ) -> Result<Bits, CatalogError> {
        let terms = |list: &[String]| -> Vec<String> {
            list.iter().map(|word| prefix.into_iter().chain(encode::term(word).chars()).collect()).collect()
        };
        match needle {
            // The tokens of a person's name are its words, which stand there once.
            Needle::Tokens(tokens) if profile == Profile::Name => {
                self.tokens(field.words, false, &terms(tokens))
            }
            Needle::Tokens(tokens) => self.tokens(field.tokens, field.multi, &terms(tokens)),
            Needle::Words(words) => self.phrase(field.words, &terms(words)),
            Needle::Whole(text) => {
                let whole: String = prefix.into_iter().chain(encode::whole_term(text).chars()).collect();
                self.any_text(field.tokens, &whole)
            }
        }
    }

    pub fn any_text(&self, field: Field, term: &str) -> Result<Bits, CatalogError> {
        let mut out = self.none();
        self.add(&Term::from_field_text(field, term), &mut out)?;
        Ok(out)
    }

    /// Documents with a value that has all tokens. With `multi` the position of a token is the number of its value.
    fn tokens(&self, field: Field, multi: bool, tokens: &[String]) -> Result<Bits, CatalogError> {
        if let [token] = tokens {
            return self.any_text(field, token);
        }
        let Some(lists) = self.postings(field, tokens, multi)? else {
            return Ok(self.none());
        };
        Ok(self.common(lists, |lists, places| {
            if !multi {
                return true;
            }
            // One number must be common to all.
            places.first_of(lists, 0);
            lists.iter_mut().skip(1).all(|(_, postings)| places.keep_common(postings, 0))
        }))
    }

    /// Documents with the words next to each other, in that order.
    fn phrase(&self, field: Field, words: &[String]) -> Result<Bits, CatalogError> {
        if let [word] = words {
            return self.any_text(field, word);
        }
        let Some(lists) = self.postings(field, words, true)? else {
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
            let term = Term::from_field_text(field, token);
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
