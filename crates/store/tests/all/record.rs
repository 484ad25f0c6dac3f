use crate::harness::{ACME, assert_fails, on_each, read, write};
use crate::samples::{at, company, id, list, person};
use sluice_model::EntityKind::{Company, Person};
use sluice_store::StoreError;
use sluice_store::ops::lead_list::{lead_list_delete, lead_list_insert};
use sluice_store::ops::record::{
    company_get, company_insert, company_list, listing_delete, listing_insert, person_get, person_insert,
    person_list, record_add_keys, record_find, record_in_crm, record_known, record_last_listed,
    record_set_in_crm,
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

fn keys(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn sorted(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    ids.sort();
    ids
}

#[tokio::test]
async fn a_person_comes_back_with_their_company() {
    on_each(async |db| {
        let acme = company(1);
        let mut lead = person(2);
        lead.person.company_id = Some(acme.id);
        lead.company = Some(acme.clone());
        write!(db.store, ACME, [acme], |tx| company_insert(tx, &acme, &[]))?;
        write!(db.store, ACME, [lead], |tx| person_insert(tx, &lead, &[]))?;
        assert_eq!(read!(db.store, ACME, [lead], |tx| person_get(tx, lead.person.id))?, Some(lead.clone()));
        assert_eq!(read!(db.store, ACME, [acme], |tx| company_get(tx, acme.id))?, Some(acme.clone()));
        // An id of the other kind, or of nobody.
        assert_eq!(read!(db.store, ACME, [acme], |tx| person_get(tx, acme.id))?, None);
        assert_eq!(read!(db.store, ACME, [lead], |tx| company_get(tx, lead.person.id))?, None);
        let taken = write!(db.store, ACME, [lead], |tx| person_insert(tx, &lead, &[]));
        assert_fails!(taken, StoreError::Duplicate(_));
        let taken = write!(db.store, ACME, [acme], |tx| company_insert(tx, &acme, &[]));
        assert_fails!(taken, StoreError::Duplicate(_));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_person_needs_their_company_to_be_a_company() {
    on_each(async |db| {
        let other = person(1);
        write!(db.store, ACME, [other], |tx| person_insert(tx, &other, &[]))?;
        for company in [id(1), id(99)] {
            let mut lead = person(2);
            lead.person.company_id = Some(company);
            let refused = write!(db.store, ACME, [lead], |tx| person_insert(tx, &lead, &[]));
            assert_fails!(refused, StoreError::RowCount { operation: "person_insert", rows: 0 });
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn records_are_found_by_their_keys_of_their_kind() {
    on_each(async |db| {
        let (ann, bob, acme) = (person(1), person(2), company(3));
        let (of_ann, of_bob) = (keys(&["email:a", "linkedin:a"]), keys(&["email:b", "email:a"]));
        let of_acme = keys(&["domain:acme", "email:a"]);
        write!(db.store, ACME, [ann], |tx| person_insert(tx, &ann, &of_ann))?;
        write!(db.store, ACME, [bob], |tx| person_insert(tx, &bob, &of_bob))?;
        write!(db.store, ACME, [acme], |tx| company_insert(tx, &acme, &of_acme))?;
        let wanted = keys(&["email:a", "email:b", "linkedin:a", "domain:acme", "email:z"]);
        let found = read!(db.store, ACME, [wanted], |tx| record_find(tx, Person, &wanted))?;
        let expected = [("email:a", id(1)), ("email:b", id(2)), ("linkedin:a", id(1))];
        let expected: HashMap<_, _> = expected.into_iter().map(|(key, id)| (key.to_owned(), id)).collect();
        assert_eq!(found, expected, "a key stays with the record that had it first");
        let found = read!(db.store, ACME, [wanted], |tx| record_find(tx, Company, &wanted))?;
        assert_eq!(found.len(), 2);

        let more = keys(&["email:a", "email:c"]);
        write!(db.store, ACME, [more], |tx| record_add_keys(tx, Person, id(2), &more))?;
        let found = read!(db.store, ACME, [more], |tx| record_find(tx, Person, &more))?;
        assert_eq!(BTreeMap::from_iter(found).into_values().collect::<Vec<_>>(), [id(1), id(2)]);
        assert!(read!(db.store, ACME, |tx| record_find(tx, Person, &[]))?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn long_lists_of_keys_and_ids_are_asked_for_in_parts() {
    on_each(async |db| {
        let leads: Vec<_> = (1..=1_203).map(person).collect();
        let given = leads.clone();
        db.store
            .write::<_, StoreError, _>(ACME, move |tx| {
                Box::pin(async move {
                    for lead in &given {
                        person_insert(tx, lead, &[lead.person.emails[0].clone()]).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        let wanted: Vec<String> = leads.iter().map(|lead| lead.person.emails[0].clone()).collect();
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.person.id).collect();
        assert_eq!(read!(db.store, ACME, [wanted], |tx| record_find(tx, Person, &wanted))?.len(), 1_203);
        assert_eq!(sorted(read!(db.store, ACME, [ids], |tx| record_known(tx, Person, &ids))?), ids);
        write!(db.store, ACME, [ids], |tx| listing_insert(tx, id(5), &ids, at(1)))?;
        assert_eq!(read!(db.store, ACME, [ids], |tx| record_last_listed(tx, &ids, None))?.len(), 1_203);
        assert!(read!(db.store, ACME, [ids], |tx| record_in_crm(tx, &ids))?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn known_ids_are_those_of_the_kind() {
    on_each(async |db| {
        let (ann, acme) = (person(1), company(2));
        write!(db.store, ACME, [ann], |tx| person_insert(tx, &ann, &[]))?;
        write!(db.store, ACME, [acme], |tx| company_insert(tx, &acme, &[]))?;
        let ids = [id(1), id(2), id(3)];
        assert_eq!(read!(db.store, ACME, |tx| record_known(tx, Person, &ids))?, [id(1)]);
        assert_eq!(read!(db.store, ACME, |tx| record_known(tx, Company, &ids))?, [id(2)]);
        assert!(read!(db.store, ACME, |tx| record_known(tx, Person, &[]))?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn whether_a_record_is_in_the_crm_can_change() {
    on_each(async |db| {
        let (mut ann, bob, mut acme) = (person(1), person(2), company(3));
        ann.crm_id = Some("77".to_owned());
        acme.bullhorn_id = Some("b".to_owned());
        write!(db.store, ACME, [ann], |tx| person_insert(tx, &ann, &[]))?;
        write!(db.store, ACME, [bob], |tx| person_insert(tx, &bob, &[]))?;
        write!(db.store, ACME, [acme], |tx| company_insert(tx, &acme, &[]))?;
        let ids = [id(1), id(2), id(3)];
        assert_eq!(sorted(read!(db.store, ACME, |tx| record_in_crm(tx, &ids))?), [id(1), id(3)]);
        write!(db.store, ACME, [], |tx| record_set_in_crm(tx, id(1), false))?;
        write!(db.store, ACME, [], |tx| record_set_in_crm(tx, id(2), true))?;
        assert_eq!(sorted(read!(db.store, ACME, |tx| record_in_crm(tx, &ids))?), [id(2), id(3)]);
        let nobody = write!(db.store, ACME, [], |tx| record_set_in_crm(tx, id(9), true));
        assert_fails!(nobody, StoreError::RowCount { operation: "record_set_in_crm", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn listings_outlive_the_list_until_they_are_taken_back() {
    on_each(async |db| {
        let (ann, bob) = (person(1), person(2));
        write!(db.store, ACME, [ann], |tx| person_insert(tx, &ann, &[]))?;
        write!(db.store, ACME, [bob], |tx| person_insert(tx, &bob, &[]))?;
        let ids = [id(1), id(2)];
        let made = list(10, &ids);
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        write!(db.store, ACME, [], |tx| listing_insert(tx, id(10), &ids, at(1)))?;
        write!(db.store, ACME, [], |tx| listing_insert(tx, id(11), &[id(2)], at(3)))?;
        write!(db.store, ACME, [], |tx| lead_list_delete(tx, id(10)))?;
        let last = |store: &sluice_store::Store, except: Option<Uuid>| {
            let store = store.clone();
            async move { read!(store, ACME, |tx| record_last_listed(tx, &ids, except)) }
        };
        let both = HashMap::from([(id(1), at(1)), (id(2), at(3))]);
        assert_eq!(last(&db.store, None).await?, both);
        assert_eq!(last(&db.store, Some(id(11))).await?, HashMap::from([(id(1), at(1)), (id(2), at(1))]));
        // The same list again counts anew.
        write!(db.store, ACME, [], |tx| listing_insert(tx, id(10), &[id(1)], at(7)))?;
        assert_eq!(last(&db.store, None).await?.get(&id(1)), Some(&at(7)));
        write!(db.store, ACME, [], |tx| listing_delete(tx, id(10)))?;
        assert_eq!(last(&db.store, None).await?, HashMap::from([(id(2), at(3))]));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_records_of_a_list_come_in_its_order() {
    on_each(async |db| {
        let acme = company(1);
        write!(db.store, ACME, [acme], |tx| company_insert(tx, &acme, &[]))?;
        let mut leads = Vec::new();
        for number in [4, 2, 3] {
            let mut lead = person(number);
            if number == 2 {
                lead.person.company_id = Some(acme.id);
                lead.company = Some(acme.clone());
            }
            write!(db.store, ACME, [lead], |tx| person_insert(tx, &lead, &[]))?;
            leads.push(lead);
        }
        let made = list(10, &[id(4), id(2), id(3)]);
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        assert_eq!(read!(db.store, ACME, |tx| person_list(tx, id(10)))?, leads);
        assert_eq!(read!(db.store, ACME, |tx| company_list(tx, id(10)))?, []);
        let mut companies = list(11, &[]);
        companies.kind = Company;
        companies.company_ids = vec![acme.id];
        write!(db.store, ACME, [companies], |tx| lead_list_insert(tx, &companies))?;
        assert_eq!(read!(db.store, ACME, |tx| company_list(tx, id(11)))?, [acme]);
        assert_eq!(read!(db.store, ACME, |tx| person_list(tx, id(11)))?, []);
        Ok(())
    })
    .await;
}
