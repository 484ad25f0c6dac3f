//! Firecrawl (v2) as it answers on the wire, from the pages of a sample web.

use crate::faults::{Faults, meet};
use crate::server::Server;
use crate::web::SiteBook;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// A running fake; it ends when this is dropped.
#[derive(Debug)]
pub struct FirecrawlFake {
    faults: Faults,
    asked: Asked,
    server: Server,
}

type Asked = Arc<Mutex<Vec<(&'static str, Value)>>>;

#[derive(Clone)]
struct Fake {
    book: Arc<SiteBook>,
    key: Arc<str>,
    asked: Asked,
}

impl FirecrawlFake {
    /// Serves the pages of this book to who has this key.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(book: Arc<SiteBook>, key: &str) -> std::io::Result<Self> {
        let (faults, asked) = (Faults::default(), Asked::default());
        let router = Router::new()
            .route("/v2/scrape", post(scrape))
            .route("/v2/map", post(map))
            .with_state(Fake { book, key: key.into(), asked: asked.clone() })
            .layer(from_fn_with_state(faults.clone(), meet));
        let server = Server::start(router).await?;
        Ok(Self { faults, asked, server })
    }

    /// Where it listens.
    #[must_use]
    pub const fn server(&self) -> &Server {
        &self.server
    }

    /// Its faults.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// What was asked with the right key and read: `scrape` or `map`, and the body.
    #[must_use]
    pub fn asked(&self) -> Vec<(&'static str, Value)> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Fake {
    /// The body of a request whose key is right, and the URL in it.
    fn read(
        &self,
        what: &'static str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Value, Url), Box<Response>> {
        let given = headers.get("authorization").and_then(|value| value.to_str().ok());
        if given.and_then(|value| value.strip_prefix("Bearer ")) != Some(&*self.key) {
            return Err(refused(StatusCode::UNAUTHORIZED, "Unauthorized: Invalid token"));
        }
        let invalid = || refused(StatusCode::BAD_REQUEST, "Bad Request");
        let body: Value = serde_json::from_slice(body).map_err(|_| invalid())?;
        let url = body.get("url").and_then(Value::as_str).and_then(|url| Url::parse(url).ok());
        let url = url.ok_or_else(invalid)?;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push((what, body.clone()));
        Ok((body, url))
    }
}

fn refused(status: StatusCode, error: &str) -> Box<Response> {
    Box::new((status, Json(json!({"success": false, "error": error}))).into_response())
}

async fn scrape(State(fake): State<Fake>, headers: HeaderMap, body: Bytes) -> Response {
    let (body, url) = match fake.read("scrape", &headers, &body) {
        Ok(read) => read,
        Err(response) => return *response,
    };
    let Some(page) = fake.book.page(&url) else {
        // What cannot be looked up is a 200 without success there.
        let error = "DNS resolution failed for hostname";
        return Json(json!({"success": false, "code": "SCRAPE_DNS_RESOLUTION_ERROR", "error": error}))
            .into_response();
    };
    let wanted = |format| {
        let formats = body.get("formats").and_then(Value::as_array);
        formats.is_some_and(|formats| formats.iter().any(|wanted| wanted == format))
    };
    let mut data = json!({
        "metadata": {
            "title": page.title,
            "sourceURL": url,
            "url": page.url,
            "statusCode": page.status,
            "contentType": "text/html; charset=utf-8",
        }
    });
    if wanted("rawHtml") {
        data["rawHtml"] = Value::from(page.html);
    }
    if wanted("markdown") {
        data["markdown"] = Value::from(page.markdown);
    }
    Json(json!({"success": true, "data": data})).into_response()
}

async fn map(State(fake): State<Fake>, headers: HeaderMap, body: Bytes) -> Response {
    let (body, url) = match fake.read("map", &headers, &body) {
        Ok(read) => read,
        Err(response) => return *response,
    };
    let mut links = fake.book.page(&url).map(|page| page.links).unwrap_or_default();
    if let Some(search) = body.get("search").and_then(Value::as_str) {
        let search = search.to_lowercase();
        // Those that match come first, as there.
        links.sort_by_key(|link| !link.url.contains(&search) && !link.text.to_lowercase().contains(&search));
    }
    let limit = body.get("limit").and_then(Value::as_u64).unwrap_or(5000);
    links.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let links: Vec<Value> = links.iter().map(|link| json!({"url": link.url, "title": link.text})).collect();
    Json(json!({"success": true, "links": links})).into_response()
}
