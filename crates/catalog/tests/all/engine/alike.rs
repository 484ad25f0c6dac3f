//! Engines answer like the reference evaluation.

use super::made;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any};
use proptest::test_runner::{TestCaseError, TestRunner};
use proptest::{prop_assert_eq, prop_oneof};
use sluice_catalog::facts::{COMPANY_FACETS, PERSON_FACETS};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_catalog::{Catalog, Count, EmbeddedCatalog, Key, Rank, Search, Sort, Suggest, Window, Writer};
use sluice_model::filter::Filter;
use sluice_model::{Company, EntityKind, Person};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub enum Put {
    Person(Box<Person>),
    Company(Box<Company>),
}

/// A filter, and what else a search says.
#[derive(Clone, Debug)]
pub struct Question {
    filter: Filter,
    ids: Option<Vec<Uuid>>,
    offset: usize,
    limit: usize,
    relevance: bool,
    count: bool,
}

pub fn question() -> impl Strategy<Value = Question> {
    let id = prop_oneof![made::person_id(), made::company_id()];
    (
        made::filter(),
        proptest::option::weighted(0.15, vec(id, 0..40)),
        0_usize..6,
        0_usize..9,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(filter, ids, offset, limit, relevance, count)| Question {
            filter,
            ids,
            offset,
            limit,
            relevance,
            count,
        })
}

pub fn puts() -> impl Strategy<Value = Vec<Put>> {
    let put = prop_oneof![
        3 => made::person().prop_map(|person| Put::Person(Box::new(person))),
        1 => made::company().prop_map(|company| Put::Company(Box::new(company))),
    ];
    vec(put, 1..80)
}

/// Puts records into an engine and into the reference, and commits them.
pub fn apply(puts: &[Put], writer: &mut dyn Writer, reference: &ReferenceCatalog) {
    for put in puts {
        match put {
            Put::Person(person) => {
                writer.store_person(person, &[Key::of(&format!("p:{}", person.id))]).expect("person is put");
                reference.put_person((**person).clone());
            }
            Put::Company(company) => {
                writer
                    .store_company(company, &[Key::of(&format!("c:{}", company.id))])
                    .expect("company is put");
                reference.put_company((**company).clone());
            }
        }
    }
    writer.commit().expect("commit");
}

/// Asks both in many ways; how many hits there were.
pub async fn compare(
    question: &Question,
    engine: &dyn Catalog,
    reference: &dyn Catalog,
) -> Result<usize, TestCaseError> {
    let search = |window: Window, sort: Sort, count: bool| Search {
        filter: question.filter.clone(),
        ids: question.ids.clone(),
        window,
        count,
        sort,
        now: made::now(),
    };
    let page = Window::Page { offset: question.offset, limit: question.limit };
    let sort = if question.relevance { Sort::Relevance } else { Sort::Rank };
    let all = Window::Page { offset: 0, limit: 1000 };
    let mut hits = 0;
    for search in [search(all, Sort::Rank, question.count), search(page, sort, !question.count)] {
        let (ours, theirs) =
            (engine.search_people(search.clone()).await, reference.search_people(search.clone()).await);
        let (ours, theirs) = (ours.expect("people"), theirs.expect("people"));
        hits += theirs.hits.len();
        prop_assert_eq!(ours, theirs, "people of {:?}", search);
        let (ours, theirs) =
            (engine.search_companies(search.clone()).await, reference.search_companies(search.clone()).await);
        let (ours, theirs) = (ours.expect("companies"), theirs.expect("companies"));
        hits += theirs.hits.len();
        prop_assert_eq!(ours, theirs, "companies of {:?}", search);
    }
    if question.limit > 0 && question.ids.is_none() {
        walk(question, engine, reference).await?;
    }
    for (kind, facets) in
        [(EntityKind::Person, &PERSON_FACETS[..]), (EntityKind::Company, &COMPANY_FACETS[..])]
    {
        let facets: Vec<String> = facets.iter().map(|facet| (*facet).to_owned()).collect();
        let (filter, top) = (question.filter.clone(), question.limit);
        let wanted = Count { kind, filter, now: made::now(), facets, top };
        let ours = engine.count(wanted.clone()).await.expect("count");
        let theirs = reference.count(wanted).await.expect("count");
        prop_assert_eq!(ours, theirs, "count of {:?}", question);
    }
    Ok(hits)
}

/// Walks all people by cursor and finds each once, in order.
async fn walk(
    question: &Question,
    engine: &dyn Catalog,
    reference: &dyn Catalog,
) -> Result<(), TestCaseError> {
    let search = |window: Window| Search {
        filter: question.filter.clone(),
        ids: None,
        window,
        count: false,
        sort: Sort::Rank,
        now: made::now(),
    };
    let all = reference.search_people(search(Window::Page { offset: 0, limit: 1000 })).await.expect("people");
    let wanted: Vec<Uuid> = all.hits.iter().map(|hit| hit.person.id).collect();
    let mut found = Vec::new();
    let mut rank: Option<Rank> = None;
    loop {
        let window = Window::Below { rank, limit: question.limit };
        let page = engine.search_people(search(window)).await.expect("page");
        let same = reference.search_people(search(window)).await.expect("page");
        prop_assert_eq!(&page, &same);
        let Some(last) = page.hits.last() else { break };
        rank = Some(last.rank);
        found.extend(page.hits.iter().map(|hit| hit.person.id));
    }
    prop_assert_eq!(found, wanted, "walk of {:?}", question);
    Ok(())
}

/// What is typed, and what it completes to.
async fn suggestions(engine: &dyn Catalog, reference: &dyn Catalog) -> Result<(), TestCaseError> {
    for what in Suggest::ALL {
        for typed in [
            "",
            "s",
            "sa",
            "learning",
            "mashine le",
            "Müll",
            "ann l",
            "acme",
            "beta gm",
            "gremany",
            "C+",
            "?",
        ] {
            for (offset, limit) in [(0, 100), (1, 2)] {
                let ours = engine.suggest(what, typed, offset, limit).await.expect("suggestions");
                let theirs = reference.suggest(what, typed, offset, limit).await.expect("suggestions");
                prop_assert_eq!(ours, theirs, "{:?} {}", what, typed);
            }
        }
    }
    Ok(())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime")
}

#[test]
fn embedded_engine_equals_reference() {
    let runtime = runtime();
    let config = ProptestConfig {
        cases: 8,
        max_shrink_iters: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let hits = std::cell::Cell::new(0);
    let asked = std::cell::Cell::new(0);
    let batches = vec((puts(), vec(question(), 120..130)), 1..5);
    let result = TestRunner::new(config).run(&batches, |batches| {
        let folder = tempfile::tempdir().expect("folder");
        let catalog = EmbeddedCatalog::open(folder.path()).expect("catalog opens");
        let reference = ReferenceCatalog::new();
        for (puts, questions) in &batches {
            apply(puts, &mut catalog.writer().expect("writer opens"), &reference);
            for question in questions {
                hits.set(hits.get() + runtime.block_on(compare(question, &catalog, &reference))?);
                asked.set(asked.get() + 1);
            }
            runtime.block_on(suggestions(&catalog, &reference))?;
            let sizes = runtime.block_on(async { (catalog.size().await, reference.size().await) });
            prop_assert_eq!(sizes.0.expect("size"), sizes.1.expect("size"));
        }
        // A fresh look from outside sees the same.
        let again = EmbeddedCatalog::open(folder.path()).expect("catalog opens again");
        for (_, questions) in &batches {
            for question in questions.iter().take(5) {
                runtime.block_on(compare(question, &again, &reference))?;
            }
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(hits.get() > asked.get(), "{} hits in {} searches prove little", hits.get(), asked.get());
}

#[test]
fn many_commits_and_merges_change_nothing() {
    let runtime = runtime();
    let mut runner = TestRunner::deterministic();
    let folder = tempfile::tempdir().expect("folder");
    let catalog = EmbeddedCatalog::open(folder.path()).expect("catalog opens");
    let reference = ReferenceCatalog::new();
    let made = |runner: &mut TestRunner| {
        use proptest::strategy::ValueTree;
        (
            puts().new_tree(runner).expect("puts").current(),
            question().new_tree(runner).expect("question").current(),
        )
    };
    let mut questions = Vec::new();
    for _ in 0..20 {
        let (puts, question) = made(&mut runner);
        apply(&puts, &mut catalog.writer().expect("writer opens"), &reference);
        questions.push(question);
    }
    // One more commit, and segments are merged.
    catalog.writer().expect("writer").finish().expect("merges end");
    for _ in 0..100 {
        questions.push(made(&mut runner).1);
    }
    for question in &questions {
        runtime.block_on(compare(question, &catalog, &reference)).expect("alike");
    }
    let ids: Vec<Uuid> = (0..70).map(Uuid::from_u128).collect();
    let (ours, theirs) =
        runtime.block_on(async { (catalog.people(&ids).await, reference.people(&ids).await) });
    assert_eq!(ours.expect("people"), theirs.expect("people"));
    let ids: Vec<Uuid> = (0..20).rev().map(|number| Uuid::from_u128(number << 64)).collect();
    let (ours, theirs) =
        runtime.block_on(async { (catalog.companies(&ids).await, reference.companies(&ids).await) });
    assert_eq!(ours.expect("companies"), theirs.expect("companies"));
    let urls: Vec<String> = ["http://shop.acme.com/x", "linkedin.com/company/C1", "nothing", "gamma.io"]
        .map(str::to_owned)
        .to_vec();
    let (ours, theirs) =
        runtime.block_on(async { (catalog.companies_at(&urls).await, reference.companies_at(&urls).await) });
    let ours = ours.expect("companies");
    assert!(!ours.is_empty());
    assert_eq!(ours, theirs.expect("companies"));
}

#[test]
fn imports_and_merges_beside_disturb_nothing() {
    use proptest::strategy::ValueTree;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    let mut runner = TestRunner::deterministic();
    let folder = tempfile::tempdir().expect("folder");
    let catalog = EmbeddedCatalog::open(folder.path()).expect("catalog opens");
    let reference = ReferenceCatalog::new();
    // One record for each id, so that putting them again changes nothing.
    let mut all: std::collections::BTreeMap<Uuid, Put> = std::collections::BTreeMap::new();
    for _ in 0..6 {
        for put in puts().new_tree(&mut runner).expect("puts").current() {
            let id = match &put {
                Put::Person(person) => person.id,
                Put::Company(company) => company.id,
            };
            all.insert(id, put);
        }
    }
    let all: Vec<Put> = all.into_values().collect();
    apply(&all, &mut catalog.writer().expect("writer opens"), &reference);
    let questions: Vec<Question> =
        (0..400).map(|_| question().new_tree(&mut runner).expect("question").current()).collect();
    let (stop, commits) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let unseen = ReferenceCatalog::new();
            let mut from = 0;
            while !stop.load(Ordering::Relaxed) {
                // Another part each time: old versions are deleted, segments grow many and are merged.
                let part: Vec<Put> = all.iter().cycle().skip(from).take(25).cloned().collect();
                apply(&part, &mut catalog.writer().expect("writer opens"), &unseen);
                from = (from + 25) % all.len();
                commits.fetch_add(1, Ordering::Relaxed);
            }
        });
        let runtime = runtime();
        let outcome: Result<(), TestCaseError> = questions
            .iter()
            .try_for_each(|question| runtime.block_on(compare(question, &catalog, &reference)).map(drop));
        stop.store(true, Ordering::Relaxed);
        outcome.expect("alike");
    });
    assert!(commits.load(Ordering::Relaxed) > 10, "{commits:?} commits came beside");
}
