//! SQLite without the store: rusqlite, the same settings and statements, one writer thread with group commit.

use super::{ORGANISATION, id, measure};
use anyhow::{Context as _, Result};
use rusqlite::{Connection, OpenFlags, params};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;
use tokio::sync::oneshot;

/// As many units as the store puts into one commit.
const BATCH: usize = 512;

const SELECT: &str = "SELECT id, version, name, description, created_at, updated_at, user_ids, leads_per_list, active_until,
     lead_provider_criteria, custom_filter_criteria, crm_filters, schedule FROM icp WHERE id = ?1 AND organisation_id = ?2";
const HISTORY: &str = "INSERT INTO icp_version (previous, version, organisation_id, user_id, created_at, changed, icp)
     VALUES ((SELECT history FROM icp WHERE id = ?1 AND organisation_id = ?2), ?3, ?2, ?4, ?5, ?6, ?7) RETURNING sequence";
const UPDATE: &str =
    "UPDATE icp SET version = ?1, name = ?2, description = ?3, updated_at = ?4, user_ids = ?5,
     leads_per_list = ?6, active_until = ?7, lead_provider_criteria = ?8, custom_filter_criteria = ?9,
     crm_filters = ?10, schedule = ?11, history = ?12 WHERE id = ?13 AND organisation_id = ?14 AND version = ?15";

/// A row as the driver gives it.
struct Found {
    version: i64,
    name: String,
    description: Option<String>,
    updated_at: i64,
    user_ids: String,
    active_until: Option<i64>,
    criteria: String,
    filters: String,
    crm: Option<String>,
    schedule: Option<String>,
}

fn find(connection: &Connection, number: u64) -> rusqlite::Result<Found> {
    let mut statement = connection.prepare_cached(SELECT)?;
    statement.query_row(params![id(number).to_string(), ORGANISATION], |row| {
        Ok(Found {
            version: row.get(1)?,
            name: row.get(2)?,
            description: row.get(3)?,
            updated_at: row.get(5)?,
            user_ids: row.get(6)?,
            active_until: row.get(8)?,
            criteria: row.get(9)?,
            filters: row.get(10)?,
            crm: row.get(11)?,
            schedule: row.get(12)?,
        })
    })
}

thread_local! {
    static READER: RefCell<Option<(PathBuf, Connection)>> = const { RefCell::new(None) };
}

/// Point reads on a connection per thread.
pub async fn read(path: &Path, clients: u64, time: Duration) -> Result<f64> {
    let path = path.to_owned();
    measure(clients, time, move |number| {
        let found = READER.with_borrow_mut(|reader| {
            if reader.as_ref().is_none_or(|(open, _)| *open != path) {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(&path, flags)?;
                connection.execute_batch("PRAGMA cache_size=-16384; PRAGMA mmap_size=1073741824;")?;
                *reader = Some((path.clone(), connection));
            }
            let (_, connection) = reader.as_ref().context("a reader")?;
            Ok(find(connection, number)?.version)
        });
        async move { found.map(drop) }
    })
    .await
}

/// Reads and saves through one thread.
pub async fn save(path: &Path, clients: u64, time: Duration) -> Result<f64> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=8000; PRAGMA cache_size=-65536;",
    )?;
    let (queue, jobs) = mpsc::channel::<(u64, oneshot::Sender<()>)>();
    let writer = std::thread::spawn(move || work(&connection, &jobs));
    let rate = measure(clients, time, move |number| {
        let (caller, answer) = oneshot::channel();
        let sent = queue.send((number, caller));
        async move {
            sent.context("the writer has stopped")?;
            answer.await.context("the writer gave no answer")
        }
    })
    .await;
    writer.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    rate
}

fn work(connection: &Connection, jobs: &mpsc::Receiver<(u64, oneshot::Sender<()>)>) -> Result<()> {
    while let Ok(first) = jobs.recv() {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut answers = Vec::new();
        let mut next = Some(first);
        while let Some((number, caller)) = next.take() {
            save_one(connection, number)?;
            answers.push(caller);
            if answers.len() < BATCH {
                next = jobs.try_recv().ok();
            }
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        for caller in answers {
            let _ = caller.send(());
        }
    }
    Ok(())
}

fn save_one(connection: &Connection, number: u64) -> Result<()> {
    let found = find(connection, number)?;
    let (icp, next) = (id(number).to_string(), found.version + 1);
    // The version as the product writes it.
    let version = format!(
        r#"{{"id":"{icp}","name":"{}","description":"{}","leadProviderCriteria":{},"customFilterCriteria":{}}}"#,
        found.name,
        found.description.as_deref().unwrap_or_default(),
        found.criteria,
        found.filters
    );
    let history: i64 = connection.prepare_cached(HISTORY)?.query_row(
        params![icp, ORGANISATION, next, "user_bench", found.updated_at, r#"["leadsPerList"]"#, version],
        |row| row.get(0),
    )?;
    let leads = i64::try_from(1 + number % 100)?;
    let updated = connection.prepare_cached(UPDATE)?.execute(params![
        next,
        found.name,
        found.description,
        found.updated_at,
        found.user_ids,
        leads,
        found.active_until,
        found.criteria,
        found.filters,
        found.crm,
        found.schedule,
        history,
        icp,
        ORGANISATION,
        found.version
    ])?;
    anyhow::ensure!(updated == 1, "{updated} rows were saved");
    Ok(())
}
