//! What a record becomes in the table that filters look at.
//!
//! The values of a text field stand in three texts: their tokens, their words, and each as a whole. Every token and
//! every word has a mark on both sides, so that finding one is finding a piece of text, and words next to each other
//! are one longer piece; between two values stands another mark, which no piece reaches across.

use super::schema;
use super::wire::Rows;
use crate::facts::{self, NumberField, Sink, Teller, TermField, TextField};
use crate::{Rank, rank, text};
use sha2::{Digest, Sha256};
use sluice_model::{Company, EntityKind, Person};
use std::borrow::Cow;
use uuid::Uuid;

/// On both sides of a token or a word.
pub const EDGE: char = '\u{1f}';
/// Between two values; on both sides of a whole value.
pub const VALUE: char = '\u{1e}';

/// The place in the order: the best rank first.
pub fn order_key(rank: Rank) -> u64 {
    !rank.0
}

/// The rank at a place in the order.
pub fn rank_at(order_key: u64) -> Rank {
    Rank(!order_key)
}

/// A text without marks in it: one that has them is named by its hash.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains([EDGE, VALUE]) {
        return Cow::Borrowed(text);
    }
    let digest = Sha256::digest(text.as_bytes());
    Cow::Owned(digest.iter().fold("#".to_owned(), |out, byte| format!("{out}{byte:02x}")))
}

/// A whole value as it stands among the others of its field.
pub fn whole(folded: &str) -> String {
    format!("{VALUE}{}{VALUE}", plain(folded))
}

/// Tokens or words next to each other.
pub fn piece<T: AsRef<str>>(parts: &[T]) -> String {
    let mut out = String::from(EDGE);
    for part in parts {
        out.push_str(&plain(part.as_ref()));
        out.push(EDGE);
    }
    out
}

#[derive(Default)]
struct Texts {
    tokens: String,
    words: String,
    whole: String,
}

impl Texts {
    fn add(&mut self, field: TextField, value: &str) {
        let folded = text::fold(value);
        if folded.is_empty() {
            return;
        }
        if !self.whole.is_empty() {
            self.tokens.push(VALUE);
            self.words.push(VALUE);
        }
        // In order, so that a regular expression finds several of them.
        let mut tokens = text::record_tokens(field.profile(), value);
        tokens.sort_unstable();
        self.tokens.push_str(&piece(&tokens));
        self.words.push_str(&piece(&text::words_of(&folded)));
        self.whole.push_str(&whole(&folded));
    }
}

/// What the columns of one record hold, by field.
#[derive(Default)]
struct Columns {
    texts: Vec<Texts>,
    terms: Vec<Vec<String>>,
    numbers: Vec<Option<u64>>,
}

impl Sink for Columns {
    fn text(&mut self, field: TextField, value: &str) {
        if let Some(texts) = self.texts.get_mut(field as usize) {
            texts.add(field, value);
        }
    }

    fn term(&mut self, field: TermField, term: &str) {
        if let Some(terms) = self.terms.get_mut(field as usize) {
            terms.push(term.to_owned());
        }
    }

    fn number(&mut self, field: NumberField, number: u64) {
        if let Some(place) = self.numbers.get_mut(field as usize) {
            *place = Some(number);
        }
    }
}

impl Columns {
    fn empty() -> Self {
        let mut out = Self::default();
        out.texts.resize_with(TextField::ALL.len(), Texts::default);
        out.terms.resize_with(TermField::ALL.len(), Vec::new);
        out.numbers.resize(NumberField::ALL.len(), None);
        out
    }

    fn write(&self, kind: EntityKind, rows: &mut Rows) {
        for texts in schema::texts(kind).filter_map(|field| self.texts.get(field as usize)) {
            for text in [&texts.tokens, &texts.words, &texts.whole] {
                rows.text(text.as_bytes());
            }
        }
        for terms in schema::terms(kind).filter_map(|field| self.terms.get(field as usize)) {
            rows.texts(terms);
        }
        for number in schema::numbers(kind).filter_map(|field| self.numbers.get(field as usize)) {
            rows.small(u8::from(number.is_some())).number(number.unwrap_or(0));
        }
    }
}

/// Makes rows of records, and remembers what comes again and again.
#[derive(Default)]
pub struct Maker {
    teller: Teller,
}

impl Maker {
    pub fn person(&mut self, person: &Person, version: u64, rows: &mut Rows) {
        let mut columns = Columns::empty();
        self.teller.person(person, &mut columns);
        rows.id(person.id).number(version).number(order_key(rank::rank_of_person(person)));
        rows.id(person.company_id.unwrap_or_else(Uuid::nil));
        columns.write(EntityKind::Person, rows);
        for facet in schema::facets(EntityKind::Person) {
            let value = match *facet {
                "country" => self.teller.country(person),
                facet => facts::person_facet(person, None, facet),
            };
            rows.text(value.unwrap_or_default().as_bytes());
        }
    }

    pub fn company(&mut self, company: &Company, version: u64, rows: &mut Rows) {
        let mut columns = Columns::empty();
        self.teller.company(company, &mut columns);
        rows.id(company.id).number(version).number(order_key(rank::rank_of_company(company)));
        columns.write(EntityKind::Company, rows);
        for facet in schema::facets(EntityKind::Company) {
            rows.text(facts::company_facet(company, facet).unwrap_or_default().as_bytes());
        }
    }
}
