//! The tokens of SMART comparison.

use super::roles::NAMES;
use super::{column, rows};
use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashSet;
use sluice_model::canon;
use sluice_model::text::{fold, words};
use std::sync::LazyLock;

static STOP_WORDS: &str = include_str!("../../data/stopwords.txt");
static ASSISTS: &str = include_str!("../../data/assists.tsv");

/// What kind of text a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// A job title or a headline: roles, synonyms, stems; what somebody assists is not their role.
    Title,
    /// Skills, industries, descriptions: synonyms and stems.
    Text,
    /// Names of people: the words as they are.
    Name,
    /// Names of companies: the words without legal forms.
    Company,
}

/// What a value of a record says: its tokens, each once. A value fits a filter's value when it has all of
/// [`query_tokens`] and these are not empty.
#[must_use]
pub fn record_tokens(profile: Profile, value: &str) -> Vec<String> {
    analyse(profile, value, true)
}

/// What a value of a filter asks for: tokens, each once; empty when the value has no word at all.
#[must_use]
pub fn query_tokens(profile: Profile, value: &str) -> Vec<String> {
    analyse(profile, value, false)
}

fn analyse(profile: Profile, value: &str, record: bool) -> Vec<String> {
    let mut out = match profile {
        Profile::Title => roles(value, true, record),
        Profile::Text => roles(value, false, record),
        Profile::Name => words(value),
        Profile::Company => canon::company_name(value)
            .map(|name| name.split(' ').map(str::to_owned).collect())
            .unwrap_or_default(),
    };
    if out.is_empty() {
        out = words(value);
    }
    let mut seen = FxHashSet::default();
    out.retain(|token| seen.insert(token.clone()));
    out
}

/// Words of `data/stopwords.txt`.
static STOPS: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    STOP_WORDS.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
});

pub(super) fn stopped(word: &str) -> bool {
    STOPS.contains(word)
}

/// The words of a name in a data file, without stop words; all of them when it has no other.
pub(super) fn meaningful(name: &str) -> Vec<String> {
    let all = words(&prepared(name));
    let kept: Vec<String> = all.iter().filter(|word| !stopped(word)).cloned().collect();
    if kept.is_empty() { all } else { kept }
}

/// Folded text in which elided articles stand apart (`d'achat` → `d achat`) and `R&D` is one word.
fn prepared(text: &str) -> String {
    let folded = fold(text);
    if !folded.contains(['\'', '’', '&']) {
        return folded;
    }
    let folded = folded.replace("r & d", "r&d").replace("f & e", "f&e");
    let mut out = String::with_capacity(folded.len());
    let mut word = String::new();
    for c in folded.chars() {
        match c {
            '\'' | '’' if word == "d" || word == "l" => {
                out.push(' ');
                word.clear();
            }
            '&' if word == "r" || word == "f" => {
                word.push('&');
                out.push('&');
            }
            c if c.is_alphanumeric() => {
                word.push(c);
                out.push(c);
            }
            c => {
                shorten(&mut out, &word);
                word.clear();
                out.push(c);
            }
        }
    }
    shorten(&mut out, &word);
    out
}

fn shorten(out: &mut String, word: &str) {
    if word == "r&d" || word == "f&e" {
        out.truncate(out.len() - word.len());
        out.push_str("rnd");
    }
}

/// The English stem of a word; words of other scripts, short ones and those with digits stay as they are.
pub(super) fn stem(word: &str) -> String {
    static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));
    let plain = word.len() > 3 && word.bytes().all(|b| b.is_ascii_lowercase());
    if plain { STEMMER.stem(word).into_owned() } else { word.to_owned() }
}

/// The kinds of words in `data/assists.tsv`.
struct Assists {
    helper: FxHashSet<&'static str>,
    link: FxHashSet<&'static str>,
    before: FxHashSet<&'static str>,
    after: FxHashSet<&'static str>,
}

static ASSIST_WORDS: LazyLock<Assists> = LazyLock::new(|| {
    let kind = |name: &str| {
        rows(ASSISTS)
            .filter(|row| column(row, 0) == name)
            .flat_map(|row| column(&row, 1).split(';'))
            .collect::<FxHashSet<_>>()
    };
    Assists { helper: kind("helper"), link: kind("link"), before: kind("before"), after: kind("after") }
});

/// Where one part of a title ends and the next begins.
fn separates(c: char) -> bool {
    matches!(c, ',' | ';' | '|' | '/' | '(' | ')' | '[' | ']' | '–' | '—' | '·' | '•' | ':')
}

/// Tokens by way of the names of `data/roles.tsv`; `ranks` for titles.
fn roles(value: &str, ranks: bool, record: bool) -> Vec<String> {
    let mut out = Vec::new();
    let prepared = prepared(value);
    if !ranks {
        part(&words(&prepared), ranks, record, false, &mut out);
        return out;
    }
    let mut assists = false;
    for text in prepared.split(separates).flat_map(|text| text.split(" - ")) {
        let words = words(text);
        // "Assistant (to the CEO)": a part that begins with the link goes on with the one before.
        let goes_on = assists && words.first().is_some_and(|word| ASSIST_WORDS.link.contains(word.as_str()));
        part(&words, ranks, record, goes_on, &mut out);
        if !words.is_empty() {
            assists = goes_on || words.last().is_some_and(|word| ASSIST_WORDS.helper.contains(word.as_str()));
        }
    }
    out
}

/// From which word on, and up to which, positions belong to somebody else.
fn foreign(words: &[String]) -> (usize, usize) {
    let assist = &*ASSIST_WORDS;
    let mut from = usize::MAX;
    for (index, word) in words.iter().enumerate() {
        let linked = words.get(index + 1).is_some_and(|next| assist.link.contains(next.as_str()));
        if assist.before.contains(word.as_str()) || (linked && assist.helper.contains(word.as_str())) {
            from = index + 1;
            break;
        }
    }
    let to = words.last().filter(|word| assist.after.contains(word.as_str())).map_or(0, |_| words.len() - 1);
    (from, to)
}

fn part(words: &[String], ranks: bool, record: bool, all_foreign: bool, out: &mut Vec<String>) {
    let (from, to) = if ranks { foreign(words) } else { (usize::MAX, 0) };
    let kept: Vec<(usize, &str)> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| !stopped(word))
        .map(|(at, word)| (at, word.as_str()))
        .collect();
    let texts: Vec<&str> = kept.iter().map(|(_, word)| *word).collect();
    let mut position = 0;
    while let (Some((at, word)), Some(rest)) = (kept.get(position), texts.get(position..)) {
        let foreign = all_foreign || *at >= from || *at < to;
        if let Some((length, meaning)) = NAMES.longest(rest, ranks) {
            let mark = foreign && meaning.rank;
            out.extend(
                meaning.canonical.iter().map(|token| if mark { format!("~{token}") } else { token.clone() }),
            );
            if record && !mark {
                out.extend(meaning.further.iter().cloned());
            }
            position += length;
            continue;
        }
        position += 1;
        if ranks && let Some((front, meaning)) = NAMES.compound(word) {
            out.extend(
                meaning
                    .canonical
                    .iter()
                    .map(|token| if foreign { format!("~{token}") } else { token.clone() }),
            );
            match NAMES.longest(&[front], ranks) {
                Some((_, meaning)) => out.extend(meaning.canonical.iter().cloned()),
                None => out.push(stem(front)),
            }
            continue;
        }
        out.push(stem(word));
    }
}
