//! A source of contact data that speaks our protocol.

use crate::faults::{Faults, meet};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The fake. Cloning gives a further handle.
#[derive(Clone, Default)]
pub struct EnrichmentFake {
    /// What goes wrong.
    pub faults: Faults,
    state: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    key: Option<String>,
    known: HashMap<(String, String), Value>,
    asked: Vec<Value>,
}

impl EnrichmentFake {
    /// From now on only this key is accepted.
    pub fn expect_key(&self, key: &str) {
        self.lock().key = Some(key.to_owned());
    }

    /// Answers this to whoever wants `wanted` (`phones`, `emails`, `summary`) of the subject with this last name, or of
    /// the company with this name.
    pub fn knows(&self, name: &str, wanted: &str, answer: Value) {
        self.lock().known.insert((name.to_owned(), wanted.to_owned()), answer);
    }

    /// The questions so far, in their order.
    #[must_use]
    pub fn asked(&self) -> Vec<Value> {
        self.lock().asked.clone()
    }

    /// Its routes, below a path.
    pub fn router_below(&self, path: &str) -> Router {
        Router::new().nest(path, self.router())
    }

    /// Its routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/enrich", post(enrich))
            .route("/ping", get(ping))
            .layer(from_fn_with_state(self.faults.clone(), meet))
            .with_state(self.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_welcome(&self, headers: &HeaderMap) -> bool {
        let given = headers.get("authorization").and_then(|value| value.to_str().ok());
        let state = self.lock();
        state.key.as_ref().is_none_or(|key| given == Some(&format!("Bearer {key}")))
    }
}

async fn ping(State(fake): State<EnrichmentFake>, headers: HeaderMap) -> Response {
    if !fake.is_welcome(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({})).into_response()
}

async fn enrich(
    State(fake): State<EnrichmentFake>,
    headers: HeaderMap,
    Json(question): Json<Value>,
) -> Response {
    if !fake.is_welcome(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let text =
        |pointer: &str| question.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = if text("/subject/kind") == "company" { "/subject/companyName" } else { "/subject/lastName" };
    let wanted = (text(name), text("/wanted"));
    let mut state = fake.lock();
    let answer = state.known.get(&wanted).cloned();
    state.asked.push(question);
    match answer {
        Some(answer) => Json(answer).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
