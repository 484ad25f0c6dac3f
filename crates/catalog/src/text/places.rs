//! Places: countries, regions of the world, states and cities under all their names.
//!
//! An address becomes tokens: `c:de` (country), `s:de-by` (state), `t:munich` (town). A name that the data
//! files do not know stands for itself, folded.

use super::{column, rows};
use rustc_hash::FxHashMap;
use sluice_model::filter::Level;
use sluice_model::text::words;
use std::sync::LazyLock;

static COUNTRIES: &str = include_str!("../../data/countries.tsv");
static REGIONS: &str = include_str!("../../data/regions.tsv");
static STATES: &str = include_str!("../../data/states.tsv");
static CITIES: &str = include_str!("../../data/cities.tsv");

/// The part of an address that filters look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Address<'a> {
    pub country: Option<&'a str>,
    pub state: Option<&'a str>,
    pub city: Option<&'a str>,
}

/// What a place in a filter asks for: an address fits when it has one of `any`, or one of each of `parts`
/// (`Austin, Texas`: the town and the state), if there are parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceQuery {
    pub any: Vec<String>,
    pub parts: Vec<Vec<String>>,
}

impl PlaceQuery {
    /// Whether an address with these tokens fits.
    #[must_use]
    pub fn fits(&self, tokens: &[String]) -> bool {
        let one_of = |wanted: &[String]| wanted.iter().any(|token| tokens.contains(token));
        one_of(&self.any) || (!self.parts.is_empty() && self.parts.iter().all(|part| one_of(part)))
    }
}

/// The names of the regions of the world that a place in a filter can be, as the data file writes them first.
#[must_use]
pub fn region_names() -> Vec<String> {
    let name = |row: Vec<&'static str>| column(&row, 0).split(';').next().map(str::to_owned);
    rows(REGIONS).filter_map(name).collect()
}

struct State {
    country: String,
    token: String,
    code: String,
}

#[derive(Default)]
struct Atlas {
    /// Name or code → code in lower case.
    countries: FxHashMap<String, String>,
    /// Name → codes in lower case.
    regions: FxHashMap<String, Vec<String>>,
    states: Vec<State>,
    /// Name or code → indexes of states.
    state_names: FxHashMap<String, Vec<usize>>,
    /// Name → canonical name.
    cities: FxHashMap<String, String>,
}

static ATLAS: LazyLock<Atlas> = LazyLock::new(read);

fn read() -> Atlas {
    let mut atlas = Atlas::default();
    for row in rows(COUNTRIES) {
        let code = column(&row, 0).to_lowercase();
        atlas.countries.insert(code.clone(), code.clone());
        for name in column(&row, 1).split(';') {
            atlas.countries.insert(place_key(name), code.clone());
        }
    }
    for row in rows(REGIONS) {
        let mut codes = Vec::new();
        for part in column(&row, 1).split_whitespace() {
            match part.strip_prefix('=') {
                Some(region) => {
                    let name = place_key(region);
                    let found = atlas.regions.iter().find(|(key, _)| key.replace(' ', "") == name);
                    codes.extend(found.map(|(_, codes)| codes.clone()).unwrap_or_default());
                }
                None => codes.push(part.to_lowercase()),
            }
        }
        codes.sort();
        codes.dedup();
        for name in column(&row, 0).split(';') {
            atlas.regions.insert(place_key(name), codes.clone());
        }
    }
    for row in rows(STATES) {
        let (country, code) = (column(&row, 0).to_lowercase(), column(&row, 1).to_lowercase());
        let index = atlas.states.len();
        let mut names: Vec<String> = column(&row, 2).split(';').map(place_key).collect();
        names.extend([code.clone(), format!("{country} {code}")]);
        for name in names {
            atlas.state_names.entry(name).or_default().push(index);
        }
        atlas.states.push(State { token: format!("s:{country}-{code}"), country, code });
    }
    for row in rows(CITIES) {
        let names: Vec<String> = column(&row, 0).split(';').map(place_key).collect();
        if let Some(canonical) = names.first() {
            for name in &names {
                atlas.cities.insert(name.clone(), canonical.clone());
            }
        }
    }
    atlas
}

/// The name of a place for comparison: its words, folded.
#[must_use]
pub fn place_key(name: &str) -> String {
    words(name).join(" ")
}

/// The ISO 3166-1 code of a country by any of its names or codes.
#[must_use]
pub fn country_code(name: &str) -> Option<String> {
    ATLAS.countries.get(&place_key(name)).map(|code| code.to_uppercase())
}

/// The tokens of an address.
#[must_use]
pub fn place_tokens(address: Address<'_>) -> Vec<String> {
    let atlas = &*ATLAS;
    let key = |name: Option<&str>| name.map(place_key).filter(|key| !key.is_empty());
    let mut out = Vec::new();
    let mut country = None;
    if let Some(name) = key(address.country) {
        if let Some(code) = atlas.countries.get(&name) {
            out.push(format!("c:{code}"));
            country = Some(code.clone());
        } else if let Some(state) = atlas.states_named(&name).next() {
            // "England" as a country: a part of one.
            out.extend([format!("c:{}", state.country), state.token.clone()]);
            country = Some(state.country.clone());
        } else {
            out.push(format!("c:{name}"));
        }
    }
    if let Some(name) = key(address.state) {
        let known = atlas
            .states_called(&name)
            .find(|state| country.as_ref().is_none_or(|country| *country == state.country));
        out.push(known.map_or_else(|| format!("s:{name}"), |state| state.token.clone()));
    }
    out.extend(key(address.city).map(|name| atlas.city(&name)));
    out.sort();
    out.dedup();
    out
}

/// What the name of a place asks for. At [`Level::Any`] a name stands for all that it may mean ("New York":
/// the town or the state), a code of two letters for the country before the state ("CA" is Canada; "Fresno, CA"
/// or "US-CA" tell). A list with commas whose whole is no known place asks for all its parts.
#[must_use]
pub fn place_query(level: Level, value: &str) -> PlaceQuery {
    let atlas = &*ATLAS;
    let key = place_key(value);
    if key.is_empty() {
        return PlaceQuery::default();
    }
    match level {
        Level::Country => PlaceQuery { any: atlas.country(&key), parts: Vec::new() },
        Level::State => {
            let mut any: Vec<String> = atlas.states_called(&key).map(|state| state.token.clone()).collect();
            any.push(format!("s:{key}"));
            PlaceQuery { any, parts: Vec::new() }
        }
        Level::City => PlaceQuery { any: vec![atlas.city(&key)], parts: Vec::new() },
        Level::Any => {
            let known = atlas.countries.contains_key(&key) || atlas.regions.contains_key(&key);
            let parts: Vec<&str> = value.split(',').filter(|part| !place_key(part).is_empty()).collect();
            let parts = if parts.len() > 1 && !known {
                parts.iter().map(|part| atlas.anything(&place_key(part), true)).collect()
            } else {
                Vec::new()
            };
            PlaceQuery { any: atlas.anything(&key, false), parts }
        }
    }
}

impl Atlas {
    /// States by name or code.
    fn states_called(&self, key: &str) -> impl Iterator<Item = &State> {
        self.state_names.get(key).into_iter().flatten().filter_map(|index| self.states.get(*index))
    }

    /// States by name only.
    fn states_named(&self, key: &str) -> impl Iterator<Item = &State> {
        self.states_called(key).filter(move |state| state.code != key)
    }

    fn city(&self, key: &str) -> String {
        format!("t:{}", self.cities.get(key).map_or(key, String::as_str))
    }

    fn country(&self, key: &str) -> Vec<String> {
        let mut out = Vec::new();
        out.extend(self.countries.get(key).map(|code| format!("c:{code}")));
        out.extend(self.regions.get(key).into_iter().flatten().map(|code| format!("c:{code}")));
        if out.is_empty() {
            out.extend(self.states_named(key).map(|state| state.token.clone()));
            out.push(format!("c:{key}"));
        }
        out.sort();
        out.dedup();
        out
    }

    /// All that a name may mean; `codes` says whether a state's code alone counts beside a country's.
    fn anything(&self, key: &str, codes: bool) -> Vec<String> {
        let country = self.countries.get(key);
        let mut out = self.country(key);
        if codes || country.is_none() {
            out.extend(self.states_called(key).map(|state| state.token.clone()));
        } else {
            out.extend(self.states_named(key).map(|state| state.token.clone()));
        }
        out.push(format!("s:{key}"));
        out.push(self.city(key));
        out.sort();
        out.dedup();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{ATLAS, Address, CITIES, COUNTRIES, REGIONS, STATES, place_key, place_query, place_tokens};
    use crate::text::{column, rows};
    use sluice_model::filter::Level;
    use std::collections::BTreeMap;

    #[test]
    fn no_name_is_of_two_places_of_a_kind() {
        // Names of states are told apart by their country.
        for (file, of, names) in [(COUNTRIES, 0, 1), (REGIONS, 0, 0), (CITIES, 0, 0), (STATES, 1, 2)] {
            let mut seen = BTreeMap::new();
            for row in rows(file) {
                for name in column(&row, names).split(';') {
                    let country = if of == 1 { column(&row, 0) } else { "" };
                    let other = seen.insert((country, place_key(name)), column(&row, of));
                    assert!(!place_key(name).is_empty(), "a name of {row:?} has no word");
                    assert!(other.is_none_or(|other| other == column(&row, of)), "{name}: {other:?} too");
                }
            }
        }
    }

    #[test]
    fn every_country_has_a_code_of_three_letters() {
        let three = |name: &str| name.len() == 3 && name.bytes().all(|b| b.is_ascii_uppercase());
        for row in rows(COUNTRIES) {
            assert_eq!(column(&row, 0).len(), 2);
            assert!(column(&row, 1).split(';').any(three), "{row:?}");
        }
    }

    #[test]
    fn regions_name_known_countries_only() {
        for (name, codes) in &ATLAS.regions {
            assert!(codes.len() > 1, "{name} is no region");
            for code in codes {
                assert!(ATLAS.countries.contains_key(code), "{name} has {code}");
            }
        }
    }

    #[test]
    fn one_place_under_many_names() {
        let at = |country: &'static str, state: &'static str, city: &'static str| {
            let some = |text: &'static str| (!text.is_empty()).then_some(text);
            Address { country: some(country), state: some(state), city: some(city) }
        };
        for (level, value, address, fits) in [
            (Level::Country, "Germany", at("DE", "", ""), true),
            (Level::Country, "Germany", at("Deutschland", "", ""), true),
            (Level::Any, "DE", at("Germany", "", ""), true),
            (Level::Any, "DE", at("US", "DE", ""), false),
            (Level::Any, "DACH", at("Österreich", "", "Wien"), true),
            (Level::Any, "EMEA", at("Kenya", "", ""), true),
            (Level::Any, "EMEA", at("France", "", ""), true),
            (Level::Any, "Europe", at("United Kingdom", "", ""), true),
            (Level::Any, "EU", at("United Kingdom", "", ""), false),
            (Level::Any, "APAC", at("Japan", "", ""), true),
            (Level::Any, "LATAM", at("México", "", ""), true),
            (Level::Any, "Nordics", at("SE", "", ""), true),
            (Level::Country, "USA", at("United States", "", ""), true),
            (Level::Country, "uk", at("England", "", ""), true),
            (Level::Any, "Scotland", at("England", "", ""), false),
            (Level::Any, "Scotland", at("GB", "Scotland", ""), true),
            (Level::State, "California", at("US", "CA", ""), true),
            (Level::State, "CA", at("United States", "California", ""), true),
            (Level::Any, "CA", at("United States", "California", ""), false),
            (Level::Any, "US-CA", at("United States", "California", ""), true),
            (Level::Any, "Fresno, CA", at("United States", "California", "Fresno"), true),
            (Level::Any, "Fresno, CA", at("United States", "Texas", "Fresno"), false),
            (Level::Any, "Munich, Germany", at("DE", "Bayern", "München"), true),
            (Level::Any, "Bavaria", at("DE", "Bayern", ""), true),
            (Level::Any, "BC", at("Canada", "British Columbia", ""), true),
            (Level::City, "Köln", at("", "", "Cologne"), true),
            (Level::City, "Berlin", at("DE", "Berlin", "Potsdam"), false),
            (Level::Any, "New York", at("US", "NY", "Buffalo"), true),
            (Level::Any, "New York", at("US", "", "New York City"), true),
            (Level::Any, "Georgia", at("GE", "", ""), true),
            (Level::Any, "Georgia", at("US", "GA", ""), true),
            (Level::Any, "Atlantis", at("Atlantis", "", ""), true),
            (Level::Any, "WA", at("Australia", "WA", "Perth"), true),
            (Level::State, "Washington", at("Australia", "WA", "Perth"), false),
            (Level::Any, "…", at("DE", "", ""), false),
            (Level::Any, "Washington, D.C.", at("US", "DC", "Washington"), true),
        ] {
            let tokens = place_tokens(address);
            assert_eq!(place_query(level, value).fits(&tokens), fits, "{level:?} {value} {tokens:?}");
        }
    }
}
