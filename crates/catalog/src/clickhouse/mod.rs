//! The distributed engine: a ClickHouse cluster, asked over HTTP, for what outgrows one machine.
//!
//! The cluster keeps what our own analysis made of each record, and answers the few kinds of tests that filters
//! become; it shards the records and joins the answers of the shards. A shard that does not answer makes the
//! question fail: there is no count of what is left.

mod bridge;
mod client;
mod columns;
mod counts;
mod lease;
mod lookup;
mod records;
mod schema;
mod search;
mod snapshot;
mod sql;
mod target;
mod translate;
mod wire;
mod writer;

pub use schema::statements;
pub use target::Target;
pub use writer::ClickHouseWriter;

use crate::{Catalog, CatalogError, CompanyHit, Count, FacetCounts, Page, PersonHit, Search};
use async_trait::async_trait;
use client::Client;
use search::Question;
use sluice_model::EntityKind;
use snapshot::Snapshot;
use uuid::Uuid;

/// A catalog in a ClickHouse cluster. Clones share its connections.
#[derive(Clone)]
pub struct ClickHouseCatalog {
    client: Client,
}

impl ClickHouseCatalog {
    /// The catalog at a URL; nothing is asked yet.
    ///
    /// # Errors
    /// When the URL is not of the form that [`Target::parse`] takes.
    pub fn new(url: &str) -> Result<Self, CatalogError> {
        Ok(Self { client: Client::new(Target::parse(url)?) })
    }

    /// Makes the database and the tables on every server; those that are there stay as they are.
    ///
    /// # Errors
    /// What a server said against it: this is for the operator, not for those who search.
    pub async fn init(&self) -> Result<(), CatalogError> {
        let target = self.client.target();
        for statement in statements(target) {
            for host in &target.hosts {
                let done = self.client.run_on(host, &statement).await;
                done.map_err(|error| CatalogError::Unavailable(format!("cannot make the tables: {error}")))?;
            }
        }
        Ok(())
    }

    /// Opens the write side. It waits for the cluster by blocking its thread.
    ///
    /// # Errors
    /// [`CatalogError::Locked`] when another writer is open, or was until a minute ago and went without a word;
    /// others when the cluster does not answer.
    pub fn writer(&self) -> Result<ClickHouseWriter, CatalogError> {
        ClickHouseWriter::open(self.client.target().clone())
    }

    async fn question(&self) -> Result<Question, CatalogError> {
        Ok(Question { client: self.client.clone(), snapshot: Snapshot::load(&self.client).await? })
    }
}

#[async_trait]
impl Catalog for ClickHouseCatalog {
    async fn search_people(&self, search: Search) -> Result<Page<PersonHit>, CatalogError> {
        let question = self.question().await?;
        let (found, total) = question.search(EntityKind::Person, &search).await?;
        let ids: Vec<Uuid> = found.iter().map(|found| found.id).collect();
        Ok(Page { hits: question.people(&ids).await?, total })
    }

    async fn search_companies(&self, search: Search) -> Result<Page<CompanyHit>, CatalogError> {
        let question = self.question().await?;
        let (found, total) = question.search(EntityKind::Company, &search).await?;
        let ids: Vec<Uuid> = found.iter().map(|found| found.id).collect();
        Ok(Page { hits: question.companies(&ids).await?, total })
    }

    async fn people(&self, ids: &[Uuid]) -> Result<Vec<PersonHit>, CatalogError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.question().await?.people(ids).await
    }

    async fn companies(&self, ids: &[Uuid]) -> Result<Vec<CompanyHit>, CatalogError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.question().await?.companies(ids).await
    }

    async fn companies_at(&self, urls: &[String]) -> Result<Vec<Uuid>, CatalogError> {
        self.question().await?.companies_at(urls).await
    }

    async fn count(&self, wanted: Count) -> Result<(u64, FacetCounts), CatalogError> {
        self.question().await?.count(&wanted).await
    }

    async fn size(&self) -> Result<(u64, u64), CatalogError> {
        let question = self.question().await?;
        Ok((question.size(EntityKind::Person).await?, question.size(EntityKind::Company).await?))
    }
}
