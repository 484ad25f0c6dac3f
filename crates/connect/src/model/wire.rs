//! What the dialects have in common on the wire.

use super::text::{harmless, shortened};
use crate::error::{ConnectError, Result};
use crate::http::{Call, Client, Reply};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// The most tokens of an answer; models that think first spend most of them on that.
pub(super) const ANSWER_TOKENS: u32 = 4_096;

/// A server, and the model meant there.
pub(super) struct Line {
    pub client: Client,
    pub base: Url,
    pub model: String,
    pub key: Option<SecretString>,
}

impl Line {
    /// A POST of this body to a path below the base.
    pub(super) fn post(&self, path: &[&str], body: &Value, timeout: Duration) -> Result<Call> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| ConnectError::BadRequest("baseUrl: no path can follow it".into()))?
            .pop_if_empty()
            .extend(path);
        Call::new("POST", url).timeout(timeout).json(body)
    }

    /// What a reply of a status other than 2xx means. The service's own words are told where they say what to change,
    /// never with a credential in them.
    pub(super) fn failure(&self, reply: Reply) -> ConnectError {
        let said = said(&reply);
        let lower = said.to_lowercase();
        let unpaid = ["insufficient_quota", "credit balance", "billing", "exceeded your current quota"];
        let host = reply.url.host_str().unwrap_or_default().to_owned();
        match reply.status {
            400 | 402 | 403 | 429 if unpaid.iter().any(|word| lower.contains(word)) => {
                ConnectError::PaymentRequired(host)
            }
            404 => ConnectError::NotFound(format!("{host} has no model {}", self.model)),
            // Anthropic: overloaded.
            529 => ConnectError::RateLimited { after: reply.retry_after() },
            400 | 413 | 422 => ConnectError::BadRequest(format!("{host}: {}", self.without_key(&said))),
            status => match reply.success() {
                Err(error) => error,
                Ok(_) => ConnectError::Unavailable(format!("{host} answered {status}")),
            },
        }
    }

    fn without_key(&self, text: &str) -> String {
        let text = match &self.key {
            Some(key) if !key.expose_secret().is_empty() => text.replace(key.expose_secret(), "***"),
            _ => text.to_owned(),
        };
        shortened(harmless(&text).replace('\n', " ").trim(), 200)
    }
}

/// What a service says is wrong: the texts of the usual members, or the beginning of the body.
pub(super) fn said(reply: &Reply) -> String {
    let body = String::from_utf8_lossy(&reply.body);
    let Ok(value) = serde_json::from_str::<Value>(&body) else {
        return shortened(&body, 500);
    };
    let mut texts = Vec::new();
    for at in ["/error/message", "/error/code", "/error/type", "/error", "/message", "/detail"] {
        if let Some(text) = value.pointer(at).and_then(Value::as_str) {
            texts.push(text);
        }
    }
    if texts.is_empty() { shortened(&body, 500) } else { texts.join(", ") }
}
