//! Where webhooks lead: takes what it is sent and keeps it.

use crate::faults::{Faults, meet};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub path: String,
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: String,
    /// `webhook-signature`.
    pub signature: String,
    /// As it came.
    pub body: String,
}

impl Received {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap_or_default().to_owned()
    }
}

/// The fake: it answers 200 and a word. Cloning gives a further handle.
#[derive(Clone, Default)]
pub struct WebhookFake {
    /// What goes wrong, before the message is taken.
    pub faults: Faults,
    state: Arc<Mutex<Kept>>,
    arrived: Arc<Notify>,
}

#[derive(Default)]
struct Kept {
    received: Vec<Received>,
    silent: bool,
}

impl WebhookFake {
    /// What was taken so far, in its order.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// From now on messages are taken and never answered, or answered again.
    pub fn set_silent(&self, silent: bool) {
        self.lock().silent = silent;
    }

    /// Ends when as many messages were taken, or more.
    pub async fn until(&self, count: usize) {
        loop {
            let arrived = self.arrived.notified();
            if self.lock().received.len() >= count {
                return;
            }
            arrived.await;
        }
    }

    /// Its routes: all.
    pub fn router(&self) -> Router {
        Router::new()
            .fallback(take)
            .layer(from_fn_with_state(self.faults.clone(), meet))
            .with_state(self.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(State(fake): State<WebhookFake>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let text =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let received = Received {
        path: uri.path().to_owned(),
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let silent = {
        let mut kept = fake.lock();
        kept.received.push(received);
        kept.silent
    };
    fake.arrived.notify_waiters();
    if silent {
        std::future::pending::<()>().await;
    }
    (StatusCode::OK, "thanks").into_response()
}
