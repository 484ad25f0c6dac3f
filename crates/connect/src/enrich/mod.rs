//! Enrichment: phones, e-mails and summaries from outside.

mod http;

pub use http::Http;

use crate::error::Result;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    Phones,
    Emails,
    Summary,
}

/// Who it is looked for: as much as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// `person` or `company`.
    pub kind: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub linkedin_url: Option<String>,
    pub emails: Vec<String>,
    pub company_name: Option<String>,
    pub company_domain: Option<String>,
}

/// What was found; empty when the provider knows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    pub summary: Option<String>,
}

/// A source of contact data.
#[async_trait]
pub trait Enricher: Send + Sync {
    /// Its configured name.
    fn name(&self) -> &str;

    /// Asks it. Nothing found is no error.
    ///
    /// # Errors
    /// When no answer came.
    async fn look_up(&self, subject: &Subject, wanted: Wanted) -> Result<Findings>;

    /// A light call that needs valid credentials.
    ///
    /// # Errors
    /// By status.
    async fn test(&self) -> Result<()>;
}
