//! A catalog that fails.

use async_trait::async_trait;
use sluice_catalog::{Catalog, CatalogError, CompanyHit, Count, FacetCounts, Page, PersonHit, Search};
use uuid::Uuid;

/// How a catalog fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It cannot answer now.
    Unavailable,
    /// A record is damaged.
    Corrupt,
    /// Its code panics.
    Panic,
}

/// A catalog that fails at every call, with a text that must not reach a client.
#[derive(Clone, Copy, Debug)]
pub struct BrokenCatalog(pub Failure);

impl BrokenCatalog {
    /// What must not reach a client.
    pub const SECRET: &str = "segment 7 of /var/lib/index is short";

    fn fail<T>(self) -> Result<T, CatalogError> {
        match self.0 {
            Failure::Unavailable => Err(CatalogError::Unavailable(Self::SECRET.to_owned())),
            Failure::Corrupt => Err(CatalogError::Corrupt(Self::SECRET.to_owned())),
            Failure::Panic => panic!("{}", Self::SECRET),
        }
    }
}

#[async_trait]
impl Catalog for BrokenCatalog {
    async fn search_people(&self, _: Search) -> Result<Page<PersonHit>, CatalogError> {
        self.fail()
    }

    async fn search_companies(&self, _: Search) -> Result<Page<CompanyHit>, CatalogError> {
        self.fail()
    }

    async fn people(&self, _: &[Uuid]) -> Result<Vec<PersonHit>, CatalogError> {
        self.fail()
    }

    async fn companies(&self, _: &[Uuid]) -> Result<Vec<CompanyHit>, CatalogError> {
        self.fail()
    }

    async fn companies_at(&self, _: &[String]) -> Result<Vec<Uuid>, CatalogError> {
        self.fail()
    }

    async fn count(&self, _: Count) -> Result<(u64, FacetCounts), CatalogError> {
        self.fail()
    }

    async fn size(&self) -> Result<(u64, u64), CatalogError> {
        self.fail()
    }
}
