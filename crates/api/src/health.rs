//! `/healthz` and `/readyz`, for those who start, stop and balance processes: without token, beside the APIs.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use sluice_app::{Context, health};

/// The routes.
pub fn router(context: Context) -> Router {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(context)
}

/// 200 as long as the process answers at all. Touches nothing, so that a database that is away gets nobody restarted.
async fn alive() -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(json!({"status": "ok"}))).into_response()
}

/// 200 when this process can do its work, else 503 with the part that it cannot do without.
async fn ready(State(context): State<Context>) -> Response {
    let readiness = health::readiness(&context).await;
    let (status, word) = match readiness.is_ready() {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    let body = json!({"status": word, "parts": readiness});
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
