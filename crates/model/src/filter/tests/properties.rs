//! Any JSON is answered; a tree that is printed in the long dialect is read as it was.

use super::read;
use crate::fault::{Faults, Node};
use crate::filter::{
    AccountFacet, Band, COMPANY_TYPES, Circle, Clause, CompanySource, ContactFacet, Days, Exclusions, Filter,
    Graduation, Keyword, Level, Mode, NETWORKS, PersonSource, Range, SENIORITIES, Text, Wrapper, describe,
};
use crate::kind::EntityKind;
use crate::time::{DAY_MS, Time};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};
use proptest::{prop_assert, prop_assert_eq, proptest};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Thousands of cases, the same each run.
fn config() -> Config {
    Config { cases: 2_000, rng_seed: RngSeed::Fixed(31), failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_json_is_answered(filter in odd_filter(), person in any::<bool>()) {
        let kind = if person { EntityKind::Person } else { EntityKind::Company };
        let mut faults = Faults::new();
        let read = Filter::read(&Node::root(&filter), &mut faults, kind);
        prop_assert_eq!(read.is_some(), faults.is_empty());
        for fault in faults.into_vec() {
            let path = json!(fault.path);
            let keys = path.as_array().expect("a path");
            // What is missing has its object; all else is there.
            let keys = if fault.message == "Required" { &keys[..keys.len() - 1] } else { keys };
            prop_assert!(keys.iter().try_fold(&filter, child).is_some(), "{path} in {filter}");
        }
    }

    #[test]
    fn a_printed_tree_is_read_as_it_was(filter in tree()) {
        let printed = print(&filter);
        let read = read(&printed, EntityKind::Person);
        prop_assert_eq!(read.map(sorted), Ok(sorted(filter)), "{}", printed);
    }
}

fn child<'v>(value: &'v Value, key: &Value) -> Option<&'v Value> {
    match key {
        Value::String(key) => value.get(key),
        key => value.get(usize::try_from(key.as_u64()?).ok()?),
    }
}

/// A filter whose clauses stand in an order that does not depend on the dialect.
fn sorted(mut filter: Filter) -> Filter {
    filter.contact.sort_by_key(|clause| format!("{clause:?}"));
    filter.account.sort_by_key(|clause| format!("{clause:?}"));
    filter
}

// ---- Any JSON ----

fn json_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-5_i64..3_000).prop_map(Value::from),
        ".{0,9}".prop_map(Value::from),
        select(vec![
            "SMART",
            "RANGE",
            "NONE",
            "x",
            "vp",
            "HEADLINE",
            "2014-06",
            "2024-02-30",
            "km",
            "5-1",
            "54"
        ])
        .prop_map(Value::from),
    ];
    let key = select(vec![
        "any", "all", "include", "exclude", "mode", "content", "sources", "source", "type", "range", "start",
        "end", "min", "max", "year", "month", "present", "position", "lat", "lng", "radius", "unit", "x",
    ]);
    leaf.prop_recursive(5, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key.clone().prop_map(str::to_owned), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
    .boxed()
}

/// Odd values at paths of the language, in a wrapper or not, and at paths that end too early.
fn odd_filter() -> BoxedStrategy<Value> {
    let language = describe(Vec::new(), Vec::new());
    let paths = language.facets.into_iter().map(|facet| facet.path);
    let paths = paths.chain(language.short.into_iter().map(|key| key.path));
    let paths: Vec<String> = paths.chain(language.unavailable.into_iter().map(|part| part.path)).collect();
    let wrapper = select(vec!["", "any.include", "any.exclude", "all.include", "all"]);
    let place = (select(paths), wrapper, 0_usize..9, json_value());
    let whole = vec(place, 0..6).prop_map(|places| {
        let mut filter = json!({});
        for (path, wrapper, length, value) in places {
            let keys = path.split('.').chain(wrapper.split('.').filter(|key| !key.is_empty()));
            insert(&mut filter, &keys.take(length + 1).collect::<Vec<_>>(), value);
        }
        filter
    });
    prop_oneof![1 => json_value(), 9 => whole].boxed()
}

/// Puts a value at a path. What stands on the way and is no object stays.
fn insert(object: &mut Value, path: &[&str], value: Value) {
    let (Some((first, rest)), Some(entries)) = (path.split_first(), object.as_object_mut()) else { return };
    if rest.is_empty() {
        entries.insert((*first).to_owned(), value);
    } else {
        insert(entries.entry(*first).or_insert_with(|| json!({})), rest, value);
    }
}

// ---- Any tree that the long dialect can say ----

fn words() -> BoxedStrategy<Vec<String>> {
    vec(".{1,9}", 1..4).boxed()
}

fn names(of: &'static [&'static str]) -> BoxedStrategy<Vec<String>> {
    vec(select(of).prop_map(str::to_owned), 1..4).boxed()
}

fn mode() -> impl Strategy<Value = Mode> {
    select(Mode::ALL.to_vec())
}

fn text() -> BoxedStrategy<Text> {
    (mode(), words()).prop_map(|(mode, values)| Text { mode, values }).boxed()
}

fn pair<T: PartialOrd + Copy>((first, second): (Option<T>, Option<T>)) -> (Option<T>, Option<T>) {
    if first.zip(second).is_some_and(|(first, second)| first > second) {
        (second, first)
    } else {
        (first, second)
    }
}

fn band(max: u64) -> impl Strategy<Value = Band> {
    (of(0..=max), of(0..=max)).prop_map(|bounds| {
        let (start, end) = pair(bounds);
        Band { start, end }
    })
}

fn range() -> BoxedStrategy<Range> {
    prop_oneof![
        Just(Range::Present),
        Just(Range::Absent),
        vec(band(9_007_199_254_740_991), 1..4).prop_map(Range::Bands),
    ]
    .boxed()
}

fn keyword<S: Copy + std::fmt::Debug + 'static>(sources: &[S]) -> BoxedStrategy<Keyword<S>> {
    (vec((select(sources.to_vec()), mode()), 1..4), words())
        .prop_map(|(sources, values)| Keyword { sources, values })
        .boxed()
}

fn months() -> BoxedStrategy<Band> {
    band(1_200).prop_filter("at least one bound", |band| *band != Band::default()).boxed()
}

fn years() -> BoxedStrategy<Graduation> {
    let years = (of(1_u16..=9_999), of(1_u16..=9_999)).prop_map(pair);
    (years, any::<bool>())
        .prop_map(|((start, end), present)| Graduation { start, end, present })
        .prop_filter("something given", |years| *years != Graduation::default())
        .boxed()
}

fn days() -> BoxedStrategy<Days> {
    (of(-200_000_i32..200_000), of(-200_000_i32..200_000))
        .prop_map(pair)
        .prop_map(|(start, end)| Days { start, end })
        .prop_filter("at least one bound", |days| *days != Days::default())
        .boxed()
}

fn circle() -> BoxedStrategy<Circle> {
    (-90_000_000..=90_000_000, -180_000_000..=180_000_000, 1_u32..=20_100_000)
        .prop_map(|(lat, lng, radius)| Circle { lat, lng, radius })
        .boxed()
}

fn contact_facet() -> impl Strategy<Value = ContactFacet> {
    use ContactFacet as F;
    let texts = [
        F::FullName as fn(Text) -> F,
        F::LatestTitle,
        F::CurrentTitle,
        F::PreviousTitle,
        F::Skill,
        F::Certification,
        F::Language,
        F::School,
        F::Degree,
        F::FieldOfStudy,
    ];
    let plain = [
        F::Department as fn(Vec<String>) -> F,
        F::LatestCompany,
        F::CurrentCompany,
        F::PreviousCompany,
        |values| F::Location(Level::Any, values),
        F::Linkedin,
        F::SocialLink,
        F::Badge,
    ];
    let ranges = [F::LanguageCount as fn(Range) -> F, F::Followers, F::Connections];
    let spans = [F::CompanyMonths as fn(Band) -> F, F::JobMonths, F::ExperienceMonths];
    prop_oneof![
        5 => (select(texts.to_vec()), text()).prop_map(|(make, text)| make(text)),
        4 => (select(plain.to_vec()), words()).prop_map(|(make, values)| make(values)),
        2 => (select(ranges.to_vec()), range()).prop_map(|(make, range)| make(range)),
        2 => (select(spans.to_vec()), months()).prop_map(|(make, band)| make(band)),
        1 => names(&SENIORITIES).prop_map(F::Seniority),
        1 => names(&NETWORKS).prop_map(F::Network),
        1 => keyword(&PersonSource::ALL).prop_map(F::Keyword),
        1 => years().prop_map(F::Graduation),
        1 => any::<bool>().prop_map(F::HasEmail),
        1 => any::<bool>().prop_map(F::HasPhone),
        1 => (1_u32..=36_500).prop_map(F::UpdatedWithinDays),
    ]
}

fn account_facet() -> impl Strategy<Value = AccountFacet> {
    use AccountFacet as F;
    let texts = [F::NameOrDomain as fn(Text) -> F, F::Name, F::Url, F::Industry, F::Technology, F::Product];
    let plain = [
        F::Domain as fn(Vec<String>) -> F,
        F::Linkedin,
        F::SocialLink,
        F::Phone,
        |values| F::Location(Level::Any, values),
        F::Language,
        F::FundingType,
    ];
    let ranges = [
        F::EmployeeSize as fn(Range) -> F,
        F::Revenue,
        F::RetailSize,
        F::FoundedYear,
        F::FundingTotal,
        F::FundingLast,
    ];
    prop_oneof![
        5 => (select(texts.to_vec()), text()).prop_map(|(make, text)| make(text)),
        4 => (select(plain.to_vec()), words()).prop_map(|(make, values)| make(values)),
        3 => (select(ranges.to_vec()), range()).prop_map(|(make, range)| make(range)),
        1 => names(&COMPANY_TYPES).prop_map(F::Type),
        1 => keyword(&CompanySource::ALL).prop_map(F::Keyword),
        1 => days().prop_map(F::FundingDate),
        1 => circle().prop_map(F::Near),
        1 => vec("[0-9]{2,6}", 1..4).prop_map(F::Naics),
    ]
}

fn wrapper() -> impl Strategy<Value = Wrapper> {
    select(vec![Wrapper::AnyInclude, Wrapper::AnyExclude, Wrapper::AllInclude, Wrapper::AllExclude])
}

/// Clauses of which no two stand at the same place.
fn clauses<F: std::fmt::Debug + 'static>(
    facet: impl Strategy<Value = F> + 'static,
    place: fn(&F) -> (&'static str, Value),
) -> BoxedStrategy<Vec<Clause<F>>> {
    let clause = (wrapper(), facet).prop_map(move |(wrapper, facet)| {
        let alone = !place(&facet).1.is_object() && !place(&facet).1.is_array();
        Clause { wrapper: if alone { Wrapper::AnyInclude } else { wrapper }, facet }
    });
    vec(clause, 0..6)
        .prop_map(move |mut clauses| {
            let mut seen = BTreeSet::new();
            clauses.retain(|clause| seen.insert((place(&clause.facet).0, format!("{:?}", clause.wrapper))));
            clauses
        })
        .boxed()
}

fn tree() -> BoxedStrategy<Filter> {
    let ids = || vec(any::<u128>().prop_map(Uuid::from_u128), 0..4).prop_map(Into::into);
    (clauses(contact_facet(), contact_place), clauses(account_facet(), account_place), ids(), ids())
        .prop_map(|(contact, account, people, companies)| Filter {
            contact,
            account,
            lists: Exclusions { people, companies },
        })
        .boxed()
}

// ---- The printer ----

fn print(filter: &Filter) -> Value {
    let mut out = json!({"contact": {}, "account": {}, "lists": {
        "person_id": {"exclude": filter.lists.people}, "company_id": {"exclude": filter.lists.companies}
    }});
    for clause in &filter.contact {
        let (path, value) = contact_place(&clause.facet);
        print_at(&mut out["contact"], path, clause.wrapper, value);
    }
    for clause in &filter.account {
        let (path, value) = account_place(&clause.facet);
        print_at(&mut out["account"], path, clause.wrapper, value);
    }
    out
}

fn print_at(part: &mut Value, path: &str, wrapper: Wrapper, value: Value) {
    let keys = match wrapper {
        Wrapper::AnyInclude => ["any", "include"],
        Wrapper::AnyExclude => ["any", "exclude"],
        Wrapper::AllInclude => ["all", "include"],
        Wrapper::AllExclude => ["all", "exclude"],
    };
    let alone = !value.is_object() && !value.is_array();
    let keys = path.split('.').chain(keys.into_iter().filter(|_| !alone));
    insert(part, &keys.collect::<Vec<_>>(), value);
}

fn text_value(text: &Text) -> Value {
    json!({"mode": text.mode, "content": text.values})
}

fn keyword_value<S: serde::Serialize>(keyword: &Keyword<S>) -> Value {
    let sources: Vec<Value> =
        keyword.sources.iter().map(|(source, mode)| json!({"source": source, "mode": mode})).collect();
    json!({"sources": sources, "content": keyword.values})
}

fn given(pairs: &[(&str, Option<Value>)]) -> Value {
    let pairs = pairs.iter().filter_map(|(key, value)| Some(((*key).to_owned(), value.clone()?)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn range_value(range: &Range) -> Value {
    let band =
        |band: &Band| given(&[("start", band.start.map(Value::from)), ("end", band.end.map(Value::from))]);
    match range {
        Range::Bands(bands) => json!({"type": "RANGE", "range": bands.iter().map(band).collect::<Vec<_>>()}),
        Range::Present => json!({"type": "ALL"}),
        Range::Absent => json!({"type": "NONE"}),
    }
}

fn months_value(band: &Band) -> Value {
    let span = |months: u64| json!({"year": months / 12, "month": months % 12});
    given(&[("min", band.start.map(span)), ("max", band.end.map(span))])
}

fn years_value(years: &Graduation) -> Value {
    given(&[
        ("start", years.start.map(Value::from)),
        ("end", years.end.map(|year| json!(format!("{year:04}-06")))),
        ("present", Some(json!(years.present))),
    ])
}

fn days_value(days: &Days) -> Value {
    let date = |day: i32| json!(Time::from_millis(i64::from(day) * DAY_MS).date());
    given(&[("start", days.start.map(date)), ("end", days.end.map(date))])
}

fn circle_value(circle: &Circle) -> Value {
    let degrees = |millionths: i32| f64::from(millionths) / 1e6;
    json!({
        "position": {"lat": degrees(circle.lat), "lng": degrees(circle.lng)},
        "radius": f64::from(circle.radius) / 1e3
    })
}

fn contact_place(facet: &ContactFacet) -> (&'static str, Value) {
    use ContactFacet as F;
    match facet {
        F::FullName(text) => ("fullName", text_value(text)),
        F::Seniority(names) => ("seniority", json!(names)),
        F::Department(values) => ("departmentAndFunction", json!(values)),
        F::LatestTitle(text) => ("experience.latest.title", text_value(text)),
        F::CurrentTitle(text) => ("experience.current.title", text_value(text)),
        F::PreviousTitle(text) => ("experience.previous.title", text_value(text)),
        F::CompanyMonths(band) => ("experience.current.duration.currentCompany", months_value(band)),
        F::JobMonths(band) => ("experience.current.duration.currentJob", months_value(band)),
        F::ExperienceMonths(band) => ("experience.current.duration.total", months_value(band)),
        F::LatestCompany(values) => ("company.latest", json!(values)),
        F::CurrentCompany(values) => ("company.current", json!(values)),
        F::PreviousCompany(values) => ("company.previous", json!(values)),
        F::Location(_, values) => ("location", json!(values)),
        F::Skill(text) => ("skill", text_value(text)),
        F::Certification(text) => ("certification", text_value(text)),
        F::Keyword(keyword) => ("keyword", keyword_value(keyword)),
        F::Language(text) => ("language", text_value(text)),
        F::LanguageCount(range) => ("language.range", range_value(range)),
        F::School(text) => ("education.school", text_value(text)),
        F::Degree(text) => ("education.degree", text_value(text)),
        F::FieldOfStudy(text) => ("education.fieldOfStudy", text_value(text)),
        F::Graduation(years) => ("education.date", years_value(years)),
        F::Linkedin(values) => ("linkedin", json!(values)),
        F::SocialLink(values) => ("socialMediaLink", json!(values)),
        F::Network(names) => ("socialMedia", json!(names)),
        F::Badge(values) => ("profileBadge", json!(values)),
        F::Followers(range) => ("socialMediaFollower.linkedin.followers", range_value(range)),
        F::Connections(range) => ("socialMediaFollower.linkedin.connections", range_value(range)),
        F::HasEmail(has) => ("hasEmail", json!(has)),
        F::HasPhone(has) => ("hasPhone", json!(has)),
        F::UpdatedWithinDays(days) => ("updatedWithinDays", json!(days)),
    }
}

fn account_place(facet: &AccountFacet) -> (&'static str, Value) {
    use AccountFacet as F;
    match facet {
        F::NameOrDomain(text) => ("nameOrDomain", text_value(text)),
        F::Name(text) => ("name", text_value(text)),
        F::Url(text) => ("url", text_value(text)),
        F::Domain(values) => ("domain", json!(values)),
        F::Linkedin(values) => ("linkedin", json!(values)),
        F::SocialLink(values) => ("socialMediaLink", json!(values)),
        F::Phone(values) => ("phoneNumber", json!(values)),
        F::Location(_, values) => ("location", json!(values)),
        F::Industry(text) => ("industry", text_value(text)),
        F::EmployeeSize(range) => ("employeeSize", range_value(range)),
        F::Revenue(range) => ("revenue", range_value(range)),
        F::RetailSize(range) => ("retailSize", range_value(range)),
        F::FoundedYear(range) => ("foundedYear", range_value(range)),
        F::Type(names) => ("type", json!(names)),
        F::Technology(text) => ("technologies", text_value(text)),
        F::Product(text) => ("productAndServices", text_value(text)),
        F::Keyword(keyword) => ("keyword", keyword_value(keyword)),
        F::Language(values) => ("language", json!(values)),
        F::FundingType(values) => ("funding.type", json!(values)),
        F::FundingTotal(range) => ("funding.totalAmount", range_value(range)),
        F::FundingLast(range) => ("funding.lastAmount", range_value(range)),
        F::FundingDate(days) => ("funding.duration", days_value(days)),
        F::Near(circle) => ("geoLocation", circle_value(circle)),
        F::Naics(codes) => ("naics", json!(codes)),
    }
}
