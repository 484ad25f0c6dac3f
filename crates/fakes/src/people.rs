//! A source of people and companies that speaks our protocol.

use crate::faults::{Faults, meet};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// The fake: it answers its records page by page, whatever the filters. Cloning gives a further handle.
#[derive(Clone, Default)]
pub struct PeopleFake {
    /// What goes wrong.
    pub faults: Faults,
    state: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    key: Option<String>,
    records: Vec<Value>,
    /// The most records of a page, whatever was asked for; 0: as many as were.
    page: usize,
    asked: Vec<Value>,
    /// What it answers whatever it is asked.
    always: Option<Value>,
}

impl PeopleFake {
    /// From now on only this key is accepted.
    pub fn expect_key(&self, key: &str) {
        self.lock().key = Some(key.to_owned());
    }

    /// What it answers, in this order, at most `page` records at once (0: as many as are asked for).
    pub fn hold(&self, records: Vec<Value>, page: usize) {
        let mut state = self.lock();
        state.records = records;
        state.page = page;
    }

    /// Answers this from now on, whatever it is asked.
    pub fn always_answer(&self, answer: Value) {
        self.lock().always = Some(answer);
    }

    /// The questions so far, in their order.
    #[must_use]
    pub fn asked(&self) -> Vec<Value> {
        self.lock().asked.clone()
    }

    /// Its routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/search", post(search))
            .route("/ping", get(ping))
            .layer(from_fn_with_state(self.faults.clone(), meet))
            .with_state(self.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_welcome(&self, headers: &HeaderMap) -> bool {
        let given = headers.get("authorization").and_then(|value| value.to_str().ok());
        let state = self.lock();
        state.key.as_ref().is_none_or(|key| given == Some(&format!("Bearer {key}")))
    }
}

async fn ping(State(fake): State<PeopleFake>, headers: HeaderMap) -> Response {
    if !fake.is_welcome(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({})).into_response()
}

async fn search(State(fake): State<PeopleFake>, headers: HeaderMap, Json(question): Json<Value>) -> Response {
    if !fake.is_welcome(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok());
    let limit = question.get("limit").and_then(number).unwrap_or_default();
    let start = question.get("cursor").and_then(Value::as_str).map_or(Ok(0), str::parse::<usize>);
    let Ok(start) = start else { return StatusCode::BAD_REQUEST.into_response() };
    let mut state = fake.lock();
    let size = if state.page == 0 { limit } else { limit.min(state.page) };
    let records: Vec<Value> = state.records.iter().skip(start).take(size).cloned().collect();
    let end = start + records.len();
    let next = (end < state.records.len()).then(|| end.to_string());
    state.asked.push(question);
    if let Some(always) = &state.always {
        return Json(always.clone()).into_response();
    }
    Json(json!({"records": records, "next": next})).into_response()
}
