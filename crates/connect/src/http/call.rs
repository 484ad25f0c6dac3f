//! What is asked of an outside host, and what it answered.

use crate::error::{ConnectError, Result};
use bytes::Bytes;
use jiff::civil::DateTime;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;
use url::Url;

/// What is called: the open web, whose pages are bounded and may be a sample, or a service that was configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    Page,
    Service,
}

/// What becomes of a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Redirects {
    /// It is followed; credentials and bodies stay with the origin they were meant for.
    Follow,
    /// It is followed, and what goes along goes to the hosts of this domain too.
    Trust(String),
    /// It is the reply.
    Show,
}

/// A call to be made.
#[derive(Clone)]
pub struct Call {
    pub(super) method: &'static str,
    pub(super) url: Url,
    pub(super) traffic: Traffic,
    pub(super) headers: Vec<(&'static str, SecretString)>,
    pub(super) body: Option<Bytes>,
    pub(super) timeout: Option<Duration>,
    pub(super) max_body: Option<usize>,
    /// Whether a body that is longer, or comes slowly, is cut rather than refused.
    pub(super) cut: bool,
    pub(super) pace: Option<Duration>,
    pub(super) redirects: Redirects,
    /// Whether it may be made again when it is not known what became of it.
    pub(super) repeatable: bool,
    /// Tells the replies of status 500 that are answers.
    explained: Option<fn(&Reply) -> bool>,
}

/// Without headers, body and query, any of which may hold a credential.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("url", &shown(&self.url))
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}

impl Call {
    /// A call of a service. GET, HEAD and DELETE may be repeated, others not unless [`Call::repeatable`] says so.
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
            max_body: None,
            cut: false,
            pace: None,
            redirects: Redirects::Follow,
            repeatable,
            explained: None,
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
        self.body = Some(body.into());
        Ok(self.header("content-type", SecretString::from("application/json")))
    }

    /// With another time-out for each attempt.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// With another bound for the bytes of the body.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// The status is what counts: of the body that comes soon there are the first `bytes`, however it is encoded.
    #[must_use]
    pub fn cut_body(mut self, bytes: usize) -> Self {
        self.cut = true;
        self.max_body(bytes)
    }

    /// With at least so long between the beginnings of calls to this host.
    #[must_use]
    pub fn pace(mut self, pace: Option<Duration>) -> Self {
        self.pace = pace;
        self
    }

    /// May be made again when it is not known what became of it.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// A reply of status 500 that fits is an answer about something else: it is no fault of the service, and asking
    /// again changes nothing.
    #[must_use]
    pub fn explained_by(mut self, fits: fn(&Reply) -> bool) -> Self {
        self.explained = Some(fits);
        self
    }

    /// A redirect is not followed, it is the reply.
    #[must_use]
    pub fn show_redirects(mut self) -> Self {
        self.redirects = Redirects::Show;
        self
    }

    /// Headers and body go along when a redirect leads to this host or one below it.
    #[must_use]
    pub fn trusting(mut self, domain: impl Into<String>) -> Self {
        self.redirects = Redirects::Trust(domain.into());
        self
    }

    /// Whether a reply of status 500 is an answer about something else.
    pub(super) fn explains(&self, reply: &Reply) -> bool {
        reply.status == 500 && self.explained.is_some_and(|fits| fits(reply))
    }

    /// Whether anything goes along that only the origin it was meant for may see.
    pub(super) fn has_secrets(&self) -> bool {
        self.body.is_some() || self.headers.iter().any(|(name, _)| is_credential(name))
    }
}

/// Whether a header stays with the origin it was meant for: all do that say more than which form is spoken.
pub(super) fn is_credential(name: &str) -> bool {
    !["accept", "accept-language", "content-type"].contains(&name)
}

/// A URL without what may hold a credential.
pub(super) fn shown(url: &Url) -> &str {
    url.as_str().split(['?', '#']).next().unwrap_or_default()
}

/// What came back, whatever its status.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    /// Where it came from, after redirects.
    pub url: Url,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Without headers, body and query, any of which may hold a credential.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("url", &shown(&self.url))
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
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
            401 => Err(ConnectError::Unauthorized(host)),
            403 => Err(ConnectError::Forbidden(format!("{host} answered 403"))),
            402 => Err(ConnectError::PaymentRequired(host)),
            404 | 410 => Err(ConnectError::NotFound(host)),
            429 => Err(ConnectError::RateLimited { after: self.retry_after() }),
            408 | 425 | 500..=599 => {
                Err(ConnectError::Unavailable(format!("{host} answered {}", self.status)))
            }
            status => Err(ConnectError::BadRequest(format!("{host} answered {status}"))),
        }
    }

    /// How long to wait, by `Retry-After` (RFC 9110 §10.2.3): seconds, or a date, which counts from the reply's own
    /// `Date`, so that clocks need not agree.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.header("retry-after")?.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let (from, to) = (http_date(self.header("date")?)?, http_date(value)?);
        Some(Duration::try_from(to.duration_since(from)).unwrap_or_default())
    }
}

/// A date as HTTP writes it (RFC 9110 §5.6.7), in the form that may be sent.
fn http_date(text: &str) -> Option<DateTime> {
    DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", text.trim()).ok()
}
