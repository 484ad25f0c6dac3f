//! The database behind the store. Today SQLite; a second driver is a second variant of [`Connection`] and
//! of [`Backend`].

mod sqlite;
mod sqlite_writer;

use crate::error::StoreError;
use crate::migrate;
use crate::row::Row;
use crate::tx::{SystemTx, Tx, Unit};
use crate::value::Value;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use sqlite::SqliteConnection;

/// When a write counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// An answered write survives a power cut (SQLite `synchronous=FULL`).
    #[default]
    Full,
    /// An answered write survives a crash of the process, not one of the machine. For tests.
    Process,
}

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file; made when absent.
    pub path: PathBuf,
    pub durability: Durability,
}

/// A transaction's connection, whichever the database.
pub(crate) enum Connection<'c> {
    Sqlite(&'c SqliteConnection),
}

impl Connection<'_> {
    pub async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.query(sql, params),
        }
    }

    pub async fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.query_one(sql, params),
        }
    }

    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<usize, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.execute(sql, params),
        }
    }

    pub async fn execute_script(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.execute_script(sql),
        }
    }
}

enum Backend {
    Sqlite(sqlite::Sqlite),
}

/// The records of all organisations.
#[derive(Clone)]
pub struct Store(Arc<Backend>);

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened or written, [`StoreError::Internal`] when
    /// its schema is newer than this program.
    pub async fn open(options: Options) -> Result<Self, StoreError> {
        let store = Self(Arc::new(Backend::Sqlite(sqlite::Sqlite::open(&options)?)));
        store.write_on(|connection| Box::pin(migrate::run(connection))).await?;
        Ok(store)
    }

    /// Runs a unit of work of one organisation: all of it is committed, or nothing when it fails.
    ///
    /// # Errors
    /// The unit's own, or the store's when it cannot commit.
    pub async fn write<T, E, F>(&self, organisation: &str, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'_>) -> Unit<'t, T, E> + Send + 'static,
    {
        let organisation = organisation.to_owned();
        self.write_on(move |connection| {
            Box::pin(async move { unit(&mut Tx::new(connection, organisation)).await })
        })
        .await
    }

    /// Runs a unit of work that belongs to no organisation.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_system<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut SystemTx<'_>) -> Unit<'t, T, E> + Send + 'static,
    {
        self.write_on(move |connection| Box::pin(async move { unit(&mut SystemTx::new(connection)).await }))
            .await
    }

    async fn write_on<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(Connection<'t>) -> Unit<'t, T, E> + Send + 'static,
    {
        match &*self.0 {
            Backend::Sqlite(sqlite) => sqlite.writer.run(unit).await,
        }
    }

    /// Runs short reads of one organisation on one snapshot, in the caller's thread: a few point look-ups.
    ///
    /// # Errors
    /// The unit's own, or the store's.
    pub async fn read<T, E, F>(&self, organisation: &str, unit: F) -> Result<T, E>
    where
        T: Send,
        E: From<StoreError> + Send,
        F: for<'t> FnOnce(&'t mut Tx<'_>) -> Unit<'t, T, E> + Send,
    {
        match &*self.0 {
            Backend::Sqlite(sqlite) => sqlite.read(|connection| {
                let mut tx = Tx::new(connection, organisation.to_owned());
                let unit = unit(&mut tx);
                sqlite::poll_once(unit)
            }),
        }
    }

    /// Runs long reads of one organisation (whole lists, scans) on one snapshot, off the async threads.
    ///
    /// # Errors
    /// The unit's own, or the store's.
    pub async fn read_long<T, E, F>(&self, organisation: &str, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'_>) -> Unit<'t, T, E> + Send + 'static,
    {
        let store = self.clone();
        let organisation = organisation.to_owned();
        let task = tokio::task::spawn_blocking(move || match &*store.0 {
            Backend::Sqlite(sqlite) => sqlite.read(|connection| {
                let mut tx = Tx::new(connection, organisation);
                let unit = unit(&mut tx);
                sqlite::poll_once(unit)
            }),
        });
        task.await.unwrap_or_else(|error| Err(StoreError::Internal(error.to_string()).into()))
    }

    /// Runs short reads that belong to no organisation.
    ///
    /// # Errors
    /// The unit's own, or the store's.
    pub async fn read_system<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send,
        E: From<StoreError> + Send,
        F: for<'t> FnOnce(&'t mut SystemTx<'_>) -> Unit<'t, T, E> + Send,
    {
        match &*self.0 {
            Backend::Sqlite(sqlite) => sqlite.read(|connection| {
                let mut tx = SystemTx::new(connection);
                let unit = unit(&mut tx);
                sqlite::poll_once(unit)
            }),
        }
    }
}
