//! Titles: their parts, and which of the positions that they name are somebody else's.

use super::roles::{Meaning, NAMES};
use super::words::{Language, basic_words, prepared, stem, stopped};
use super::{column, rows};
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::sync::LazyLock;

static ASSISTS: &str = include_str!("../../data/assists.tsv");

/// The kinds of words in `data/assists.tsv`.
struct Assists {
    helper: FxHashSet<String>,
    link: FxHashSet<String>,
    before: FxHashSet<String>,
    again: FxHashSet<String>,
    near: FxHashSet<String>,
    /// Those of `near` that compounds end in.
    near_ends: Vec<String>,
    and: FxHashSet<String>,
    behind: FxHashSet<String>,
    after: FxHashSet<String>,
    past: FxHashSet<String>,
}

static ASSIST_WORDS: LazyLock<Assists> = LazyLock::new(|| {
    let kind = |name: &str| {
        rows(ASSISTS)
            .filter(|row| column(row, 0) == name)
            .flat_map(|row| column(&row, 1).split(';'))
            .map(|name| basic_words(name).join(" "))
            .collect::<FxHashSet<_>>()
    };
    // Short ones stand at the end of words that have nothing to do with them.
    let near_ends = kind("near").into_iter().filter(|word| word.len() > 8).collect();
    Assists {
        near_ends,
        helper: kind("helper"),
        link: kind("link"),
        before: kind("before"),
        again: kind("again"),
        near: kind("near"),
        and: kind("and"),
        behind: kind("behind"),
        after: kind("after"),
        past: kind("past"),
    }
});

/// Where one part of a title ends and the next begins.
fn separates(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '/' | '(' | ')' | '[' | ']' | '–' | '—' | '·' | '•' | ':')
}

/// The tokens of a title.
pub(super) fn title_tokens(value: &str, record: bool) -> Vec<String> {
    let prepared = prepared(value);
    let language = if record { Language::of(value) } else { None };
    let parts: Vec<Vec<String>> = prepared
        .split(separates)
        .flat_map(|text| text.split(" - "))
        .map(basic_words)
        .filter(|words| !words.is_empty())
        .collect();
    let mut out = Vec::new();
    let mut assists = false;
    for (index, words) in parts.iter().enumerate() {
        let in_past = |next: &Vec<String>| next.iter().all(|word| ASSIST_WORDS.past.contains(word));
        // "Assistant (to the CEO)": a part that begins with the link goes on with the one before.
        let goes_on = assists && words.first().is_some_and(|word| ASSIST_WORDS.link.contains(word));
        let foreign = if goes_on || parts.get(index + 1).is_some_and(in_past) {
            [0..words.len(), 0..0, 0..0]
        } else {
            foreign(words)
        };
        Part { words, foreign, ranks: true, record, language }.tokens(&mut out);
        assists = goes_on || words.last().is_some_and(|word| ASSIST_WORDS.helper.contains(word));
    }
    out
}

/// The tokens of a text that is no title.
pub(super) fn text_tokens(value: &str, record: bool) -> Vec<String> {
    let mut out = Vec::new();
    let words = basic_words(&prepared(value));
    let language = if record { Language::of(value) } else { None };
    Part { words: &words, foreign: [0..0, 0..0, 0..0], ranks: false, record, language }.tokens(&mut out);
    out
}

/// From which word to which positions belong to somebody else.
fn foreign(words: &[String]) -> [Range<usize>; 3] {
    let assist = &*ASSIST_WORDS;
    let (mut after, mut near, mut behind) = (0..0, 0..0, 0..0);
    let end = |from: usize, kind: &FxHashSet<String>| {
        words.iter().skip(from).position(|word| kind.contains(word)).map_or(words.len(), |at| from + at)
    };
    for (index, word) in words.iter().enumerate() {
        let linked = words.get(index + 1).is_some_and(|next| assist.link.contains(next));
        if after.is_empty() && (assist.before.contains(word) || (linked && assist.helper.contains(word))) {
            after = index + 1..end(index + 1, &assist.again);
        }
        if near.is_empty() && (assist.near.contains(word) || assists_in(word)) {
            near = index + 1..end(index + 1, &assist.and);
        }
        if index > 0 && assist.behind.contains(word) {
            let from = words.iter().take(index).rposition(|word| assist.and.contains(word));
            behind = from.map_or(0, |from| from + 1)..index;
        }
    }
    if behind.is_empty() {
        behind = 0..before_last(words);
    }
    [after, near, behind]
}

/// Whether a compound ends in somebody who assists: `Teamassistenz`.
fn assists_in(word: &str) -> bool {
    ASSIST_WORDS.near_ends.iter().any(|end| word.ends_with(end.as_str()))
}

/// How many words stand before the last ones, when these say that what they follow is somebody else's.
fn before_last(words: &[String]) -> usize {
    let assist = &*ASSIST_WORDS;
    match words {
        [.., first, second] if assist.after.contains(&format!("{first} {second}")) => words.len() - 2,
        // "General Counsel & Secretary" is both.
        [.., and, last] if assist.after.contains(last) && !assist.and.contains(and) => words.len() - 1,
        _ => 0,
    }
}

/// Words to be read one after the other.
struct Part<'w> {
    words: &'w [String],
    foreign: [Range<usize>; 3],
    /// Whether positions are looked for.
    ranks: bool,
    record: bool,
    language: Option<Language>,
}

impl Part<'_> {
    fn tokens(&self, out: &mut Vec<String>) {
        let (places, texts): (Vec<usize>, Vec<&str>) = self
            .words
            .iter()
            .enumerate()
            .filter(|(_, word)| !stopped(word))
            .map(|(at, word)| (at, word.as_str()))
            .unzip();
        let mut position = 0;
        while let Some(rest) = texts.get(position..).filter(|rest| !rest.is_empty()) {
            let found = NAMES
                .longest(rest, self.ranks)
                .filter(|(length, meaning)| meaning.helps || !self.crosses(&places, position, *length))
                .or_else(|| NAMES.longest(rest.get(..1)?, self.ranks));
            if let Some((length, meaning)) = found {
                self.meaning(meaning, self.is_foreign(&places, position, length), out);
                position += length;
                continue;
            }
            if let Some(word) = rest.first() {
                self.word(word, self.is_foreign(&places, position, 1), 2, out);
            }
            position += 1;
        }
    }

    /// Whether all of a name belongs to somebody else; `places` are those of the words that are no stop words.
    fn is_foreign(&self, places: &[usize], from: usize, length: usize) -> bool {
        let name = places.get(from..from + length).unwrap_or_default();
        self.foreign.iter().any(|range| name.iter().all(|place| range.contains(place)))
    }

    /// Whether a name begins here and ends with somebody else, over words between: "Assistant (to the) VP".
    fn crosses(&self, places: &[usize], from: usize, length: usize) -> bool {
        match places.get(from..from + length) {
            Some([first, .., last]) if last - first >= length => {
                self.foreign.iter().any(|range| !range.contains(first) && range.contains(last))
            }
            _ => false,
        }
    }

    fn meaning(&self, meaning: &Meaning, foreign: bool, out: &mut Vec<String>) {
        let mark = foreign && meaning.rank;
        out.extend(
            meaning.canonical.iter().map(|token| if mark { format!("~{token}") } else { token.clone() }),
        );
        if self.record && !mark {
            out.extend(meaning.further.iter().cloned());
        }
    }

    /// A word that has no meaning of its own; `depth` says how many ends of it may be cut off.
    fn word(&self, word: &str, foreign: bool, depth: usize, out: &mut Vec<String>) {
        if self.ranks
            && depth > 0
            && let Some((front, meaning)) = NAMES.compound(word)
        {
            self.meaning(meaning, foreign, out);
            match NAMES.longest(&[front], self.ranks) {
                Some((_, meaning)) => self.meaning(meaning, foreign, out),
                None => self.word(front, foreign, depth - 1, out),
            }
            return;
        }
        let english = stem(word);
        let other = self.language.and_then(|language| language.stem(word, &english));
        out.push(english);
        out.extend(other);
    }
}

#[cfg(test)]
mod tests {
    use super::title_tokens;

    #[test]
    fn positions_of_others_are_marked() {
        for (title, tokens) in [
            ("VP Sales", "@vp @sales"),
            ("Assistant to the VP Sales", "@assistant ~@vp @sales"),
            ("Deputy Head of Sales and Director", "@deputy ~@head @sales @director"),
            ("Former CEO, now CTO", "former ~@ceo now @cto"),
            ("Directeur général adjoint", "~@md @deputy"),
            ("CEO (retired)", "~@ceo retir"),
            ("CEO Office Manager", "~@ceo offic @manager"),
            ("Assistant (to the CEO)", "@assistant ~@ceo"),
            ("Rechtsabteilungsleiter", "@head @legal"),
        ] {
            assert_eq!(title_tokens(title, false).join(" "), tokens, "{title}");
        }
    }
}
