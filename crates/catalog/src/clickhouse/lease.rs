//! One import at a time: a writer holds the catalog for a minute at a time, and says so in a table.
//!
//! A row says until when a writer holds it, by the servers' clocks; the newest row of a writer counts. Who comes
//! writes a row first and then looks whether others hold the catalog: of two that come together one at most stays.

use super::client::Client;
use super::schema::{Table, TableName};
use super::sql::Sql;
use super::wire::Reply;
use crate::CatalogError;
use std::time::{Duration, Instant};

/// How long a writer that is gone without a word keeps others out.
const HELD: Duration = Duration::from_secs(60);
/// How long after its last word a writer says it again.
const RENEWED: Duration = Duration::from_secs(15);

/// A writer's hold on the catalog.
#[derive(Clone)]
pub struct Lease {
    client: Client,
    holder: u64,
    serial: u64,
    said: Instant,
}

impl Lease {
    /// Takes the catalog.
    ///
    /// # Errors
    /// [`CatalogError::Locked`] when another has it.
    pub async fn take(client: Client) -> Result<Self, CatalogError> {
        let mut lease = Self { holder: client.mark(), client, serial: 0, said: Instant::now() };
        lease.say(HELD).await?;
        match lease.others().await {
            Ok(false) => Ok(lease),
            Ok(true) => Err(lease.given_up(CatalogError::Locked).await),
            Err(error) => Err(lease.given_up(error).await),
        }
    }

    /// Gives the catalog back because of an error, and returns it.
    pub async fn given_up(mut self, error: CatalogError) -> CatalogError {
        self.end().await;
        error
    }

    /// Whether it is time to [`Self::renew`].
    pub fn is_old(&self) -> bool {
        self.said.elapsed() > RENEWED
    }

    /// Whether others may have taken the catalog meanwhile.
    pub fn has_ended(&self) -> bool {
        // Some seconds early: the question under way takes its time, too.
        self.said.elapsed() + Duration::from_secs(10) > HELD
    }

    /// Holds the catalog for another minute.
    ///
    /// # Errors
    /// [`CatalogError::Locked`] when another has it.
    pub async fn renew(&mut self) -> Result<(), CatalogError> {
        let ended = self.has_ended();
        self.say(HELD).await?;
        if ended && self.others().await? { Err(CatalogError::Locked) } else { Ok(()) }
    }

    /// Gives the catalog back.
    pub async fn end(&mut self) {
        if let Err(error) = self.say(Duration::ZERO).await {
            tracing::warn!(%error, "the catalog stays taken for up to a minute");
        }
    }

    async fn say(&mut self, held: Duration) -> Result<(), CatalogError> {
        self.serial += 1;
        let said = Instant::now();
        let table = TableName { target: self.client.target(), table: Table::Lease };
        let until = if held.is_zero() {
            "0".to_owned()
        } else {
            format!("toUnixTimestamp(now()) + {}", held.as_secs())
        };
        let sql = format!("INSERT INTO {table} SELECT {}, {}, toUInt64({until})", self.holder, self.serial);
        self.client.insert(&sql, Vec::new()).await?;
        self.said = said;
        Ok(())
    }

    /// Whether another holds the catalog.
    async fn others(&self) -> Result<bool, CatalogError> {
        let table = TableName { target: self.client.target(), table: Table::Lease };
        let sql = format!(
            "SELECT count() FROM (SELECT holder, argMax(until, serial) AS held FROM {table} WHERE holder != {} \
             GROUP BY holder) WHERE held > toUnixTimestamp(now()) FORMAT RowBinary",
            self.holder
        );
        let bytes = self.client.ask(&Sql::of(sql)).await?;
        Ok(Reply::new(&bytes).number()? > 0)
    }
}
