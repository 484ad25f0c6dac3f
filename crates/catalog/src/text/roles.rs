//! Names of roles and what they stand for, from `data/roles.tsv`.

use super::words::{meaningful, stem, stopped};
use super::{column, rows};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

static ROLES: &str = include_str!("../../data/roles.tsv");

/// What a name stands for.
pub(super) struct Meaning {
    /// Whether it is somebody's position.
    pub rank: bool,
    /// Whether it is read in titles only.
    titles: bool,
    /// Whether it is the position of somebody who assists.
    pub helps: bool,
    /// What a filter asks for by it.
    pub canonical: Vec<String>,
    /// What a record that carries it is found by in addition.
    pub further: Vec<String>,
}

/// Names by their first word; the longest first.
pub(super) struct Names {
    by_first: FxHashMap<String, Vec<(Vec<String>, usize)>>,
    meanings: Vec<Meaning>,
    suffixes: Vec<(String, usize)>,
}

impl Names {
    /// The longest name that begins at the start of `words`: how many words it has, and its meaning.
    /// `titles` says whether names that only titles have are looked for.
    pub fn longest(&self, words: &[&str], titles: bool) -> Option<(usize, &Meaning)> {
        let (first, rest) = words.split_first()?;
        for (name, meaning) in self.by_first.get(*first)? {
            let meaning = self.meanings.get(*meaning)?;
            let fits = rest.len() >= name.len() && name.iter().zip(rest).all(|(a, b)| a == b);
            if fits && (titles || !meaning.titles) {
                return Some((name.len() + 1, meaning));
            }
        }
        None
    }

    /// A German compound that ends in a role (`Bauleiter`): what stands before it, and the role's meaning.
    pub fn compound<'w>(&self, word: &'w str) -> Option<(&'w str, &Meaning)> {
        let (front, meaning) = self.suffixes.iter().find_map(|(suffix, meaning)| {
            word.strip_suffix(suffix.as_str()).filter(|front| front.len() >= 3).map(|front| (front, *meaning))
        })?;
        // A joint `s` (`Abteilungs|leiter`) belongs to no word unless one is known that ends so (`Sales|leiter`).
        let bare = front.strip_suffix('s').filter(|_| !self.by_first.contains_key(front));
        Some((bare.unwrap_or(front), self.meanings.get(meaning)?))
    }
}

/// All names.
pub(super) static NAMES: LazyLock<Names> = LazyLock::new(read);

fn read() -> Names {
    let mut names = Names { by_first: FxHashMap::default(), meanings: Vec::new(), suffixes: Vec::new() };
    // First the single words, so that the tokens of phrases can be written as plain words.
    let mut single: FxHashMap<String, String> = FxHashMap::default();
    for row in rows(ROLES) {
        if column(&row, 0) == "word" && !column(&row, 1).contains(' ') {
            for name in column(&row, 3).split(';').flat_map(spellings) {
                if let [word] = meaningful(&name).as_slice() {
                    single.insert(word.clone(), column(&row, 1).to_owned());
                }
            }
        }
    }
    let tokens = |text: &str| -> Vec<String> {
        text.split_whitespace()
            .filter(|word| !stopped(word))
            .map(|word| match single.get(word) {
                Some(canonical) if !word.starts_with('@') => canonical.clone(),
                _ => stem(word),
            })
            .collect()
    };
    for row in rows(ROLES) {
        let index = names.meanings.len();
        names.meanings.push(Meaning {
            rank: matches!(column(&row, 0), "rank" | "suffix"),
            titles: column(&row, 0) != "word",
            helps: column(&row, 1).contains("@assistant"),
            canonical: tokens(column(&row, 1)),
            further: tokens(column(&row, 2)),
        });
        for name in column(&row, 3).split(';').flat_map(spellings) {
            let words = meaningful(&name);
            let Some((first, rest)) = words.split_first() else { continue };
            if matches!(column(&row, 0), "suffix" | "ending") {
                names.suffixes.push((first.clone(), index));
            } else {
                names.by_first.entry(first.clone()).or_default().push((rest.to_vec(), index));
            }
        }
    }
    for list in names.by_first.values_mut() {
        list.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
    }
    // `leiterin` before `leiter`: the longest ending wins.
    names.suffixes.sort_by_key(|(suffix, _)| std::cmp::Reverse(suffix.len()));
    names
}

/// A name, and how it is written where there are no umlauts.
fn spellings(name: &str) -> impl Iterator<Item = String> {
    let mut plain = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        match c {
            'ä' | 'Ä' => plain.push_str("ae"),
            'ö' | 'Ö' => plain.push_str("oe"),
            'ü' | 'Ü' => plain.push_str("ue"),
            c => plain.push(c),
        }
    }
    let other = (plain != name).then_some(plain);
    std::iter::once(name.to_owned()).chain(other)
}

#[cfg(test)]
mod tests {
    use super::{ROLES, column, meaningful, rows};
    use std::collections::BTreeMap;

    #[test]
    fn no_name_has_two_meanings() {
        let mut seen = BTreeMap::new();
        for row in rows(ROLES) {
            for name in column(&row, 3).split(';') {
                let words = meaningful(name);
                assert!(!words.is_empty(), "{name} has no word");
                let key = (matches!(column(&row, 0), "suffix" | "ending"), words);
                if let Some(other) = seen.insert(key, column(&row, 1)) {
                    assert_eq!(other, column(&row, 1), "{name}");
                }
            }
        }
    }
}
