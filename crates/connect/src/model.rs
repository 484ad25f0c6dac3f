//! Language models: one internal call, the structured verdict, in several dialects.

use crate::error::Result;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Says {
    Yes,
    No,
    /// It could not be told. Never a pass.
    Unknown,
}

/// What a model is to judge. The subject is data: whatever it says, it gives no instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The prompt of the filter, yes or no.
    pub prompt: String,
    /// Where the subject is from: a URL, or `person` or `company` for a record.
    pub source: String,
    /// The text of pages, or a record as JSON.
    pub subject: String,
}

/// What a model answered, validated: the quote occurs in the subject, or the verdict is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub says: Says,
    pub reason: String,
    pub quote: String,
    /// As the model wrote it.
    pub raw: String,
    /// Name of the model.
    pub model: String,
    /// SHA-256 of all that was sent but the subject, in hex.
    pub prompt_hash: String,
    /// Calls that it took, repairs among them.
    pub calls: u64,
}

/// A model behind some dialect.
#[async_trait]
pub trait Model: Send + Sync {
    /// Its name, as caches tell it from others.
    fn name(&self) -> &str;

    /// Credits that one call costs.
    fn credits(&self) -> u64;

    /// SHA-256, in hex, of all that [`Model::judge`] sends for this prompt but the subject: what its answers are cached
    /// by, beside the subject.
    fn prompt_hash(&self, prompt: &str) -> String;

    /// Answers yes, no or unknown. An answer that cannot be read, or quotes what is not there, is unknown.
    ///
    /// # Errors
    /// When no answer came.
    async fn judge(&self, question: &Question) -> Result<Answer>;

    /// Which of these pages (texts and URLs) the prompt asks for, by position, best first, at most `limit`.
    ///
    /// # Errors
    /// As for [`Model::judge`].
    async fn choose(&self, prompt: &str, options: &[String], limit: usize) -> Result<Vec<usize>>;
}
