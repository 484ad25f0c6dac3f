//! Copying a database to another: whole, the same, or not at all.

use crate::harness::{ACME, Check, read, write, write_system};
use crate::samples::{at, icp, id};
use sluice_model::accounts::TenantId;
use sluice_model::{Actor, Role};
use sluice_store::admin::{self, AdminError, Copied, TABLES, copy};
use sluice_store::ops::audit::{AuditEntry, audit_insert, audit_list};
use sluice_store::ops::icp::icp_insert;
use sluice_store::ops::system::{member_insert, organisation_insert};
use sluice_store::{Durability, Options, Store, StoreError};
use sluice_testdb::Database;
use std::path::Path;
use tempfile::TempDir;

fn sqlite(folder: &TempDir, name: &str) -> Options {
    Options::Sqlite { path: folder.path().join(name), durability: Durability::Process }
}

fn postgres(database: &Database) -> Options {
    Options::Postgres { url: database.url(), replica: None }
}

fn entry(text: &str) -> AuditEntry {
    AuditEntry { user: "u".to_owned(), action: "a".to_owned(), entity_id: text.to_owned(), at: at(0) }
}

/// A database with rows in tables of every kind of key, some more than fit on a page, and texts that one of the
/// databases cannot keep as they are.
async fn fill(options: &Options) -> Check {
    let store = Store::open(options.clone()).await?;
    let tenant = TenantId::from_bare("0".repeat(26));
    write_system!(store, [tenant], |tx| organisation_insert(tx, ACME, "Acme\0 \u{10FFFE}0", &tenant, at(0)))?;
    let actor = Actor { organisation: ACME.to_owned(), user: "user_ann".to_owned(), role: Role::Admin };
    write_system!(store, [actor], |tx| member_insert(tx, &actor, None, at(0)))?;
    store
        .write::<_, StoreError, _>(ACME, |tx| {
            Box::pin(async move {
                for number in 0..350 {
                    audit_insert(tx, &entry(&format!("entity {number}"))).await?;
                }
                Ok(())
            })
        })
        .await?;
    for number in 1..=3 {
        let icp = icp(number);
        write!(store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
    }
    Ok(())
}

async fn copied(from: &Options, to: &Options) -> Result<Copied, AdminError> {
    copy(from, to, &mut |_, _| {}).await
}

fn rows(copied: &Copied) -> Vec<(&'static str, u64)> {
    copied.tables.iter().filter(|table| table.rows > 0).map(|table| (table.name, table.rows)).collect()
}

fn refused<T: std::fmt::Debug>(result: Result<T, AdminError>) -> String {
    match result {
        Err(AdminError::Refused(text)) => text,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn there_and_back_every_row_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Database::fresh();
    let (first, between, last) = (sqlite(&folder, "first.db"), postgres(&server), sqlite(&folder, "last.db"));
    fill(&first).await.expect("a filled database");
    let mut told = Vec::new();
    let there = copy(&first, &between, &mut |table, rows| told.push((table, rows))).await.expect("a copy");
    let expected =
        [("organisation", 1), ("member", 1), ("icp", 3), ("icp_user", 3), ("icp_version", 3), ("audit", 350)];
    assert_eq!(rows(&there), expected);
    assert_eq!(
        told.iter().filter(|(table, _)| *table == "audit").collect::<Vec<_>>(),
        [&("audit", 100), &("audit", 350)]
    );
    assert_eq!(there.changed, Vec::<&str>::new());
    let back = copied(&between, &last).await.expect("a copy back");
    assert_eq!(back, there, "the same checksums of both databases");
    assert_eq!(there.tables.iter().map(|table| table.name).collect::<Vec<_>>(), TABLES);

    // Work goes on in each: numbers that the database gives, and what rows must refer to.
    for options in [between, last] {
        let store = Store::open(options).await.expect("it opens");
        let more = entry("after");
        write!(store, ACME, [more], |tx| audit_insert(tx, &more)).expect("a further row");
        let nobody = Actor { organisation: "no such".to_owned(), user: "u".to_owned(), role: Role::Member };
        let orphan = write_system!(store, [nobody], |tx| member_insert(tx, &nobody, None, at(0)));
        assert!(matches!(orphan, Err(StoreError::Duplicate(_))), "{orphan:?}");
    }
}

#[tokio::test]
async fn rows_may_refer_to_later_ones_of_their_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Database::fresh();
    let (first, between, last) = (sqlite(&folder, "first.db"), postgres(&server), sqlite(&folder, "last.db"));
    drop(Store::open(first.clone()).await.expect("a database"));
    let Options::Sqlite { path, .. } = &first else { unreachable!() };
    run(
        path,
        &format!(
            "INSERT INTO record SELECT '{}', 'o', 'person', NULL, '{}', 0, 0, 0, '{{}}'
                        UNION ALL SELECT '{}', 'o', 'company', NULL, NULL, 0, 0, 0, '{{}}'",
            id(1),
            id(2),
            id(2)
        ),
    );
    assert_eq!(rows(&copied(&first, &between).await.expect("a copy")), [("record", 2)]);
    assert_eq!(rows(&copied(&between, &last).await.expect("a copy")), [("record", 2)]);
}

/// Changes a file behind the store's back, and without its checks.
fn run(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).expect("the file opens");
    connection.busy_timeout(std::time::Duration::from_secs(10)).expect("a time-out");
    connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).expect("the change");
}

#[tokio::test]
async fn a_target_with_rows_is_refused_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Database::fresh();
    let source = sqlite(&folder, "source.db");
    fill(&source).await.expect("a filled database");
    for target in [sqlite(&folder, "target.db"), postgres(&server)] {
        copied(&source, &target).await.expect("a copy");
        let text = refused(copied(&source, &target).await);
        assert_eq!(
            text,
            "the target is not empty (there are rows in organisation): copy into a new database"
        );
        let store = Store::open(target).await.expect("it opens");
        assert_eq!(read!(store, ACME, |tx| audit_list(tx, 1_000)).expect("rows").len(), 350);
    }
}

#[tokio::test]
async fn of_a_copy_that_fails_nothing_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Database::fresh();
    let source = sqlite(&folder, "source.db");
    fill(&source).await.expect("a filled database");
    let Options::Sqlite { path, .. } = &source else { unreachable!() };
    // Found when all tables are there, at the very end.
    run(path, "INSERT INTO icp_user VALUES ('o', 'u', 'no such ICP')");
    for target in [sqlite(&folder, "target.db"), postgres(&server)] {
        let failed = copied(&source, &target).await;
        assert!(matches!(failed, Err(AdminError::Store(_))), "{failed:?}");
        run(path, "DELETE FROM icp_user WHERE icp_id = 'no such ICP'");
        assert_eq!(rows(&copied(&source, &target).await.expect("a copy")).len(), 6, "it was empty again");
        run(path, "INSERT INTO icp_user VALUES ('o', 'u', 'no such ICP')");
    }
}

#[tokio::test]
async fn what_is_written_meanwhile_is_told_and_not_copied() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Database::fresh();
    let (source, target) = (sqlite(&folder, "source.db"), postgres(&server));
    fill(&source).await.expect("a filled database");
    let Options::Sqlite { path, .. } = &source else { unreachable!() };
    let mut written = false;
    let copied = copy(&source, &target, &mut |_, _| {
        if !std::mem::replace(&mut written, true) {
            run(path, "INSERT INTO prospect_slug VALUES ('o', 'b', 1); DELETE FROM audit WHERE sequence = 7");
        }
    })
    .await
    .expect("a copy");
    assert_eq!(copied.changed, ["audit", "prospect_slug"]);
    assert_eq!(rows(&copied).last(), Some(&("audit", 350)), "as they were when it began");
}

#[tokio::test]
async fn a_source_that_is_absent_or_older_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, target) = (sqlite(&folder, "source.db"), sqlite(&folder, "target.db"));
    let absent = copied(&source, &target).await;
    assert!(matches!(absent, Err(AdminError::Store(StoreError::Unavailable(_)))), "{absent:?}");
    let Options::Sqlite { path, .. } = &source else { unreachable!() };
    assert!(!path.exists());
    run(path, "CREATE TABLE notes (id INTEGER)");
    assert_eq!(admin::schema(&source).await.expect("a schema").version, 0);
    assert!(refused(copied(&source, &target).await).contains("`sluice migrate up`"));
}

#[tokio::test]
async fn no_table_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = sqlite(&folder, "source.db");
    drop(Store::open(source.clone()).await.expect("a database"));
    let Options::Sqlite { path, .. } = &source else { unreachable!() };
    let connection = rusqlite::Connection::open(path).expect("the file opens");
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
               AND name <> 'schema_migration' ORDER BY name";
    let mut statement = connection.prepare(sql).expect("a statement");
    let found: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("rows").map(|name| name.expect("a name")).collect();
    let mut known = TABLES.to_vec();
    known.sort_unstable();
    assert_eq!(found, known, "say in admin/tables.rs where a new table comes in a copy");
}
