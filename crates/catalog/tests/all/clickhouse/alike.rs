//! The cluster answers like the reference evaluation.

use crate::engine::{alike, made};
use proptest::prelude::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sluice_catalog::reference::ReferenceCatalog;
use sluice_catalog::{Catalog, Count, Search, Sort, Suggest, Window};
use sluice_model::EntityKind;
use sluice_model::filter::{AccountFacet, Clause, ContactFacet, Exclusions, Filter, Mode, Text, Wrapper};
use uuid::Uuid;

/// Commits, and questions after each.
const COMMITS: usize = 5;
const QUESTIONS: usize = 16;

fn next<T: std::fmt::Debug>(runner: &mut TestRunner, of: impl Strategy<Value = T>) -> T {
    of.new_tree(runner).expect("a value").current()
}

#[tokio::test]
async fn cluster_equals_reference() {
    let (_cluster, catalog) = super::start().await;
    let reference = ReferenceCatalog::new();
    let mut runner = TestRunner::deterministic();
    let (mut asked, mut hits) = (0, 0);
    for _ in 0..COMMITS {
        let mut writer = catalog.writer().expect("writer");
        alike::apply(&next(&mut runner, alike::puts()), &mut writer, &reference);
        drop(writer);
        for _ in 0..QUESTIONS {
            let question = next(&mut runner, alike::question());
            hits += alike::compare(&question, &catalog, &reference).await.expect("alike");
            asked += 1;
        }
        assert_eq!(catalog.size().await.expect("size"), reference.size().await.expect("size"));
    }
    assert!(hits > asked, "{hits} hits in {asked} questions prove little");
    same_records(&catalog, &reference).await;
    long_lists(&catalog, &reference).await;
}

async fn same_records(catalog: &dyn Catalog, reference: &ReferenceCatalog) {
    let ids: Vec<Uuid> = (0..70).map(Uuid::from_u128).chain([Uuid::from_u128(3)]).collect();
    let found = catalog.people(&ids).await.expect("people");
    assert_eq!(found, reference.people(&ids).await.expect("people"));
    assert!(found.len() > 20);
    let ids: Vec<Uuid> = (0..20).rev().map(|number| Uuid::from_u128(number << 64)).collect();
    let found = catalog.companies(&ids).await.expect("companies");
    assert_eq!(found, reference.companies(&ids).await.expect("companies"));
    let urls =
        ["http://shop.acme.com/x", "linkedin.com/company/C1", "nothing", "gamma.io"].map(str::to_owned);
    let at = catalog.companies_at(&urls).await.expect("companies");
    assert_eq!(at, reference.companies_at(&urls).await.expect("companies"));
    assert!(!at.is_empty());
    let mut suggested = 0;
    for (what, typed) in
        [(Suggest::Title, "s"), (Suggest::Company, "beta gm"), (Suggest::Location, "gremany")]
    {
        let found = catalog.suggest(what, typed, 0, 10).await.expect("suggestions");
        suggested += found.hits.len();
        assert_eq!(found, reference.suggest(what, typed, 0, 10).await.expect("suggestions"));
    }
    assert!(suggested > 0, "three completions of nothing prove little");
}

fn any<F>(facet: F) -> Clause<F> {
    Clause { wrapper: Wrapper::AnyInclude, facet }
}

fn not<F>(facet: F) -> Clause<F> {
    Clause { wrapper: Wrapper::AnyExclude, facet }
}

/// Lists of a length that no statement's text has room for.
async fn long_lists(catalog: &dyn Catalog, reference: &ReferenceCatalog) {
    let text = |mode, of: &str, number: usize| Text {
        mode,
        values: (0..number).map(|number| format!("{of} {number}")).chain(["Engineer".to_owned()]).collect(),
    };
    let domains: Vec<String> =
        (0..100_000).map(|number| format!("d{number}.com")).chain(["acme.com".to_owned()]).collect();
    let lists = Exclusions {
        people: (30..100_030).map(Uuid::from_u128).collect(),
        companies: (8..100_008_u128).map(|number| Uuid::from_u128(number << 64)).collect(),
    };
    let titles = |mode| ContactFacet::CurrentTitle(text(mode, "engineer of kind", 1_900));
    let filters = [
        Filter { lists, ..Filter::default() },
        Filter { account: vec![any(AccountFacet::Domain(domains.clone()))], ..Filter::default() },
        Filter { account: vec![not(AccountFacet::Domain(domains))], ..Filter::default() },
        Filter { contact: vec![any(titles(Mode::Smart))], ..Filter::default() },
        Filter { contact: vec![not(titles(Mode::Word))], ..Filter::default() },
    ];
    let mut counted = Vec::new();
    for filter in filters {
        let search = Search {
            filter,
            ids: None,
            window: Window::Page { offset: 0, limit: 100 },
            count: true,
            sort: Sort::Rank,
            now: made::now(),
        };
        let page = catalog.search_people(search.clone()).await.expect("people");
        assert_eq!(page, reference.search_people(search.clone()).await.expect("people"));
        let companies = catalog.search_companies(search.clone()).await.expect("companies");
        assert_eq!(companies, reference.search_companies(search.clone()).await.expect("companies"));
        let facets = vec!["country".to_owned(), "industry".to_owned()];
        let filter = search.filter.clone();
        let wanted = Count { kind: EntityKind::Person, filter, now: made::now(), facets, top: 3 };
        let count = catalog.count(wanted.clone()).await;
        let expected = reference.count(wanted).await;
        assert_eq!(count.expect("count"), expected.expect("count"));
        counted.push(page.total.unwrap_or(0));
    }
    assert!(counted.iter().all(|count| *count > 0), "{counted:?} prove little");
}
