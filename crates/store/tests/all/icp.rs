use crate::harness::{ACME, assert_fails, on_each, read, write};
use crate::samples::{at, icp, id, list, raw};
use sluice_store::StoreError;
use sluice_store::ops::icp::{
    StoredIcp, icp_delete, icp_get, icp_insert, icp_list, icp_save, icp_version_get, icp_version_list,
};
use sluice_store::ops::lead_list::{lead_list_get, lead_list_insert};

#[tokio::test]
async fn an_icp_comes_back_as_it_was_sent() {
    on_each(async |db| {
        let mut icp = icp(1);
        icp.crm_filters = Some(raw(r#"{ "b":1,  "a":2 }"#));
        icp.active_until = Some(at(-5));
        write!(db.store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &["name"]))?;
        let found = read!(db.store, ACME, |tx| icp_get(tx, id(1)))?;
        assert_eq!(found, Some(StoredIcp { icp, version: 1 }));
        assert_eq!(read!(db.store, ACME, |tx| icp_get(tx, id(2)))?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_id_is_taken_once_and_a_refused_insert_leaves_nothing() {
    on_each(async |db| {
        let (first, mut second) = (icp(1), icp(1));
        second.user_ids = vec!["user_bob".to_owned()];
        write!(db.store, ACME, [first], |tx| icp_insert(tx, &first, "user_ann", &[]))?;
        let taken = write!(db.store, ACME, [second], |tx| icp_insert(tx, &second, "user_bob", &[]));
        assert_fails!(taken, StoreError::Duplicate(_));
        assert_eq!(read!(db.store, ACME, |tx| icp_list(tx, Some("user_bob")))?, []);
        assert_eq!(read!(db.store, ACME, |tx| icp_version_list(tx, id(1), None, 10))?.len(), 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn lists_are_newest_first_then_by_id_and_of_one_user_when_asked() {
    on_each(async |db| {
        for number in [1, 3, 2] {
            let mut icp = icp(number);
            if number == 2 {
                // As old as number 3: the id decides.
                icp.created_at = at(3);
                icp.user_ids = vec!["user_bob".to_owned(), "user_ann".to_owned()];
            }
            write!(db.store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
        }
        let ids = |icps: Vec<StoredIcp>| icps.into_iter().map(|stored| stored.icp.id).collect::<Vec<_>>();
        assert_eq!(ids(read!(db.store, ACME, |tx| icp_list(tx, None))?), [id(3), id(2), id(1)]);
        let of_ann = read!(db.store, ACME, |tx| icp_list(tx, Some("user_ann")))?;
        assert_eq!(ids(of_ann), [id(3), id(2), id(1)]);
        assert_eq!(ids(read!(db.store, ACME, |tx| icp_list(tx, Some("user_bob")))?), [id(2)]);
        assert!(read!(db.store, ACME, |tx| icp_list(tx, Some("user_eve")))?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_save_makes_the_next_version_and_only_that() {
    on_each(async |db| {
        let mut next = StoredIcp { icp: icp(1), version: 2 };
        let first = icp(1);
        write!(db.store, ACME, [first], |tx| icp_insert(tx, &first, "user_ann", &["name", "userIds"]))?;
        next.icp.name = "Renamed".to_owned();
        next.icp.description = None;
        next.icp.updated_at = at(9);
        next.icp.user_ids = vec!["user_bob".to_owned()];
        let changed = ["name", "description", "userIds"];
        write!(db.store, ACME, [next], |tx| icp_save(tx, &next, "user_bob", &changed))?;
        assert_eq!(read!(db.store, ACME, |tx| icp_get(tx, id(1)))?, Some(next.clone()));
        assert_eq!(read!(db.store, ACME, |tx| icp_list(tx, Some("user_ann")))?, []);
        assert_eq!(read!(db.store, ACME, |tx| icp_list(tx, Some("user_bob")))?, [next.clone()]);

        // Somebody else saved meanwhile, or a version is left out.
        for version in [2, 4] {
            let stale = StoredIcp { icp: next.icp.clone(), version };
            let refused = write!(db.store, ACME, [stale], |tx| icp_save(tx, &stale, "user_ann", &[]));
            assert_fails!(refused, StoreError::RowCount { operation: "icp_save", rows: 0 });
        }
        let history = read!(db.store, ACME, |tx| icp_version_list(tx, id(1), None, 10))?;
        assert_eq!(history.iter().map(|version| version.version).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((&*history[0].user_id, history[0].created_at), ("user_bob", at(9)));
        assert_eq!(history[0].changed, changed);
        assert_eq!((&history[0].icp, &history[1].icp), (&next.icp, &first));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn history_is_read_in_pages_and_by_number() {
    on_each(async |db| {
        let first = icp(1);
        write!(db.store, ACME, [first], |tx| icp_insert(tx, &first, "user_ann", &[]))?;
        for version in 2..=5 {
            let next = StoredIcp { icp: first.clone(), version };
            write!(db.store, ACME, [next], |tx| icp_save(tx, &next, "user_ann", &["name"]))?;
        }
        for (below, limit, expected) in
            [(None, 2, vec![5, 4]), (Some(4), 2, vec![3, 2]), (Some(2), 2, vec![1]), (Some(1), 2, vec![])]
        {
            let page = read!(db.store, ACME, |tx| icp_version_list(tx, id(1), below, limit))?;
            assert_eq!(page.iter().map(|version| version.version).collect::<Vec<_>>(), expected);
        }
        let third = read!(db.store, ACME, |tx| icp_version_get(tx, id(1), 3))?;
        assert_eq!(third.map(|version| version.version), Some(3));
        for version in [0, 6, -1, i64::MAX] {
            assert_eq!(read!(db.store, ACME, |tx| icp_version_get(tx, id(1), version))?, None);
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_deleted_icp_takes_its_history_and_leaves_its_lists() {
    on_each(async |db| {
        let (icp, mut made) = (icp(1), list(2, &[]));
        made.icp_id = Some(icp.id);
        write!(db.store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        write!(db.store, ACME, [], |tx| icp_delete(tx, id(1)))?;
        assert_eq!(read!(db.store, ACME, |tx| icp_get(tx, id(1)))?, None);
        assert_eq!(read!(db.store, ACME, |tx| icp_list(tx, Some("user_ann")))?, []);
        assert_eq!(read!(db.store, ACME, |tx| icp_version_list(tx, id(1), None, 9))?, []);
        made.icp_id = None;
        let kept = read!(db.store, ACME, |tx| lead_list_get(tx, id(2)))?;
        assert_eq!(kept.map(|stored| stored.list), Some(made));
        let again = write!(db.store, ACME, [], |tx| icp_delete(tx, id(1)));
        assert_fails!(again, StoreError::RowCount { operation: "icp_delete", rows: 0 });
        Ok(())
    })
    .await;
}
