//! Web pages served by the binary: no script, no font and no picture comes from anywhere else.

mod api_page;
mod schema;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::Value;

const STYLE: &str = include_str!("style.css");

/// An API that has a page.
pub struct Api {
    /// Where its page is.
    pub page: &'static str,
    /// Where its OpenAPI document is.
    pub document_path: &'static str,
    /// The document.
    pub document: Value,
}

/// The pages: one for each API; `/` leads to the first.
pub fn router(apis: &[Api]) -> Router {
    let mut router = Router::new().route(
        "/docs/style.css",
        get(async || ([(CONTENT_TYPE, "text/css"), (CACHE_CONTROL, "max-age=3600")], STYLE)),
    );
    if let Some(first) = apis.first() {
        let first = first.page;
        router = router.route("/", get(async move || Redirect::temporary(first)));
    }
    for api in apis {
        let page = api_page::render(api, apis).into_string();
        router = router.route(api.page, get(async move || html(page)));
    }
    router
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
