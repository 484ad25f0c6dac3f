//! The write side, and what happens when a server is away.

use crate::engine::made;
use sluice_catalog::{Catalog, CatalogError, ClickHouseCatalog, Count, Key, Search, Sort, Window, Writer};
use sluice_model::filter::Filter;
use sluice_model::{Company, EntityKind, Person};
use uuid::Uuid;

fn person(number: u128, name: &str) -> Person {
    Person { id: Uuid::from_u128(number), first_name: name.to_owned(), ..Person::default() }
}

fn keys(keys: &[&str]) -> Vec<Key> {
    keys.iter().map(|key| Key::of(key)).collect()
}

fn everybody(window: Window) -> Search {
    Search { filter: Filter::default(), ids: None, window, count: true, sort: Sort::Rank, now: made::now() }
}

/// The first names of everybody, and their number.
async fn names(catalog: &ClickHouseCatalog) -> (Vec<String>, Option<u64>) {
    let page =
        catalog.search_people(everybody(Window::Page { offset: 0, limit: 1_000 })).await.expect("people");
    let mut names: Vec<String> = page.hits.into_iter().map(|hit| hit.person.first_name).collect();
    names.sort();
    (names, page.total)
}

fn list(names: &[&str]) -> (Vec<String>, Option<u64>) {
    (names.iter().map(|name| (*name).to_owned()).collect(), Some(names.len() as u64))
}

#[tokio::test]
async fn what_is_committed_counts_and_nothing_else() {
    let (mut cluster, catalog) = super::start().await;
    let mut writer = catalog.writer().expect("writer");
    let ann = person(1, "Ann");
    writer.store_person(&ann, &keys(&["em:ann@example.com", "li:ann"])).expect("put");
    let company = Company { id: Uuid::from_u128(7), name: Some("Acme".to_owned()), ..Company::default() };
    writer.store_company(&company, &keys(&["dom:acme.com"])).expect("put");
    let owners = |writer: &dyn Writer, kind, of: &[&str]| -> Vec<Option<Uuid>> {
        keys(of).into_iter().map(|key| writer.owner(kind, key).expect("owner")).collect()
    };
    let people = ["li:ann", "dom:acme.com", "em:ann@example.com", "x"];
    let expected = [Some(ann.id), None, Some(ann.id), None];
    assert_eq!(owners(&writer, EntityKind::Person, &people), expected);
    assert_eq!(catalog.size().await.expect("size"), (0, 0), "nothing is visible before the commit");
    writer.commit().expect("commit");
    assert_eq!(catalog.size().await.expect("size"), (1, 1));
    assert_eq!(writer.person(ann.id).expect("get"), Some(ann.clone()));
    drop(writer);

    // Put anew with other keys: the old row counts no longer, nor do the keys that are not named again.
    let mut writer = catalog.writer().expect("writer");
    assert_eq!(owners(&writer, EntityKind::Person, &people), expected);
    assert_eq!(writer.company(company.id).expect("get"), Some(company));
    assert_eq!(writer.company(ann.id).expect("get"), None);
    writer.store_person(&person(1, "Anna"), &keys(&["li:anna"])).expect("put");
    writer.store_person(&person(2, "Bob"), &keys(&["li:bob"])).expect("put");
    writer.commit().expect("commit");
    writer.store_person(&person(2, "Bobby"), &keys(&["li:bob"])).expect("put");
    writer.commit().expect("commit");
    drop(writer);
    assert_eq!(names(&catalog).await, list(&["Anna", "Bobby"]));
    let writer = catalog.writer().expect("writer");
    let now = owners(&writer, EntityKind::Person, &["li:ann", "li:anna", "li:bob"]);
    assert_eq!(now, [None, Some(ann.id), Some(Uuid::from_u128(2))]);
    drop(writer);

    // A server that does not answer is passed over.
    let url = cluster.url("people").replacen('@', "@127.0.0.1:1,", 1);
    let detour = ClickHouseCatalog::new(&url).expect("the cluster's URL");
    for _ in 0..3 {
        assert_eq!(names(&detour).await, list(&["Anna", "Bobby"]));
    }

    // An import that fails half-way: a shard goes away before its commit.
    let mut writer = catalog.writer().expect("writer");
    for number in 0..100 {
        writer.store_person(&person(number, "Eve"), &[]).expect("put");
    }
    cluster.stop_shard(1);
    assert!(matches!(writer.commit(), Err(CatalogError::Unavailable(_))));
    assert!(matches!(writer.commit(), Err(CatalogError::Unavailable(_))), "nor is it committed later");
    assert!(matches!(catalog.writer(), Err(CatalogError::Unavailable(_))));
    unavailable(&catalog).await;
    cluster.start_shard(1).expect("the shard comes back");
    assert!(matches!(catalog.writer(), Err(CatalogError::Locked)), "one at a time");
    drop(writer);
    assert_eq!(names(&catalog).await, list(&["Anna", "Bobby"]));
    let mut writer = catalog.writer().expect("writer");
    writer.store_person(&person(3, "Carl"), &[]).expect("put");
    writer.commit().expect("commit");
    assert_eq!(names(&catalog).await, list(&["Anna", "Bobby", "Carl"]));
    drop(writer);

    // What another version analysed cannot be searched by this one, nor added to.
    cluster.run(0, "INSERT INTO people.commit_local VALUES (900, 900, 0, 0, 'analysis_0')");
    assert!(matches!(catalog.size().await, Err(CatalogError::Corrupt(_))));
    assert!(matches!(catalog.writer(), Err(CatalogError::Corrupt(_))));
}

/// Nothing is counted of what is left.
async fn unavailable(catalog: &ClickHouseCatalog) {
    let page = everybody(Window::Page { offset: 0, limit: 10 });
    let told = [
        catalog.search_people(page.clone()).await.map(drop),
        catalog.search_companies(page).await.map(drop),
        catalog.people(&[Uuid::from_u128(1)]).await.map(drop),
        catalog.companies(&[Uuid::from_u128(7)]).await.map(drop),
        catalog.companies_at(&["acme.com".to_owned()]).await.map(drop),
        catalog.size().await.map(drop),
        catalog
            .count(Count {
                kind: EntityKind::Person,
                filter: Filter::default(),
                now: made::now(),
                facets: vec!["country".to_owned()],
                top: 3,
            })
            .await
            .map(drop),
    ];
    for answer in told {
        let error = answer.expect_err("a shard is away");
        assert_eq!(error.to_string(), "catalog unavailable: the ClickHouse cluster gave no answer");
    }
}
