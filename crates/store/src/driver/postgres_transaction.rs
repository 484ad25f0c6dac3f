//! A transaction on PostgreSQL. It begins together with its first statement, which saves a round trip, and
//! remembers what went wrong in it.

use super::postgres_pool::Lent;
use crate::error::StoreError;
use crate::row::Row;
use crate::value::Value;
use futures_util::future::{FutureExt as _, join};
use futures_util::{TryStreamExt as _, pin_mut};
use tokio_postgres::Error;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

/// Why a statement failed, by what is done then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Another transaction came between.
    Conflict,
    /// A constraint was violated, perhaps by a row that this transaction does not see.
    Constraint,
    /// The connection broke.
    Lost,
    Other,
}

impl Fault {
    fn of(error: &Error) -> Self {
        match error.code() {
            Some(&(SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED)) => Self::Conflict,
            Some(&(SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN)) => Self::Lost,
            Some(code) if code.code().starts_with("23") => Self::Constraint,
            Some(_) => Self::Other,
            None if StoreError::is_lost(error) => Self::Lost,
            None => Self::Other,
        }
    }
}

/// How a transaction ended.
pub(super) enum End {
    /// As it was asked to.
    Done,
    /// Not committed, for this reason.
    Undone(Fault),
    /// Not committed, or not known to be.
    Failed(StoreError),
}

pub(crate) struct PostgresTransaction {
    connection: Lent,
    begin: &'static str,
    begun: bool,
    /// Each statement is a savepoint, so that the unit may go on after one that failed, as on SQLite.
    careful: bool,
    fault: Option<Fault>,
}

impl PostgresTransaction {
    pub(super) fn new(connection: Lent, begin: &'static str, careful: bool) -> Self {
        Self { connection, begin, begun: false, careful, fault: None }
    }

    pub async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let (rows, _) = self.run(sql, params).await?;
        let read = |row: tokio_postgres::Row| {
            (0..row.len()).map(|at| row.try_get(at)).collect::<Result<Row, Error>>()
        };
        Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
    }

    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<usize, StoreError> {
        let (_, touched) = self.run(sql, params).await?;
        Ok(usize::try_from(touched).unwrap_or(usize::MAX))
    }

    pub async fn execute_script(&mut self, sql: &str) -> Result<(), StoreError> {
        let sql = if self.begun { sql.to_owned() } else { [self.begin, "; ", sql].concat() };
        self.begun = true;
        let done = self.connection.client.batch_execute(&sql).await;
        done.map_err(|error| {
            self.fault = Some(Fault::of(&error));
            error.into()
        })
    }

    /// Adds rows by `COPY`. The transaction must have begun.
    pub async fn copy_in(&mut self, table: &str, columns: &[String], rows: &[Row]) -> Result<(), StoreError> {
        let columns = columns.join(",");
        let types = self.connection.prepared(&format!("SELECT {columns} FROM {table}")).await?;
        let types: Vec<Type> = types.columns().iter().map(|column| column.type_().clone()).collect();
        let sql = format!("COPY {table} ({columns}) FROM STDIN BINARY");
        let writer = BinaryCopyInWriter::new(self.connection.client.copy_in(&sql).await?, &types);
        pin_mut!(writer);
        for row in rows {
            writer.as_mut().write_raw(row).await?;
        }
        writer.finish().await?;
        Ok(())
    }

    async fn run(
        &mut self,
        sql: &str,
        params: &[Value],
    ) -> Result<(Vec<tokio_postgres::Row>, u64), StoreError> {
        if self.fault.is_some() {
            let text = "a statement before this one has failed, and the transaction with it";
            return Err(StoreError::Internal(text.to_owned()));
        }
        match self.send(sql, params).await {
            Ok(done) => Ok(done),
            Err(error) => {
                let fault = Fault::of(&error);
                let recoverable =
                    self.careful && self.begun && matches!(fault, Fault::Constraint | Fault::Other);
                if !(recoverable
                    && self.connection.client.batch_execute("ROLLBACK TO statement").await.is_ok())
                {
                    self.fault = Some(fault);
                }
                Err(error.into())
            }
        }
    }

    async fn send(&mut self, sql: &str, params: &[Value]) -> Result<(Vec<tokio_postgres::Row>, u64), Error> {
        let before = match (self.begun, self.careful) {
            (false, false) => self.begin.to_owned(),
            (false, true) => [self.begin, "; SAVEPOINT statement"].concat(),
            (true, false) => String::new(),
            (true, true) => "RELEASE statement; SAVEPOINT statement".to_owned(),
        };
        let statement = self.connection.prepared(sql).await?;
        let client = &self.connection.client;
        let work = async {
            let rows = client.query_raw(&statement, params).await?;
            pin_mut!(rows);
            let mut found = Vec::new();
            while let Some(row) = rows.try_next().await? {
                found.push(row);
            }
            Ok((found, rows.rows_affected().unwrap_or_default()))
        };
        if before.is_empty() {
            return work.await;
        }
        // Both are sent before either is answered.
        let (begun, done) = join(client.batch_execute(&before), work).await;
        begun?;
        self.begun = true;
        done
    }

    /// Ends a write.
    pub(super) async fn end(mut self, keep: bool) -> End {
        match self.fault {
            None if !keep => {
                self.end_read();
                End::Done
            }
            None => self.commit().await,
            Some(Fault::Lost) => End::Undone(Fault::Lost),
            Some(fault) => {
                self.fault = None;
                self.end_read();
                End::Undone(fault)
            }
        }
    }

    async fn commit(self) -> End {
        if !self.begun {
            self.connection.give_back();
            return End::Done;
        }
        match self.connection.client.batch_execute("COMMIT").await {
            Ok(()) => {
                self.connection.give_back();
                End::Done
            }
            Err(error) if Fault::of(&error) == Fault::Conflict => {
                self.connection.give_back();
                End::Undone(Fault::Conflict)
            }
            Err(error) => {
                let error = StoreError::from(error);
                tracing::error!(error = %error, "cannot commit");
                End::Failed(error)
            }
        }
    }

    /// Ends a transaction of which nothing is kept, without waiting: the server does it before whatever is sent
    /// next.
    pub fn end_read(self) {
        if self.begun {
            // Sent when first polled; the answer interests nobody.
            let _ = self.connection.client.batch_execute("ROLLBACK").now_or_never();
        }
        if self.fault != Some(Fault::Lost) {
            self.connection.give_back();
        }
    }
}
