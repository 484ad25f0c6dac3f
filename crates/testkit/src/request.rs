//! Requests and their replies.

use crate::app::TestApp;
use crate::{contract, seed};
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::pin::Pin;
use tower::ServiceExt;

/// Headers that a whole reply shows.
const SHOWN: [&str; 7] =
    ["etag", "location", "allow", "www-authenticate", "retry-after", "cache-control", "content-disposition"];

/// The id that requests to the accounts API have.
pub const REQUEST_ID: &str = "req_00000000000000000000000000";

/// A request to be sent: await it.
pub struct Request {
    app: TestApp,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Body,
}

impl Request {
    pub(crate) fn new(app: TestApp, method: Method, path: &str) -> Self {
        let request =
            Self { app, method, path: path.to_owned(), headers: HeaderMap::new(), body: Body::empty() };
        // Given here, so that the counter of ids counts only what is stored.
        let id = if contract::is_accounts(path) { REQUEST_ID } else { "test" };
        request.header("x-request-id", id)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.header_bytes(name, value.as_bytes())
    }

    /// Adds a header of any bytes that HTTP allows.
    #[must_use]
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        self.headers.append(name, HeaderValue::from_bytes(value).expect("a header's value"));
        self
    }

    /// Takes a header off.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Sets `If-Match`.
    #[must_use]
    pub fn if_match(self, value: &str) -> Self {
        self.header("if-match", value)
    }

    /// Sets `Idempotency-Key`.
    #[must_use]
    pub fn idempotency_key(self, value: &str) -> Self {
        self.header("idempotency-key", value)
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.raw_json(body.to_string())
    }

    /// Sets a body that says it is JSON.
    #[must_use]
    pub fn raw_json(mut self, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body(body)
    }

    /// Sets a body alone.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Body::from(body.into());
        self
    }

    /// Sends the request and holds the reply against the OpenAPI document.
    async fn send(self) -> Reply {
        let Self { app, method, path, headers, body } = self;
        let mut request = axum::http::Request::builder().method(method.clone()).uri(path.as_str());
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        let request = request.body(body).expect("a request that HTTP allows");
        let Ok(response) = app.router().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let mut reply = Reply {
            method,
            path,
            status: parts.status,
            headers: parts.headers,
            bytes: Bytes::new(),
            stream: None,
        };
        if reply.header("content-type").is_some_and(|value| value.starts_with("text/event-stream")) {
            reply.stream = Some(body);
        } else {
            reply.bytes = body.collect().await.expect("the whole body").to_bytes();
        }
        contract::check(&reply);
        seed::check(&reply);
        reply
    }
}

impl IntoFuture for Request {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// A reply. As a snapshot it shows its status, its telling headers and its body.
#[derive(Debug)]
pub struct Reply {
    pub method: Method,
    pub path: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    /// The body of a stream of events, not yet read.
    stream: Option<Body>,
}

impl Reply {
    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("UTF-8")
    }

    /// The body as JSON, `null` when there is none.
    #[must_use]
    pub fn json(&self) -> Value {
        if self.bytes.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.bytes).expect("JSON")
    }

    /// The body as JSON with 0 for each number that no double can hold.
    pub(crate) fn tame_json(&self) -> Value {
        let plain = serde_json::from_slice(&self.bytes).ok();
        let tame = || serde_json::from_str(&tame(self.text())).expect("JSON");
        if self.bytes.is_empty() { Value::Null } else { plain.unwrap_or_else(tame) }
    }

    /// One value of the body, by JSON pointer.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Value {
        let value = self.json().pointer(pointer).cloned();
        value.unwrap_or_else(|| panic!("{pointer} is missing in {}", self.text()))
    }

    /// One text of the body, by JSON pointer.
    #[must_use]
    pub fn text_at(&self, pointer: &str) -> String {
        let value = self.at(pointer);
        value.as_str().map(str::to_owned).unwrap_or_else(|| panic!("{pointer} is no text: {value}"))
    }

    /// The `id` of the body.
    #[must_use]
    pub fn id(&self) -> String {
        self.text_at("/id")
    }

    /// The faults of a reply of 400.
    #[must_use]
    pub fn details(&self) -> Value {
        assert_eq!(self.status, StatusCode::BAD_REQUEST, "{} {}: {}", self.method, self.path, self.text());
        self.at(if contract::is_accounts(&self.path) { "/details" } else { "/error/details" })
    }

    /// The reply itself, if it has this status.
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status.as_u16(), status, "{} {}: {text}", self.method, self.path);
        self
    }

    /// The next events of a stream, until one is complete; `None` when it has ended.
    pub async fn next_event(&mut self) -> Option<String> {
        let stream = self.stream.as_mut().expect("a stream of events");
        let mut text = String::new();
        while let Some(frame) = stream.frame().await {
            let Ok(data) = frame.expect("a frame").into_data() else { continue };
            text.push_str(std::str::from_utf8(&data).expect("UTF-8"));
            if text.ends_with("\n\n") && !text.starts_with(':') {
                return Some(text);
            }
        }
        assert_eq!(text, "", "the stream broke off within an event");
        None
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = Map::new();
        shown.insert("status".to_owned(), self.status.as_u16().into());
        for name in SHOWN {
            if let Some(value) = self.header(name) {
                shown.insert(name.to_owned(), value.into());
            }
        }
        if self.stream.is_none() && !self.bytes.is_empty() {
            shown.insert("body".to_owned(), self.json());
        }
        shown.serialize(serializer)
    }
}

fn tame(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let token = match first {
            '"' => {
                let mut escaped = true;
                let end = rest.find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                &rest[..=end.expect("the end of a string")]
            }
            '-' | '0'..='9' => {
                let end = rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
                &rest[..end.unwrap_or(rest.len())]
            }
            _ => &rest[..first.len_utf8()],
        };
        let huge = first != '"' && token.parse().is_ok_and(f64::is_infinite);
        out.push_str(if huge { "0" } else { token });
        rest = &rest[token.len()..];
    }
    out
}
