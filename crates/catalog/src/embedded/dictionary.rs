//! Values to complete what is typed with, in memory: found by the beginning of any of their words, also with a slip.

use crate::suggest::{Fit, slips};
use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use std::cmp::Reverse;
use std::sync::LazyLock;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub folded: String,
    /// As most records write it.
    pub value: String,
    /// Records that have it.
    pub count: u64,
    /// What tells values of the same folded text apart, such as the level of a place.
    pub detail: Option<&'static str>,
}

/// All values of a kind.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    entries: Vec<Entry>,
    /// Where words begin: entry and byte, in the order of the text from there on.
    starts: Vec<(u32, u32)>,
}

/// Automata for one and two slips.
static SLIPS: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|slips| LevenshteinAutomatonBuilder::new(slips, false)));

/// What accepts all texts that begin like this one but for so many slips, if there may be any.
pub(super) fn automaton(text: &str) -> Option<DFA> {
    let slips = slips(text).checked_sub(1)?;
    SLIPS.get(slips).map(|builder| builder.build_prefix_dfa(text))
}

/// Whether a text begins as the automaton wants.
pub(super) fn accepts(automaton: &DFA, text: &str) -> bool {
    let mut state = automaton.initial_state();
    for byte in text.bytes() {
        if matches!(automaton.distance(state), Distance::Exact(_)) {
            return true;
        }
        state = automaton.transition(state, byte);
        if state == SINK_STATE {
            return false;
        }
    }
    matches!(automaton.distance(state), Distance::Exact(_))
}

impl Dictionary {
    pub fn new(entries: Vec<Entry>) -> Self {
        let mut starts = Vec::with_capacity(entries.len() * 2);
        for (at, entry) in (0..).zip(&entries) {
            starts.extend(
                crate::suggest::starts(&entry.folded)
                    .filter_map(|start| Some((at, u32::try_from(start).ok()?))),
            );
        }
        let mut this = Self { entries, starts };
        let mut starts = std::mem::take(&mut this.starts);
        starts.sort_unstable_by(|a, b| this.rest(*a).cmp(this.rest(*b)).then(a.cmp(b)));
        this.starts = starts;
        this
    }

    /// The text of an entry from a start on.
    fn rest(&self, (entry, start): (u32, u32)) -> &str {
        let entry = self.entries.get(entry as usize);
        entry.and_then(|entry| entry.folded.get(start as usize..)).unwrap_or_default()
    }

    /// The entries that fit a folded text, in order, and how many there are.
    pub fn like(&self, text: &str, offset: usize, limit: usize) -> (Vec<&Entry>, u64) {
        let from = self.starts.partition_point(|start| self.rest(*start) < text);
        let exact = self.starts.get(from..).unwrap_or_default();
        let length = exact.partition_point(|start| self.rest(*start).starts_with(text));
        let exact = exact.get(..length).unwrap_or_default().iter();
        let mut fits: Vec<(u32, Fit)> =
            exact.map(|(entry, start)| (*entry, if *start == 0 { Fit::Whole } else { Fit::Word })).collect();
        if let Some(automaton) = automaton(text) {
            let near = self.starts.iter().filter(|start| accepts(&automaton, self.rest(**start)));
            fits.extend(near.map(|(entry, _)| (*entry, Fit::Typo)));
        }
        // Of each entry the best fit stays.
        fits.sort_unstable();
        fits.dedup_by_key(|(entry, _)| *entry);
        let total = fits.len() as u64;
        let mut found: Vec<(Fit, &Entry)> =
            fits.into_iter().filter_map(|(at, fit)| Some((fit, self.entries.get(at as usize)?))).collect();
        let order = |(fit, entry): &(Fit, &Entry)| (*fit, Reverse(entry.count));
        let compare = |a: &(Fit, &Entry), b: &(Fit, &Entry)| {
            order(a).cmp(&order(b)).then_with(|| (&a.1.folded, a.1.detail).cmp(&(&b.1.folded, b.1.detail)))
        };
        let wanted = offset.saturating_add(limit);
        if wanted < found.len() && wanted > 0 {
            found.select_nth_unstable_by(wanted - 1, compare);
            found.truncate(wanted);
        }
        found.sort_unstable_by(compare);
        (found.into_iter().skip(offset).take(limit).map(|(_, entry)| entry).collect(), total)
    }
}

#[cfg(test)]
mod tests {
    use super::{Dictionary, Entry};
    use crate::suggest::fit;

    fn dictionary() -> Dictionary {
        let values = [
            ("machine learning", 7),
            ("learning design", 3),
            ("lean management", 9),
            ("rust", 4),
            ("trust building", 8),
            ("kubernetes", 2),
            ("c++", 1),
            ("ärztin", 1),
        ];
        let entry = |(value, count): &(&str, u64)| Entry {
            folded: crate::text::fold(value),
            value: (*value).to_owned(),
            count: *count,
            detail: None,
        };
        Dictionary::new(values.iter().map(entry).collect())
    }

    #[test]
    fn answers_like_looking_at_each() {
        let dictionary = dictionary();
        for text in [
            "",
            "l",
            "lea",
            "learning",
            "lerning",
            "rust",
            "rast",
            "kubr",
            "kubarnat",
            "c+",
            "arzt",
            "zzz",
            "machine le",
        ] {
            let mut plain: Vec<_> = dictionary
                .entries
                .iter()
                .filter_map(|entry| {
                    Some((fit(text, &entry.folded)?, std::cmp::Reverse(entry.count), &entry.folded))
                })
                .collect();
            plain.sort();
            let (found, total) = dictionary.like(text, 0, 100);
            assert_eq!(
                found.iter().map(|entry| &entry.folded).collect::<Vec<_>>(),
                plain.iter().map(|(_, _, folded)| *folded).collect::<Vec<_>>(),
                "{text}"
            );
            assert_eq!(total, plain.len() as u64);
            for (offset, limit) in [(0, 1), (1, 2), (3, 0), (9, 3)] {
                let page: Vec<_> = dictionary.like(text, offset, limit).0;
                assert_eq!(page, found.iter().copied().skip(offset).take(limit).collect::<Vec<_>>());
            }
        }
    }
}
