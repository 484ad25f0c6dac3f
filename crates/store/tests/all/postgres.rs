//! What only a server can show: its refusals, lost connections, conflicts, replicas, messages.

use crate::harness::{ACME, Check, assert_fails, on_each, read, read_system, write, write_system};
use crate::samples::{at, icp, id};
use sluice_model::accounts::TenantId;
use sluice_store::ops::audit::{AuditEntry, audit_insert, audit_list};
use sluice_store::ops::icp::{StoredIcp, icp_get, icp_insert, icp_list, icp_save};
use sluice_store::ops::job::job_insert;
use sluice_store::ops::system::{organisation_insert, organisation_name};
use sluice_store::{Options, Store, StoreError};
use sluice_testdb::Database;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

async fn open(url: String) -> Result<Store, StoreError> {
    Store::open(Options::Postgres { url, replica: None }).await
}

async fn fresh() -> (Database, Store) {
    let database = Database::fresh();
    let store = open(database.url()).await.expect("a fresh database opens");
    (database, store)
}

async fn add(store: &Store, number: u64) -> Check {
    let icp = icp(number);
    write!(store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))
}

fn entry(text: &str) -> AuditEntry {
    AuditEntry { user: "u".to_owned(), action: "a".to_owned(), entity_id: text.to_owned(), at: at(0) }
}

/// The text of the refusal to open this.
async fn refusal(url: &str) -> StoreError {
    open(url.to_owned()).await.err().expect("a refusal")
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_refused_without_its_password() {
    for (url, reason) in [
        ("postgres://u:secret@h/d?sslmode=always", "sslmode must be disable, prefer, require"),
        ("postgres://u:secret@h:port/d", "invalid value for option `port`"),
    ] {
        let StoreError::Internal(text) = refusal(url).await else { panic!("{url}") };
        assert!(text.contains(reason), "{text}");
        assert!(!text.contains("secret"), "{text}");
        let options = Options::Postgres { url: url.to_owned(), replica: Some(url.to_owned()) };
        assert_eq!(format!("{options:?}"), "Postgres { .. }");
    }
}

#[tokio::test]
async fn a_server_or_a_database_that_is_not_there_is_unavailable() {
    let nowhere = refusal("postgres://postgres@%2Fnowhere/d").await;
    assert!(matches!(nowhere, StoreError::Unavailable(_)), "{nowhere:?}");
    let (database, _store) = fresh().await;
    let missing = refusal(&(database.url() + "_missing")).await;
    assert!(matches!(missing, StoreError::Unavailable(_)), "{missing:?}");
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused() {
    let database = Database::encoded("LATIN1");
    assert_fails!(open(database.url()).await.map(drop), StoreError::Internal(_));
}

#[tokio::test]
async fn a_database_of_another_version_is_refused() {
    for sql in [
        "INSERT INTO schema_migration VALUES (9999, 'later', '')",
        "UPDATE schema_migration SET checksum = ''",
    ] {
        let (database, store) = fresh().await;
        drop(store);
        database.run(sql);
        assert_fails!(open(database.url()).await.map(drop), StoreError::Internal(_));
    }
}

#[tokio::test]
async fn a_damaged_row_is_named_by_table_and_column() -> Check {
    let (database, store) = fresh().await;
    add(&store, 1).await?;
    database.run("UPDATE icp SET user_ids = '[7'");
    let found = read!(store, ACME, |tx| icp_get(tx, id(1)));
    assert_fails!(found, StoreError::Corrupt { table: "icp", column: "user_ids", .. });
    Ok(())
}

#[test]
fn a_fresh_database_opened_by_many_at_once_gets_its_schema_once() {
    let database = Database::fresh();
    let handles: Vec<_> = (0..8)
        .map(|_| {
            let url = database.url();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(open(url)).map(drop)
            })
        })
        .collect();
    for handle in handles {
        let opened = handle.join().expect("no panic");
        assert!(opened.is_ok(), "{opened:?}");
    }
}

#[tokio::test]
async fn every_text_comes_back_as_it_was() {
    on_each(async |db| {
        let texts = ["", "\0", "a\0b", "\u{10FFFE}", "\u{10FFFE}0", "\u{FFFF}é🦀\u{1}'\\%"];
        for text in texts {
            let entry = entry(text);
            write!(db.store, ACME, [entry], |tx| audit_insert(tx, &entry))?;
        }
        let kept = read!(db.store, ACME, |tx| audit_list(tx, 99))?;
        let kept: Vec<_> = kept.iter().rev().map(|entry| entry.entity_id.as_str()).collect();
        assert_eq!(kept, texts);
        Ok(())
    })
    .await;
}

/// Reads a version and writes the next, as an action does.
async fn advance(store: &Store) -> Check {
    store
        .write::<_, StoreError, _>(ACME, |tx| {
            Box::pin(async move {
                let stored = icp_get(tx, id(1)).await?.expect("the ICP");
                let next = StoredIcp { version: stored.version + 1, ..stored };
                icp_save(tx, &next, "user_ann", &[]).await
            })
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_of_one_row_by_many_are_all_made() {
    on_each(async |db| {
        add(&db.store, 1).await?;
        let other = db.second_handle().await?;
        let tasks: Vec<_> = (0..40)
            .map(|task| {
                let store = if task % 2 == 0 { db.store.clone() } else { other.clone() };
                tokio::spawn(async move { advance(&store).await })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic")?;
        }
        let stored = read!(db.store, ACME, |tx| icp_get(tx, id(1)))?.expect("the ICP");
        assert_eq!(stored.version, 41);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_unit_is_run_again_when_another_came_between() -> Check {
    let (database, store) = fresh().await;
    let other = open(database.url()).await?;
    let (runs, has_read, go_on) =
        (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()), Arc::new(Notify::new()));
    let first = tokio::spawn({
        let (store, runs, has_read, go_on) = (store.clone(), runs.clone(), has_read.clone(), go_on.clone());
        async move {
            store
                .write::<_, StoreError, _>(ACME, move |tx| {
                    Box::pin(async move {
                        let seen = icp_list(tx, None).await?.len();
                        if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                            has_read.notify_one();
                            go_on.notified().await;
                        }
                        icp_insert(tx, &icp(1), "user_ann", &[]).await?;
                        Ok(seen)
                    })
                })
                .await
        }
    });
    has_read.notified().await;
    let seen_by_other = other
        .write::<_, StoreError, _>(ACME, |tx| {
            Box::pin(async move {
                let seen = icp_list(tx, None).await?.len();
                icp_insert(tx, &icp(2), "user_ann", &[]).await?;
                Ok(seen)
            })
        })
        .await?;
    go_on.notify_one();
    let seen_by_first = first.await.expect("no panic")?;
    // As if one had come after the other.
    assert_eq!((seen_by_other, seen_by_first, runs.load(Ordering::SeqCst)), (0, 1, 2));
    Ok(())
}

const HANG_UP: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_loses_its_connection_is_run_again() -> Check {
    let (database, store) = fresh().await;
    let (database, runs) = (Arc::new(database), Arc::new(AtomicU64::new(0)));
    let (hung_up, counted) = (database.clone(), runs.clone());
    store
        .write::<_, StoreError, _>(ACME, move |tx| {
            Box::pin(async move {
                icp_insert(tx, &icp(1), "user_ann", &[]).await?;
                if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                    let hung_up = tokio::task::spawn_blocking(move || hung_up.run(HANG_UP));
                    hung_up.await.expect("no panic");
                }
                icp_insert(tx, &icp(2), "user_ann", &[]).await
            })
        })
        .await?;
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(read!(store, ACME, |tx| icp_list(tx, None))?.len(), 2);
    // One that was kept open and broke meanwhile is not lent to a writer for good.
    database.run(HANG_UP);
    add(&store, 3).await?;
    assert_eq!(read!(store, ACME, |tx| icp_list(tx, None))?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_read_only_server_refuses_writes_and_goes_on_reading() -> Check {
    let (database, store) = fresh().await;
    add(&store, 1).await?;
    database.run(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on',
                     current_database()); END $$",
    );
    database.run(HANG_UP);
    assert_fails!(add(&store, 2).await, StoreError::Unavailable(_));
    assert_eq!(read!(store, ACME, |tx| icp_list(tx, None))?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn who_waits_too_long_for_a_connection_is_told() -> Check {
    let (_database, store) = fresh().await;
    let (held, release) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let readers: Vec<_> = (0..16)
        .map(|_| {
            let (store, held, release) = (store.clone(), held.clone(), release.clone());
            tokio::spawn(async move {
                let unit = store.read_long::<_, StoreError, _>(ACME, move |tx| {
                    Box::pin(async move {
                        held.add_permits(1);
                        let _ = release.acquire().await;
                        icp_list(tx, None).await
                    })
                });
                unit.await.map(drop)
            })
        })
        .collect();
    let all_held = held.acquire_many(16).await;
    assert!(all_held.is_ok());
    assert_fails!(read!(store, ACME, |tx| icp_list(tx, None)), StoreError::Unavailable(_));
    release.close();
    for reader in readers {
        reader.await.expect("no panic")?;
    }
    assert_eq!(read!(store, ACME, |tx| icp_list(tx, None))?, []);
    Ok(())
}

#[tokio::test]
async fn only_reads_of_an_organisation_go_to_the_replica() -> Check {
    // Two databases that differ, so that one can tell who answered.
    let (primary, _) = fresh().await;
    let (behind, old) = fresh().await;
    add(&old, 9).await?;
    let options = Options::Postgres { url: primary.url(), replica: Some(behind.url()) };
    let store = Store::open(options).await?;
    add(&store, 1).await?;
    let tenant = TenantId::from_bare("tenant".to_owned());
    write_system!(store, [tenant], |tx| organisation_insert(tx, ACME, "Acme", &tenant, at(0)))?;

    assert!(read!(store, ACME, |tx| icp_get(tx, id(9)))?.is_some());
    let long = store.read_long::<_, StoreError, _>(ACME, |tx| Box::pin(icp_get(tx, id(1)))).await?;
    assert_eq!(long, None);
    let written = write!(store, ACME, [], |tx| icp_get(tx, id(9)))?;
    assert_eq!(written, None, "a writer sees the primary alone");
    let name = read_system!(store, |tx| organisation_name(tx, ACME))?;
    assert_eq!(name.as_deref(), Some("Acme"));
    Ok(())
}

#[tokio::test]
async fn a_job_that_another_process_queues_is_heard_of() -> Check {
    let (database, store) = fresh().await;
    let other = open(database.url()).await?;
    let patience = Duration::from_secs(60);
    // Once when it begins to listen.
    tokio::time::timeout(patience, store.jobs_changed()).await.expect("it listens");
    let changed = store.jobs_changed();
    write!(other, ACME, [], |tx| job_insert(tx, id(1), "run", "{}", at(0)))?;
    tokio::time::timeout(patience, changed).await.expect("the message");
    Ok(())
}

const SCHEMAS: [(&str, &str); 4] = [
    (
        include_str!("../../migrations/0001_records.sqlite.sql"),
        include_str!("../../migrations/0001_records.postgres.sql"),
    ),
    (
        include_str!("../../migrations/0002_accounts.sqlite.sql"),
        include_str!("../../migrations/0002_accounts.postgres.sql"),
    ),
    (
        include_str!("../../migrations/0003_workers.sqlite.sql"),
        include_str!("../../migrations/0003_workers.postgres.sql"),
    ),
    (
        include_str!("../../migrations/0005_connectors.sqlite.sql"),
        include_str!("../../migrations/0005_connectors.postgres.sql"),
    ),
];

/// A schema's statements without what differs by necessity.
fn common(text: &str) -> Vec<String> {
    let lines =
        text.lines().filter(|line| !line.trim_start().starts_with("--") && !line.starts_with("UPDATE "));
    let same = |line: &str| {
        let line = line.replace(" STRICT, WITHOUT ROWID", "").replace(" STRICT", "");
        let line = line.replace("INTEGER", "BIGINT").replace("BLOB", "BYTEA").replace(" COLLATE \"C\"", "");
        let line = line.replace(" GENERATED BY DEFAULT AS IDENTITY", "");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    lines.map(same).filter(|line| !line.is_empty()).collect()
}

#[test]
fn both_databases_have_the_same_tables() {
    for (sqlite, postgres) in SCHEMAS {
        assert_eq!(common(sqlite), common(postgres));
        assert_eq!(postgres.matches("TEXT").count(), postgres.matches("TEXT COLLATE \"C\"").count());
    }
}
