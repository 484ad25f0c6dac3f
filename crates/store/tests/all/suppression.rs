use crate::harness::{ACME, Check, assert_fails, on_each, read, write};
use crate::samples::{at, id, suppression};
use sluice_store::ops::suppression::{
    StoredSuppression, suppression_any, suppression_erase, suppression_find, suppression_get,
    suppression_insert, suppression_list, suppression_remove,
};
use sluice_store::{Store, StoreError};
use uuid::Uuid;

async fn add(store: &Store, stored: &StoredSuppression) -> Check {
    let stored = stored.clone();
    write!(store, ACME, [stored], |tx| suppression_insert(tx, &stored))
}

fn hash(stored: &StoredSuppression) -> [u8; 32] {
    stored.hash.clone().try_into().expect("32 bytes")
}

fn ids(found: &[StoredSuppression]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = found.iter().map(|stored| stored.entry.id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn an_entry_comes_back_and_is_found_by_its_hash() {
    on_each(async |db| {
        let (first, second) = (suppression(ACME, 1, None), suppression(ACME, 2, Some(at(9_999))));
        add(&db.store, &first).await?;
        add(&db.store, &second).await?;
        assert_eq!(read!(db.store, ACME, |tx| suppression_get(tx, id(1)))?, Some(first.clone()));
        assert_eq!(read!(db.store, ACME, |tx| suppression_get(tx, id(3)))?, None);
        assert_fails!(add(&db.store, &first).await, StoreError::Duplicate(_));
        let absent = hash(&suppression(ACME, 3, None));
        let hashes = [hash(&first), absent, hash(&second)];
        let found = read!(db.store, ACME, |tx| suppression_find(tx, &hashes, at(10)))?;
        assert_eq!(ids(&found), [id(1), id(2)]);
        assert_eq!(read!(db.store, ACME, |tx| suppression_find(tx, &[absent], at(10)))?, []);
        assert_eq!(read!(db.store, ACME, |tx| suppression_find(tx, &[], at(10)))?, []);
        // More than one statement takes.
        let mut many: Vec<[u8; 32]> = vec![absent; 1_200];
        many[0] = hash(&first);
        many[1_199] = hash(&second);
        assert_eq!(read!(db.store, ACME, [many], |tx| suppression_find(tx, &many, at(10)))?.len(), 2);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn from_its_expiry_on_an_entry_no_longer_counts() {
    on_each(async |db| {
        assert!(!read!(db.store, ACME, |tx| suppression_any(tx, at(0)))?);
        let entry = suppression(ACME, 1, Some(at(100)));
        add(&db.store, &entry).await?;
        for (now, counts) in [(99, true), (100, false), (101, false)] {
            let found = read!(db.store, ACME, [entry], |tx| suppression_find(tx, &[hash(&entry)], at(now)))?;
            assert_eq!(!found.is_empty(), counts, "{now}");
            assert_eq!(entry.entry.is_active(at(now)), counts, "the model agrees at {now}");
            assert_eq!(read!(db.store, ACME, |tx| suppression_any(tx, at(now)))?, counts, "{now}");
        }
        let (listed, total) = read!(db.store, ACME, |tx| suppression_list(tx, false, 10, 0))?;
        assert_eq!((listed.len(), total), (1, 1), "an expired entry stays on view");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_removed_entry_leaves_a_tombstone() {
    on_each(async |db| {
        let mut entry = suppression(ACME, 1, None);
        add(&db.store, &entry).await?;
        write!(db.store, ACME, [], |tx| suppression_remove(tx, id(1), "user_bob", at(5)))?;
        entry.entry.removed_at = Some(at(5));
        entry.entry.removed_by = Some("user_bob".to_owned());
        assert_eq!(read!(db.store, ACME, |tx| suppression_get(tx, id(1)))?, Some(entry.clone()));
        assert_eq!(read!(db.store, ACME, [entry], |tx| suppression_find(tx, &[hash(&entry)], at(6)))?, []);
        assert!(!read!(db.store, ACME, |tx| suppression_any(tx, at(6)))?);
        assert_eq!(read!(db.store, ACME, |tx| suppression_list(tx, false, 10, 0))?, (vec![], 0));
        let shown = read!(db.store, ACME, |tx| suppression_list(tx, true, 10, 0))?;
        assert_eq!(shown, (vec![entry.clone()], 1));
        for missing in [id(1), id(2)] {
            let again = write!(db.store, ACME, [], |tx| suppression_remove(tx, missing, "user_bob", at(7)));
            assert_fails!(again, StoreError::RowCount { operation: "suppression_remove", rows: 0 });
        }
        // The value may be listed anew beside its tombstone.
        let mut anew = suppression(ACME, 2, None);
        anew.hash.clone_from(&entry.hash);
        add(&db.store, &anew).await?;
        let found = read!(db.store, ACME, [entry], |tx| suppression_find(tx, &[hash(&entry)], at(8)))?;
        assert_eq!(ids(&found), [id(2)]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_erased_entry_goes_on_suppressing_without_its_value() {
    on_each(async |db| {
        let entry = suppression(ACME, 1, None);
        add(&db.store, &entry).await?;
        write!(db.store, ACME, [], |tx| suppression_erase(tx, id(1), at(5)))?;
        write!(db.store, ACME, [], |tx| suppression_erase(tx, id(1), at(9)))?;
        let found = read!(db.store, ACME, [entry], |tx| suppression_find(tx, &[hash(&entry)], at(10)))?;
        assert_eq!(found.len(), 1);
        let erased = &found[0].entry;
        assert_eq!((&erased.value, &erased.reason), (&None, &None));
        assert_eq!(erased.erased_at, Some(at(5)), "the first erasure is the one that counts");
        let nothing = write!(db.store, ACME, [], |tx| suppression_erase(tx, id(2), at(5)));
        assert_fails!(nothing, StoreError::RowCount { operation: "suppression_erase", rows: 0 });
        // A tombstone can be erased too, and stays one.
        let second = suppression(ACME, 3, None);
        add(&db.store, &second).await?;
        write!(db.store, ACME, [], |tx| suppression_remove(tx, id(3), "user_bob", at(6)))?;
        write!(db.store, ACME, [], |tx| suppression_erase(tx, id(3), at(7)))?;
        assert_eq!(read!(db.store, ACME, |tx| suppression_find(tx, &[hash(&second)], at(10)))?, []);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_list_is_read_in_pages_newest_first() {
    on_each(async |db| {
        for number in 1..=5 {
            let mut entry = suppression(ACME, number, None);
            if number == 5 {
                // As old as number 4: the id decides.
                entry.entry.created_at = at(4);
            }
            add(&db.store, &entry).await?;
        }
        write!(db.store, ACME, [], |tx| suppression_remove(tx, id(3), "user_bob", at(9)))?;
        let cases: [(bool, usize, usize, &[u64], u64); 5] = [
            (false, 2, 0, &[5, 4], 4),
            (false, 2, 2, &[2, 1], 4),
            (false, 2, 4, &[], 4),
            (true, 3, 1, &[4, 3, 2], 5),
            (true, 0, 0, &[], 5),
        ];
        for (removed, limit, offset, expected, total) in cases {
            let (page, count) = read!(db.store, ACME, |tx| suppression_list(tx, removed, limit, offset))?;
            let found: Vec<Uuid> = page.iter().map(|stored| stored.entry.id).collect();
            let expected: Vec<Uuid> = expected.iter().map(|number| id(*number)).collect();
            assert_eq!((found, count), (expected, total));
        }
        Ok(())
    })
    .await;
}
