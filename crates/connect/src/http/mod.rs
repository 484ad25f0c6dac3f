//! The guarded client: every call that leaves goes through here.

mod call;
mod hosts;
mod policy;
mod redirect;
mod resolve;
mod retry;
mod tls;

pub use call::{Call, Reply, Traffic};
pub use hosts::{HostLimits, Hosts, LeftAlone, Turn};
pub use policy::is_public;
pub use resolve::{Resolver, SystemResolver};

use crate::error::{ConnectError, Result};
use call::Redirects;
use policy::Policy;
use redirect::Hop;
use reqwest::header::{HOST, HeaderMap};
use resolve::{Guarded, Unresolved, Within};
use retry::Failure;
use secrecy::ExposeSecret;
use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// What Anthropic's API answers when it has too much to do, as others do with 503 (its reference, “Errors”).
pub(super) const OVERLOADED: u16 = 529;

/// Who calls.
const USER_AGENT: &str = concat!(
    "Sluice/",
    env!("CARGO_PKG_VERSION_MAJOR"),
    ".",
    env!("CARGO_PKG_VERSION_MINOR"),
    " (self-hosted prospecting engine)"
);

/// How long a body is waited for of which only the status counts.
const SOON: Duration = Duration::from_secs(2);

/// What a client may do.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Whether addresses within (loopback, private, link-local …) may be called, pages at any port among them.
    pub allow_private_hosts: bool,
    /// Addresses within that services may have all the same.
    pub allowed: Vec<SocketAddr>,
    /// Whether pages may be fetched from those addresses as well. A page of the open web may lead there, and what it
    /// reads is shown: for tests.
    pub allowed_for_pages: bool,
    /// Where pages of any host are fetched from instead, by plain HTTP with the `Host` they were asked for: a sample
    /// web for tests and for the demo.
    pub sample_web: Option<SocketAddr>,
    /// Certificates of authorities, in DER, that are trusted beside those of this machine.
    pub authorities: Vec<Vec<u8>>,
    pub connect_timeout: Duration,
    /// For the whole of one attempt, turns with hosts apart.
    pub timeout: Duration,
    /// The most bytes of a body.
    pub max_body: usize,
    pub max_redirects: usize,
    /// Further attempts after a passing failure.
    pub retries: u32,
    /// The pause before the first of them, about; it doubles each time, up to ten seconds.
    pub backoff: Duration,
    /// What a host with pages is spared.
    pub page_limits: HostLimits,
    /// What the host of a service is spared.
    pub service_limits: HostLimits,
}

impl Default for ClientOptions {
    fn default() -> Self {
        let limits =
            HostLimits { at_once: 4, per_second: 5, burst: 10, failures: 10, pause: Duration::from_secs(30) };
        Self {
            allow_private_hosts: false,
            allowed: Vec::new(),
            allowed_for_pages: false,
            sample_web: None,
            authorities: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
            max_body: 5 << 20,
            max_redirects: 5,
            retries: 2,
            backoff: Duration::from_millis(500),
            page_limits: limits,
            service_limits: HostLimits { at_once: 16, per_second: 50, burst: 50, ..limits },
        }
    }
}

/// The guarded client. Cloning gives a further handle.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: Connections,
    options: ClientOptions,
    policy: Policy,
    pages: Hosts,
    services: Hosts,
}

/// Connections, kept apart by the ports that have rules of their own: names are looked up without their port.
#[expect(clippy::disallowed_types, reason = "this is the one way out")]
struct Connections {
    others: reqwest::Client,
    by_port: HashMap<u16, reqwest::Client>,
}

impl Client {
    /// A client with these options.
    ///
    /// # Errors
    /// [`ConnectError::BadRequest`] for an authority that is none, [`ConnectError::Unavailable`] when TLS cannot be
    /// set up.
    pub fn new(options: ClientOptions) -> Result<Self> {
        Self::with_resolver(options, Arc::new(SystemResolver))
    }

    /// A client that looks names up here.
    ///
    /// # Errors
    /// As for [`Client::new`].
    pub fn with_resolver(options: ClientOptions, resolver: Arc<dyn Resolver>) -> Result<Self> {
        let policy = Policy {
            allow_private: options.allow_private_hosts,
            allowed: options.allowed.clone(),
            for_pages: options.allowed_for_pages,
        };
        let http = Connections::new(&options, &policy, &resolver)?;
        let (pages, services) = (Hosts::new(options.page_limits), Hosts::new(options.service_limits));
        Ok(Self(Arc::new(Inner { http, options, policy, pages, services })))
    }

    /// What this client may do.
    #[must_use]
    pub fn options(&self) -> &ClientOptions {
        &self.0.options
    }

    /// Whether a page may be called, as far as its URL alone tells: for URLs that somebody else is to call for us.
    ///
    /// # Errors
    /// [`ConnectError::Forbidden`].
    pub fn check_page(&self, url: &Url) -> Result<()> {
        self.0.policy.check(url, Traffic::Page)
    }

    /// Makes a call.
    ///
    /// # Errors
    /// [`ConnectError::Forbidden`] and [`ConnectError::Unavailable`]; [`ConnectError::BadRequest`] for a body of more
    /// than the bytes that were allowed. A reply of any status is a [`Reply`].
    pub async fn send(&self, call: Call) -> Result<Reply> {
        let mut attempt = 0;
        loop {
            let outcome = self.attempt(&call).await;
            let backoff = retry::backoff(self.0.options.backoff, attempt);
            let pause = retry::pause(&call, &outcome, backoff).filter(|_| attempt < self.0.options.retries);
            let Some(pause) = pause else { return outcome.map_err(Failure::into_error) };
            tracing::debug!(host = call.url.host_str(), attempt, ?pause, "outgoing call is repeated");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// Makes a call once, and follows where it leads.
    async fn attempt(&self, call: &Call) -> std::result::Result<Reply, Failure> {
        let mut hop = Hop::first(call);
        let mut left = call.timeout.unwrap_or(self.0.options.timeout);
        for _ in 0..=self.0.options.max_redirects {
            let (reply, spent) = self.exchange(call, &hop, left).await?;
            left = left.saturating_sub(spent);
            match hop.next(call, &reply).map_err(Failure::Final)? {
                None => return Ok(reply),
                Some(next) => hop = next,
            }
        }
        Err(Failure::Final(ConnectError::Forbidden("too many redirects".to_owned())))
    }

    /// One request and its reply, within the limits of the host, and how long it took.
    async fn exchange(
        &self,
        call: &Call,
        hop: &Hop<'_>,
        left: Duration,
    ) -> std::result::Result<(Reply, Duration), Failure> {
        self.0.policy.check(&hop.url, call.traffic).map_err(Failure::Final)?;
        let host = hop.url.host_str().unwrap_or_default();
        let turn = match call.traffic {
            Traffic::Page => self.0.pages.turn(host, call.pace).await,
            Traffic::Service => {
                let port = hop.url.port_or_known_default().unwrap_or_default();
                self.0.services.turn(&format!("{host}:{port}"), call.pace).await
            }
        };
        let turn = turn.map_err(|LeftAlone(pause)| {
            let pause = pause.as_secs_f32().ceil();
            Failure::Final(ConnectError::Unavailable(format!(
                "{host} failed too often: not called for {pause} s"
            )))
        })?;
        let began = Instant::now();
        let outcome = tokio::time::timeout(left, self.request(call, hop)).await.unwrap_or_else(|_| {
            let seconds = call.timeout.unwrap_or(self.0.options.timeout).as_secs_f32();
            Err(Failure::Lost(ConnectError::Unavailable(format!("{host} took more than {seconds} s"))))
        });
        let is_failure = match &outcome {
            // Who is busy is there, and what a service says of somebody else's fault is an answer.
            Ok(reply) => reply.status >= 500 && reply.status != OVERLOADED && !call.explains(reply),
            Err(failure) => failure.is_of_host(),
        };
        if is_failure {
            turn.failed()
        } else {
            turn.answered()
        }
        outcome.map(|reply| (reply, began.elapsed()))
    }

    async fn request(&self, call: &Call, hop: &Hop<'_>) -> std::result::Result<Reply, Failure> {
        let method = reqwest::Method::from_bytes(hop.method.as_bytes())
            .map_err(|error| Failure::Final(ConnectError::BadRequest(error.to_string())))?;
        let sample = self.0.options.sample_web.filter(|_| call.traffic == Traffic::Page);
        let mut request = match sample {
            None => {
                self.0.http.to(&hop.url, self.0.policy.knows(call.traffic)).request(method, hop.url.clone())
            }
            Some(address) => {
                let host = hop.url.as_str().get(authority(&hop.url)).unwrap_or_default();
                let url = at(&hop.url, address).map_err(Failure::Final)?;
                let request = self.0.http.others.request(method, url).header(HOST, host);
                // The sample knows no TLS, but which of its sites do.
                request.header("x-forwarded-proto", hop.url.scheme())
            }
        };
        for (name, value) in &hop.headers {
            request = request.header(*name, value.expose_secret());
        }
        if let Some(body) = &hop.body {
            request = request.body(body.clone());
        }
        let host = hop.url.host_str().unwrap_or_default();
        let reply = request.send().await.map_err(|error| failure(host, &error))?;
        self.read(call, hop, reply).await
    }

    /// Reads a reply, up to the most bytes that are allowed.
    async fn read(
        &self,
        call: &Call,
        hop: &Hop<'_>,
        mut reply: reqwest::Response,
    ) -> std::result::Result<Reply, Failure> {
        let host = hop.url.host_str().unwrap_or_default();
        let (status, headers) = (reply.status().as_u16(), texts(reply.headers()));
        let mut read = Reply { status, url: hop.url.clone(), headers, body: Vec::new() };
        // What a redirect says beside its address is of no use.
        if call.redirects != Redirects::Show && redirect::is_followed(&read) {
            return Ok(read);
        }
        if call.cut {
            read.body = beginning(&mut reply, call.max_body.unwrap_or_default()).await;
            return Ok(read);
        }
        if read.header("content-encoding").is_some_and(|encoding| encoding.trim() != "identity") {
            let text = format!("{host} answered in an encoding that was not asked for");
            return Err(Failure::Final(ConnectError::BadRequest(text)));
        }
        let most = call.max_body.unwrap_or(self.0.options.max_body);
        let too_large = || {
            let text = format!("{host} answered with more than {most} bytes");
            Failure::Final(ConnectError::BadRequest(text))
        };
        if hop.method != "HEAD" && reply.content_length().is_some_and(|bytes| bytes > most as u64) {
            return Err(too_large());
        }
        while let Some(chunk) = reply.chunk().await.map_err(|error| failure(host, &error))? {
            if read.body.len() + chunk.len() > most {
                return Err(too_large());
            }
            read.body.extend_from_slice(&chunk);
        }
        Ok(read)
    }
}

#[expect(clippy::disallowed_types, reason = "this is the one way out")]
impl Connections {
    fn new(options: &ClientOptions, policy: &Policy, resolver: &Arc<dyn Resolver>) -> Result<Self> {
        let tls = tls::config(&options.authorities)?;
        let client = |policy: Policy, port| {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(Guarded { resolver: resolver.clone(), policy, port })
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                .user_agent(USER_AGENT)
                .connect_timeout(options.connect_timeout)
                .build()
                .map_err(|error| ConnectError::Unavailable(error.to_string()))
        };
        let mut by_port = HashMap::new();
        for port in policy.allowed.iter().map(SocketAddr::port) {
            by_port.insert(port, client(policy.clone(), port)?);
        }
        let others = client(Policy { allowed: Vec::new(), ..policy.clone() }, 0)?;
        Ok(Self { others, by_port })
    }

    fn to(&self, url: &Url, allowed: bool) -> &reqwest::Client {
        let port = url.port_or_known_default().filter(|_| allowed);
        port.and_then(|port| self.by_port.get(&port)).unwrap_or(&self.others)
    }
}

/// The first bytes of a body, as far as they come soon.
async fn beginning(reply: &mut reqwest::Response, most: usize) -> Vec<u8> {
    let mut body = Vec::new();
    let read = async {
        while body.len() < most
            && let Ok(Some(chunk)) = reply.chunk().await
        {
            body.extend_from_slice(&chunk);
        }
    };
    // What has not come by then is not waited for.
    let _ = tokio::time::timeout(SOON, read).await;
    body.truncate(most);
    body
}

/// Where the host and the port of a URL stand in it.
fn authority(url: &Url) -> std::ops::Range<usize> {
    let start = url.scheme().len() + "://".len();
    let rest = url.as_str().get(start..).unwrap_or_default();
    start..start + rest.find(['/', '?', '#']).unwrap_or(rest.len())
}

/// The same path and query at this address, by plain HTTP.
fn at(url: &Url, address: SocketAddr) -> Result<Url> {
    let mut to = url.clone();
    to.set_scheme("http")
        .and_then(|()| to.set_ip_host(address.ip()))
        .and_then(|()| to.set_port(Some(address.port())))
        .map_err(|()| ConnectError::Forbidden("a URL without a host".to_owned()))?;
    Ok(to)
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect()
}

/// What a failed request says of the host. No text holds a URL, which may hold a credential.
fn failure(host: &str, error: &reqwest::Error) -> Failure {
    let mut cause: &dyn Error = error;
    loop {
        if let Some(within) = cause.downcast_ref::<Within>() {
            return Failure::Final(ConnectError::Forbidden(within.to_string()));
        }
        if let Some(unresolved) = cause.downcast_ref::<Unresolved>() {
            return Failure::Unresolved(ConnectError::Unavailable(unresolved.to_string()));
        }
        match cause.source() {
            Some(source) => cause = source,
            None => break,
        }
    }
    let text = if error.is_timeout() {
        format!("{host} cannot be reached in time")
    } else {
        format!("{host}: {cause}")
    };
    let unavailable = ConnectError::Unavailable(text);
    if error.is_connect() {
        Failure::Unsent(unavailable)
    } else if error.is_builder() {
        Failure::Final(ConnectError::BadRequest(format!("{host}: {cause}")))
    } else {
        Failure::Lost(unavailable)
    }
}
