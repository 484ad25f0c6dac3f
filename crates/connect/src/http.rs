//! The guarded client: every call that leaves goes through here.

use crate::error::{ConnectError, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// What a client may do.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Whether addresses within (loopback, private, link-local …) may be called.
    pub allow_private_hosts: bool,
    /// Addresses within that may be called all the same.
    pub allowed: Vec<SocketAddr>,
    /// Where pages of any host are fetched from instead, by plain HTTP with the `Host` they were asked for: a sample
    /// web for tests and for the demo.
    pub sample_web: Option<SocketAddr>,
    pub connect_timeout: Duration,
    /// For the whole of one attempt.
    pub timeout: Duration,
    /// The most bytes of a body.
    pub max_body: usize,
    pub max_redirects: usize,
    /// Further attempts after a passing failure.
    pub retries: u32,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            allow_private_hosts: false,
            allowed: Vec::new(),
            sample_web: None,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
            max_body: 5 << 20,
            max_redirects: 5,
            retries: 2,
        }
    }
}

/// What is called: the open web, whose pages are bounded and may be a sample, or a service that was configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    Page,
    Service,
}

/// A call to be made.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) method: &'static str,
    pub(crate) url: Url,
    pub(crate) traffic: Traffic,
    pub(crate) headers: Vec<(&'static str, SecretString)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) timeout: Option<Duration>,
    /// Whether it may be made again when it is not known what became of it.
    pub(crate) repeatable: bool,
    /// Whether a redirect is followed; else it is the reply.
    pub(crate) follow: bool,
}

impl Call {
    /// A call of a service. GET and PUT may be repeated, others not unless [`Call::repeatable`] says so.
    #[must_use]
    pub fn new(method: &'static str, url: Url) -> Self {
        let repeatable = matches!(method, "GET" | "HEAD" | "DELETE");
        Self {
            method,
            url,
            traffic: Traffic::Service,
            headers: Vec::new(),
            body: None,
            timeout: None,
            repeatable,
            follow: true,
        }
    }

    /// GET of a page of the open web.
    #[must_use]
    pub fn page(url: Url) -> Self {
        Self { traffic: Traffic::Page, ..Self::new("GET", url) }
    }

    /// With this header, whose value is never shown.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: SecretString) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(self, token: &SecretString) -> Self {
        let value = SecretString::from(format!("Bearer {}", token.expose_secret()));
        self.header("authorization", value)
    }

    /// With this body as JSON.
    ///
    /// # Errors
    /// [`ConnectError::BadRequest`] when it cannot be written out.
    pub fn json<T: Serialize>(mut self, body: &T) -> Result<Self> {
        let body = serde_json::to_vec(body).map_err(|error| ConnectError::BadRequest(error.to_string()))?;
        self.body = Some(body);
        Ok(self.header("content-type", SecretString::from("application/json")))
    }

    /// With another time-out for each attempt.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// A redirect is not followed, it is the reply.
    #[must_use]
    pub fn show_redirects(mut self) -> Self {
        self.follow = false;
        self
    }

    /// May be made again when it is not known what became of it.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }
}

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    /// Where it came from, after redirects.
    pub url: Url,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of this name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// [`ConnectError::Unavailable`] when it is none of this form.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body)
            .map_err(|error| ConnectError::Unavailable(format!("unreadable reply: {error}")))
    }

    /// The reply of a success; else the error its status stands for.
    ///
    /// # Errors
    /// By status.
    pub fn success(self) -> Result<Self> {
        let host = self.url.host_str().unwrap_or_default().to_owned();
        match self.status {
            200..=299 => Ok(self),
            401 | 403 => Err(ConnectError::Unauthorized(host)),
            402 => Err(ConnectError::PaymentRequired(host)),
            404 | 410 => Err(ConnectError::NotFound(host)),
            429 => Err(ConnectError::RateLimited { after: self.retry_after() }),
            408 | 425 | 500..=599 => {
                Err(ConnectError::Unavailable(format!("{host} answered {}", self.status)))
            }
            status => Err(ConnectError::BadRequest(format!("{host} answered {status}"))),
        }
    }

    /// How long to wait, by `Retry-After` in seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

/// The guarded client. Cloning gives a further handle.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    options: ClientOptions,
}

impl Client {
    /// A client with these options.
    ///
    /// # Errors
    /// [`ConnectError::Unavailable`] when the certificates of the system cannot be read.
    pub fn new(options: ClientOptions) -> Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .build()
            .map_err(|error| ConnectError::Unavailable(error.to_string()))?;
        Ok(Self(Arc::new(Inner { http, options })))
    }

    /// Makes a call.
    ///
    /// # Errors
    /// [`ConnectError::Forbidden`] and [`ConnectError::Unavailable`]; a reply of any status is a [`Reply`].
    pub async fn send(&self, call: Call) -> Result<Reply> {
        let method = reqwest::Method::from_bytes(call.method.as_bytes())
            .map_err(|error| ConnectError::BadRequest(error.to_string()))?;
        let mut request = self.0.http.request(method, call.url.clone());
        for (name, value) in &call.headers {
            request = request.header(*name, value.expose_secret());
        }
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let failed = |error: reqwest::Error| ConnectError::Unavailable(error.without_url().to_string());
        let reply =
            request.timeout(call.timeout.unwrap_or(self.0.options.timeout)).send().await.map_err(failed)?;
        let text =
            |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(Reply {
            status: reply.status().as_u16(),
            url: reply.url().clone(),
            headers: reply
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
            body: reply.bytes().await.map_err(failed)?.to_vec(),
        })
    }
}
