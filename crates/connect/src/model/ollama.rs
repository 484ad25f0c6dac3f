//! `POST {base}/api/chat` of Ollama, with the schema as `format`.

use super::prompt::Shape;
use super::speaker::{Dialect, Said};
use super::wire::{ANSWER_TOKENS, Line, said};
use crate::error::{ConnectError, Result};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// A local model on a processor takes its time.
const TIMEOUT: Duration = Duration::from_secs(300);
/// Tokens of context that are asked for. The default of the server is less than a page and the instructions take, and it
/// cuts what is too long without a word. Always the same, for another value loads the model anew.
const CONTEXT: u32 = 16_384;

/// Formats from the strictest to none.
const FORMATS: u8 = 3;

pub(super) struct Ollama {
    line: Line,
    /// Which format the server takes: 0 a schema, 1 any JSON, 2 none.
    format: AtomicU8,
}

impl Ollama {
    pub(super) const fn new(line: Line) -> Self {
        Self { line, format: AtomicU8::new(0) }
    }

    fn body(&self, system: &str, user: &str, shape: &Shape, format: u8) -> Value {
        let mut body = json!({
            "model": self.line.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            "stream": false,
            "options": {"temperature": 0, "num_predict": ANSWER_TOKENS, "num_ctx": CONTEXT}
        });
        let format = match format {
            0 => shape.schema.clone(),
            1 => json!("json"),
            _ => return body,
        };
        if let Some(body) = body.as_object_mut() {
            body.insert("format".into(), format);
        }
        body
    }
}

#[derive(Deserialize)]
struct Chat {
    message: Option<Message>,
    done_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: String,
}

#[async_trait]
impl Dialect for Ollama {
    async fn ask(&self, system: &str, user: &str, shape: &Shape) -> Result<Said> {
        let mut format = self.format.load(Ordering::Relaxed);
        let reply = loop {
            let body = self.body(system, user, shape, format);
            let mut call = self.line.post(&["api", "chat"], &body, TIMEOUT)?;
            if let Some(key) = &self.line.key {
                call = call.bearer(key);
            }
            let reply = self.line.client.send(call).await?;
            if (200..300).contains(&reply.status) {
                self.format.store(format, Ordering::Relaxed);
                break reply;
            }
            let words = said(&reply).to_lowercase();
            let about_format = ["format", "schema", "grammar"].iter().any(|word| words.contains(word));
            if !(about_format && matches!(reply.status, 400 | 422 | 500)) || format + 1 >= FORMATS {
                return Err(self.line.failure(reply));
            }
            format += 1;
        };
        let chat: Chat = reply.json()?;
        let Some(message) = chat.message else {
            return Err(ConnectError::Unavailable("the model's reply holds no message".into()));
        };
        Ok(match chat.done_reason.as_deref() {
            Some("length") => Said::Cut(message.content),
            _ => Said::Text(message.content),
        })
    }
}
