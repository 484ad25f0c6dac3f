//! Connections to one PostgreSQL server, kept open and lent out.

use super::postgres_tls::Tls;
use super::postgres_url;
use crate::error::StoreError;
use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_postgres::{Client, Config, Statement};

/// The most connections to one server.
const CONNECTIONS: usize = 16;
/// How long a unit waits for a free connection, and how long a new one may take to be made.
pub(super) const WAIT: Duration = Duration::from_secs(5);
/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 512;
/// Nothing may hold up others for ever: neither a lost client, nor a statement without an end.
const SESSION: &str = "SET lock_timeout = '15s'; SET statement_timeout = '60s';
     SET idle_in_transaction_session_timeout = '60s'";

/// A connection with its prepared statements.
pub(super) struct PostgresConnection {
    pub client: Client,
    statements: HashMap<String, Statement>,
}

impl PostgresConnection {
    /// The prepared statement of a text.
    pub async fn prepared(&mut self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

pub(super) struct Pool {
    config: Config,
    tls: Tls,
    idle: Mutex<Vec<PostgresConnection>>,
    permits: Arc<Semaphore>,
}

/// A connection on loan. It is closed at the end unless it is given back, so that none with an open transaction
/// gets to somebody else.
pub(super) struct Lent {
    connection: PostgresConnection,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Deref for Lent {
    type Target = PostgresConnection;

    fn deref(&self) -> &PostgresConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut PostgresConnection {
        &mut self.connection
    }
}

impl Lent {
    /// Gives the connection back: to be called when it is between transactions, or will be when the server has
    /// done what was sent.
    pub fn give_back(self) {
        if !self.connection.client.is_closed() {
            self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.connection);
        }
    }
}

/// An error with its causes, which its own text leaves out.
pub(super) fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl Pool {
    pub fn new(url: &str) -> Result<Arc<Self>, StoreError> {
        let (config, tls) = postgres_url::parse(url)?;
        let permits = Arc::new(Semaphore::new(CONNECTIONS));
        Ok(Arc::new(Self { config, tls, idle: Mutex::default(), permits }))
    }

    /// How a connection is made.
    pub fn way(&self) -> (Config, Tls) {
        (self.config.clone(), self.tls.clone())
    }

    /// Lends a connection, a new one when none is kept.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when none becomes free in time, or the server does not answer.
    pub async fn lend(self: &Arc<Self>) -> Result<Lent, StoreError> {
        let unavailable = |reason: &str| StoreError::Unavailable(reason.to_owned());
        let permit = timeout(WAIT, self.permits.clone().acquire_owned())
            .await
            .map_err(|_| unavailable("no connection to the database became free"))?
            .map_err(|_| unavailable("the store is closed"))?;
        let connection = match self.kept() {
            Some(connection) => connection,
            None => timeout(WAIT, self.connect())
                .await
                .map_err(|_| unavailable("the database does not answer"))?
                .map_err(|error| StoreError::Unavailable(explain(&error)))?,
        };
        Ok(Lent { connection, pool: self.clone(), _permit: permit })
    }

    fn kept(&self) -> Option<PostgresConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| !connection.client.is_closed());
        idle.pop()
    }

    async fn connect(&self) -> Result<PostgresConnection, tokio_postgres::Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(error = explain(&error), "lost a connection to the database");
            }
        });
        client.batch_execute(SESSION).await?;
        Ok(PostgresConnection { client, statements: HashMap::new() })
    }
}
