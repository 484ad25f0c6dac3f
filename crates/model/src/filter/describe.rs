//! The language described for people and agents, out of the table that the reader reads.

use super::bands::TYPES;
use super::facets::{ACCOUNT, CONTACT, Entry, NO_DATA, Set, Shape};
use super::shapes::{MAX_DAYS, MAX_RADIUS_KM, UNITS};
use super::short;
use super::tree::{Mode, NETWORKS};
use super::{MAX_DEPTH, MAX_IDS, MAX_VALUE_CHARS, MAX_VALUES};
use crate::kind::EntityKind;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The filter language: enough to write a filter with.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterLanguage {
    /// What a filter is.
    pub summary: String,
    /// Every facet of the long dialect.
    pub facets: Vec<FacetDescription>,
    /// What stands at a facet of each kind.
    pub kinds: BTreeMap<String, String>,
    /// How the values of a facet are joined.
    pub wrappers: BTreeMap<String, String>,
    /// How text is compared.
    pub modes: BTreeMap<String, String>,
    /// The short dialect: keys beside `contact` and `account`. Each is an any.include.
    pub short: Vec<ShortKey>,
    /// Names of regions that a place can be, beside countries, states and cities.
    pub regions: Vec<String>,
    /// Departments that are known under many names, in several languages; others are compared as they are written.
    pub departments: Vec<String>,
    pub limits: FilterLimits,
    /// Parts of the language that no catalog has data for: a filter with them is refused.
    pub unavailable: Vec<Unavailable>,
}

/// One facet of the long dialect.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FacetDescription {
    /// Where it stands, such as `contact.experience.current.title`.
    pub path: String,
    pub about: String,
    /// In which searches it can stand. In a search for people, `account` is about the current company.
    #[serde(rename = "for")]
    pub searches: Vec<EntityKind>,
    /// What stands there: a key of `kinds`.
    pub kind: String,
    /// In which wrappers it can stand: keys of `wrappers`.
    pub wrappers: Vec<String>,
    /// Whether the value can stand without a wrapper, which is an any.include.
    pub bare: bool,
    /// How its text can be compared: keys of `modes`.
    pub modes: Vec<String>,
    /// All legal values, when these are a closed set.
    #[schema(required)]
    pub values: Option<Vec<String>>,
    /// Where a keyword can be looked for.
    #[schema(required)]
    pub sources: Option<Vec<String>>,
    /// The most values of one list.
    #[schema(required)]
    pub max_values: Option<usize>,
    /// A whole filter with this facet.
    #[schema(value_type = Object)]
    pub example: Value,
}

/// A key of the short dialect, or of `lists`, the records to leave out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShortKey {
    pub path: String,
    pub about: String,
    #[serde(rename = "for")]
    pub searches: Vec<EntityKind>,
    /// A whole filter with this key.
    #[schema(value_type = Object)]
    pub example: Value,
}

/// Bounds of every filter; what lies outside is refused with its path.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FilterLimits {
    /// Levels of objects and arrays below the filter.
    pub depth: usize,
    /// Values of one list.
    pub values: usize,
    /// Values of one list of ids, domains or companies.
    pub ids: usize,
    /// Characters of one value.
    pub characters: usize,
    /// Days that `updatedWithinDays` looks back.
    pub days: i64,
    /// Kilometres of a radius.
    pub kilometres: f64,
}

/// A part of the language without data.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Unavailable {
    pub path: String,
    pub message: String,
}

/// Describes the language. The catalog knows the names of the `regions` and `departments`.
#[must_use]
pub fn describe(regions: Vec<String>, departments: Vec<String>) -> FilterLanguage {
    let mut facets = Vec::new();
    let mut unavailable = Vec::new();
    part("contact", &CONTACT, &[EntityKind::Person], &mut facets, &mut unavailable);
    part("account", &ACCOUNT, &EntityKind::ALL, &mut facets, &mut unavailable);
    FilterLanguage {
        summary: SUMMARY.to_owned(),
        facets,
        kinds: texts(&kinds()),
        wrappers: texts(&WRAPPERS.map(|(name, text)| (name, text.to_owned()))),
        modes: texts(&MODES.map(|(mode, text)| (mode.name(), text.to_owned()))),
        short: short::KEYS.iter().chain(&LISTS).map(ShortKey::from).collect(),
        regions,
        departments,
        limits: FilterLimits {
            depth: MAX_DEPTH,
            values: MAX_VALUES,
            ids: MAX_IDS,
            characters: MAX_VALUE_CHARS,
            days: MAX_DAYS,
            kilometres: MAX_RADIUS_KM,
        },
        unavailable,
    }
}

const SUMMARY: &str = "A filter is an object with the keys `contact` (about the person), `account` (about the \
company), `lists` (records to leave out) and those of the short dialect. Everything that is given must hold; an empty \
filter finds everything, and an empty list counts as not given. Text is compared without regard to case and accents. \
Keys that are not described here are refused, never ignored.";

const WRAPPERS: [(&str, &str); 4] = [
    ("any.include", "One of the values at least."),
    ("any.exclude", "None of the values."),
    ("all.include", "All values."),
    ("all.exclude", "Not all values at once."),
];

const MODES: [(Mode, &str); 3] = [
    (
        Mode::Smart,
        "All significant words in any order, whatever their ending. Titles are compared with knowledge of roles: CTO is \
         chief technology officer, VP vice president. The default.",
    ),
    (Mode::Word, "The words next to each other, in that order."),
    (Mode::Strict, "The whole value."),
];

const LISTS: [Key; 2] = [
    Key {
        path: "lists.person_id.exclude",
        about: "Ids of people who are not found.",
        is_about_people: true,
        example: r#"["0a000000-0000-4000-8000-000000000001"]"#,
    },
    Key {
        path: "lists.company_id.exclude",
        about: "Ids of companies that are not found, nor the people whose current company they are.",
        is_about_people: false,
        example: r#"["0c000000-0000-4000-8000-000000000001"]"#,
    },
];

/// A key of the short dialect, as the table has it.
pub(super) struct Key {
    pub path: &'static str,
    pub about: &'static str,
    /// Whether it is unknown to searches for companies.
    pub is_about_people: bool,
    /// A value at the path, as JSON.
    pub example: &'static str,
}

impl From<&Key> for ShortKey {
    fn from(key: &Key) -> Self {
        let searches: &[EntityKind] =
            if key.is_about_people { &[EntityKind::Person] } else { &EntityKind::ALL };
        Self {
            path: key.path.to_owned(),
            about: key.about.to_owned(),
            searches: searches.to_vec(),
            example: under(key.path.split('.').rev(), key.example),
        }
    }
}

/// What stands at the facets of each kind.
fn kinds() -> [(&'static str, String); 10] {
    [
        ("text", "A list of texts, or `{\"mode\":\"SMART|WORD|STRICT\",\"content\":[…]}`.".to_owned()),
        ("plain", "A list of texts that are compared as a whole, or as what they name.".to_owned()),
        (
            "keyword",
            "A list of texts, `{\"mode\":…,\"content\":[…]}`, or \
             `{\"sources\":[{\"mode\":…,\"source\":…}],\"content\":[…]}`; without sources all are looked at."
                .to_owned(),
        ),
        (
            "range",
            format!(
                "`{{\"type\":\"{}\",\"range\":[{{\"start\":n,\"end\":n}}]}}`, or one band alone: \
                 `{{\"start\":n,\"end\":n}}`. Bounds belong to it, a missing one is open; ALL asks for any value, \
                 NONE for none.",
                TYPES.join("|")
            ),
        ),
        ("duration", "`{\"min\":{\"year\":n,\"month\":n},\"max\":{…}}`, at least one of the two.".to_owned()),
        (
            "years",
            "`{\"start\":2010,\"end\":\"2014-06\",\"present\":true}`; of a date the year counts.".to_owned(),
        ),
        ("dates", "`{\"start\":\"2023-01-01\",\"end\":\"2024-06-30\"}`.".to_owned()),
        (
            "circle",
            format!(
                "`{{\"position\":{{\"lat\":n,\"lng\":n}},\"radius\":n,\"unit\":\"{}\"}}`; km unless said.",
                UNITS.join("|")
            ),
        ),
        ("boolean", "`true` or `false`.".to_owned()),
        ("integer", format!("A whole number from 1 to {MAX_DAYS}.")),
    ]
}

fn texts(pairs: &[(&str, String)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect()
}

/// Describes the facets of one part, and names those without data.
fn part<F>(
    name: &str,
    entries: &[Entry<F>],
    searches: &[EntityKind],
    facets: &mut Vec<FacetDescription>,
    unavailable: &mut Vec<Unavailable>,
) {
    for entry in entries {
        let path = format!("{name}.{}", entry.path.join("."));
        if matches!(entry.shape, Shape::NoData) {
            unavailable.push(Unavailable { path, message: NO_DATA.to_owned() });
            continue;
        }
        let example = under(entry.path.iter().rev().copied().chain([name]), entry.example);
        facets.push(facet(path, entry, searches, example));
    }
}

fn facet<F>(path: String, entry: &Entry<F>, searches: &[EntityKind], example: Value) -> FacetDescription {
    let shape = &entry.shape;
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let has_modes = matches!(shape, Shape::Text(_) | Shape::Keyword(..));
    FacetDescription {
        path,
        about: entry.about.to_owned(),
        searches: searches.to_vec(),
        kind: kind(shape).to_owned(),
        wrappers: if shape.is_wrapped() { owned(&WRAPPERS.map(|(name, _)| name)) } else { Vec::new() },
        bare: shape.can_be_bare(),
        modes: if has_modes { owned(&Mode::NAMES) } else { Vec::new() },
        values: match shape {
            Shape::Plain(Set::Of(names), _) => Some(owned(names)),
            Shape::Plain(Set::Networks, _) => Some(owned(&NETWORKS)),
            _ => None,
        },
        sources: if let Shape::Keyword(names, _) = shape { Some(owned(names)) } else { None },
        max_values: match shape {
            Shape::Plain(Set::Ids, _) => Some(MAX_IDS),
            Shape::Text(_) | Shape::Plain(..) | Shape::Keyword(..) | Shape::Range(_) => Some(MAX_VALUES),
            _ => None,
        },
        example,
    }
}

/// The kind of a facet: a key of [`FilterLanguage::kinds`].
const fn kind<F>(shape: &Shape<F>) -> &'static str {
    match shape {
        Shape::Text(_) => "text",
        Shape::Plain(..) | Shape::NoData => "plain",
        Shape::Keyword(..) => "keyword",
        Shape::Range(_) => "range",
        Shape::Months(_) => "duration",
        Shape::Years(_) => "years",
        Shape::Days(_) => "dates",
        Shape::Circle(_) => "circle",
        Shape::Flag(_) => "boolean",
        Shape::Count(_) => "integer",
    }
}

/// The value that `json` writes, below these keys, the innermost first.
fn under<'k>(keys: impl Iterator<Item = &'k str>, json: &str) -> Value {
    // A test reads every example: none is broken.
    let value = serde_json::from_str(json).unwrap_or_default();
    keys.fold(value, |value, key| Value::Object(Map::from_iter([(key.to_owned(), value)])))
}
