//! The database behind the store: each driver is a variant of [`Connection`] and of [`Backend`].

mod erased;
mod postgres;
mod postgres_listener;
mod postgres_pool;
mod postgres_tls;
mod postgres_transaction;
mod postgres_url;
mod postgres_value;
mod session;
mod snapshot;
mod sqlite;
mod sqlite_writer;

use crate::error::StoreError;
use crate::migrate;
use crate::row::Row;
use crate::tx::{SystemTx, Tx, Unit};
use crate::value::Value;
use erased::{LongRead, Outcome, Work};
use futures_util::future::{Either, pending};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinHandle;

pub(crate) use postgres_transaction::PostgresTransaction;
pub(crate) use session::Session;
pub use snapshot::one_snapshot;
pub(crate) use sqlite::{BUSY_TIMEOUT, SqliteConnection};

/// When a write counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// An answered write survives a power cut (SQLite `synchronous=FULL`).
    #[default]
    Full,
    /// An answered write survives a crash of the process, not one of the machine. For tests.
    Process,
}

/// Which database to open, and how.
#[derive(Clone)]
pub enum Options {
    /// A file; made when absent.
    Sqlite { path: PathBuf, durability: Durability },
    /// A server, 13 or later. Reads of an organisation go to the replica if there is one: they may be behind.
    Postgres { url: String, replica: Option<String> },
}

/// Leaves out URLs, which have passwords in them.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path, durability } => {
                f.debug_struct("Sqlite").field("path", path).field("durability", durability).finish()
            }
            Self::Postgres { .. } => f.debug_struct("Postgres").finish_non_exhaustive(),
        }
    }
}

/// Which SQL is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Behind a table: the index to be used. PostgreSQL has statistics and decides itself.
    pub fn indexed_by(self, index: &str) -> String {
        match self {
            Self::Sqlite => [" INDEXED BY ", index].concat(),
            Self::Postgres => String::new(),
        }
    }
}

/// A transaction's connection, whichever the database.
pub(crate) enum Connection<'c> {
    Sqlite(&'c SqliteConnection),
    Postgres(&'c mut PostgresTransaction),
}

impl Connection<'_> {
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.query(sql, params),
            Self::Postgres(transaction) => transaction.query(sql, params).await,
        }
    }

    pub async fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.query_one(sql, params),
            Self::Postgres(transaction) => Ok(transaction.query(sql, params).await?.into_iter().next()),
        }
    }

    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<usize, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.execute(sql, params),
            Self::Postgres(transaction) => transaction.execute(sql, params).await,
        }
    }

    pub async fn execute_script(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.execute_script(sql),
            Self::Postgres(transaction) => transaction.execute_script(sql).await,
        }
    }

    /// Adds many rows at once, in the way that each database does it quickest.
    pub async fn insert_rows(
        &mut self,
        table: &str,
        columns: &[String],
        rows: &[Row],
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.insert_rows(table, columns, rows),
            Self::Postgres(transaction) => transaction.copy_in(table, columns, rows).await,
        }
    }
}

enum Backend {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// The records of all organisations.
#[derive(Clone)]
pub struct Store(Arc<Backend>);

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened or written, or the server does not answer;
    /// [`StoreError::Internal`] when its schema is newer than this program, or its URL cannot be used.
    pub async fn open(options: Options) -> Result<Self, StoreError> {
        match options {
            Options::Sqlite { path, durability } => {
                let backend = Backend::Sqlite(Arc::new(sqlite::Sqlite::open(path, durability)?));
                let store = Self(Arc::new(backend));
                store.write_on(migrate::run).await?;
                Ok(store)
            }
            Options::Postgres { url, replica } => {
                let postgres = postgres::Postgres::open(&url, replica.as_deref()).await?;
                Ok(Self(Arc::new(Backend::Postgres(Arc::new(postgres)))))
            }
        }
    }

    /// Ends when a job was queued since this call, by whichever process. A worker looks for jobs all the same:
    /// SQLite tells nobody, and a message may be lost.
    pub fn jobs_changed(&self) -> impl Future<Output = ()> + Send + '_ {
        match &*self.0 {
            Backend::Sqlite(_) => Either::Left(pending()),
            Backend::Postgres(postgres) => Either::Right(postgres.listener.next()),
        }
    }

    /// Runs a unit of work of one organisation: all of it is committed, or nothing when it fails. It may be run
    /// several times before that, until no other came between.
    ///
    /// # Errors
    /// The unit's own, or the store's when it cannot commit.
    pub async fn write<T, E, F>(&self, organisation: &str, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'_>) -> Unit<'t, T, E> + Clone + Send + 'static,
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
        F: for<'t> FnOnce(&'t mut SystemTx<'_>) -> Unit<'t, T, E> + Clone + Send + 'static,
    {
        self.write_on(move |connection| Box::pin(async move { unit(&mut SystemTx::new(connection)).await }))
            .await
    }

    async fn write_on<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(Connection<'t>) -> Unit<'t, T, E> + Clone + Send + 'static,
    {
        erased::typed(self.write_erased(erased::work(unit)).await)
    }

    async fn write_erased(&self, unit: Box<dyn Work>) -> Outcome {
        match &*self.0 {
            Backend::Sqlite(sqlite) => {
                snapshot::end();
                sqlite.writer.run(unit).await
            }
            Backend::Postgres(postgres) => {
                // A task of its own: a caller that goes away does not stop it, and a panic stays in it.
                let postgres = postgres.clone();
                joined(tokio::spawn(async move { postgres.write(unit).await })).await
            }
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
        let organisation = organisation.to_owned();
        match &*self.0 {
            Backend::Sqlite(sqlite) => sqlite.read(|connection| {
                let mut tx = Tx::new(connection, organisation);
                let unit = unit(&mut tx);
                sqlite::poll_once(unit)
            }),
            Backend::Postgres(postgres) => {
                let mut transaction = postgres.begin_read(true).await?;
                let result = unit(&mut Tx::new(Connection::Postgres(&mut transaction), organisation)).await;
                transaction.end_read();
                result
            }
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
        erased::typed(self.read_long_erased(organisation.to_owned(), erased::long_read(unit)).await)
    }

    async fn read_long_erased(&self, organisation: String, unit: LongRead) -> Outcome {
        let store = self.clone();
        let task = match &*self.0 {
            Backend::Sqlite(_) => {
                let runtime = tokio::runtime::Handle::current();
                tokio::task::spawn_blocking(move || runtime.block_on(store.read(&organisation, unit)))
            }
            Backend::Postgres(_) => tokio::spawn(async move { store.read(&organisation, unit).await }),
        };
        joined(task).await
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
            Backend::Postgres(postgres) => {
                // Never the replica: a revoked token must not go on being one there.
                let mut transaction = postgres.begin_read(false).await?;
                let result = unit(&mut SystemTx::new(Connection::Postgres(&mut transaction))).await;
                transaction.end_read();
                result
            }
        }
    }
}

/// The result of a task; a panic in it is an error.
async fn joined(task: JoinHandle<Outcome>) -> Outcome {
    task.await.unwrap_or_else(|error| Err(StoreError::Internal(error.to_string()).into()))
}
