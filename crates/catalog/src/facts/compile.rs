//! From a filter to the few kinds of tests that every engine answers.

use super::{NumberField, TermField, TextField, dates, globe, links};
use crate::text;
use sluice_model::filter::{
    AccountFacet, Band, Clause, CompanySource, ContactFacet, Filter, Keyword, Level, Mode, PersonSource,
    Range, Text, Wrapper,
};
use sluice_model::{Time, canon};

/// What must hold for a record: some of the values' tests, joined as the wrapper says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    pub wrapper: Wrapper,
    /// One for each value of the clause.
    pub values: Vec<Test>,
}

/// Something that holds for a record or does not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// One of the field's values is like this.
    Text {
        field: TextField,
        needle: Needle,
    },
    /// The field has one of the terms.
    Any {
        field: TermField,
        terms: Vec<String>,
    },
    /// The number lies in one of the bands, bounds included.
    Within {
        field: NumberField,
        bands: Vec<(u64, u64)>,
    },
    /// The stretch between two numbers has something in common with one of the bands.
    Overlaps {
        from: NumberField,
        to: NumberField,
        bands: Vec<(u64, u64)>,
    },
    /// There is a number.
    Has(NumberField),
    /// The place on the globe is at most this far: the square of the distance, see `globe.rs`.
    Near {
        centre: [u64; 3],
        most: u64,
    },
    /// One holds; of none, nothing does.
    AnyOf(Vec<Test>),
    /// All hold.
    AllOf(Vec<Test>),
    Not(Box<Test>),
}

/// What a text is compared with. None is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Needle {
    /// All these tokens are among those of the value.
    Tokens(Vec<String>),
    /// These words stand next to each other in this order.
    Words(Vec<String>),
    /// The folded value equals this.
    Whole(String),
}

/// Nothing fits.
const NEVER: Test = Test::AnyOf(Vec::new());

fn conditions<F>(clauses: &[Clause<F>], values: impl Fn(&F) -> Vec<Test>) -> Vec<Condition> {
    clauses
        .iter()
        .map(|clause| Condition { wrapper: clause.wrapper, values: values(&clause.facet) })
        .collect()
}

/// What must hold for a person themselves; `now` is what durations count to.
#[must_use]
pub fn person_conditions(filter: &Filter, now: Time) -> Vec<Condition> {
    conditions(&filter.contact, |facet| contact(facet, now))
}

/// What must hold for a company.
#[must_use]
pub fn company_conditions(filter: &Filter) -> Vec<Condition> {
    conditions(&filter.account, account)
}

fn contact(facet: &ContactFacet, now: Time) -> Vec<Test> {
    use NumberField as Number;
    use TermField as Term;
    match facet {
        ContactFacet::FullName(wanted) => texts(TextField::FullName, wanted),
        ContactFacet::Seniority(names) => terms(Term::Seniority, names, |name| Some(text::fold(name))),
        ContactFacet::Department(names) => {
            terms(Term::Department, names, |name| Some(super::department(name)))
        }
        ContactFacet::LatestTitle(wanted) => texts(TextField::LatestTitle, wanted),
        ContactFacet::CurrentTitle(wanted) => texts(TextField::CurrentTitle, wanted),
        ContactFacet::PreviousTitle(wanted) => texts(TextField::PreviousTitle, wanted),
        ContactFacet::CompanyMonths(band) => vec![since(Number::CompanySince, *band, now)],
        ContactFacet::JobMonths(band) => vec![since(Number::JobSince, *band, now)],
        ContactFacet::ExperienceMonths(band) => vec![Test::AnyOf(vec![
            since(Number::WorkSince, *band, now),
            Test::Within { field: Number::WorkMonths, bands: vec![bounds(band)] },
        ])],
        ContactFacet::LatestCompany(values) => employers(Term::LatestEmployer, values),
        ContactFacet::CurrentCompany(values) => employers(Term::CurrentEmployer, values),
        ContactFacet::PreviousCompany(values) => employers(Term::PreviousEmployer, values),
        ContactFacet::Location(level, values) => places(*level, values),
        ContactFacet::Skill(wanted) => texts(TextField::Skill, wanted),
        ContactFacet::Certification(wanted) => texts(TextField::Certification, wanted),
        ContactFacet::Keyword(wanted) => keywords(wanted, person_source),
        ContactFacet::Language(wanted) => texts(TextField::Spoken, wanted),
        ContactFacet::LanguageCount(wanted) => vec![range(Number::Languages, wanted)],
        ContactFacet::School(wanted) => texts(TextField::School, wanted),
        ContactFacet::Degree(wanted) => texts(TextField::Degree, wanted),
        ContactFacet::FieldOfStudy(wanted) => texts(TextField::FieldOfStudy, wanted),
        ContactFacet::Graduation(wanted) => vec![graduation(*wanted)],
        ContactFacet::Linkedin(values) => terms(Term::Linkedin, values, |url| canon::linkedin_person(url)),
        ContactFacet::SocialLink(values) => terms(Term::SocialLink, values, |url| links::address(url)),
        ContactFacet::Network(names) => terms(Term::Network, names, |name| Some(name.clone())),
        ContactFacet::Badge(names) => terms(Term::Badge, names, |name| Some(text::fold(name))),
        ContactFacet::Followers(wanted) => vec![range(Number::Followers, wanted)],
        ContactFacet::Connections(wanted) => vec![range(Number::Connections, wanted)],
        ContactFacet::HasEmail(wanted) => vec![reach("email", *wanted)],
        ContactFacet::HasPhone(wanted) => vec![reach("phone", *wanted)],
        ContactFacet::UpdatedWithinDays(days) => {
            let today = u64::try_from(now.day()).unwrap_or(0);
            let first = today.saturating_sub(u64::from(*days));
            vec![Test::Within { field: Number::Observed, bands: vec![(first, u64::MAX)] }]
        }
    }
}

fn account(facet: &AccountFacet) -> Vec<Test> {
    use NumberField as Number;
    use TermField as Term;
    match facet {
        AccountFacet::NameOrDomain(wanted) => {
            let names = texts(TextField::CompanyName, wanted);
            let domains = domains(&wanted.values);
            names.into_iter().zip(domains).map(|(name, domain)| Test::AnyOf(vec![name, domain])).collect()
        }
        AccountFacet::Name(wanted) => texts(TextField::CompanyName, wanted),
        AccountFacet::Url(wanted) => {
            let bare = |value: &String| links::address(value).unwrap_or_default();
            let values = wanted.values.iter().map(bare).collect();
            texts(TextField::Url, &Text { mode: wanted.mode, values })
        }
        AccountFacet::Domain(values) => domains(values),
        AccountFacet::Linkedin(values) => terms(Term::Linkedin, values, |url| canon::linkedin_company(url)),
        AccountFacet::SocialLink(values) => terms(Term::SocialLink, values, |url| links::address(url)),
        AccountFacet::Phone(values) => terms(Term::Phone, values, |number| super::phone(number)),
        AccountFacet::Location(level, values) => places(*level, values),
        AccountFacet::Industry(wanted) => texts(TextField::Industry, wanted),
        AccountFacet::EmployeeSize(wanted) => vec![size(wanted)],
        AccountFacet::Revenue(wanted) => vec![range(Number::Revenue, wanted)],
        AccountFacet::RetailSize(wanted) => vec![range(Number::RetailSize, wanted)],
        AccountFacet::FoundedYear(wanted) => vec![range(Number::Founded, wanted)],
        AccountFacet::Type(names) => terms(Term::CompanyType, names, |name| Some(text::fold(name))),
        AccountFacet::Technology(wanted) => texts(TextField::Technology, wanted),
        AccountFacet::Product(wanted) => texts(TextField::Product, wanted),
        AccountFacet::Keyword(wanted) => keywords(wanted, company_source),
        AccountFacet::Language(names) => terms(Term::CompanyLanguage, names, |name| Some(text::fold(name))),
        AccountFacet::FundingType(names) => terms(Term::FundingType, names, |name| Some(text::fold(name))),
        AccountFacet::FundingTotal(wanted) => vec![range(Number::FundingTotal, wanted)],
        AccountFacet::FundingLast(wanted) => vec![range(Number::FundingLast, wanted)],
        AccountFacet::FundingDate(days) => {
            let day = |day: Option<i32>, open: u64| day.map_or(open, |day| u64::try_from(day).unwrap_or(0));
            let band = (day(days.start, 0), day(days.end, u64::MAX));
            vec![Test::Within { field: Number::FundingDay, bands: vec![band] }]
        }
        AccountFacet::Near(circle) => {
            let (centre, most) = globe::circle(*circle);
            vec![Test::Near { centre, most }]
        }
        AccountFacet::Naics(codes) => terms(Term::Naics, codes, |code| Some(code.clone())),
    }
}

/// The field that a source is.
#[must_use]
pub(crate) fn person_source(source: PersonSource) -> TextField {
    super::PERSON_SOURCES
        .iter()
        .find(|(own, _)| *own == source)
        .map_or(TextField::Headline, |(_, field)| *field)
}

/// The field that a source is.
#[must_use]
pub(crate) fn company_source(source: CompanySource) -> TextField {
    super::COMPANY_SOURCES
        .iter()
        .find(|(own, _)| *own == source)
        .map_or(TextField::CompanyName, |(_, field)| *field)
}

fn like(field: TextField, mode: Mode, value: &str) -> Test {
    let needle = match mode {
        Mode::Smart => Needle::Tokens(text::query_tokens(field.profile(), value)),
        Mode::Word => Needle::Words(text::words(value)),
        Mode::Strict => Needle::Whole(text::fold(value)),
    };
    let empty = match &needle {
        Needle::Tokens(list) | Needle::Words(list) => list.is_empty(),
        Needle::Whole(text) => text.is_empty(),
    };
    if empty { NEVER } else { Test::Text { field, needle } }
}

fn texts(field: TextField, wanted: &Text) -> Vec<Test> {
    wanted.values.iter().map(|value| like(field, wanted.mode, value)).collect()
}

fn keywords<S: Copy>(wanted: &Keyword<S>, field: impl Fn(S) -> TextField) -> Vec<Test> {
    let one = |value: &String| {
        Test::AnyOf(wanted.sources.iter().map(|(source, mode)| like(field(*source), *mode, value)).collect())
    };
    wanted.values.iter().map(one).collect()
}

/// One test for each value; `term` tells the term that it is, if it can be one.
fn terms(field: TermField, values: &[String], term: impl Fn(&String) -> Option<String>) -> Vec<Test> {
    values
        .iter()
        .map(|value| match term(value) {
            Some(term) => Test::Any { field, terms: vec![term] },
            None => NEVER,
        })
        .collect()
}

fn domains(values: &[String]) -> Vec<Test> {
    terms(TermField::Domain, values, |value| canon::domain(value))
}

fn employers(field: TermField, values: &[String]) -> Vec<Test> {
    values.iter().map(|value| Test::Any { field, terms: super::company_query(value) }).collect()
}

fn places(level: Level, values: &[String]) -> Vec<Test> {
    let field = TermField::Place;
    let one = |value: &String| {
        let wanted = text::place_query(level, value);
        let any = Test::Any { field, terms: wanted.any };
        if wanted.parts.is_empty() {
            return any;
        }
        let parts = wanted.parts.into_iter().map(|terms| Test::Any { field, terms }).collect();
        Test::AnyOf(vec![any, Test::AllOf(parts)])
    };
    values.iter().map(one).collect()
}

fn bounds(band: &Band) -> (u64, u64) {
    (band.start.unwrap_or(0), band.end.unwrap_or(u64::MAX))
}

fn range(field: NumberField, wanted: &Range) -> Test {
    match wanted {
        Range::Bands(bands) => Test::Within { field, bands: bands.iter().map(bounds).collect() },
        Range::Present => Test::Has(field),
        Range::Absent => Test::Not(Box::new(Test::Has(field))),
    }
}

/// Head counts are known as bands, too.
fn size(wanted: &Range) -> Test {
    match wanted {
        Range::Bands(bands) => Test::Overlaps {
            from: NumberField::SizeFrom,
            to: NumberField::SizeTo,
            bands: bands.iter().map(bounds).collect(),
        },
        other => range(NumberField::SizeFrom, other),
    }
}

/// The months since then lie in the band; a month to come counts as none.
fn since(field: NumberField, months: Band, now: Time) -> Test {
    let this = dates::this_month(now);
    let (least, most) = bounds(&months);
    let latest = if least == 0 { u64::MAX } else { this.saturating_sub(least) };
    Test::Within { field, bands: vec![(this.saturating_sub(most), latest)] }
}

fn reach(name: &str, wanted: bool) -> Test {
    let has = Test::Any { field: TermField::Reach, terms: vec![name.to_owned()] };
    if wanted { has } else { Test::Not(Box::new(has)) }
}

fn graduation(wanted: sluice_model::filter::Graduation) -> Test {
    let mut terms = Vec::new();
    if wanted.start.is_some() || wanted.end.is_some() {
        let first = wanted.start.map_or(*super::YEARS.start(), u64::from);
        let last = wanted.end.map_or(*super::YEARS.end(), u64::from);
        let wanted = super::YEARS.filter(|year| (first..=last).contains(year));
        terms.extend(wanted.map(|year| year.to_string()));
    }
    if wanted.present {
        terms.push("open".to_owned());
    }
    if terms.is_empty() { NEVER } else { Test::Any { field: TermField::Graduation, terms } }
}
