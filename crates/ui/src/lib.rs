//! Web pages served by the binary: no script, no font and no picture comes from anywhere else.

mod api_page;
mod schema;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::Value;

const STYLE: &str = include_str!("style.css");

/// The pages: `/docs` describes the API of this OpenAPI document, `/` leads there.
pub fn router(openapi: &Value) -> Router {
    let page = api_page::render(openapi).into_string();
    Router::new()
        .route("/", get(async || Redirect::temporary("/docs")))
        .route("/docs", get(async move || html(page)))
        .route(
            "/docs/style.css",
            get(async || ([(CONTENT_TYPE, "text/css"), (CACHE_CONTROL, "max-age=3600")], STYLE)),
        )
}

fn html(page: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'",
        ),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, page).into_response()
}
