//! An organisation's own source of people, by a small protocol over HTTP.

mod http;

pub use http::Http;

use crate::error::Result;
use async_trait::async_trait;
use serde_json::Value;

/// A page of candidates from a lead provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProviderPage {
    /// Records in the form that the import reads, in the provider's order.
    pub records: Vec<Value>,
    /// Where the next page begins; none when this was the last.
    pub next: Option<String>,
}

/// A source of people or companies beside the catalog.
#[async_trait]
pub trait LeadProvider: Send + Sync {
    /// Its registered name, as in `leadProviderCriteria`.
    fn name(&self) -> &str;

    /// One page of what it finds.
    ///
    /// # Errors
    /// When no answer came, or one that is none.
    async fn search(
        &self,
        kind: &str,
        filters: &Value,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ProviderPage>;

    /// A light call that needs valid credentials.
    ///
    /// # Errors
    /// By status.
    async fn test(&self) -> Result<()>;
}
