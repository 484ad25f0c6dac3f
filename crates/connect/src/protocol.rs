//! What our own protocols have in common: JSON over HTTP below a base URL, a bearer key where one is wanted.

use crate::error::{ConnectError, Result};
use crate::http::{Call, Client, Reply};
use secrecy::SecretString;
use serde::Serialize;
use url::Url;

/// A service that speaks one of our protocols.
#[derive(Clone)]
pub(crate) struct Service {
    pub client: Client,
    pub base: Url,
    pub key: Option<SecretString>,
}

impl Service {
    /// POST of a question, which changes nothing there and so may be asked again.
    pub async fn ask<T: Serialize + Sync>(&self, path: &str, question: &T) -> Result<Reply> {
        let call = Call::new("POST", self.at(path)?).json(question)?.repeatable();
        self.client.send(self.signed(call)).await?.success()
    }

    /// GET of `ping`, which any success answers.
    pub async fn ping(&self) -> Result<()> {
        let call = Call::new("GET", self.at("ping")?);
        self.client.send(self.signed(call)).await?.success().map(drop)
    }

    fn signed(&self, call: Call) -> Call {
        match &self.key {
            Some(key) => call.bearer(key),
            None => call,
        }
    }

    /// `path` below the base URL, whether that ends in a slash or not.
    fn at(&self, path: &str) -> Result<Url> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => drop(segments.pop_if_empty().push(path)),
            Err(()) => return Err(ConnectError::BadRequest("not a base URL".to_owned())),
        }
        Ok(url)
    }
}
