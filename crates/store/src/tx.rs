//! The transaction that operations run in. It knows its tenant, so that no operation takes one.

use crate::driver::{Connection, Dialect};
use crate::error::StoreError;
use crate::row::Row;
use crate::value::Value;
use std::pin::Pin;

/// The future of a unit of work.
pub type Unit<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// The most values that one statement lists; longer lists go in several statements.
pub const LIST_CHUNK: usize = 500;

/// A transaction of one organisation.
pub struct Tx<'c> {
    connection: Connection<'c>,
    organisation: String,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(connection: Connection<'c>, organisation: String) -> Self {
        Self { connection, organisation }
    }

    /// The organisation whose rows this transaction sees.
    #[must_use]
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// Which of two texts of a statement to take, where the databases differ.
    pub(crate) const fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    /// The tenant as a statement's parameter.
    pub(crate) fn tenant(&self) -> Value {
        Value::Text(self.organisation.clone())
    }

    pub(crate) async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.connection.query(sql, params).await
    }

    pub(crate) async fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, StoreError> {
        self.connection.query_one(sql, params).await
    }

    pub(crate) async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<usize, StoreError> {
        self.connection.execute(sql, params).await
    }

    /// Runs `select` once for each chunk of `list`, its marker `{list}` replaced by placeholders that follow
    /// those of `params`, and returns all rows.
    pub(crate) async fn query_list(
        &mut self,
        select: &str,
        params: &[Value],
        list: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for chunk in list.chunks(LIST_CHUNK) {
            // One text for full chunks, so that it is prepared once.
            let marks: Vec<String> =
                (0..chunk.len()).map(|at| format!("${}", params.len() + at + 1)).collect();
            let sql = select.replace("{list}", &marks.join(","));
            let all: Vec<Value> = params.iter().chain(chunk).cloned().collect();
            rows.extend(self.query(&sql, &all).await?);
        }
        Ok(rows)
    }
}

/// A transaction that no organisation owns: log-in, job runner, administration. Only [`crate::ops::system`]
/// works on it.
pub struct SystemTx<'c> {
    connection: Connection<'c>,
}

impl<'c> SystemTx<'c> {
    pub(crate) fn new(connection: Connection<'c>) -> Self {
        Self { connection }
    }

    /// As [`Tx::dialect`].
    pub(crate) const fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    pub(crate) async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.connection.query(sql, params).await
    }

    pub(crate) async fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, StoreError> {
        self.connection.query_one(sql, params).await
    }

    pub(crate) async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<usize, StoreError> {
        self.connection.execute(sql, params).await
    }
}

/// Fails unless exactly one row was touched.
pub(crate) fn exactly_one(operation: &'static str, rows: usize) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::RowCount { operation, rows }) }
}
