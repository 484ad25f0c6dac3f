//! Completing what is being typed: which values records have, and what fits the text so far. This is what
//! suggestions mean; it looks at every record, and an engine may know a shorter way to the same answer.

use crate::facts;
use crate::search::{Catalog, CatalogError, Page, Search, Sort, Suggest, Suggestion, Window};
use crate::text::fold;
use sluice_model::filter::Filter;
use sluice_model::{Company, Person, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// How many records are looked at in one go.
const BATCH: usize = 1_000;

/// The suggestions of a catalog that has no shorter way to them.
pub(crate) async fn by_looking_at_all<C: Catalog + ?Sized>(
    catalog: &C,
    what: Suggest,
    text: &str,
    offset: usize,
    limit: usize,
) -> Result<Page<Suggestion>, CatalogError> {
    let mut found = Suggestions::new(what, text);
    let batch = |rank| Search {
        filter: Filter::default(),
        ids: None,
        window: Window::Below { rank, limit: BATCH },
        count: false,
        sort: Sort::Rank,
        now: Time::from_millis(0),
    };
    let mut rank = None;
    while what.is_of_people() {
        let page = catalog.search_people(batch(rank)).await?;
        for hit in &page.hits {
            found.person(&hit.person, hit.company.as_ref().and_then(|company| company.name.as_deref()));
        }
        rank = page.hits.last().map(|hit| hit.rank);
        if rank.is_none() {
            break;
        }
    }
    let mut rank = None;
    while what.is_of_companies() {
        let page = catalog.search_companies(batch(rank)).await?;
        page.hits.iter().for_each(|hit| found.company(&hit.company));
        rank = page.hits.last().map(|hit| hit.rank);
        if rank.is_none() {
            break;
        }
    }
    Ok(found.page(offset, limit))
}

impl Suggest {
    const fn is_of_people(self) -> bool {
        !matches!(self, Self::Industry | Self::Keyword | Self::Technology)
    }

    const fn is_of_companies(self) -> bool {
        matches!(self, Self::Industry | Self::Keyword | Self::Technology | Self::Company | Self::Location)
    }
}

/// How well a value fits, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The value begins with the text.
    Whole,
    /// A word of the value does.
    Word,
    /// The beginning of a word is the text but for a slip or two.
    Typo,
}

/// What tells two suggestions apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Text(String, Option<&'static str>),
    Record(Uuid),
}

#[derive(Default)]
struct Found {
    fit: Option<Fit>,
    count: u64,
    /// How often the value is written in each way.
    spellings: BTreeMap<String, u64>,
    detail: Option<String>,
}

/// Gathers suggestions from records that come in any order, each once.
pub(crate) struct Suggestions {
    what: Suggest,
    text: String,
    found: HashMap<Key, Found>,
}

impl Suggestions {
    pub(crate) fn new(what: Suggest, text: &str) -> Self {
        Self { what, text: fold(text.trim()), found: HashMap::new() }
    }

    /// Looks at a person; `company` is the name of the company they work in.
    pub(crate) fn person(&mut self, person: &Person, company: Option<&str>) {
        let schools = || person.educations.iter();
        match self.what {
            Suggest::Skill => self.texts(person.skills.iter().map(String::as_str)),
            Suggest::Headline => self.texts(person.headline.as_deref()),
            Suggest::Degree => self.texts(schools().filter_map(|school| school.degree_name.as_deref())),
            Suggest::FieldOfStudy => {
                self.texts(schools().filter_map(|school| school.field_of_study.as_deref()));
            }
            Suggest::School => self.texts(schools().filter_map(|school| school.institution.name.as_deref())),
            Suggest::Language => self.texts(person.languages.iter().map(|known| known.language.as_str())),
            Suggest::Title => self.texts(facts::current_titles(person)),
            Suggest::Location => {
                self.places([person.city.as_deref(), person.state.as_deref(), person.country.as_deref()]);
            }
            Suggest::Person => {
                let work: Vec<&str> = facts::latest_title(person).into_iter().chain(company).collect();
                self.record(person.id, &person.full_name(), 1, Some(work.join(", ")));
            }
            Suggest::Company => {
                // Its own record brings the name.
                if let Some(id) = person.company_id {
                    self.found.entry(Key::Record(id)).or_default().count += 1;
                }
            }
            Suggest::Industry | Suggest::Keyword | Suggest::Technology => {}
        }
    }

    /// Looks at a company.
    pub(crate) fn company(&mut self, company: &Company) {
        let office = &company.location.headquarter;
        match self.what {
            Suggest::Industry => self.texts(company.industry.as_deref()),
            Suggest::Keyword => self.texts(company.keywords.iter().map(String::as_str)),
            Suggest::Technology => self.texts(company.technologies.iter().map(String::as_str)),
            Suggest::Location => self.places([
                office.city.as_deref().or(company.city.as_deref()),
                office.state.as_deref(),
                office.country.as_deref().or(company.country.as_deref()),
            ]),
            Suggest::Company => {
                let name = company.name.as_deref().unwrap_or_default();
                self.record(company.id, name, 0, company.domain.clone());
            }
            _ => {}
        }
    }

    fn texts<'v>(&mut self, values: impl IntoIterator<Item = &'v str>) {
        // A record counts once for a value, however often it has it.
        let mut seen = BTreeSet::new();
        for value in values {
            self.text(value, None, &mut seen);
        }
    }

    fn places(&mut self, levels: [Option<&str>; 3]) {
        for (value, level) in levels.into_iter().zip(["city", "state", "country"]) {
            if let Some(value) = value {
                self.text(value, Some(level), &mut BTreeSet::new());
            }
        }
    }

    fn text(&mut self, value: &str, level: Option<&'static str>, seen: &mut BTreeSet<String>) {
        let folded = fold(value.trim());
        let Some(fit) = fit(&self.text, &folded) else { return };
        if seen.insert(folded.clone()) {
            let found = self.found.entry(Key::Text(folded, level)).or_default();
            found.fit = Some(fit);
            found.count += 1;
            found.detail = level.map(str::to_owned);
            *found.spellings.entry(value.trim().to_owned()).or_default() += 1;
        }
    }

    fn record(&mut self, id: Uuid, name: &str, count: u64, detail: Option<String>) {
        let found = self.found.entry(Key::Record(id)).or_default();
        found.fit = fit(&self.text, &fold(name));
        found.count += count;
        found.detail = detail.filter(|detail| !detail.is_empty());
        *found.spellings.entry(name.to_owned()).or_default() += 1;
    }

    /// The suggestions in order: the best fit first, then the most frequent.
    pub(crate) fn page(self, offset: usize, limit: usize) -> Page<Suggestion> {
        let mut all: Vec<(Fit, Key, Suggestion)> = Vec::new();
        for (key, found) in self.found {
            let spelling =
                found.spellings.into_iter().max_by_key(|(value, count)| (*count, Reverse(value.clone())));
            if let Some((fit, (value, _))) = found.fit.zip(spelling) {
                let id = if let Key::Record(id) = key { Some(id) } else { None };
                all.push((fit, key, Suggestion { value, count: found.count, id, detail: found.detail }));
            }
        }
        all.sort_by_cached_key(|(fit, key, suggestion)| {
            (*fit, Reverse(suggestion.count), fold(&suggestion.value), key.clone())
        });
        let total = Some(all.len() as u64);
        let hits = all.into_iter().skip(offset).take(limit).map(|(_, _, suggestion)| suggestion).collect();
        Page { hits, total }
    }
}

/// How a value fits the text; both are folded. Nothing fits an empty value, and every other value the empty text.
fn fit(text: &str, value: &str) -> Option<Fit> {
    if value.is_empty() {
        return None;
    }
    if value.starts_with(text) {
        return Some(Fit::Whole);
    }
    let slips = match text.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    let mut best = None;
    let mut before = ' ';
    for (at, letter) in value.char_indices() {
        if letter.is_alphanumeric() && !before.is_alphanumeric() {
            let rest = value.get(at..).unwrap_or_default();
            if rest.starts_with(text) {
                return Some(Fit::Word);
            }
            if slips > 0 && distance_to_a_beginning(text, rest, slips) <= slips {
                best = Some(Fit::Typo);
            }
        }
        before = letter;
    }
    best
}

/// The least number of letters to change, add or leave out that makes the text a beginning of the value
/// (Levenshtein's distance, Sellers' way). Beginnings longer than the text by more than `slips` cannot be nearer.
fn distance_to_a_beginning(text: &str, value: &str, slips: usize) -> usize {
    let text: Vec<char> = text.chars().collect();
    // For each beginning of the text, its distance to the beginning of the value read so far.
    let mut row: Vec<usize> = (0..=text.len()).collect();
    let mut least = row.last().copied().unwrap_or_default();
    for letter in value.chars().take(text.len() + slips) {
        let mut diagonal = row.first().copied().unwrap_or_default();
        let mut left = diagonal + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (wanted, cell) in text.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(*wanted != letter)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        least = least.min(left);
    }
    least
}

#[cfg(test)]
mod tests {
    use super::{Fit, Suggestions, distance_to_a_beginning, fit};
    use crate::search::{Suggest, Suggestion};
    use sluice_model::person::{Education, Institution, LanguageSkill};
    use sluice_model::{Company, Person};
    use uuid::Uuid;

    #[test]
    fn how_values_fit() {
        for (text, value, expected) in [
            ("", "rust", Some(Fit::Whole)),
            ("", "", None),
            ("rus", "rust", Some(Fit::Whole)),
            ("learning", "machine learning", Some(Fit::Word)),
            ("learning", "machine-learning", Some(Fit::Word)),
            ("machine lea", "machine learning", Some(Fit::Whole)),
            ("earning", "machine learning", Some(Fit::Typo)),
            ("chine", "machine learning", None),
            // No slip in three letters, one in four to seven, two in more.
            ("rsu", "rust", None),
            ("rast", "rust", Some(Fit::Typo)),
            ("kubr", "kubernetes", Some(Fit::Typo)),
            ("kbbr", "kubernetes", None),
            ("kubarn", "kubernetes", Some(Fit::Typo)),
            ("kubarnat", "kubernetes", Some(Fit::Typo)),
            ("kobarnat", "kubernetes", None),
            ("kobarne", "kubernetes", None),
            ("postgras", "advanced postgresql", Some(Fit::Typo)),
            ("python", "rust", None),
        ] {
            assert_eq!(fit(text, value), expected, "{text} in {value}");
        }
    }

    #[test]
    fn distances() {
        for (text, value, expected) in [
            ("abcd", "abcdef", 0),
            ("abcd", "abxd", 1),
            ("abcd", "acd", 1),
            ("abcd", "abbcd", 1),
            ("abcd", "", 4),
        ] {
            assert_eq!(distance_to_a_beginning(text, value, 2), expected, "{text} {value}");
        }
    }

    fn person(number: u128, change: impl FnOnce(&mut Person)) -> Person {
        let mut person = Person {
            id: Uuid::from_u128(number),
            first_name: "Ann".to_owned(),
            last_name: format!("Lee {number}"),
            ..Person::default()
        };
        change(&mut person);
        person
    }

    fn company(number: u128, name: &str, change: impl FnOnce(&mut Company)) -> Company {
        let mut company =
            Company { id: Uuid::from_u128(number), name: Some(name.to_owned()), ..Company::default() };
        change(&mut company);
        company
    }

    fn records() -> (Vec<Person>, Vec<Company>) {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let people = vec![
            person(1, |person| {
                person.skills = words(&["Rust", "rust", "PostgreSQL"]);
                person.headline = Some("CTO at Acme".to_owned());
                person.job_title = Some("CTO".to_owned());
                person.company_id = Some(Uuid::from_u128(11));
                person.city = Some("Bern".to_owned());
                person.country = Some("Switzerland".to_owned());
            }),
            person(2, |person| {
                person.skills = words(&["RUST", "Trust building"]);
                person.company_id = Some(Uuid::from_u128(11));
                person.city = Some("Berne".to_owned());
                person.educations = vec![Education {
                    institution: Institution {
                        name: Some("ETH Zürich".to_owned()),
                        ..Institution::default()
                    },
                    degree_name: Some("MSc".to_owned()),
                    field_of_study: Some("Physics".to_owned()),
                    ..Education::default()
                }];
            }),
            person(3, |person| {
                person.skills = words(&["RUST", "Runes"]);
                person.languages = vec![LanguageSkill { language: "Rumantsch".to_owned(), level: None }];
            }),
        ];
        let companies = vec![
            company(11, "Acme", |company| {
                company.domain = Some("acme.example".to_owned());
                company.industry = Some("Software".to_owned());
                company.keywords = words(&["rust proofing"]);
                company.technologies = words(&["Rust"]);
                company.city = Some("Bern".to_owned());
            }),
            company(12, "Acme Tools", |_| {}),
        ];
        (people, companies)
    }

    fn suggested(what: Suggest, text: &str, offset: usize, limit: usize) -> (Vec<Suggestion>, Option<u64>) {
        let (people, companies) = records();
        let mut suggestions = Suggestions::new(what, text);
        people.iter().for_each(|person| suggestions.person(person, Some("Acme")));
        companies.iter().for_each(|company| suggestions.company(company));
        let page = suggestions.page(offset, limit);
        (page.hits, page.total)
    }

    fn value(value: &str, count: u64) -> Suggestion {
        Suggestion { value: value.to_owned(), count, id: None, detail: None }
    }

    #[test]
    fn each_kind_comes_from_its_field() {
        for (what, text, expected) in [
            (Suggest::Skill, "ru", vec![value("RUST", 3), value("Runes", 1)]),
            (Suggest::Skill, "rust", vec![value("RUST", 3), value("Trust building", 1)]),
            (Suggest::Skill, "rusty", vec![value("RUST", 3)]),
            (Suggest::Headline, "acme", vec![value("CTO at Acme", 1)]),
            (Suggest::Degree, "m", vec![value("MSc", 1)]),
            (Suggest::FieldOfStudy, "", vec![value("Physics", 1)]),
            (Suggest::School, "zur", vec![value("ETH Zürich", 1)]),
            (Suggest::Language, "rumansch", vec![value("Rumantsch", 1)]),
            (Suggest::Title, "c", vec![value("CTO", 1)]),
            (Suggest::Industry, "soft", vec![value("Software", 1)]),
            (Suggest::Keyword, "proof", vec![value("rust proofing", 1)]),
            (Suggest::Technology, "rust", vec![value("Rust", 1)]),
        ] {
            let total = expected.len() as u64;
            assert_eq!(suggested(what, text, 0, 10), (expected, Some(total)), "{what:?} {text}");
        }
    }

    #[test]
    fn places_are_told_apart_by_their_level() {
        let place = |name: &str, count, level: &str| Suggestion {
            detail: Some(level.to_owned()),
            ..value(name, count)
        };
        assert_eq!(
            suggested(Suggest::Location, "", 0, 10).0,
            [place("Bern", 2, "city"), place("Berne", 1, "city"), place("Switzerland", 1, "country")]
        );
    }

    #[test]
    fn records_are_suggested_one_by_one() {
        let of = |name: &str, count, id, detail: Option<&str>| Suggestion {
            value: name.to_owned(),
            count,
            id: Some(Uuid::from_u128(id)),
            detail: detail.map(str::to_owned),
        };
        assert_eq!(
            suggested(Suggest::Company, "acme", 0, 10).0,
            [of("Acme", 2, 11, Some("acme.example")), of("Acme Tools", 0, 12, None)]
        );
        assert_eq!(
            suggested(Suggest::Person, "lee", 0, 10).0,
            [
                of("Ann Lee 1", 1, 1, Some("CTO, Acme")),
                of("Ann Lee 2", 1, 2, Some("Acme")),
                of("Ann Lee 3", 1, 3, Some("Acme"))
            ]
        );
        let (second, total) = suggested(Suggest::Person, "ann", 1, 1);
        assert_eq!((second, total), (vec![of("Ann Lee 2", 1, 2, Some("Acme"))], Some(3)));
    }
}
