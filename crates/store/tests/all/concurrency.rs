//! Many at once: nothing is lost, nothing is seen half.

use crate::harness::{ACME, Check, on_each, read, write};
use crate::samples::{at, icp, id, list, person};
use sluice_store::ops::audit::{AuditEntry, audit_insert, audit_list};
use sluice_store::ops::icp::{StoredIcp, icp_get, icp_insert, icp_list, icp_save, icp_version_list};
use sluice_store::ops::lead_list::{lead_list_append, lead_list_get, lead_list_insert};
use sluice_store::ops::record::person_insert;
use sluice_store::{Store, StoreError};
use std::collections::HashSet;
use std::sync::mpsc;

const TASKS: u64 = 64;
const WRITES: u64 = 40;

async fn note(store: &Store, text: String) -> Check {
    let entry = AuditEntry { user: "u".to_owned(), action: "a".to_owned(), entity_id: text, at: at(0) };
    write!(store, ACME, [entry], |tx| audit_insert(tx, &entry))
}

async fn all_done(tasks: Vec<tokio::task::JoinHandle<Check>>) -> Check {
    for task in tasks {
        task.await.expect("no panic")?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writes_of_many_tasks_are_all_committed_once() {
    on_each(async |db| {
        let mut tasks = Vec::new();
        for task in 0..TASKS {
            let store = db.store.clone();
            tasks.push(tokio::spawn(async move {
                for write in 0..WRITES {
                    note(&store, format!("{task}-{write}")).await?;
                }
                Ok(())
            }));
        }
        all_done(tasks).await?;
        let db = db.reopened().await?;
        let entries = read!(db.store, ACME, |tx| audit_list(tx, usize::MAX))?;
        assert_eq!(entries.len() as u64, TASKS * WRITES);
        let different: HashSet<_> = entries.iter().map(|entry| &entry.entity_id).collect();
        assert_eq!(different.len() as u64, TASKS * WRITES);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_savers_at_the_same_version_one_wins() {
    on_each(async |db| {
        let first = icp(1);
        write!(db.store, ACME, [first], |tx| icp_insert(tx, &first, "user_ann", &[]))?;
        for version in 2..=6 {
            let mut savers = Vec::new();
            for _ in 0..8 {
                let store = db.store.clone();
                let next = StoredIcp { icp: first.clone(), version };
                savers.push(tokio::spawn(async move {
                    write!(store, ACME, [next], |tx| icp_save(tx, &next, "user_ann", &["name"]))
                }));
            }
            let mut won = 0;
            for saver in savers {
                match saver.await.expect("no panic") {
                    Ok(()) => won += 1,
                    Err(StoreError::RowCount { .. }) => {}
                    Err(other) => return Err(other),
                }
            }
            assert_eq!(won, 1);
        }
        assert_eq!(read!(db.store, ACME, |tx| icp_version_list(tx, id(1), None, 99))?.len(), 6);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn appends_from_many_sides_keep_every_record_once() {
    on_each(async |db| {
        for number in 100..140 {
            let lead = person(number);
            write!(db.store, ACME, [lead], |tx| person_insert(tx, &lead, &[]))?;
        }
        let made = list(1, &[]);
        write!(db.store, ACME, [made], |tx| lead_list_insert(tx, &made))?;
        let mut tasks = Vec::new();
        for number in (100..140).chain(100..140) {
            let store = db.store.clone();
            tasks.push(tokio::spawn(async move {
                write!(store, ACME, [], |tx| lead_list_append(tx, id(1), &[id(number)])).map(drop)
            }));
        }
        all_done(tasks).await?;
        let mut held =
            read!(db.store, ACME, |tx| lead_list_get(tx, id(1)))?.expect("the list").list.person_ids;
        held.sort();
        assert_eq!(held, (100..140).map(id).collect::<Vec<_>>());
        Ok(())
    })
    .await;
}

/// Two handles have nothing in common but the database, as two processes have.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_handles_write_in_turn_and_see_each_other() {
    on_each(async |db| {
        let other = db.second_handle().await?;
        let mut tasks = Vec::new();
        for task in 0..8 {
            let store = if task % 2 == 0 { db.store.clone() } else { other.clone() };
            tasks.push(tokio::spawn(async move {
                for write in 0..25 {
                    note(&store, format!("{task}-{write}")).await?;
                }
                Ok(())
            }));
        }
        all_done(tasks).await?;
        for store in [&db.store, &other] {
            assert_eq!(read!(store, ACME, |tx| audit_list(tx, usize::MAX))?.len(), 200);
        }
        let icp = icp(1);
        write!(other, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
        assert!(read!(db.store, ACME, |tx| icp_get(tx, id(1)))?.is_some());
        drop(other);
        note(&db.store, "after".to_owned()).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_at_once() {
    on_each(async |db| {
        let opened = futures_of(8, || db.second_handle()).await?;
        for (number, store) in (1..).zip(opened) {
            let icp = icp(number);
            write!(store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
        }
        assert_eq!(read!(db.store, ACME, |tx| icp_list(tx, None))?.len(), 8);
        Ok(())
    })
    .await;
}

async fn futures_of<F: Future<Output = Result<Store, StoreError>>>(
    count: usize,
    open: impl Fn() -> F,
) -> Result<Vec<Store>, StoreError> {
    let mut waiting: Vec<_> = (0..count).map(|_| Box::pin(open())).collect();
    let mut stores = Vec::new();
    // Each was begun before any is waited for.
    std::future::poll_fn(|context| {
        let mut at = 0;
        while at < waiting.len() {
            match waiting[at].as_mut().poll(context) {
                std::task::Poll::Ready(store) => {
                    stores.push(store);
                    drop(waiting.swap_remove(at));
                }
                std::task::Poll::Pending => at += 1,
            }
        }
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    stores.into_iter().collect()
}

/// A reader that began before a write does not see it, however long it takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_keeps_its_snapshot() {
    on_each(async |db| {
        let (begun, has_begun) = mpsc::channel::<()>();
        let (written, was_written) = mpsc::channel::<()>();
        let store = db.store.clone();
        let reader = tokio::spawn(async move {
            store
                .read_long::<_, StoreError, _>(ACME, move |tx| {
                    Box::pin(async move {
                        let before = icp_list(tx, None).await?.len();
                        let _ = begun.send(());
                        let _ = was_written.recv();
                        Ok((before, icp_list(tx, None).await?.len()))
                    })
                })
                .await
        });
        tokio::task::spawn_blocking(move || has_begun.recv()).await.expect("no panic").expect("it began");
        let icp = icp(1);
        write!(db.store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
        assert_eq!(read!(db.store, ACME, |tx| icp_list(tx, None))?.len(), 1);
        drop(written);
        assert_eq!(reader.await.expect("no panic")?, (0, 0));
        Ok(())
    })
    .await;
}

/// Writers always change two rows; no reader may see them differ.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_never_see_half_a_unit() {
    on_each(async |db| {
        for number in [1, 2] {
            let icp = icp(number);
            write!(db.store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
        }
        let store = db.store.clone();
        let writer = tokio::spawn(async move {
            for version in 2..=80 {
                store
                    .write::<_, StoreError, _>(ACME, move |tx| {
                        Box::pin(async move {
                            for number in [1, 2] {
                                let next = StoredIcp { icp: icp(number), version };
                                icp_save(tx, &next, "user_ann", &[]).await?;
                            }
                            Ok(())
                        })
                    })
                    .await?;
            }
            Ok::<_, StoreError>(())
        });
        let mut looks = 0;
        while !writer.is_finished() || looks == 0 {
            let both = read!(db.store, ACME, |tx| icp_list(tx, None))?;
            assert_eq!(both[0].version, both[1].version);
            looks += 1;
            tokio::task::yield_now().await;
        }
        writer.await.expect("no panic")
    })
    .await;
}
