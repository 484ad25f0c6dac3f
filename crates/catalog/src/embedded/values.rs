//! Values that stand in many records — titles, skills, schools, industries —, each analysed and indexed once.

use super::encode::{self, Texts};
use super::schema::{ValueFields, column, failure};
use super::segment::Segment;
use crate::CatalogError;
use crate::facts::Needle;
use crate::text::Profile;
use rustc_hash::FxHashMap;
use tantivy::schema::IndexRecordOption;
use tantivy::{IndexWriter, Searcher, TantivyDocument, Term};

/// The most values whose numbers are remembered beyond a commit.
const KEPT: usize = 1_000_000;

/// The numbers of the values that are like the needle, in ascending order.
pub(super) fn like(
    searcher: &Searcher,
    fields: &ValueFields,
    profile: Profile,
    needle: &Needle,
) -> Result<Vec<u32>, CatalogError> {
    let mut out = Vec::new();
    for reader in searcher.segment_readers() {
        let found = Segment::all(reader).text(fields.text, profile, Some(encode::letter(profile)), needle)?;
        let numbers = reader.fast_fields().u64(column::NUMBER).map_err(failure)?.first_or_default_col(0);
        out.extend(found.iter().filter_map(|doc| u32::try_from(numbers.get_val(doc)).ok()));
    }
    out.sort_unstable();
    Ok(out)
}

/// Gives values their numbers.
pub(super) struct Numbering {
    writer: IndexWriter,
    /// Values that are committed, or that are not known not to be: a part of them.
    known: FxHashMap<Profile, FxHashMap<String, u32>>,
    next: u32,
    texts: Texts,
}

impl Numbering {
    /// Goes on after the values that `searcher` sees.
    pub fn new(writer: IndexWriter, searcher: &Searcher) -> Self {
        let next = searcher.num_docs();
        Self {
            writer,
            known: FxHashMap::default(),
            next: u32::try_from(next).unwrap_or(u32::MAX),
            texts: Texts::default(),
        }
    }

    /// The number of a value, a new one when it has none; `committed` sees the values of the last commit.
    pub fn number(
        &mut self,
        committed: &Searcher,
        fields: &ValueFields,
        profile: Profile,
        value: &str,
    ) -> Result<u32, CatalogError> {
        if let Some(number) = self.known.get(&profile).and_then(|known| known.get(value)) {
            return Ok(*number);
        }
        let key = encode::value_key(profile, value);
        let number = match find(committed, fields, &key)? {
            Some(number) => number,
            None => {
                let number = self.next;
                self.next = number
                    .checked_add(1)
                    .ok_or_else(|| CatalogError::Unavailable("too many different values".to_owned()))?;
                self.texts.clear();
                self.texts.add(profile, value, Some(encode::letter(profile)));
                let mut document = TantivyDocument::new();
                document.add_bytes(fields.key, &key);
                document.add_u64(fields.number, u64::from(number));
                document.add_text(fields.text.tokens, &self.texts.tokens);
                document.add_text(fields.text.words, &self.texts.words);
                self.writer.add_document(document).map_err(failure)?;
                number
            }
        };
        self.known.entry(profile).or_default().insert(value.to_owned(), number);
        Ok(number)
    }

    pub fn commit(&mut self) -> Result<(), CatalogError> {
        self.writer.commit().map_err(failure)?;
        for known in self.known.values_mut().filter(|known| known.len() > KEPT) {
            known.clear();
        }
        Ok(())
    }

    pub fn finish(self) -> Result<(), CatalogError> {
        self.writer.wait_merging_threads().map_err(failure)
    }
}

fn find(searcher: &Searcher, fields: &ValueFields, key: &[u8]) -> Result<Option<u32>, CatalogError> {
    let term = Term::from_field_bytes(fields.key, key);
    for reader in searcher.segment_readers() {
        let index = reader.inverted_index(fields.key).map_err(failure)?;
        if let Some(postings) = index.read_block_postings(&term, IndexRecordOption::Basic)?
            && let Some(doc) = postings.docs().first()
        {
            let number = reader.fast_fields().u64(column::NUMBER).map_err(failure)?.first(*doc);
            return Ok(number.and_then(|number| u32::try_from(number).ok()));
        }
    }
    Ok(None)
}
