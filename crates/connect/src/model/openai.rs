//! `POST {base}/chat/completions`, as OpenAI has it and most servers and gateways copy it.

use super::prompt::Shape;
use super::speaker::{Dialect, Said};
use super::wire::{ANSWER_TOKENS, Line, said};
use crate::error::{ConnectError, Result};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(90);

/// What a server takes. Learnt from what it refuses and kept for as long as the client lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Manner {
    format: Format,
    temperature: bool,
    /// `max_tokens`, or `max_completion_tokens` as newer models of OpenAI want it.
    old_limit: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Schema,
    Object,
    Plain,
}

pub(super) struct OpenAi {
    line: Line,
    manner: Mutex<Manner>,
}

impl OpenAi {
    pub(super) const fn new(line: Line) -> Self {
        let manner = Manner { format: Format::Schema, temperature: true, old_limit: true };
        Self { line, manner: Mutex::new(manner) }
    }

    fn manner(&self) -> std::sync::MutexGuard<'_, Manner> {
        self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of a request.
fn body(model: &str, system: &str, user: &str, shape: &Shape, manner: Manner) -> Value {
    let mut body = json!({
        "model": model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "stream": false
    });
    let limit = if manner.old_limit { "max_tokens" } else { "max_completion_tokens" };
    if let Some(body) = body.as_object_mut() {
        body.insert(limit.into(), ANSWER_TOKENS.into());
        if manner.temperature {
            body.insert("temperature".into(), 0.into());
        }
        match manner.format {
            Format::Schema => {
                let schema = json!({"type": "json_schema", "json_schema": {
                    "name": shape.name, "description": shape.description, "strict": true, "schema": shape.schema
                }});
                body.insert("response_format".into(), schema);
            }
            Format::Object => {
                body.insert("response_format".into(), json!({"type": "json_object"}));
            }
            Format::Plain => {}
        }
    }
    body
}

/// What to leave out after a server refused a request with these words; none when they are about something else.
fn yielding(manner: Manner, words: &str) -> Option<Manner> {
    let words = words.to_lowercase();
    let about = |subjects: &[&str]| subjects.iter().any(|subject| words.contains(subject));
    if manner.old_limit && about(&["max_completion_tokens", "max_tokens"]) {
        return Some(Manner { old_limit: false, ..manner });
    }
    if manner.temperature && about(&["temperature"]) {
        return Some(Manner { temperature: false, ..manner });
    }
    let format = match manner.format {
        Format::Schema => Format::Object,
        Format::Object => Format::Plain,
        Format::Plain => return None,
    };
    about(&[
        "response_format",
        "json_schema",
        "json_object",
        "response format",
        "schema",
        "structured",
        "grammar",
    ])
    .then_some(Manner { format, ..manner })
}

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Option<Message>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<Value>,
    refusal: Option<String>,
}

/// The text of a content: a string, or parts of which some are text.
fn text(content: Option<Value>) -> String {
    match content {
        Some(Value::String(text)) => text,
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect()
        }
        _ => String::new(),
    }
}

#[async_trait]
impl Dialect for OpenAi {
    async fn ask(&self, system: &str, user: &str, shape: &Shape) -> Result<Said> {
        let mut manner = *self.manner();
        let reply = loop {
            let body = body(&self.line.model, system, user, shape, manner);
            let mut call = self.line.post(&["chat", "completions"], &body, TIMEOUT)?;
            if let Some(key) = &self.line.key {
                call = call.bearer(key);
            }
            let reply = self.line.client.send(call).await?;
            if (200..300).contains(&reply.status) {
                *self.manner() = manner;
                break reply;
            }
            // Each round leaves something out that is not put in again: it ends.
            match yielding(manner, &said(&reply)).filter(|_| matches!(reply.status, 400 | 422)) {
                Some(less) => manner = less,
                None => return Err(self.line.failure(reply)),
            }
        };
        let completion: Completion = reply.json()?;
        let Some(Choice { message: Some(message), finish_reason }) = completion.choices.into_iter().next()
        else {
            return Err(ConnectError::Unavailable("the model's reply holds no choice".into()));
        };
        if let Some(refusal) = message.refusal.filter(|refusal| !refusal.is_empty()) {
            return Ok(Said::Refused(refusal));
        }
        let text = text(message.content);
        Ok(match finish_reason.as_deref() {
            Some("content_filter") => Said::Refused(text),
            Some("length") => Said::Cut(text),
            _ => Said::Text(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Manner, yielding};

    #[test]
    fn a_server_is_given_way_to_step_by_step() {
        let mut manner = Manner { format: Format::Schema, temperature: true, old_limit: true };
        for (words, then) in [
            (
                "This response_format type is unavailable now",
                Manner { format: Format::Object, temperature: true, old_limit: true },
            ),
            (
                "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
                Manner { format: Format::Object, temperature: true, old_limit: false },
            ),
            (
                "Unsupported value: 'temperature' does not support 0",
                Manner { format: Format::Object, temperature: false, old_limit: false },
            ),
            (
                "'response_format.type' must be 'json_schema' or 'text'",
                Manner { format: Format::Plain, temperature: false, old_limit: false },
            ),
        ] {
            manner = yielding(manner, words).unwrap();
            assert_eq!(manner, then, "{words}");
        }
        assert_eq!(yielding(manner, "response_format, temperature, max_tokens"), None);
        let fresh = Manner { format: Format::Schema, temperature: true, old_limit: true };
        assert_eq!(yielding(fresh, "messages: too long"), None);
    }
}
