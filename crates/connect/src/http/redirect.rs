//! Where a redirect leads, and what goes along (RFC 9110 §15.4).

use super::call::{Call, Redirects, Reply, is_credential};
use crate::error::{ConnectError, Result};
use bytes::Bytes;
use secrecy::SecretString;
use url::Url;

/// One request of a call.
pub(super) struct Hop<'a> {
    pub method: &'static str,
    pub url: Url,
    pub headers: Vec<(&'static str, &'a SecretString)>,
    pub body: Option<Bytes>,
}

/// Whether a reply leads elsewhere.
pub(super) fn is_followed(reply: &Reply) -> bool {
    matches!(reply.status, 301 | 302 | 303 | 307 | 308) && reply.header("location").is_some()
}

impl<'a> Hop<'a> {
    pub fn first(call: &'a Call) -> Self {
        Self {
            method: call.method,
            url: call.url.clone(),
            headers: call.headers.iter().map(|(name, value)| (*name, value)).collect(),
            body: call.body.clone(),
        }
    }

    /// The request that this reply leads to; none when it is the last one.
    pub fn next(&self, call: &Call, reply: &Reply) -> Result<Option<Self>> {
        if call.redirects == Redirects::Show || !is_followed(reply) {
            return Ok(None);
        }
        let location = reply.header("location").unwrap_or_default();
        let Ok(url) = self.url.join(location) else {
            return Err(ConnectError::Unavailable("a redirect to what is no URL".to_owned()));
        };
        if self.url.scheme() == "https" && url.scheme() == "http" && call.has_secrets() {
            return Err(ConnectError::Forbidden("a redirect from https to http".to_owned()));
        }
        let mut next =
            Self { method: self.method, url, headers: self.headers.clone(), body: self.body.clone() };
        let is_repeated = matches!(reply.status, 307 | 308) || self.method == "HEAD";
        if !is_repeated && self.method != "GET" {
            next.method = "GET";
            next.body = None;
            next.headers.retain(|(name, _)| *name != "content-type");
        }
        if next.url.origin() != self.url.origin() && !is_trusted(call, &next.url) {
            next.headers.retain(|(name, _)| !is_credential(name));
            if next.body.is_some() {
                return Err(ConnectError::Forbidden("a redirect of a body to another host".to_owned()));
            }
        }
        Ok(Some(next))
    }
}

fn is_trusted(call: &Call, url: &Url) -> bool {
    let Redirects::Trust(domain) = &call.redirects else { return false };
    let host = url.host_str().unwrap_or_default();
    host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
