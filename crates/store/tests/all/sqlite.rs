//! What only SQLite's file can show: schema checks and damaged rows.

use crate::harness::{ACME, Check, assert_fails, read, write};
use crate::samples::{icp, id};
use sluice_store::ops::icp::{icp_get, icp_insert, icp_list};
use sluice_store::{Durability, Options, Store, StoreError, one_snapshot};
use std::path::PathBuf;
use tempfile::TempDir;

fn options(path: PathBuf) -> Options {
    Options::Sqlite { path, durability: Durability::Full }
}

/// A database with one ICP, changed behind the store's back by `sql`.
async fn tampered(sql: &str) -> (TempDir, Result<Store, StoreError>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("sluice.db");
    let store = Store::open(options(path.clone())).await.expect("a fresh database opens");
    let icp = icp(1);
    write!(store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[])).expect("an ICP");
    drop(store);
    let connection = rusqlite::Connection::open(&path).expect("the file opens");
    connection.busy_timeout(std::time::Duration::from_secs(10)).expect("a time-out");
    connection.execute_batch(sql).expect("the change");
    drop(connection);
    let store = Store::open(options(path)).await;
    (directory, store)
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let (_directory, store) = tampered("INSERT INTO schema_migration VALUES (9999, 'later', x'00')").await;
    assert_fails!(store.map(drop), StoreError::Internal(_));
}

#[tokio::test]
async fn a_changed_migration_is_refused() {
    let (_directory, store) = tampered("UPDATE schema_migration SET checksum = x'00'").await;
    assert_fails!(store.map(drop), StoreError::Internal(_));
}

#[tokio::test]
async fn a_damaged_row_is_named_by_table_and_column() -> Check {
    let (_directory, store) = tampered("UPDATE icp SET user_ids = '[7'").await;
    let store = store?;
    for result in [
        read!(store, ACME, |tx| icp_get(tx, id(1))).map(drop),
        read!(store, ACME, |tx| icp_list(tx, None)).map(drop),
    ] {
        assert_fails!(result, StoreError::Corrupt { table: "icp", column: "user_ids", .. });
    }
    Ok(())
}

#[tokio::test]
async fn a_place_without_a_file_is_unavailable() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let nowhere = Store::open(options(directory.path().join("missing/sluice.db"))).await;
    assert_fails!(nowhere.map(drop), StoreError::Unavailable(_));
    let folder = Store::open(options(directory.path().to_owned())).await;
    assert_fails!(folder.map(drop), StoreError::Unavailable(_));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_kept() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("notes.txt");
    let text = "not a database, but somebody's notes ".repeat(40);
    std::fs::write(&path, &text).expect("the file");
    assert!(Store::open(options(path.clone())).await.is_err());
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), text);
}

#[tokio::test]
async fn fresh_files_opened_by_many_at_once_get_their_schema_once() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("sluice.db");
    let handles: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            // A thread and a runtime each: opening blocks.
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                runtime.block_on(Store::open(options(path)))
            })
        })
        .collect();
    for handle in handles {
        let store = handle.join().expect("no panic");
        assert!(store.is_ok(), "{:?}", store.err());
    }
}

/// SQLite may end a whole transaction by itself, as a full disk makes it do: what was answered must still be
/// the truth, for the units before the fault, in it and after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_true_when_a_group_is_lost() -> Check {
    let trigger = "CREATE TRIGGER full_disk BEFORE INSERT ON icp WHEN NEW.name = 'ICP 20'
                   BEGIN SELECT RAISE(ROLLBACK, 'as if the disk were full'); END";
    let (_directory, store) = tampered(trigger).await;
    let store = store?;
    let units: Vec<_> = (10..=40)
        .map(|number| {
            let (store, icp) = (store.clone(), icp(number));
            let unit = async move {
                store
                    .write::<_, StoreError, _>(ACME, move |tx| {
                        Box::pin(async move {
                            // Slow enough that the others queue up into the same group.
                            if icp.id == id(10) {
                                std::thread::sleep(std::time::Duration::from_millis(15));
                            }
                            icp_insert(tx, &icp, "user_ann", &[]).await
                        })
                    })
                    .await
            };
            (number, tokio::spawn(unit))
        })
        .collect();
    for (number, unit) in units {
        let answer = unit.await.expect("no panic");
        let answered = answer.is_ok();
        // The unit at fault hears its own error, those that shared its group that trying again may help.
        assert!(answered || number == 20 || matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
        let kept = read!(store, ACME, |tx| icp_get(tx, id(number)))?.is_some();
        assert_eq!(kept, answered, "{number}");
        assert!(number != 20 || !answered);
    }
    // The writer goes on.
    let last = icp(50);
    write!(store, ACME, [last], |tx| icp_insert(tx, &last, "user_ann", &[]))
}

#[tokio::test]
async fn reads_of_one_piece_of_work_see_one_snapshot_and_the_next_work_a_new_one() -> Check {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("sluice.db");
    let store = Store::open(options(path.clone())).await?;
    let first = icp(1);
    write!(store, ACME, [first], |tx| icp_insert(tx, &first, "user_ann", &[]))?;
    let behind = rusqlite::Connection::open(&path).expect("the file opens");
    let rename = |name: &str| {
        behind.execute("UPDATE icp SET name = $1", [name]).expect("the change");
    };
    let name = async || {
        let found = read!(store, ACME, |tx| icp_get(tx, id(1)))?;
        Ok::<_, StoreError>(found.map(|found| found.icp.name))
    };
    one_snapshot(async {
        let before = name().await?;
        rename("During");
        assert_eq!(name().await?, before, "one snapshot");
        tokio::task::yield_now().await;
        assert_eq!(name().await?.as_deref(), Some("During"), "a new one after waiting");
        rename("Again");
        assert_eq!(name().await?.as_deref(), Some("During"));
        Ok::<_, StoreError>(())
    })
    .await?;
    assert_eq!(name().await?.as_deref(), Some("Again"));
    rename("Alone");
    assert_eq!(name().await?.as_deref(), Some("Alone"), "a read outside of such work has its own");
    Ok(())
}
