//! Language models: one internal call, the structured verdict, in several dialects.

mod anthropic;
mod ollama;
mod openai;
pub(crate) mod parse;
pub(crate) mod prompt;
mod speaker;
pub(crate) mod text;
pub(crate) mod verdict;
mod wire;

use crate::error::{ConnectError, Result};
use crate::http::Client;
use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use url::Url;

/// The most calls that one judgement or one choice takes: the first, and one that repairs its form.
pub const CALLS_AT_MOST: u64 = 2;

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
    /// As the model wrote it, at most 4 KiB, without invisible characters; empty when it repeats our instructions.
    pub raw: String,
    /// Name of the model.
    pub model: String,
    /// SHA-256 of all that was sent but the subject, in hex.
    pub prompt_hash: String,
    /// Calls that it took, repairs among them.
    pub calls: u64,
}

/// The pages that a model chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Their positions among those that were put up, best first.
    pub pages: Vec<usize>,
    /// Calls that it took, repairs among them.
    pub calls: u64,
}

/// Why no answer came, and what was asked for it all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Failure {
    pub error: ConnectError,
    /// Calls that were made, the one that failed among them.
    pub calls: u64,
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Self { error, calls: 1 }
    }
}

impl From<Failure> for ConnectError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// What asking a model comes to.
pub type Asked<T> = std::result::Result<T, Failure>;

/// Whether a quote, perhaps shortened, stands in a text, marks of Markdown aside.
#[must_use]
pub fn stands_in(text: &str, quote: &str) -> bool {
    verdict::Grounds::page(text, "").bear(quote.trim_end_matches('…'))
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
    async fn judge(&self, question: &Question) -> Asked<Answer>;

    /// Which of these pages (texts and URLs) the prompt asks for, at most `limit`.
    ///
    /// # Errors
    /// As for [`Model::judge`].
    async fn choose(&self, prompt: &str, options: &[String], limit: usize) -> Asked<Choice>;
}

/// How a model is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelDialect {
    /// `POST {base}/chat/completions`: OpenAI, vLLM, llama.cpp, LM Studio, most gateways.
    OpenAi,
    /// `POST {base}/v1/messages`.
    Anthropic,
    /// `POST {base}/api/chat`.
    Ollama,
}

impl ModelDialect {
    /// The name in settings.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "openai" => Some(Self::OpenAi),
            "anthropic" => Some(Self::Anthropic),
            "ollama" => Some(Self::Ollama),
            _ => None,
        }
    }

    /// Where it is spoken when nothing is said.
    #[must_use]
    pub const fn default_base(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com",
            Self::Ollama => "http://127.0.0.1:11434",
        }
    }

    /// Calls at once when nothing is said: a model on one's own machine answers them one after the other.
    #[must_use]
    pub const fn default_at_once(self) -> usize {
        match self {
            Self::OpenAi | Self::Anthropic => 16,
            Self::Ollama => 2,
        }
    }
}

/// A model as it is configured.
#[derive(Clone, Debug)]
pub struct ModelSettings {
    pub dialect: ModelDialect,
    /// With the version for OpenAI (`https://api.openai.com/v1`), without it for the others.
    pub base_url: Url,
    /// Its name there.
    pub model: String,
    pub key: Option<SecretString>,
    /// What one call costs in credits of the organisation.
    pub credits_per_call: u64,
    /// Calls at once; more wait for their turn, which does not count as time of theirs.
    pub at_once: usize,
}

/// The model of these settings. Makes no call.
///
/// # Errors
/// [`ConnectError::BadRequest`] when the settings can lead nowhere, naming which one.
pub fn connect(settings: ModelSettings, client: Client) -> Result<Arc<dyn Model>> {
    let ModelSettings { dialect, base_url, model, key, credits_per_call, at_once } = settings;
    let model = model.trim().to_owned();
    if model.is_empty() {
        return Err(ConnectError::BadRequest("model: a name is needed".into()));
    }
    if !matches!(base_url.scheme(), "http" | "https") || base_url.host().is_none() {
        return Err(ConnectError::BadRequest("baseUrl: an http or https URL is needed".into()));
    }
    let line = wire::Line { client, base: base_url, model: model.clone(), key };
    let terms = speaker::Terms { name: model, credits: credits_per_call, at_once };
    Ok(match dialect {
        ModelDialect::OpenAi => Arc::new(speaker::Speaker::new(openai::OpenAi::new(line), terms)),
        ModelDialect::Anthropic if line.key.is_none() => {
            return Err(ConnectError::BadRequest("key: this dialect needs one".into()));
        }
        ModelDialect::Anthropic => Arc::new(speaker::Speaker::new(anthropic::Anthropic::new(line), terms)),
        ModelDialect::Ollama => Arc::new(speaker::Speaker::new(ollama::Ollama::new(line), terms)),
    })
}
