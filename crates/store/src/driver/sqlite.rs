//! SQLite treated as itself: one writer thread, many readers, WAL.

use super::sqlite_writer::Writer;
use super::{Connection, Durability, snapshot};
use crate::error::StoreError;
use crate::row::Row;
use crate::tx::Unit;
use crate::value::Value;
use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How long a writer waits for a writer of another process.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(15);
/// Readers that are kept open.
const KEPT_READERS: usize = 16;

/// A connection that a transaction borrows. The mutex is never contended: it only makes the borrow `Send`.
pub(crate) struct SqliteConnection(Mutex<rusqlite::Connection>);

impl SqliteConnection {
    fn lock(&self) -> MutexGuard<'_, rusqlite::Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.collect(sql, params, usize::MAX)
    }

    pub fn query_one(&self, sql: &str, params: &[Value]) -> Result<Option<Row>, StoreError> {
        self.collect(sql, params, 1).map(|mut rows| rows.pop())
    }

    fn collect(&self, sql: &str, params: &[Value], most: usize) -> Result<Vec<Row>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql)?;
        debug_assert!(in_order_of_first_use(&statement), "placeholders out of order: {sql}");
        let columns = statement.column_count();
        let mut found = statement.query(rusqlite::params_from_iter(params))?;
        let mut rows = Vec::new();
        while rows.len() < most {
            let Some(row) = found.next()? else { break };
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                values.push(read_value(row.get_ref(column)?)?);
            }
            rows.push(values);
        }
        Ok(rows)
    }

    pub fn execute(&self, sql: &str, params: &[Value]) -> Result<usize, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql)?;
        debug_assert!(in_order_of_first_use(&statement), "placeholders out of order: {sql}");
        Ok(statement.execute(rusqlite::params_from_iter(params))?)
    }

    pub fn execute_script(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.lock().execute_batch(sql)?)
    }

    /// Adds rows one by one, with one statement that is prepared once.
    pub fn insert_rows(&self, table: &str, columns: &[String], rows: &[Row]) -> Result<(), StoreError> {
        let marks: Vec<String> = (1..=columns.len()).map(|at| format!("${at}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(","), marks.join(","));
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&sql)?;
        for row in rows {
            statement.execute(rusqlite::params_from_iter(row))?;
        }
        Ok(())
    }

    /// Whether SQLite ended the transaction that was begun.
    pub fn lost_transaction(&self) -> bool {
        self.lock().is_autocommit()
    }

    /// A statement without parameters or result, kept prepared.
    pub fn command(&self, sql: &str) -> Result<(), StoreError> {
        self.execute(sql, &[]).map(drop)
    }
}

/// To SQLite `$3` is a name, and parameters are numbered as their names first appear: a text in which `$3`
/// stands before `$2` would silently get its values crossed.
fn in_order_of_first_use(statement: &rusqlite::Statement<'_>) -> bool {
    (1..=statement.parameter_count()).all(|at| statement.parameter_name(at) == Some(&format!("${at}")))
}

fn read_value(value: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(bytes) => Value::Text(
            std::str::from_utf8(bytes).map_err(|error| StoreError::Internal(error.to_string()))?.to_owned(),
        ),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        ValueRef::Real(value) => return Err(StoreError::Internal(format!("unexpected real value {value}"))),
    })
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub(super) struct Sqlite {
    path: PathBuf,
    pub writer: Writer,
    readers: Mutex<Vec<SqliteConnection>>,
}

impl Sqlite {
    pub fn open(path: PathBuf, durability: Durability) -> Result<Self, StoreError> {
        let writer = Writer::start(open_writer(&path, durability)?)?;
        Ok(Self { path, writer, readers: Mutex::new(Vec::new()) })
    }

    /// Lends a read-only connection inside a transaction, so that all reads see one snapshot.
    pub fn read<T, E: From<StoreError>>(
        self: &Arc<Self>,
        unit: impl FnOnce(Connection<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let snapshot = match snapshot::take(self) {
            Some(open) => open,
            None => Snapshot::begin(self)?,
        };
        let result = unit(Connection::Sqlite(&snapshot.connection));
        snapshot::keep(snapshot);
        result
    }
}

/// A reader inside its transaction.
pub(super) struct Snapshot {
    pub sqlite: Arc<Sqlite>,
    connection: SqliteConnection,
}

impl Snapshot {
    fn begin(sqlite: &Arc<Sqlite>) -> Result<Self, StoreError> {
        let kept = sqlite.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => open_reader(&sqlite.path)?,
        };
        connection.command("BEGIN")?;
        Ok(Self { sqlite: sqlite.clone(), connection })
    }

    pub fn end(self) {
        // A connection whose transaction does not end is dropped rather than kept.
        if self.connection.command("COMMIT").is_ok() {
            let mut readers = self.sqlite.readers.lock().unwrap_or_else(PoisonError::into_inner);
            if readers.len() < KEPT_READERS {
                readers.push(self.connection);
            }
        }
    }
}

/// Statements are kept prepared, and their plans hold: else SQLite, built with statistics of values, would
/// plan a statement anew at each binding that its planner looked at, which costs several times the look-up.
fn prepare_once(connection: &rusqlite::Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Opens a file for writing, and makes it when absent.
pub(super) fn open_writer(path: &Path, durability: Durability) -> Result<SqliteConnection, StoreError> {
    let connection = rusqlite::Connection::open(path)?;
    prepare_once(&connection)?;
    connection.execute_batch("PRAGMA journal_mode=WAL;")?;
    connection.execute_batch(match durability {
        Durability::Full => "PRAGMA synchronous=FULL;",
        Durability::Process => "PRAGMA synchronous=OFF;",
    })?;
    // A checkpoint copies pages back and syncs the main file: seldom and large beats often and small.
    connection.execute_batch(
        "PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=8000; PRAGMA cache_size=-65536;
         PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;",
    )?;
    Ok(SqliteConnection(Mutex::new(connection)))
}

pub(super) fn open_reader(path: &Path) -> Result<SqliteConnection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    prepare_once(&connection)?;
    connection
        .execute_batch("PRAGMA query_only=ON; PRAGMA cache_size=-16384; PRAGMA mmap_size=1073741824;")?;
    Ok(SqliteConnection(Mutex::new(connection)))
}

/// Runs a unit to its end. On SQLite no operation ever waits, so the first poll is the last.
pub(super) fn poll_once<T, E: From<StoreError>>(mut unit: Unit<'_, T, E>) -> Result<T, E> {
    match unit.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => {
            Err(StoreError::Internal("a unit of work waits for something else".to_owned()).into())
        }
    }
}
