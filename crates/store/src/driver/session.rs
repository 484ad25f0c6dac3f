//! One long transaction on a connection of its own, for administration: it may wait for another database, which a
//! unit of work on SQLite must not.

use super::postgres::Postgres;
use super::postgres_transaction::{End, PostgresTransaction};
use super::sqlite::{SqliteConnection, open_reader, open_writer};
use super::{Connection, Options};
use crate::error::StoreError;
use crate::migrate;

const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0;
     SET LOCAL idle_in_transaction_session_timeout = 0";
const WRITE: &str = "BEGIN; SET LOCAL statement_timeout = 0;
     SET LOCAL idle_in_transaction_session_timeout = 0";

/// A transaction with its connection. What it changed is forgotten unless it is committed.
pub(crate) enum Session {
    Sqlite(SqliteConnection),
    Postgres(Box<PostgresTransaction>),
}

impl Session {
    /// One snapshot of a database that exists, read only; its schema is left as it is.
    pub async fn snapshot(options: &Options) -> Result<Self, StoreError> {
        match options {
            Options::Sqlite { path, .. } => {
                let connection = open_reader(path)?;
                connection.command("BEGIN")?;
                // The snapshot is that of the first read.
                connection.query("SELECT name FROM sqlite_schema LIMIT 1", &[])?;
                Ok(Self::Sqlite(connection))
            }
            Options::Postgres { url, .. } => Self::begun(&Postgres::connect(url, None).await?, READ).await,
        }
    }

    /// A transaction that writes, on a schema that was brought up to date before. A file is made when absent, and
    /// nobody else has it open on behalf of this: it is whole when the session is dropped.
    pub async fn writing(options: &Options) -> Result<Self, StoreError> {
        match options {
            Options::Sqlite { path, durability } => {
                let connection = open_writer(path, *durability)?;
                connection.command("BEGIN IMMEDIATE")?;
                migrate::run(Connection::Sqlite(&connection)).await?;
                connection.command("COMMIT")?;
                connection.command("BEGIN IMMEDIATE")?;
                Ok(Self::Sqlite(connection))
            }
            Options::Postgres { url, .. } => Self::begun(&Postgres::open(url, None).await?, WRITE).await,
        }
    }

    async fn begun(server: &Postgres, begin: &'static str) -> Result<Self, StoreError> {
        let mut transaction = server.begin(begin).await?;
        transaction.execute_script("SELECT 1").await?;
        Ok(Self::Postgres(Box::new(transaction)))
    }

    pub fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::Postgres(transaction) => Connection::Postgres(transaction),
        }
    }

    /// Keeps what was changed.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.command("COMMIT"),
            Self::Postgres(transaction) => match transaction.end(true).await {
                End::Done => Ok(()),
                End::Failed(error) => Err(error),
                End::Undone(fault) => {
                    Err(StoreError::Unavailable(format!("the transaction was not committed ({fault:?})")))
                }
            },
        }
    }
}
