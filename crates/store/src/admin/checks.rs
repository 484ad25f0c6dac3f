//! What can be told about a database from outside: for `sluice doctor`.

use super::snapshot::integrity;
use crate::driver::{Connection, Options, Session};
use crate::error::StoreError;
use crate::migrate;
use crate::row::{Columns, Row};
use crate::value::{Value, params};
use sluice_model::Time;
use std::path::Path;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Ok,
    /// It works, and will not for ever.
    Warn,
    Fail,
}

/// One thing that was looked at, what was seen, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    pub level: Level,
    pub text: String,
}

impl Check {
    /// All is well.
    pub fn ok(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, level: Level::Ok, text: text.into() }
    }

    /// Somebody should look at it.
    pub fn warn(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, level: Level::Warn, text: text.into() }
    }

    /// Somebody must do something.
    pub fn fail(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, level: Level::Fail, text: text.into() }
    }

    fn of(name: &'static str, result: Result<Self, StoreError>) -> Self {
        result.unwrap_or_else(|error| Self::fail(name, error.to_string()))
    }
}

/// A write-ahead log of this size is not being folded back.
const LONG_LOG: u64 = 512 << 20;
/// Connections that this program takes in each process, with one to listen.
const CONNECTIONS: i64 = 17;
/// How far clocks may be apart, and a replica behind, in milliseconds.
const CLOCK: i64 = 2_000;
const BEHIND: i64 = 10_000;
/// A lease that ended so long ago is not taken up; a job that waits so long, by nobody.
const STALE: i64 = 60_000;
const WAITING: i64 = 600_000;

/// Looks at a database and changes nothing. `now` is the time by this machine.
pub async fn check(options: &Options, now: Time) -> Vec<Check> {
    let mut session = match Session::snapshot(options).await {
        Ok(session) => session,
        Err(error) => return vec![Check::fail("database", error.to_string())],
    };
    let mut found = Vec::new();
    let mut connection = session.connection();
    match options {
        Options::Sqlite { path, .. } => {
            found.push(Check::ok("database", format!("SQLite, {}", path.display())));
            found.push(Check::of("integrity", whole(path)));
            found.push(log_size(path));
        }
        Options::Postgres { replica, .. } => {
            found.push(Check::of("database", server(&mut connection).await));
            found.push(Check::of("connections", connections(&mut connection).await));
            found.push(Check::of("encryption", encryption(&mut connection).await));
            found.push(Check::of("clock", clock(&mut connection, now).await));
            if let Some(url) = replica {
                found.push(Check::of("replica", replica_lag(url).await));
            }
        }
    }
    match migrate::look(&mut connection).await {
        Ok(schema) if schema.pending.is_empty() => {
            found.push(Check::ok("schema", format!("version {}", schema.version)));
            found.push(Check::of("jobs", jobs(&mut connection, now).await));
        }
        Ok(schema) => {
            let text = format!("version {} of {}: run `sluice migrate up`", schema.version, schema.newest);
            found.push(Check::warn("schema", text));
        }
        Err(error) => found.push(Check::fail("schema", error.to_string())),
    }
    found
}

fn whole(path: &Path) -> Result<Check, StoreError> {
    let faults = integrity(path)?;
    Ok(if faults.is_empty() {
        Check::ok("integrity", "pages and references fit together")
    } else {
        Check::fail("integrity", format!("{}; restore a backup", faults.join("; ")))
    })
}

fn log_size(path: &Path) -> Check {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let size = std::fs::metadata(log).map_or(0, |meta| meta.len());
    let text = format!("the write-ahead log has {} KiB", size >> 10);
    if size > LONG_LOG {
        Check::warn("journal", format!("{text}: some program keeps an old snapshot open; end it"))
    } else {
        Check::ok("journal", text)
    }
}

/// The one row of a statement without parameters.
async fn ask(connection: &mut Connection<'_>, sql: &str) -> Result<Columns, StoreError> {
    let row: Option<Row> = connection.query_one(sql, &[]).await?;
    row.map(|row| Columns::of("the server", row))
        .ok_or_else(|| StoreError::Internal("the server gave no answer".to_owned()))
}

async fn server(connection: &mut Connection<'_>) -> Result<Check, StoreError> {
    // Version and encoding were checked when it was connected.
    let sql = "SELECT current_setting('server_version'), current_setting('server_encoding'),
               current_setting('synchronous_commit')";
    let mut row = ask(connection, sql).await?;
    let (version, encoding, commit) = (row.text("version")?, row.text("encoding")?, row.text("commit")?);
    let text = format!("PostgreSQL {version}, {encoding}");
    Ok(if commit == "off" {
        let text = format!("{text}; synchronous_commit is off: answered writes may be lost in a crash");
        Check::warn("database", text)
    } else {
        Check::ok("database", text)
    })
}

async fn connections(connection: &mut Connection<'_>) -> Result<Check, StoreError> {
    let sql = "SELECT current_setting('max_connections')::BIGINT
                   - current_setting('superuser_reserved_connections')::BIGINT,
               (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')";
    let mut row = ask(connection, sql).await?;
    let (most, used) = (row.int("most")?, row.int("used")?);
    let text = format!("{used} of {most} in use, a process takes up to {CONNECTIONS}");
    Ok(if most - used < CONNECTIONS {
        Check::warn("connections", format!("{text}: raise max_connections"))
    } else {
        Check::ok("connections", text)
    })
}

async fn encryption(connection: &mut Connection<'_>) -> Result<Check, StoreError> {
    let sql = "SELECT COALESCE((SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), ''),
               (COALESCE(inet_client_addr() <<= '127.0.0.0/8' OR inet_client_addr() = '::1', true))::INT";
    let mut row = ask(connection, sql).await?;
    let (version, near) = (row.text("version")?, row.boolean("near")?);
    Ok(match (version.as_str(), near) {
        ("", true) => Check::ok("encryption", "none; the server is on this machine"),
        ("", false) => Check::warn("encryption", "none: say sslmode=verify-full in the database's URL"),
        (version, _) => Check::ok("encryption", version),
    })
}

async fn clock(connection: &mut Connection<'_>, now: Time) -> Result<Check, StoreError> {
    let sql = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT";
    let apart = ask(connection, sql).await?.int("clock")?.saturating_sub(now.millis());
    let text = format!("the server's is {apart} ms from this machine's");
    Ok(if apart.abs() > CLOCK {
        Check::warn("clock", format!("{text}: leases end at the wrong time; set the clocks by NTP"))
    } else {
        Check::ok("clock", text)
    })
}

async fn replica_lag(url: &str) -> Result<Check, StoreError> {
    let options = Options::Postgres { url: url.to_owned(), replica: None };
    let mut session = Session::snapshot(&options).await?;
    let sql = "SELECT pg_is_in_recovery()::INT, CASE
                   WHEN pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn() THEN 0
                   ELSE (EXTRACT(EPOCH FROM now() - pg_last_xact_replay_timestamp()) * 1000)::BIGINT END";
    let mut row = ask(&mut session.connection(), sql).await?;
    let (replica, behind) = (row.boolean("replica")?, row.optional_int("behind")?.unwrap_or_default());
    Ok(if !replica {
        Check::warn("replica", "it is no replica, but takes writes: look at --database-replica")
    } else if behind > BEHIND {
        Check::warn("replica", format!("{behind} ms behind: reads are old"))
    } else {
        Check::ok("replica", format!("{behind} ms behind"))
    })
}

async fn jobs(connection: &mut Connection<'_>, now: Time) -> Result<Check, StoreError> {
    let sql = "SELECT COALESCE(SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), 0),
               COALESCE(SUM(CASE WHEN state = 'running' AND lease_until < $1 THEN 1 ELSE 0 END), 0),
               COALESCE(SUM(CASE WHEN state = 'ready' AND run_at < $2 THEN 1 ELSE 0 END), 0) FROM job";
    let times: &[Value] = params![now.millis() - STALE, now.millis() - WAITING];
    let row = connection.query_one(sql, times).await?.unwrap_or_default();
    let mut row = Columns::of("job", row);
    let counts = [(row.int("dead")?, "given up"), (row.int("stale")?, "left by a worker that died")];
    let waiting = (row.int("waiting")?, "waiting for ten minutes: is a worker running?");
    let told: Vec<String> = counts
        .into_iter()
        .chain([waiting])
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    Ok(if told.is_empty() {
        Check::ok("jobs", "none is stuck")
    } else {
        Check::warn("jobs", told.join(", "))
    })
}
