//! PostgreSQL treated as itself: many connections at once, and units of work that behave as on SQLite's one
//! writer because they are serializable and run again when another came between.

use super::Connection;
use super::erased::{Outcome, Work};
use super::postgres_listener::Listener;
use super::postgres_pool::Pool;
use super::postgres_transaction::{End, Fault, PostgresTransaction};
use crate::error::StoreError;
use crate::migrate;
use crate::value::Value;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
/// Processes that start together bring the schema up to date one after the other. The number is arbitrary.
const MIGRATE: &str = "BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;
     SELECT pg_advisory_xact_lock(5381204417)";
/// How often a unit is run before it is given up.
const TRIES: u32 = 16;
/// A unit that met so many conflicts runs alone.
const TRIES_BESIDE_OTHERS: u32 = 2;
/// A lost connection is replaced so often, as after a restart of the server.
const LOST_TRIES: u32 = 2;
/// Older servers are not tried out.
const OLDEST: i64 = 130_000;

pub(super) struct Postgres {
    primary: Arc<Pool>,
    replica: Option<Arc<Pool>>,
    /// Held by all units that run; alone by one that met conflicts, so that those of this process cannot keep it
    /// from getting on.
    turns: RwLock<()>,
    pub listener: Listener,
}

/// How the next try of a unit is made.
#[derive(Clone, Copy, Default)]
struct Tries {
    made: u32,
    lost: u32,
    alone: bool,
}

/// Kept for as long as a unit runs.
enum Turn<'a> {
    Beside(#[expect(dead_code, reason = "held")] RwLockReadGuard<'a, ()>),
    Alone(#[expect(dead_code, reason = "held")] RwLockWriteGuard<'a, ()>),
}

impl Postgres {
    pub async fn open(url: &str, replica: Option<&str>) -> Result<Self, StoreError> {
        let postgres = Self::connect(url, replica).await?;
        postgres.migrate().await?;
        Ok(postgres)
    }

    /// As [`Self::open`], with the schema left as it is.
    pub async fn connect(url: &str, replica: Option<&str>) -> Result<Self, StoreError> {
        let primary = Pool::new(url)?;
        let replica = replica.map(Pool::new).transpose()?;
        let listener = Listener::new(primary.way());
        let postgres = Self { primary, replica, turns: RwLock::new(()), listener };
        postgres.check_server().await?;
        Ok(postgres)
    }

    /// A transaction that begins as it is told to.
    pub async fn begin(&self, begin: &'static str) -> Result<PostgresTransaction, StoreError> {
        Ok(PostgresTransaction::new(self.primary.lend().await?, begin, false))
    }

    async fn check_server(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin_read(false).await?;
        let sql = "SELECT current_setting('server_version_num')::BIGINT, current_setting('server_encoding')";
        let mut rows = transaction.query(sql, &[]).await?;
        transaction.end_read();
        match rows.pop().as_deref() {
            Some([Value::Int(version), Value::Text(encoding)])
                if *version >= OLDEST && encoding == "UTF8" =>
            {
                Ok(())
            }
            other => {
                let text =
                    format!("a PostgreSQL server 13 or later with a database in UTF8 is needed: {other:?}");
                Err(StoreError::Internal(text))
            }
        }
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let mut transaction = PostgresTransaction::new(self.primary.lend().await?, MIGRATE, false);
        let done = migrate::run(Connection::Postgres(&mut transaction)).await;
        match transaction.end(done.is_ok()).await {
            End::Failed(error) => Err(error),
            End::Done => done,
            End::Undone(fault) => {
                done.and(Err(StoreError::Unavailable(format!("the schema could not be changed ({fault:?})"))))
            }
        }
    }

    /// A transaction that sees one snapshot, on the replica if there is one and it may be used.
    pub async fn begin_read(&self, replica: bool) -> Result<PostgresTransaction, StoreError> {
        let pool = self.replica.as_ref().filter(|_| replica).unwrap_or(&self.primary);
        Ok(PostgresTransaction::new(pool.lend().await?, READ, false))
    }

    /// Runs a unit until nothing came between.
    pub async fn write(&self, unit: Box<dyn Work>) -> Outcome {
        let mut tries = Tries::default();
        loop {
            let turn = self.turn(tries.alone).await;
            let connection = self.primary.lend().await?;
            let mut transaction = PostgresTransaction::new(connection, WRITE, tries.alone);
            let result = unit.clone().run(Connection::Postgres(&mut transaction)).await;
            let fault = match transaction.end(result.is_ok()).await {
                End::Done => return result,
                End::Failed(error) => return Err(error.into()),
                // Not to be helped by doing it again, such as a statement that took too long.
                End::Undone(Fault::Other) if result.is_err() => return result,
                End::Undone(fault) => fault,
            };
            drop(turn);
            let Some(next) = tries.after(fault) else {
                let text = format!("a unit of work did not get through ({fault:?})");
                return result.and_then(|_| Err(StoreError::Unavailable(text).into()));
            };
            tries = next;
            tokio::time::sleep(tries.pause()).await;
        }
    }

    async fn turn(&self, alone: bool) -> Turn<'_> {
        if alone { Turn::Alone(self.turns.write().await) } else { Turn::Beside(self.turns.read().await) }
    }
}

impl Tries {
    /// The try after one that ended so, if there is to be one.
    fn after(self, fault: Fault) -> Option<Self> {
        let mut next = Self { made: self.made + 1, ..self };
        let again = match fault {
            Fault::Conflict => next.made < TRIES,
            // The row in the way may have come after this unit's snapshot; and the unit may know how to go on. Once,
            // alone and with savepoints, tells.
            Fault::Constraint | Fault::Other => !self.alone,
            Fault::Lost => {
                next.lost += 1;
                next.lost <= LOST_TRIES
            }
        };
        next.alone = self.alone
            || fault != Fault::Lost && (fault != Fault::Conflict || next.made >= TRIES_BESIDE_OTHERS);
        again.then_some(next)
    }

    /// Grows with each try, and differs between processes that meet.
    fn pause(self) -> Duration {
        let most = 1_000_u64 << self.made.min(7);
        Duration::from_micros(RandomState::new().hash_one(self.made) % most)
    }
}
