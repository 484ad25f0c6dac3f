//! Units of work: all or nothing, alone.

use crate::harness::{ACME, Check, OTHER, assert_fails, on_each, read, write};
use crate::samples::{at, icp, id};
use sluice_store::ops::audit::{AuditEntry, audit_insert, audit_list};
use sluice_store::ops::icp::{icp_get, icp_insert, icp_list, icp_version_list};
use sluice_store::{Store, StoreError, one_snapshot};
use std::sync::{Arc, Mutex, mpsc};

/// A caller's own error.
#[derive(Debug)]
enum Refused {
    Rule,
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

async fn add(store: &Store, number: u64) -> Check {
    let icp = icp(number);
    write!(store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))
}

async fn count(store: &Store) -> Result<usize, StoreError> {
    Ok(read!(store, ACME, |tx| icp_list(tx, None))?.len())
}

#[tokio::test]
async fn reads_right_after_each_other_share_a_snapshot_until_the_work_waits_or_writes() {
    on_each(async |db| {
        let other = db.second_handle().await?;
        one_snapshot(async {
            assert_eq!(count(&db.store).await?, 0);
            // By somebody else: the writing is waited for, hence seen.
            add(&other, 1).await?;
            assert_eq!(count(&db.store).await?, 1, "{}", db.name);
            // Its own.
            add(&db.store, 2).await?;
            assert_eq!(count(&db.store).await?, 2, "{}", db.name);
            // Two databases keep apart.
            assert_eq!((count(&other).await?, count(&db.store).await?), (2, 2), "{}", db.name);
            Ok::<_, StoreError>(())
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_unit_that_fails_changes_nothing_and_answers_its_own_error() {
    on_each(async |db| {
        let refused: Result<(), Refused> = db
            .store
            .write(ACME, |tx| {
                Box::pin(async move {
                    icp_insert(tx, &icp(1), "user_ann", &[]).await?;
                    assert!(icp_get(tx, id(1)).await?.is_some(), "a unit sees its own writes");
                    Err(Refused::Rule)
                })
            })
            .await;
        assert!(matches!(refused, Err(Refused::Rule)));
        assert_eq!(count(&db.store).await?, 0);
        let refused: Result<(), Refused> = db
            .store
            .write(ACME, |tx| {
                Box::pin(async move {
                    icp_insert(tx, &icp(1), "user_ann", &[]).await?;
                    Ok(icp_insert(tx, &icp(1), "user_ann", &[]).await?)
                })
            })
            .await;
        assert!(matches!(refused, Err(Refused::Store(StoreError::Duplicate(_)))), "{refused:?}");
        assert_eq!(count(&db.store).await?, 0);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_unit_may_go_on_after_an_operation_failed() {
    on_each(async |db| {
        add(&db.store, 1).await?;
        db.store
            .write::<_, StoreError, _>(ACME, |tx| {
                Box::pin(async move {
                    let taken = icp_insert(tx, &icp(1), "user_ann", &[]).await;
                    assert_fails!(taken, StoreError::Duplicate(_));
                    icp_insert(tx, &icp(2), "user_ann", &[]).await
                })
            })
            .await?;
        assert_eq!(count(&db.store).await?, 2);
        Ok(())
    })
    .await;
}

/// Queues units behind one that waits, so that they fall into one group commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_a_group_a_unit_fails_alone() {
    on_each(async |db| {
        let (open, gate) = mpsc::channel::<()>();
        let gate = Arc::new(Mutex::new(gate));
        let store = db.store.clone();
        let first = tokio::spawn(async move {
            store
                .write::<_, StoreError, _>(OTHER, move |_| {
                    Box::pin(async move {
                        let _ = gate.lock().expect("no panic").recv();
                        Ok(())
                    })
                })
                .await
        });
        let mut units = Vec::new();
        for number in 1..=60 {
            let store = db.store.clone();
            units.push(tokio::spawn(async move {
                store
                    .write::<_, StoreError, _>(ACME, move |tx| {
                        Box::pin(async move {
                            icp_insert(tx, &icp(number), "user_ann", &[]).await?;
                            match number % 3 {
                                0 => Err(StoreError::Unavailable("told to fail".to_owned())),
                                1 => Ok(()),
                                _ => panic!("told to panic"),
                            }
                        })
                    })
                    .await
            }));
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        drop(open);
        first.await.expect("no panic")?;
        for (number, unit) in (1..=60).zip(units) {
            let result = unit.await.expect("a panic in a unit stays there");
            match number % 3 {
                0 => assert_fails!(result, StoreError::Unavailable(_)),
                1 => result?,
                _ => assert_fails!(result, StoreError::Internal(_)),
            }
            let kept = read!(db.store, ACME, |tx| icp_get(tx, id(number)))?.is_some();
            assert_eq!(kept, number % 3 == 1, "{number}");
        }
        assert_eq!(count(&db.store).await?, 20);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_panic_before_the_first_operation_is_answered_too() {
    on_each(async |db| {
        let result = db.store.write::<(), StoreError, _>(ACME, |_| panic!("told to panic")).await;
        assert_fails!(result, StoreError::Internal(_));
        add(&db.store, 1).await
    })
    .await;
}

#[tokio::test]
async fn a_panic_in_a_reader_leaves_the_store_usable() {
    on_each(async |db| {
        let result = db
            .store
            .read_long::<(), StoreError, _>(ACME, |tx| {
                Box::pin(async move {
                    icp_list(tx, None).await?;
                    panic!("told to panic")
                })
            })
            .await;
        assert_fails!(result, StoreError::Internal(_));
        add(&db.store, 1).await?;
        assert_eq!(count(&db.store).await?, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_reader_cannot_write() {
    on_each(async |db| {
        let refused = read!(db.store, ACME, |tx| icp_insert(tx, &icp(1), "user_ann", &[]));
        assert!(refused.is_err());
        assert_eq!(count(&db.store).await?, 0);
        // The reader that was refused goes on reading.
        add(&db.store, 1).await?;
        assert_eq!(count(&db.store).await?, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_unit_that_waits_for_something_else_is_refused() {
    on_each(async |db| {
        let result = db
            .store
            .write::<(), StoreError, _>(ACME, |tx| {
                Box::pin(async move {
                    icp_insert(tx, &icp(1), "user_ann", &[]).await?;
                    tokio::task::yield_now().await;
                    Ok(())
                })
            })
            .await;
        // A driver that can wait may let it; one that cannot keeps nothing of it.
        assert_eq!(count(&db.store).await?, usize::from(result.is_ok()));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_undo_its_unit() {
    on_each(async |db| {
        let store = db.store.clone();
        let caller = tokio::spawn(async move { add(&store, 1).await });
        tokio::task::yield_now().await;
        caller.abort();
        let _ = caller.await;
        // All or nothing, and the next unit is not disturbed.
        add(&db.store, 2).await?;
        // The first may be committed at any time: its rows are looked at in one snapshot.
        let (icps, versions) = db
            .store
            .read::<_, StoreError, _>(ACME, |tx| {
                Box::pin(async move {
                    let icps: Vec<_> = icp_list(tx, None).await?.iter().map(|stored| stored.icp.id).collect();
                    Ok((icps, icp_version_list(tx, id(1), None, 9).await?.len()))
                })
            })
            .await?;
        assert!(icps.contains(&id(2)));
        assert_eq!((icps.len(), icps.contains(&id(1))), (1 + versions, versions == 1));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_was_answered_is_seen_by_the_next_reader_and_after_reopening() {
    on_each(async |db| {
        let entry =
            AuditEntry { user: "u".to_owned(), action: "a".to_owned(), entity_id: "e".to_owned(), at: at(0) };
        for number in 1..=50 {
            add(&db.store, number).await?;
            let seen = read!(db.store, ACME, |tx| icp_get(tx, id(number)))?;
            assert!(seen.is_some());
        }
        write!(db.store, ACME, [entry], |tx| audit_insert(tx, &entry))?;
        let db = db.reopened().await?.reopened().await?;
        assert_eq!(count(&db.store).await?, 50);
        assert_eq!(read!(db.store, ACME, |tx| audit_list(tx, 9))?, [entry]);
        Ok(())
    })
    .await;
}
