//! Words of texts, and which records hold them: a search engine as small as it can be.

use std::collections::{BTreeMap, BTreeSet};

/// The words of a text as an index without folding keeps them: in lower case, with their accents.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether the words stand in the text one after the other.
pub(crate) fn holds(text: &str, words: &[String]) -> bool {
    !words.is_empty() && tokens(text).windows(words.len()).any(|window| window == words)
}

/// Field → word → records.
#[derive(Debug, Default)]
pub(crate) struct TokenIndex(BTreeMap<String, BTreeMap<String, BTreeSet<u64>>>);

impl TokenIndex {
    pub(crate) fn insert(&mut self, id: u64, field: &str, text: &str) {
        if !self.0.contains_key(field) {
            self.0.insert(field.to_owned(), BTreeMap::new());
        }
        if let Some(words) = self.0.get_mut(field) {
            for word in tokens(text) {
                words.entry(word).or_default().insert(id);
            }
        }
    }

    pub(crate) fn remove(&mut self, id: u64, field: &str, text: &str) {
        if let Some(words) = self.0.get_mut(field) {
            for word in tokens(text) {
                if let Some(ids) = words.get_mut(&word) {
                    ids.remove(&id);
                }
            }
        }
    }

    /// The records that hold every one of these words in that field; more than hold them in a row.
    pub(crate) fn with(&self, field: &str, words: &[String]) -> BTreeSet<u64> {
        let Some(known) = self.0.get(field) else { return BTreeSet::new() };
        let found: Option<Vec<&BTreeSet<u64>>> = words.iter().map(|word| known.get(word)).collect();
        let rarest = found.and_then(|found| found.into_iter().min_by_key(|ids| ids.len()));
        rarest.cloned().unwrap_or_default()
    }

    /// The records with a word that begins so.
    pub(crate) fn starting(&self, field: &str, start: &str) -> BTreeSet<u64> {
        let Some(known) = self.0.get(field) else { return BTreeSet::new() };
        let words = known.range(start.to_owned()..).take_while(|(word, _)| word.starts_with(start));
        words.flat_map(|(_, ids)| ids.iter().copied()).collect()
    }
}
