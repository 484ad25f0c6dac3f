//! Completing what is being typed: which values records have, and what fits the text so far. This is what
//! suggestions mean; it looks at every record, and an engine may know a shorter way to the same answer.

use crate::facts;
use crate::search::{Catalog, CatalogError, Page, Rank, Search, Sort, Suggest, Suggestion, Window};
use crate::text::{fold, words};
use sluice_model::filter::{CompanySource, Filter};
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
            found.person(&hit.person, hit.company.as_ref(), hit.rank);
        }
        rank = page.hits.last().map(|hit| hit.rank);
        if rank.is_none() {
            break;
        }
    }
    let mut rank = None;
    while what.is_of_companies() {
        let page = catalog.search_companies(batch(rank)).await?;
        page.hits.iter().for_each(|hit| found.company(&hit.company, hit.rank));
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
pub(crate) enum Fit {
    /// The value begins with the text; of names, a word does.
    Whole,
    /// A word of the value does.
    Word,
    /// The beginning of a word is the text but for a slip or two.
    Typo,
}

/// A value, with what tells it from others of the same text.
type Key = (String, Option<&'static str>);

/// A value of records.
struct Found {
    fit: Fit,
    count: u64,
    /// How often the value is written in each way.
    spellings: BTreeMap<String, u64>,
}

/// A company or a person. People who work in a company may come before it.
#[derive(Default)]
struct Named {
    fit: Option<Fit>,
    count: u64,
    rank: u64,
    value: String,
    detail: Option<String>,
}

/// Gathers suggestions from records that come in any order, each once.
pub(crate) struct Suggestions {
    what: Suggest,
    typed: String,
    text: String,
    found: HashMap<Key, Found>,
    named: HashMap<Uuid, Named>,
}

impl Suggestions {
    pub(crate) fn new(what: Suggest, text: &str) -> Self {
        Self {
            what,
            typed: text.to_owned(),
            text: fold(text.trim()),
            found: HashMap::new(),
            named: HashMap::new(),
        }
    }

    /// Looks at a person; `company` is the record of the company they work in.
    pub(crate) fn person(&mut self, person: &Person, company: Option<&Company>, rank: Rank) {
        let educations = || person.educations.iter();
        match self.what {
            Suggest::Skill => self.texts(person.skills.iter().map(String::as_str)),
            // Headlines are rarely alike: what they are made of is suggested.
            Suggest::Title | Suggest::Headline => self.texts(facts::current_titles(person)),
            Suggest::Degree => self.texts(educations().filter_map(|one| one.degree_name.as_deref())),
            Suggest::FieldOfStudy => self.texts(educations().filter_map(|one| one.field_of_study.as_deref())),
            Suggest::School => self.texts(educations().filter_map(|one| one.institution.name.as_deref())),
            Suggest::Language => self.texts(person.languages.iter().map(|known| known.language.as_str())),
            Suggest::Location => {
                self.places([person.city.as_deref(), person.state.as_deref(), person.country.as_deref()]);
            }
            Suggest::Person => {
                let fit = name_fit(&self.typed, &[&person.full_name()]);
                let named = self.named.entry(person.id).or_default();
                *named = Named {
                    fit,
                    count: 1,
                    rank: rank.0,
                    value: person.full_name(),
                    detail: facts::position(person, company),
                };
            }
            Suggest::Company => {
                // Its own record brings the name.
                if let Some(id) = person.company_id {
                    self.named.entry(id).or_default().count += 1;
                }
            }
            Suggest::Industry | Suggest::Keyword | Suggest::Technology => {}
        }
    }

    /// Looks at a company.
    pub(crate) fn company(&mut self, company: &Company, rank: Rank) {
        match self.what {
            Suggest::Industry => self.texts(company.industry.as_deref()),
            Suggest::Keyword => self.texts(company.keywords.iter().map(String::as_str)),
            Suggest::Technology => self.texts(company.technologies.iter().map(String::as_str)),
            Suggest::Location => self.places(facts::company_place_names(company)),
            Suggest::Company => {
                let fit = name_fit(&self.typed, &facts::company_texts(company, CompanySource::Name));
                let named = self.named.entry(company.id).or_default();
                named.fit = fit;
                named.rank = rank.0;
                named.value = company.name.clone().unwrap_or_default();
                named.detail.clone_from(&company.domain);
            }
            _ => {}
        }
    }

    fn texts<'v>(&mut self, values: impl IntoIterator<Item = &'v str>) {
        self.add(None, values.into_iter().collect());
    }

    fn places(&mut self, levels: [Option<&str>; 3]) {
        for (value, level) in levels.into_iter().zip(["city", "state", "country"]) {
            self.add(Some(level), value.into_iter().collect());
        }
    }

    /// Adds the values that one record has. It counts once for a value, however many ways it writes it in.
    fn add(&mut self, detail: Option<&'static str>, mut values: Vec<&str>) {
        values.sort_unstable();
        values.dedup();
        let mut counted = BTreeSet::new();
        for value in values {
            let folded = fold(value);
            let Some(fit) = fit(&self.text, &folded) else { continue };
            let found = self.found.entry((folded.clone(), detail)).or_insert_with(|| Found {
                fit,
                count: 0,
                spellings: BTreeMap::new(),
            });
            *found.spellings.entry(value.to_owned()).or_default() += 1;
            if counted.insert(folded) {
                found.count += 1;
            }
        }
    }

    /// The suggestions in order: the best fit first, then the most frequent.
    pub(crate) fn page(self, offset: usize, limit: usize) -> Page<Suggestion> {
        let all = if matches!(self.what, Suggest::Person | Suggest::Company) {
            self.names()
        } else {
            self.values()
        };
        let total = Some(all.len() as u64);
        Page { hits: all.into_iter().skip(offset).take(limit).collect(), total }
    }

    fn values(self) -> Vec<Suggestion> {
        let mut all: Vec<(Key, Found)> = self.found.into_iter().collect();
        all.sort_by(|(a, left), (b, right)| {
            (left.fit, Reverse(left.count), a).cmp(&(right.fit, Reverse(right.count), b))
        });
        let suggestion = |((_, detail), found): (Key, Found)| {
            let most = found.spellings.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)));
            Suggestion {
                value: most.map(|(value, _)| value.trim().to_owned()).unwrap_or_default(),
                count: found.count,
                id: None,
                detail: detail.map(str::to_owned),
            }
        };
        all.into_iter().map(suggestion).collect()
    }

    /// Companies with most people first, people by rank; those with a slip only when there is none without.
    fn names(self) -> Vec<Suggestion> {
        let best = self.named.values().filter_map(|named| named.fit).min();
        let by_count = self.what == Suggest::Company;
        let mut all: Vec<(Uuid, Named)> =
            self.named.into_iter().filter(|(_, named)| named.fit.is_some() && named.fit == best).collect();
        all.sort_by_key(|(id, named)| {
            (Reverse(if by_count { named.count } else { 0 }), Reverse(named.rank), *id)
        });
        let suggestion = |(id, named): (Uuid, Named)| Suggestion {
            value: named.value,
            count: named.count,
            id: Some(id),
            detail: named.detail,
        };
        all.into_iter().map(suggestion).collect()
    }
}

/// How many slips a text may hold.
pub(crate) fn slips(text: &str) -> usize {
    match text.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Where words begin in a folded value, and its own beginning, in bytes.
pub(crate) fn starts(folded: &str) -> impl Iterator<Item = usize> + '_ {
    let mut before = ' ';
    folded.char_indices().filter_map(move |(at, letter)| {
        let start = at == 0 || (letter.is_alphanumeric() && !before.is_alphanumeric());
        before = letter;
        start.then_some(at)
    })
}

/// How a name fits: all words typed but the last are words of it, and one of its words begins with the last, or nearly.
fn name_fit(typed: &str, names: &[&str]) -> Option<Fit> {
    let typed = words(typed);
    let own: Vec<String> = names.iter().flat_map(|name| words(name)).collect();
    let Some((last, complete)) = typed.split_last() else { return Some(Fit::Whole) };
    if !complete.iter().all(|word| own.contains(word)) {
        return None;
    }
    if own.iter().any(|word| word.starts_with(last.as_str())) {
        return Some(Fit::Whole);
    }
    let slips = slips(last);
    let near = |word: &String| distance_to_a_beginning(last, word, slips) <= slips;
    (slips > 0 && own.iter().any(near)).then_some(Fit::Typo)
}

/// How a value fits the text; both are folded. Nothing fits an empty value, and every other value the empty text.
pub(crate) fn fit(text: &str, value: &str) -> Option<Fit> {
    if value.is_empty() {
        return None;
    }
    if value.starts_with(text) {
        return Some(Fit::Whole);
    }
    let slips = slips(text);
    let mut best = None;
    for rest in starts(value).filter_map(|at| value.get(at..)) {
        if rest.starts_with(text) {
            return Some(Fit::Word);
        }
        if slips > 0 && distance_to_a_beginning(text, rest, slips) <= slips {
            best = Some(Fit::Typo);
        }
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
    use crate::search::{Rank, Suggest, Suggestion};
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
        for (rank, person) in (0..).zip(people.iter().rev()) {
            let company = companies.iter().find(|company| person.company_id == Some(company.id));
            suggestions.person(person, company, Rank(rank));
        }
        companies.iter().for_each(|company| suggestions.company(company, Rank(7)));
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
            (Suggest::Headline, "ct", vec![value("CTO", 1)]),
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
                of("Ann Lee 3", 1, 3, None)
            ]
        );
        let (second, total) = suggested(Suggest::Person, "ann", 1, 1);
        assert_eq!((second, total), (vec![of("Ann Lee 2", 1, 2, Some("Acme"))], Some(3)));
    }
}
