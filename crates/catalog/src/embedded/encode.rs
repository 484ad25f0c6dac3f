//! From our analysis to the terms of the index.

use crate::facts::{TermField, TextField};
use crate::text::{self, Profile};
use sha2::{Digest, Sha256};
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

/// Stands before the terms of employers that are the latest and present: the usual one stands in the index once.
const LATEST_AND_CURRENT: u8 = 0x7f;
/// Set in the first byte of the numbers of values.
const VALUE: u8 = 0x80;

/// The bytes that stand for a term of a field.
pub(super) fn term_of(field: TermField, token: &str) -> Vec<u8> {
    coded(field as u8, token)
}

/// The bytes that stand for an employer who is the latest and present.
pub(super) fn both_employers(token: &str) -> Vec<u8> {
    coded(LATEST_AND_CURRENT, token)
}

/// As [`term_of`], or [`both_employers`] without a field, into a buffer.
pub(super) fn write_term(field: Option<TermField>, token: &str, out: &mut Vec<u8>) {
    out.clear();
    out.push(field.map_or(LATEST_AND_CURRENT, |field| field as u8));
    if token.len() <= MAX_TERM {
        out.extend_from_slice(token.as_bytes());
    } else {
        out.extend_from_slice(term(token).as_bytes());
    }
}

fn coded(code: u8, token: &str) -> Vec<u8> {
    let term = term(token);
    let mut out = Vec::with_capacity(term.len() + 1);
    out.push(code);
    out.extend_from_slice(term.as_bytes());
    out
}

/// What has common values: a text field, or a part of a place as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueField {
    Text(TextField),
    City,
    State,
    Country,
}

impl ValueField {
    /// The byte that its terms begin with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Text(field) => VALUE | field as u8,
            Self::City => 0xe0,
            Self::State => 0xe1,
            Self::Country => 0xe2,
        }
    }

    pub const fn profile(self) -> Profile {
        match self {
            Self::Text(field) => field.profile(),
            Self::City | Self::State | Self::Country => Profile::Name,
        }
    }

    /// The bytes that stand for one of its values.
    pub const fn value(self, number: u32) -> [u8; 5] {
        let [a, b, c, d] = number.to_be_bytes();
        [self.code(), a, b, c, d]
    }
}

/// Whether a term is the hash of one that was too long.
pub(super) fn is_hashed(term: &str) -> bool {
    term.len() == 65 && term.starts_with('#')
}

/// The letter of a profile: common values of different profiles are different values.
pub(super) const fn letter(profile: Profile) -> char {
    match profile {
        Profile::Title => 't',
        Profile::Text => 'x',
        Profile::Industry => 'i',
        Profile::Name => 'n',
        Profile::Company => 'c',
    }
}

/// The bytes by which a common value is found as it came.
pub(super) fn value_key(profile: Profile, value: &str) -> Vec<u8> {
    coded(letter(profile) as u8, value)
}

/// The texts of one direct field, value by value, as its tokenizers take them.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    pub tokens: String,
    pub words: String,
}

impl Texts {
    /// Adds a value; `prefix` stands before each of its terms.
    pub fn add(&mut self, profile: Profile, value: &str, prefix: Option<char>) {
        // Names of people are looked for among their words: their tokens are the same.
        if profile != Profile::Name {
            for token in text::record_tokens(profile, value) {
                self.tokens.extend(prefix);
                self.tokens.push_str(&term(&token));
                self.tokens.push(TOKEN_END);
            }
        }
        let folded = text::fold(value);
        if !folded.is_empty() {
            self.tokens.extend(prefix);
            self.tokens.push_str(&whole_term(&folded));
        }
        self.tokens.push(VALUE_END);
        for (at, word) in text::words_of(&folded).iter().enumerate() {
            if at > 0 {
                self.words.push(TOKEN_END);
            }
            self.words.extend(prefix);
            self.words.push_str(&term(word));
        }
        self.words.push(VALUE_END);
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    pub fn clear(&mut self) {
        self.tokens.clear();
        self.words.clear();
    }
}

/// Splits what [`Texts::add`] wrote. The position of a token is the number of its value.
#[derive(Clone, Default)]
pub(super) struct ValueTokenizer;

/// Splits what [`Texts::add`] wrote. Positions go up by one from word to word and leave a gap between values.
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
    use super::{Profile, Stream, Texts, TokenStream};

    fn positions(text: &str, words: bool) -> Vec<(String, usize)> {
        let mut stream = Stream::new(text, words);
        let mut out = Vec::new();
        while stream.advance() {
            out.push((stream.token().text.clone(), stream.token().position));
        }
        out
    }

    fn own(list: &[(&str, usize)]) -> Vec<(String, usize)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), *b)).collect()
    }

    #[test]
    fn values_keep_apart() {
        let mut texts = Texts::default();
        for value in ["Ann Lee", "…", "Bo"] {
            texts.add(Profile::Company, value, None);
        }
        assert_eq!(
            positions(&texts.tokens, false),
            own(&[("ann", 0), ("lee", 0), ("=ann lee", 0), ("=...", 1), ("bo", 2), ("=bo", 2)])
        );
        let words = positions(&texts.words, true);
        assert_eq!(words.first(), own(&[("ann", 0)]).first());
        assert_eq!(words.get(1), own(&[("lee", 1)]).first());
        assert!(words.get(2).is_some_and(|(word, position)| word == "bo" && *position > 2));
    }

    #[test]
    fn common_values_carry_their_profile() {
        let mut texts = Texts::default();
        texts.add(Profile::Company, "Ann Lee", Some('c'));
        assert_eq!(positions(&texts.tokens, false), own(&[("cann", 0), ("clee", 0), ("c=ann lee", 0)]));
        assert_eq!(positions(&texts.words, true), own(&[("cann", 0), ("clee", 1)]));
    }
}
