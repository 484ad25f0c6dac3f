//! Industries under all their names, from `data/industries.tsv`.

use super::titles::text_tokens;
use super::words::meaningful;
use super::{column, rows};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

static INDUSTRIES: &str = include_str!("../../data/industries.tsv");

/// The tokens of an industry: its own, then those of broader ones.
type Tokens = Vec<String>;

struct Industries {
    tokens: Vec<Tokens>,
    /// The words of a name, joined → index of its tokens.
    names: FxHashMap<String, usize>,
    /// How many words the longest name has.
    longest: usize,
}

static TABLE: LazyLock<Industries> = LazyLock::new(|| {
    let mut out = Industries { tokens: Vec::new(), names: FxHashMap::default(), longest: 0 };
    for row in rows(INDUSTRIES) {
        let broader = column(&row, 1).split_whitespace();
        let tokens = std::iter::once(column(&row, 0)).chain(broader).map(|name| format!("#{name}")).collect();
        for name in column(&row, 2).split(';') {
            let words = meaningful(name);
            out.longest = out.longest.max(words.len());
            out.names.insert(words.join(" "), out.tokens.len());
        }
        out.tokens.push(tokens);
    }
    out
});

impl Industries {
    fn named(&self, words: &[String]) -> Option<&Tokens> {
        self.tokens.get(*self.names.get(&words.join(" "))?)
    }
}

/// The tokens of an industry. A filter that names a known one asks for it alone; a record is found by its industry, by
/// broader ones, and by its words.
pub(super) fn industry_tokens(value: &str, record: bool) -> Vec<String> {
    let table = &*TABLE;
    let words = meaningful(value);
    let known = table.named(&words);
    if !record {
        return known
            .and_then(|tokens| tokens.first().cloned())
            .map_or_else(|| text_tokens(value, false), |own| vec![own]);
    }
    let mut out = text_tokens(value, true);
    match known {
        Some(tokens) => out.extend(tokens.iter().cloned()),
        None => within(table, &words, &mut out),
    }
    out
}

/// Adds the industries whose names stand among the words: "Software, Banking".
fn within(table: &Industries, words: &[String], out: &mut Vec<String>) {
    let mut from = 0;
    while from < words.len() {
        let most = table.longest.min(words.len() - from);
        let found =
            (1..=most).rev().find_map(|length| Some((length, table.named(words.get(from..from + length)?)?)));
        if let Some((length, tokens)) = found {
            out.extend(tokens.iter().cloned());
            from += length;
        } else {
            from += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{INDUSTRIES, meaningful};
    use crate::text::{column, rows};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn no_name_is_of_two_industries_and_broader_ones_exist() {
        let all: BTreeSet<&str> = rows(INDUSTRIES).map(|row| column(&row, 0)).collect();
        let mut seen = BTreeMap::new();
        for row in rows(INDUSTRIES) {
            for broader in column(&row, 1).split_whitespace() {
                assert!(all.contains(broader), "{broader}");
            }
            for name in column(&row, 2).split(';') {
                let words = meaningful(name);
                assert!(!words.is_empty(), "{name} has no word");
                let other = seen.insert(words, column(&row, 0));
                assert!(other.is_none_or(|other| other == column(&row, 0)), "{name} is {other:?} too");
            }
        }
    }
}
