//! A call of a CRM's REST interface, before it is addressed.

use crate::error::Result;
use crate::http::Call;
use serde_json::Value;

/// What is asked of an interface: a path below its base, and what goes with it.
pub(super) struct Request {
    pub method: &'static str,
    pub segments: Vec<String>,
    pub query: Vec<(&'static str, String)>,
    pub body: Option<Value>,
}

impl Request {
    /// Reads what lies under `segments`, which are not yet percent-encoded.
    pub fn get(segments: &[&str]) -> Self {
        let segments = segments.iter().map(|&segment| segment.to_owned()).collect();
        Self { method: "GET", segments, query: Vec::new(), body: None }
    }

    /// Adds a parameter to the query.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.query.push((name, value.to_owned()));
        self
    }

    /// Sends `body` by `method` in the place of reading.
    pub fn body(mut self, method: &'static str, body: Value) -> Self {
        self.method = method;
        self.body = Some(body);
        self
    }

    /// The call at `url`, the address of the path: with the query and the body. One under `search`, whose replies
    /// change nothing however it is sent, may be repeated. Redirects are shown to the caller.
    pub fn at(&self, mut url: url::Url, search: &str) -> Result<Call> {
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let mut call = Call::new(self.method, url).show_redirects();
        if let Some(body) = &self.body {
            call = call.json(body)?;
        }
        let searches = self.segments.first().is_some_and(|first| first == search);
        Ok(if searches { call.repeatable() } else { call })
    }
}
