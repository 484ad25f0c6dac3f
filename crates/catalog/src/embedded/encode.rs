//! From our analysis to the terms of the index.

use crate::facts;
use crate::text::{self, Profile};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use sluice_model::Person;
use sluice_model::person::Employer;
use std::sync::Arc;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Between two tokens of one value, and between two values of one field.
const TOKEN_END: char = '\u{1f}';
const VALUE_END: char = '\u{1e}';

/// The longest term that stands in the index as it is; the index drops terms of 64 KiB.
const MAX_TERM: usize = 200;

/// The term for a token. Long ones are named by their hash.
pub(super) fn term(token: &str) -> String {
    if token.len() <= MAX_TERM { token.to_owned() } else { format!("#{}", hashed(token)) }
}

/// The term for a whole folded value. It stands among the tokens, which never begin with `=`.
pub(super) fn whole_term(folded: &str) -> String {
    if folded.len() <= MAX_TERM && !folded.contains([TOKEN_END, VALUE_END]) {
        format!("={folded}")
    } else {
        format!("=#{}", hashed(folded))
    }
}

fn hashed(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Whether an employer is the latest one, or one of the present ones.
#[derive(Clone, Copy)]
pub(super) enum EmployerTerm {
    Latest,
    Current,
}

/// The terms for a person's employers: `b` stands before those that are the latest and present, `l` and `c` before
/// those that are only one of it, so that the usual employer stands in the index once.
pub(super) fn employer_terms(person: &Person, analyser: &mut Analyser) -> Vec<String> {
    let (latest, current) = facts::companies(person, |employer| analyser.employer(employer));
    let mut out: Vec<String> = latest
        .iter()
        .map(|term| if current.contains(term) { format!("b{term}") } else { format!("l{term}") })
        .collect();
    out.extend(current.iter().filter(|term| !latest.contains(term)).map(|term| format!("c{term}")));
    out
}

/// The terms that stand for an employer in a filter.
pub(super) fn employer_query(when: EmployerTerm, companies: &[String]) -> Vec<String> {
    let only = match when {
        EmployerTerm::Latest => 'l',
        EmployerTerm::Current => 'c',
    };
    companies.iter().flat_map(|term| [format!("b{term}"), format!("{only}{term}")]).collect()
}

/// What one value of a record becomes: tokens and the whole for one field, words for another.
#[derive(Debug)]
pub(super) struct Value {
    pub tokens: String,
    pub words: String,
}

fn analyse(profile: Profile, value: &str) -> Value {
    let mut tokens = String::new();
    // Names of people are looked for among their words: their tokens are the same.
    if profile != Profile::Name {
        for token in text::record_tokens(profile, value) {
            tokens.push_str(&term(&token));
            tokens.push(TOKEN_END);
        }
    }
    let folded = text::fold(value);
    if !folded.is_empty() {
        tokens.push_str(&whole_term(&folded));
    }
    let mut words = String::with_capacity(folded.len() + 1);
    for word in text::words_of(&folded) {
        if !words.is_empty() {
            words.push(TOKEN_END);
        }
        words.push_str(&term(&word));
    }
    Value { tokens, words }
}

/// Analyses values and remembers short ones: titles, skills and industries come again and again.
#[derive(Default)]
pub(super) struct Analyser {
    places: FxHashMap<String, Arc<Vec<String>>>,
    employers: FxHashMap<String, Vec<String>>,
    countries: FxHashMap<String, Option<String>>,
    known: FxHashMap<Profile, FxHashMap<String, Arc<Value>>>,
    tokens: String,
    words: String,
}

impl Analyser {
    /// The most values of a profile remembered, and the longest of them in bytes.
    const MAX_KNOWN: usize = 100_000;
    const MAX_LENGTH: usize = 100;

    /// The texts of two fields for all values of a facet: tokens, and words.
    pub fn values(&mut self, profile: Profile, values: &[&str]) -> (&str, &str) {
        self.tokens.clear();
        self.words.clear();
        for value in values {
            let value = self.value(profile, value);
            self.tokens.push_str(&value.tokens);
            self.tokens.push(VALUE_END);
            self.words.push_str(&value.words);
            self.words.push(VALUE_END);
        }
        (&self.tokens, &self.words)
    }

    /// The tokens of where a person lives; `facts::person_place`, remembered.
    pub fn place(&mut self, person: &Person) -> Arc<Vec<String>> {
        let mut key = String::new();
        for part in [&person.country, &person.state, &person.city] {
            key.push_str(part.as_deref().unwrap_or_default());
            key.push(TOKEN_END);
        }
        if key.matches(TOKEN_END).count() > 3 {
            return Arc::new(facts::person_place(person));
        }
        if let Some(place) = self.places.get(&key) {
            return Arc::clone(place);
        }
        if self.places.len() >= Self::MAX_KNOWN {
            self.places.clear();
        }
        let place = Arc::new(facts::person_place(person));
        self.places.insert(key, Arc::clone(&place));
        place
    }

    /// The identities of an employer; `facts::employer`, remembered.
    fn employer(&mut self, employer: &Employer) -> Vec<String> {
        let mut key = String::with_capacity(96);
        for part in [&employer.id, &employer.domain, &employer.name] {
            key.push_str(part.as_deref().unwrap_or_default());
            key.push(TOKEN_END);
        }
        if key.matches(TOKEN_END).count() > 3 {
            return facts::employer(employer);
        }
        if let Some(terms) = self.employers.get(&key) {
            return terms.clone();
        }
        if self.employers.len() >= Self::MAX_KNOWN {
            self.employers.clear();
        }
        let terms = facts::employer(employer);
        self.employers.insert(key, terms.clone());
        terms
    }

    /// Where a person lives, as counts show it; remembered.
    pub fn country(&mut self, person: &Person) -> Option<String> {
        let name = person.country.as_deref()?;
        if let Some(country) = self.countries.get(name) {
            return country.clone();
        }
        if self.countries.len() >= Self::MAX_KNOWN {
            self.countries.clear();
        }
        let country = facts::person_facet(person, None, "country");
        self.countries.insert(name.to_owned(), country.clone());
        country
    }

    fn value(&mut self, profile: Profile, value: &str) -> Arc<Value> {
        if value.len() > Self::MAX_LENGTH || profile == Profile::Name {
            return Arc::new(analyse(profile, value));
        }
        let known = self.known.entry(profile).or_default();
        if let Some(value) = known.get(value) {
            return Arc::clone(value);
        }
        if known.len() >= Self::MAX_KNOWN {
            known.clear();
        }
        let fresh = Arc::new(analyse(profile, value));
        known.insert(value.to_owned(), Arc::clone(&fresh));
        fresh
    }
}

/// Splits what [`Analyser::values`] wrote. The position of a token is the number of its value.
#[derive(Clone, Default)]
pub(super) struct ValueTokenizer;

/// Splits what [`Analyser::values`] wrote. Positions go up by one from word to word and leave a gap between values.
#[derive(Clone, Default)]
pub(super) struct WordTokenizer;

/// The tokens of one field.
pub(super) struct Stream<'a> {
    rest: &'a str,
    token: Token,
    /// The next position: of the value, or of the word.
    position: usize,
    words: bool,
}

impl<'a> Stream<'a> {
    fn new(text: &'a str, words: bool) -> Self {
        Self { rest: text, token: Token::default(), position: 0, words }
    }
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        while let Some(end) = memchr::memchr2(TOKEN_END as u8, VALUE_END as u8, self.rest.as_bytes()) {
            let (text, rest) = self.rest.split_at(end);
            let value_ends = rest.starts_with(VALUE_END);
            self.rest = rest.get(1..).unwrap_or_default();
            let position = self.position;
            if value_ends || (self.words && !text.is_empty()) {
                self.position += 1;
            }
            if value_ends && self.words {
                self.position += 1;
            }
            if !text.is_empty() {
                self.token.text.clear();
                self.token.text.push_str(text);
                self.token.position = position;
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl Tokenizer for ValueTokenizer {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        Stream::new(text, false)
    }
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        Stream::new(text, true)
    }
}

#[cfg(test)]
mod tests {
    use super::{Analyser, Profile, Stream, TokenStream};

    fn positions(text: &str, words: bool) -> Vec<(String, usize)> {
        let mut stream = Stream::new(text, words);
        let mut out = Vec::new();
        while stream.advance() {
            out.push((stream.token().text.clone(), stream.token().position));
        }
        out
    }

    #[test]
    fn values_keep_apart() {
        let mut analyser = Analyser::default();
        let (tokens, words) = analyser.values(Profile::Company, &["Ann Lee", "…", "Bo"]);
        let own =
            |list: &[(&str, usize)]| list.iter().map(|(a, b)| ((*a).to_owned(), *b)).collect::<Vec<_>>();
        assert_eq!(
            positions(tokens, false),
            own(&[("ann", 0), ("lee", 0), ("=ann lee", 0), ("=...", 1), ("bo", 2), ("=bo", 2)])
        );
        let words = positions(words, true);
        assert_eq!(words.first(), own(&[("ann", 0)]).first());
        assert_eq!(words.get(1), own(&[("lee", 1)]).first());
        assert!(words.get(2).is_some_and(|(word, position)| word == "bo" && *position > 2));
    }
}
