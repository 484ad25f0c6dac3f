//! A model server that speaks three dialects: OpenAI's chat completions, Anthropic's messages, Ollama's chat.
//!
//! It answers by simple rules from the text between the fence lines of the prompt, so that the same page always gets the
//! same verdict; and it misbehaves when told to.

pub(crate) mod judge;

use crate::faults::{Faults, meet};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The name of a model that the server does not have.
pub const MISSING_MODEL: &str = "missing-model";

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// By its rules, in the form asked for.
    Honest,
    /// Does what the text between the fence lines tells it.
    Gullible,
    /// By its rules, but it makes its quotes up.
    Inventive,
    /// By its rules, in prose.
    Prose,
    /// By its rules, in a Markdown fence between polite words.
    Fenced,
    /// Declines.
    Refusing,
    /// Stops in the middle of its answer.
    Truncated,
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    /// The instructions and the message, whatever the dialect.
    pub system: String,
    pub user: String,
}

/// The fake. Cloning gives a further handle.
#[derive(Clone)]
pub struct ModelFake(Arc<Shared>);

struct Shared {
    key: Option<String>,
    faults: Faults,
    state: Mutex<Inner>,
}

struct Inner {
    conduct: Conduct,
    script: VecDeque<String>,
    refused: Vec<&'static str>,
    calls: u64,
    asked: VecDeque<Asked>,
}

/// How many requests are remembered.
const REMEMBERED: usize = 100;

impl ModelFake {
    /// One that wants this key, if any.
    #[must_use]
    pub fn new(key: Option<&str>) -> Self {
        let state = Inner {
            conduct: Conduct::Honest,
            script: VecDeque::new(),
            refused: Vec::new(),
            calls: 0,
            asked: VecDeque::new(),
        };
        Self(Arc::new(Shared {
            key: key.map(str::to_owned),
            faults: Faults::default(),
            state: Mutex::new(state),
        }))
    }

    /// Its endpoints: `/v1/chat/completions`, `/v1/messages`, `/api/chat`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/chat/completions", post(completions))
            .route("/v1/messages", post(messages))
            .route("/api/chat", post(chat))
            .layer(axum::middleware::from_fn_with_state(self.0.faults.clone(), meet))
            .with_state(self.clone())
    }

    /// Its faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// From now on it answers like this.
    pub fn conduct(&self, conduct: Conduct) {
        self.lock().conduct = conduct;
    }

    /// The next answer is this text, after those queued before.
    pub fn say(&self, text: impl Into<String>) {
        self.lock().script.push_back(text.into());
    }

    /// From now on a request that has this word in a member's name, or as the type of its format, is a 400.
    pub fn refuse(&self, word: &'static str) {
        self.lock().refused.push(word);
    }

    /// Answers so far; what was refused does not count.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.lock().calls
    }

    /// The last requests, the oldest first.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.lock().asked.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a request and makes its answer.
    fn answer(&self, asked: Asked) -> Said {
        let mut state = self.lock();
        let (system, user) = (asked.system.clone(), asked.user.clone());
        if state.asked.len() == REMEMBERED {
            state.asked.pop_front();
        }
        state.asked.push_back(asked);
        state.calls += 1;
        let (conduct, scripted) = (state.conduct, state.script.pop_front());
        drop(state);
        if let Some(text) = scripted {
            return Said::Text(text);
        }
        let pages = system.contains("{\"pages\":");
        let honest = if pages { judge::pages(&user) } else { judge::verdict(&user) };
        match conduct {
            Conduct::Honest => Said::Text(honest.to_string()),
            Conduct::Gullible => {
                Said::Text(judge::gullible(&system, &user).unwrap_or_else(|| honest.to_string()))
            }
            Conduct::Inventive => Said::Text(judge::inventive(honest).to_string()),
            Conduct::Prose => {
                Said::Text(format!("I would say {}.", honest.get("verdict").unwrap_or(&Value::Null)))
            }
            Conduct::Fenced => Said::Text(format!("Here you go:\n```json\n{honest:#}\n```\nAnything else?")),
            Conduct::Refusing => Said::Refused,
            Conduct::Truncated => {
                let text = honest.to_string();
                Said::Cut(text.chars().take(text.chars().count() / 2).collect())
            }
        }
    }

    /// The word of a request that is not taken.
    fn refused(&self, body: &Value) -> Option<&'static str> {
        let kind = body.pointer("/response_format/type").and_then(Value::as_str);
        let state = self.lock();
        let hit = |word: &&&str| body.get(**word).is_some() || kind == Some(**word);
        state.refused.iter().find(hit).copied()
    }
}

/// An answer, before its dialect.
enum Said {
    Text(String),
    Refused,
    Cut(String),
}

/// Why a request is not answered.
enum No {
    Key,
    Model(String),
    Member(&'static str),
    Form(&'static str),
}

/// What all dialects check: the key, the model, and what the server was told to refuse.
fn checked(fake: &ModelFake, key: Option<&str>, body: &Value) -> Result<String, No> {
    if fake.0.key.as_deref().is_some_and(|wanted| key != Some(wanted)) {
        return Err(No::Key);
    }
    let model = body.get("model").and_then(Value::as_str).ok_or(No::Form("model: field required"))?;
    if model == MISSING_MODEL {
        return Err(No::Model(model.to_owned()));
    }
    match fake.refused(body) {
        Some(word) => Err(No::Member(word)),
        None => Ok(model.to_owned()),
    }
}

/// The texts of the messages of this role.
fn texts(body: &Value, role: &str) -> Option<String> {
    let messages = body.get("messages")?.as_array()?;
    let of_role = messages.iter().filter(|message| message.get("role").and_then(Value::as_str) == Some(role));
    let texts: Vec<&str> = of_role.filter_map(|message| message.get("content")?.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn asked(path: &str, headers: &HeaderMap, body: &Value, system: Option<String>) -> Result<Asked, No> {
    let shown = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Asked {
        path: path.to_owned(),
        headers: headers.iter().map(|(name, value)| (name.as_str().to_owned(), shown(value))).collect(),
        body: body.clone(),
        system: system.ok_or(No::Form("messages: a system text is missing"))?,
        user: texts(body, "user").ok_or(No::Form("messages: at least one message is required"))?,
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

async fn completions(State(fake): State<ModelFake>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let said = checked(&fake, bearer(&headers), &body).and_then(|model| {
        let asked = asked("/v1/chat/completions", &headers, &body, texts(&body, "system"))?;
        Ok((model, fake.answer(asked)))
    });
    let (model, said) = match said {
        Ok(said) => said,
        Err(no) => {
            let (status, code, message) = match no {
                No::Key => (401, "invalid_api_key", "Incorrect API key provided.".to_owned()),
                No::Model(model) => (404, "model_not_found", format!("The model `{model}` does not exist.")),
                No::Member(word) => {
                    (400, "unsupported_parameter", format!("Unsupported parameter: '{word}'."))
                }
                No::Form(message) => (400, "invalid_request", message.to_owned()),
            };
            let error =
                json!({"message": message, "type": "invalid_request_error", "param": null, "code": code});
            return status_with(status, json!({"error": error}));
        }
    };
    let (content, refusal, reason) = match said {
        Said::Text(text) => (json!(text), Value::Null, "stop"),
        Said::Refused => (Value::Null, json!("I cannot help with that."), "stop"),
        Said::Cut(text) => (json!(text), Value::Null, "length"),
    };
    let message = json!({"role": "assistant", "content": content, "refusal": refusal});
    let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": reason});
    Json(json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": model, "choices": [choice],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    }))
    .into_response()
}

async fn messages(State(fake): State<ModelFake>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let key = headers.get("x-api-key").and_then(|key| key.to_str().ok());
    let said = checked(&fake, key, &body).and_then(|model| {
        if headers.get("anthropic-version").and_then(|version| version.to_str().ok()) != Some("2023-06-01") {
            return Err(No::Form("anthropic-version: header is required"));
        }
        if body.get("max_tokens").and_then(Value::as_u64).is_none() {
            return Err(No::Form("max_tokens: Field required"));
        }
        let system = body.get("system").and_then(Value::as_str).map(str::to_owned);
        Ok((model, fake.answer(asked("/v1/messages", &headers, &body, system)?)))
    });
    let (model, said) = match said {
        Ok(said) => said,
        Err(no) => {
            let (status, kind, message) = match no {
                No::Key => (401, "authentication_error", "invalid x-api-key".to_owned()),
                No::Model(model) => (404, "not_found_error", format!("model: {model}")),
                No::Member(word) => {
                    (400, "invalid_request_error", format!("{word}: not supported by this model"))
                }
                No::Form(message) => (400, "invalid_request_error", message.to_owned()),
            };
            return status_with(
                status,
                json!({"type": "error", "error": {"type": kind, "message": message}}),
            );
        }
    };
    let text = |text: &str| json!([{"type": "text", "text": text}]);
    let tool = body.pointer("/tool_choice/name").cloned().filter(|_| fake.lock().conduct != Conduct::Prose);
    let (content, reason) = match said {
        Said::Text(said) => match (serde_json::from_str::<Value>(&said), tool) {
            (Ok(input), Some(name)) => {
                (json!([{"type": "tool_use", "id": "toolu_1", "name": name, "input": input}]), "tool_use")
            }
            _ => (text(&said), "end_turn"),
        },
        Said::Refused => (json!([]), "refusal"),
        Said::Cut(said) => (text(&said), "max_tokens"),
    };
    Json(json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": content,
        "stop_reason": reason, "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1}
    }))
    .into_response()
}

async fn chat(State(fake): State<ModelFake>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let said = checked(&fake, bearer(&headers), &body).and_then(|model| {
        if body.get("stream") != Some(&Value::Bool(false)) {
            return Err(No::Form("this server does not stream"));
        }
        Ok((model, fake.answer(asked("/api/chat", &headers, &body, texts(&body, "system"))?)))
    });
    let (model, said) = match said {
        Ok(said) => said,
        Err(no) => {
            let (status, message) = match no {
                No::Key => (401, "unauthorized".to_owned()),
                No::Model(model) => (404, format!("model '{model}' not found")),
                No::Member(word) => (400, format!("invalid {word}")),
                No::Form(message) => (400, message.to_owned()),
            };
            return status_with(status, json!({"error": message}));
        }
    };
    let (content, reason) = match said {
        Said::Text(text) => (text, "stop"),
        Said::Refused => ("I cannot help with that.".to_owned(), "stop"),
        Said::Cut(text) => (text, "length"),
    };
    Json(json!({
        "model": model, "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": content},
        "done_reason": reason, "done": true
    }))
    .into_response()
}

/// A server that answers this body, whatever it is asked.
pub fn fixed(body: Value) -> Router {
    Router::new().fallback(move || {
        let body = body.clone();
        async move { Json(body) }
    })
}

fn status_with(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(body)).into_response()
}
