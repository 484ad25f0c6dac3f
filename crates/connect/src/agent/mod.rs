//! Agents that visit a site and answer a prompt.

use crate::error::Result;
use crate::model::Answer;
use crate::web::Page;
use async_trait::async_trait;
use url::Url;

/// What came of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    pub answer: Answer,
    /// The pages that the answer rests on, as far as they are known.
    pub pages: Vec<Page>,
    /// Credits that it cost.
    pub credits: u64,
}

/// Visits sites.
#[async_trait]
pub trait Agent: Send + Sync {
    /// Its name as a provider of `website`.
    fn name(&self) -> &'static str;

    /// Credits that one visit costs at most.
    fn credits(&self) -> u64;

    /// What its answers are cached by, beside the site and the prompt: a model, a version.
    fn version(&self) -> String;

    /// Visits a site and answers the prompt, yes, no or unknown.
    ///
    /// # Errors
    /// When no answer came.
    async fn visit(&self, site: &Url, prompt: &str) -> Result<Visited>;
}
