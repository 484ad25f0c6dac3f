//! Words in the form in which they are compared: gender written out, elided articles apart, endings, stems.

use super::{column, rows};
use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::{FxHashMap, FxHashSet};
use sluice_model::text::{fold, words_of};
use std::sync::LazyLock;

static STOP_WORDS: &str = include_str!("../../data/stopwords.txt");
static ENDINGS: &str = include_str!("../../data/endings.tsv");

/// Words of `data/stopwords.txt`.
static STOPS: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    STOP_WORDS.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
});

pub(super) fn stopped(word: &str) -> bool {
    STOPS.contains(word)
}

/// The words of a name in a data file, without stop words; all of them when it has no other.
pub(super) fn meaningful(name: &str) -> Vec<String> {
    let all = basic_words(&prepared(name));
    let kept: Vec<String> = all.iter().filter(|word| !stopped(word)).cloned().collect();
    if kept.is_empty() { all } else { kept }
}

/// The words of a [`prepared`] text in their basic form.
pub(super) fn basic_words(prepared: &str) -> Vec<String> {
    let mut words = words_of(prepared);
    for word in &mut words {
        to_basic_form(word);
    }
    words
}

/// What follows a word to name the other gender: `Leiter:in`, `Leiter/-in`, `directeur·rice`, `consultant(e)`.
const GENDERS: [&str; 13] =
    ["innen", "in", "frau", "trice", "rice", "euse", "ienne", "ière", "iere", "ne", "es", "e", "s"];

/// Folded text for titles and other texts: the second gender is gone, elided articles stand apart
/// (`d'achat` → `d achat`), single letters joined by `&` are one word (`R&D` → `rnd`), any other `&` is `and`.
pub(super) fn prepared(text: &str) -> String {
    let folded = fold(text);
    if !folded.contains(['\'', '’', '&', '/', '(', ':', '*', '_', '·', '•', '.']) {
        return folded;
    }
    let mut out = String::with_capacity(folded.len() + 8);
    let mut rest = folded.as_str();
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let word = last_word(&out);
        match c {
            '/' | '(' | ':' | '*' | '_' | '·' | '•' | '.' if word.len() >= 4 => {
                if let Some(length) = gender(c, after) {
                    rest = after.get(length..).unwrap_or_default();
                    continue;
                }
                out.push(c);
            }
            '\'' | '’' if word == "d" || word == "l" => out.push(' '),
            // "President's office": the word says that what stands before it is somebody else's.
            '\'' | '’' if !word.is_empty() && first_word(after) == "s" => {
                out.push_str(" genitive");
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            '&' => {
                let next = after.trim_start();
                if is_letter(last_word(out.trim_end())) && is_letter(first_word(next)) {
                    out.truncate(out.trim_end().len());
                    out.push('n');
                    rest = next;
                    continue;
                }
                out.push_str(" and ");
            }
            c => out.push(c),
        }
        rest = after;
    }
    out
}

fn is_letter(word: &str) -> bool {
    word.len() == 1 && word.bytes().all(|b| b.is_ascii_lowercase())
}

fn last_word(text: &str) -> &str {
    text.rfind(|c: char| !c.is_alphanumeric())
        .and_then(|at| text.get(at..))
        .map_or(text, |tail| tail.trim_start_matches(|c: char| !c.is_alphanumeric()))
}

fn first_word(text: &str) -> &str {
    text.find(|c: char| !c.is_alphanumeric()).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// How long the ending of the other gender is that `after` begins with; `sign` stands before it.
fn gender(sign: char, after: &str) -> Option<usize> {
    let ending = after.strip_prefix('-').unwrap_or(after);
    let found = first_word(ending);
    let dash = after.len() - ending.len();
    let whole = match sign {
        '(' => ending.get(found.len()..).is_some_and(|next| next.starts_with(')')),
        // A plural has a sign of its own: "consultant·e·s".
        '·' | '•' | '.' => found != "in" && found != "s" || sign != '.' && found == "s",
        '/' => found.len() > 1 && !ending.get(found.len()..).is_some_and(|next| next.starts_with('-')),
        _ => found.starts_with("in"),
    };
    (whole && GENDERS.contains(&found)).then_some(dash + found.len() + usize::from(sign == '('))
}

/// An ending, what stands for it, and how many letters must be left before it.
type Ending = (&'static str, &'static str, usize);

/// Endings of `data/endings.tsv` by their last letter; the longest first.
static BY_LAST: LazyLock<FxHashMap<u8, Vec<Ending>>> = LazyLock::new(|| {
    let mut out: FxHashMap<u8, Vec<Ending>> = FxHashMap::default();
    for row in rows(ENDINGS) {
        let (ending, basic) = (column(&row, 0), column(&row, 1));
        if let Some(last) = ending.bytes().last() {
            let least = column(&row, 2).parse().unwrap_or(usize::MAX);
            out.entry(last).or_default().push((ending, basic, least));
        }
    }
    for list in out.values_mut() {
        list.sort_by_key(|(ending, ..)| std::cmp::Reverse(ending.len()));
    }
    out
});

/// Puts a word into its basic form: no feminine ending, no inflection that stems miss.
fn to_basic_form(word: &mut String) {
    let Some(endings) = word.bytes().last().and_then(|last| BY_LAST.get(&last)) else { return };
    for (ending, basic, least) in endings {
        if let Some(front) = word.strip_suffix(ending)
            && front.len() >= *least
        {
            let kept = front.len();
            word.truncate(kept);
            word.push_str(basic);
            return;
        }
    }
}

fn plain(word: &str) -> bool {
    word.len() > 3 && word.bytes().all(|b| b.is_ascii_lowercase())
}

/// The English stem of a word; words of other scripts, short ones and those with digits stay as they are.
pub(super) fn stem(word: &str) -> String {
    static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));
    if plain(word) { ENGLISH.stem(word).into_owned() } else { word.to_owned() }
}

/// A language that a text is evidently written in, beside English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    German,
    French,
}

impl Language {
    /// Told by letters that only one of them has, else by little words.
    pub fn of(text: &str) -> Option<Self> {
        if !text.is_ascii() {
            if text.contains(['ä', 'ö', 'ü', 'ß', 'Ä', 'Ö', 'Ü']) {
                return Some(Self::German);
            }
            if text.contains(['é', 'è', 'ê', 'ç', 'à', 'É', 'œ']) {
                return Some(Self::French);
            }
        }
        text.split(|c: char| !c.is_alphanumeric()).find_map(|word| match word {
            "der" | "das" | "und" | "im" | "zum" | "zur" | "vom" | "von" | "mit" | "bei" => {
                Some(Self::German)
            }
            "du" | "de" | "la" | "le" | "les" | "et" | "aux" | "d" | "l" => Some(Self::French),
            _ => None,
        })
    }

    /// The stem of a word of this language, when it is another than the English one.
    pub fn stem(self, word: &str, english: &str) -> Option<String> {
        static GERMAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::German));
        static FRENCH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::French));
        if !plain(word) {
            return None;
        }
        let stem = match self {
            Self::German => GERMAN.stem(word),
            Self::French => FRENCH.stem(word),
        };
        (stem != english).then(|| stem.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{ENDINGS, Language, basic_words, column, prepared, rows};

    #[test]
    fn both_genders_are_one_word() {
        for (text, basic) in [
            ("Leiter/in Einkauf", "leiter einkauf"),
            ("Leiter/-in", "leiter"),
            ("Leiter(in)", "leiter"),
            ("Leiter*innen", "leiter"),
            ("Leiter:in", "leiter"),
            ("Leiter_in", "leiter"),
            ("LeiterIn", "leiter"),
            ("Leiterinnen", "leiter"),
            ("Directeur·rice", "directeur"),
            ("Directeur/trice", "directeur"),
            ("consultant(e)", "consultant"),
            ("consultant·e·s", "consultant"),
            ("Acheteuse", "acheteur"),
            ("Kauffrau", "kaufmann"),
            ("Chairwoman", "chairman"),
            ("R&D", "rnd"),
            ("F & E", "fne"),
            ("Sales & Marketing", "sales and marketing"),
            ("Responsable d'achats", "responsable d achats"),
            ("Sales/Inside Sales", "sales inside sales"),
            ("Node.js", "nodejs"),
            ("President's Office", "president genitive office"),
            ("Counsel/In-house", "counsel in house"),
            ("&", "and"),
            ("/in", "in"),
        ] {
            assert_eq!(basic_words(&prepared(text)).join(" "), basic, "{text}");
        }
    }

    #[test]
    fn endings_are_folded_and_there_once() {
        let mut seen = std::collections::BTreeSet::new();
        for row in rows(ENDINGS) {
            let ending = column(&row, 0);
            assert!(ending.bytes().all(|b| b.is_ascii_lowercase()), "{ending}");
            assert!(column(&row, 2).parse::<usize>().is_ok(), "{ending}");
            assert!(seen.insert(ending), "{ending} twice");
        }
    }

    #[test]
    fn languages_show() {
        for (text, language) in [
            ("Leiter für Anlagen", Some(Language::German)),
            ("Leiter der Anlagen", Some(Language::German)),
            ("Chargée de mission", Some(Language::French)),
            ("Head of Sales", None),
        ] {
            assert_eq!(Language::of(text), language, "{text}");
        }
        assert_eq!(Language::German.stem("anlagen", "anlagen").as_deref(), Some("anlag"));
        assert_eq!(Language::French.stem("mission", "mission"), None);
    }
}
