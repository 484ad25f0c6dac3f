use crate::harness::{ACME, Check, assert_fails, on_each, read, write};
use crate::samples::{at, company, icp, id, list, person};
use sluice_model::EntityKind;
use sluice_store::ops::icp::icp_insert;
use sluice_store::ops::lead_list::{
    StoredLeadList, lead_list_append, lead_list_delete, lead_list_exists, lead_list_get, lead_list_insert,
    lead_list_list, lead_list_save, lead_list_touch,
};
use sluice_store::ops::record::{company_get, company_insert, person_get, person_insert};
use sluice_store::{Store, StoreError};

async fn people(store: &Store, numbers: std::ops::RangeInclusive<u64>) -> Check {
    for number in numbers {
        let lead = person(number);
        write!(store, ACME, [lead], |tx| person_insert(tx, &lead, &[]))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_list_comes_back_with_its_records_in_order() {
    on_each(async |db| {
        people(&db.store, 10..=12).await?;
        let icp = icp(9);
        write!(db.store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
        let mut made = list(1, &[id(12), id(10), id(11)]);
        made.icp_id = Some(icp.id);
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        assert!(read!(db.store, ACME, |tx| lead_list_exists(tx, id(1)))?);
        let found = read!(db.store, ACME, |tx| lead_list_get(tx, id(1)))?;
        assert_eq!(found, Some(StoredLeadList { list: made.clone(), version: 1 }));
        let taken = write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made));
        assert_fails!(taken, StoreError::Duplicate(_));
        assert_eq!(read!(db.store, ACME, |tx| lead_list_get(tx, id(2)))?, None);
        assert!(!read!(db.store, ACME, |tx| lead_list_exists(tx, id(2)))?);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_company_list_holds_companies_only() {
    on_each(async |db| {
        people(&db.store, 10..=10).await?;
        let acme = company(20);
        write!(db.store, ACME, [acme], |tx| company_insert(tx, &acme, &[]))?;
        let mut made = list(1, &[]);
        made.kind = EntityKind::Company;
        made.company_ids = vec![acme.id];
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        let added = write!(db.store, ACME, [], |tx| lead_list_append(tx, id(1), &[id(10)]))?;
        assert!(added.is_empty(), "a person on a list of companies");
        assert!(read!(db.store, ACME, |tx| lead_list_exists(tx, id(1)))?);
        let found = read!(db.store, ACME, |tx| lead_list_get(tx, id(1)))?;
        assert_eq!(found.map(|stored| stored.list), Some(made));
        assert!(read!(db.store, ACME, |tx| company_get(tx, id(20)))?.is_some());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_icp_that_is_gone_leaves_a_new_list_without_one() {
    on_each(async |db| {
        let mut made = list(1, &[]);
        made.icp_id = Some(id(99));
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        assert!(read!(db.store, ACME, |tx| lead_list_exists(tx, id(1)))?);
        let found = read!(db.store, ACME, |tx| lead_list_get(tx, id(1)))?;
        assert_eq!(found.and_then(|stored| stored.list.icp_id), None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn lists_are_newest_first_and_of_one_user_when_asked() {
    on_each(async |db| {
        people(&db.store, 10..=11).await?;
        for number in [2, 1, 3] {
            let mut made = list(number, &[id(10)]);
            made.created_at = at(if number == 3 { 2 } else { number.cast_signed() });
            if number == 1 {
                made.user_ids.push("user_bob".to_owned());
            }
            write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        }
        let ids = |lists: &[StoredLeadList]| lists.iter().map(|stored| stored.list.id).collect::<Vec<_>>();
        let all = read!(db.store, ACME, |tx| lead_list_list(tx, None))?;
        assert_eq!(ids(&all), [id(3), id(2), id(1)]);
        assert!(all.iter().all(|stored| stored.list.person_ids == [id(10)]));
        assert_eq!(read!(db.store, ACME, |tx| lead_list_list(tx, Some("user_ann")))?, all);
        let of_bob = read!(db.store, ACME, |tx| lead_list_list(tx, Some("user_bob")))?;
        assert_eq!(ids(&of_bob), [id(1)]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_save_moves_one_revision_on_and_replaces_records_when_asked() {
    on_each(async |db| {
        people(&db.store, 10..=13).await?;
        let made = list(1, &[id(10), id(11)]);
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        let mut next = StoredLeadList { list: made.clone(), version: 2 };
        next.list.name = "Renamed".to_owned();
        next.list.updated_at = at(50);
        next.list.person_ids = vec![id(13), id(10)];
        write!(db.store, ACME, [next], |tx| lead_list_save(tx, &next, false))?;
        let kept = read!(db.store, ACME, |tx| lead_list_get(tx, id(1)))?.expect("the list");
        assert_eq!((&*kept.list.name, kept.version), ("Renamed", 2));
        assert_eq!(kept.list.person_ids, made.person_ids, "records are kept unless replaced");
        let stale = write!(db.store, ACME, [next], |tx| lead_list_save(tx, &next, true));
        assert_fails!(stale, StoreError::RowCount { operation: "lead_list_save", rows: 0 });
        next.version = 3;
        write!(db.store, ACME, [next], |tx| lead_list_save(tx, &next, true))?;
        assert_eq!(read!(db.store, ACME, |tx| lead_list_get(tx, id(1)))?, Some(next));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn appending_skips_what_is_there_or_unknown() {
    on_each(async |db| {
        people(&db.store, 10..=13).await?;
        let made = list(1, &[id(11)]);
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        let more = vec![id(13), id(11), id(13), id(77), id(10)];
        let added = write!(db.store, ACME, [more], |tx| lead_list_append(tx, id(1), &more))?;
        assert_eq!(added, [id(13), id(10)]);
        let found = read!(db.store, ACME, |tx| lead_list_get(tx, id(1)))?.expect("the list");
        assert_eq!(found.list.person_ids, [id(11), id(13), id(10)]);
        assert_eq!(found.version, 1, "the caller touches the list when it changed");
        let nowhere = write!(db.store, ACME, [], |tx| lead_list_append(tx, id(2), &[]));
        assert_fails!(nowhere, StoreError::RowCount { operation: "lead_list_append", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_touch_always_moves_the_time_on() {
    on_each(async |db| {
        let made = list(1, &[]);
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        let mut before = made.updated_at;
        // The clock stands still, then goes back.
        for (version, now) in [(2, at(60)), (3, at(60)), (4, at(5))] {
            write!(db.store, ACME, [], |tx| lead_list_touch(tx, id(1), now))?;
            let found = read!(db.store, ACME, |tx| lead_list_get(tx, id(1)))?.expect("the list");
            assert_eq!(found.version, version);
            assert!(found.list.updated_at > before);
            before = found.list.updated_at;
        }
        let nowhere = write!(db.store, ACME, [], |tx| lead_list_touch(tx, id(2), at(60)));
        assert_fails!(nowhere, StoreError::RowCount { operation: "lead_list_touch", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_deleted_list_leaves_its_records() {
    on_each(async |db| {
        people(&db.store, 10..=10).await?;
        for number in [1, 2] {
            let made = list(number, &[id(10)]);
            write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        }
        write!(db.store, ACME, [], |tx| lead_list_delete(tx, id(1)))?;
        assert_eq!(read!(db.store, ACME, |tx| lead_list_get(tx, id(1)))?, None);
        assert!(read!(db.store, ACME, |tx| person_get(tx, id(10)))?.is_some());
        let rest = read!(db.store, ACME, |tx| lead_list_list(tx, Some("user_ann")))?;
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].list.person_ids, [id(10)]);
        let again = write!(db.store, ACME, [], |tx| lead_list_delete(tx, id(1)));
        assert_fails!(again, StoreError::RowCount { operation: "lead_list_delete", rows: 0 });
        Ok(())
    })
    .await;
}
