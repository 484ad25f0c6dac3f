//! The write side: identity keys, locks, what is visible when.

use sluice_catalog::{Catalog, CatalogError, EmbeddedCatalog};
use sluice_model::{Company, EntityKind, Person};
use uuid::Uuid;

fn person(number: u128, name: &str) -> Person {
    Person { id: Uuid::from_u128(number), first_name: name.to_owned(), ..Person::default() }
}

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

#[tokio::test]
async fn records_are_found_by_their_keys_before_and_after_a_commit() {
    let folder = tempfile::tempdir().expect("folder");
    let catalog = EmbeddedCatalog::open(folder.path()).expect("catalog");
    let mut writer = catalog.writer().expect("writer");
    let ann = person(1, "Ann");
    writer.put_person(&ann, &keys(&["em:ann@example.com", "li:ann"])).expect("put");
    let company = Company { id: Uuid::from_u128(7), name: Some("Acme".to_owned()), ..Company::default() };
    writer.put_company(&company, &keys(&["dom:acme.com"])).expect("put");
    let found = |writer: &sluice_catalog::CatalogWriter| {
        (
            writer.find(EntityKind::Person, &keys(&["li:ann", "dom:acme.com", "em:ann@example.com", "x"])),
            writer.find(EntityKind::Company, &keys(&["dom:acme.com", "li:ann"])),
        )
    };
    let expected = (vec![Some(ann.id), None, Some(ann.id), None], vec![Some(company.id), None]);
    assert_eq!(found(&writer), expected);
    assert_eq!(writer.get_person(ann.id).expect("get"), Some(ann.clone()));
    assert_eq!(catalog.size().await.expect("size"), (0, 0), "nothing is visible before the commit");
    writer.commit().expect("commit");
    assert_eq!(catalog.size().await.expect("size"), (1, 1));
    assert_eq!(writer.get_person(ann.id).expect("get"), Some(ann.clone()));
    assert_eq!(writer.get_company(company.id).expect("get"), Some(company.clone()));
    assert_eq!(writer.get_company(ann.id).expect("get"), None);

    // Put again with other keys, then forgotten: the commit counts.
    writer.put_person(&person(1, "Anna"), &keys(&["li:anna"])).expect("put");
    assert_eq!(
        writer.get_person(ann.id).expect("get").map(|person| person.first_name),
        Some("Anna".to_owned())
    );
    drop(writer);
    let writer = catalog.writer().expect("writer opens again");
    assert_eq!(found(&writer), expected);
    assert_eq!(writer.find(EntityKind::Person, &keys(&["li:anna"])), [None]);
    assert_eq!(writer.get_person(ann.id).expect("get"), Some(ann));
}

#[tokio::test]
async fn one_writer_at_a_time_and_readers_beside_it() {
    let folder = tempfile::tempdir().expect("folder");
    let catalog = EmbeddedCatalog::open(folder.path()).expect("catalog");
    let mut writer = catalog.writer().expect("writer");
    let other = EmbeddedCatalog::open(folder.path()).expect("opens beside a writer");
    assert!(matches!(other.writer(), Err(CatalogError::Locked)));
    writer.put_person(&person(1, "Ann"), &[]).expect("put");
    writer.commit().expect("commit");
    assert_eq!(other.size().await.expect("size"), (1, 0), "seen at once");
    drop(writer);
    assert!(other.writer().is_ok());
}

#[tokio::test]
async fn a_company_that_comes_later_is_its_peoples() {
    let folder = tempfile::tempdir().expect("folder");
    let catalog = EmbeddedCatalog::open(folder.path()).expect("catalog");
    let id = Uuid::from_u128(9);
    let mut writer = catalog.writer().expect("writer");
    let ann = Person { company_id: Some(id), ..person(1, "Ann") };
    writer.put_person(&ann, &[]).expect("put");
    writer.commit().expect("commit");
    let hits = catalog.people(&[ann.id]).await.expect("people");
    assert_eq!(hits.first().map(|hit| hit.company.clone()), Some(None));
    assert_eq!(catalog.companies(&[id]).await.expect("companies"), []);
    assert_eq!(writer.get_company(id).expect("get"), None);
    drop(writer);
    let mut writer = catalog.writer().expect("writer");
    let company = Company { id, name: Some("Acme".to_owned()), ..Company::default() };
    writer.put_company(&company, &[]).expect("put");
    writer.commit().expect("commit");
    let hits = catalog.people(&[ann.id]).await.expect("people");
    assert_eq!(hits.first().and_then(|hit| hit.company.clone()), Some(company));
    assert_eq!(catalog.size().await.expect("size"), (1, 1));
}
