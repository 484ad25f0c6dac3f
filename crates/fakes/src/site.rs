//! A site of a few files, which notes what is asked of it.

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The fake. Cloning gives a further handle.
#[derive(Clone, Default)]
pub struct SiteFake {
    files: Arc<BTreeMap<String, (String, String)>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl SiteFake {
    /// A site of these files: path, content type, body.
    #[must_use]
    pub fn new(files: &[(&str, &str, &str)]) -> Self {
        let file = |(path, kind, body): &(&str, &str, &str)| {
            ((*path).to_owned(), ((*kind).to_owned(), (*body).to_owned()))
        };
        Self { files: Arc::new(files.iter().map(file).collect()), ..Self::default() }
    }

    /// It answers any method, by path.
    pub fn router(&self) -> Router {
        let site = self.clone();
        Router::new().fallback(move |uri: Uri| {
            let site = site.clone();
            async move { site.answer(&uri) }
        })
    }

    /// The paths and queries that were asked for.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn answer(&self, uri: &Uri) -> Response {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(uri.to_string());
        match self.files.get(uri.path()) {
            Some((kind, body)) => ([("content-type", kind.clone())], body.clone()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }
}
