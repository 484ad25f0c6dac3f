//! The only way out of a browser: a proxy on loopback that knows one host.
//!
//! The page is shown under a made-up name, so that no name is looked up and no rule of Chromium about real hosts (HTTPS
//! only, bypasses for loopback) applies. Requests for that name become calls of the guarded client to the page's own
//! origin; every other request, and every tunnel, is refused.

use crate::error::{ConnectError, Result};
use crate::http::{Call, Client, Reply};
use crate::web::Rules;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// What the page's own origin is called in the browser. `.invalid` never resolves (RFC 6761).
const NAME: &str = "http://rendered.invalid";
/// Requests of a page for its own host, the page itself apart.
const REQUESTS: usize = 30;
/// Redirects on the way to what a page asks for.
const REDIRECTS: usize = 3;
/// Bytes of a request's head.
const HEAD_LIMIT: usize = 16 << 10;
const HEAD_TIME: Duration = Duration::from_secs(5);
const CALL_TIME: Duration = Duration::from_secs(10);

/// A second fence within the browser, for pages: nothing but the own origin, no frames, no forms.
const POLICY: &str = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-src 'none'; object-src 'none'; \
                      form-action 'none'; webrtc 'block'";

/// A proxy for one document; it ends when this is dropped.
pub(super) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    client: Client,
    rules: Arc<Rules>,
    document: Reply,
    /// The real origin, without a slash at its end.
    origin: String,
    left: AtomicUsize,
}

impl Proxy {
    /// Serves on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// [`ConnectError::Unavailable`] when there is none.
    pub(super) async fn start(client: Client, rules: Arc<Rules>, document: Reply) -> Result<Self> {
        let failed =
            |error: std::io::Error| ConnectError::Unavailable(format!("no proxy for Chromium: {error}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let origin = document.url.origin().ascii_serialization();
        let shared = Arc::new(Shared { client, rules, document, origin, left: AtomicUsize::new(REQUESTS) });
        let serving = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                connections.spawn(async move { shared.serve(stream).await });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, shared, task })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The document's address in the browser.
    pub(super) fn entry(&self) -> String {
        self.shared.shown(&self.shared.document.url)
    }

    /// A text with the real origin where the made-up one stands.
    pub(super) fn with_real_addresses(&self, text: &str) -> String {
        text.replace(NAME, &self.shared.origin)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    /// An address of the origin, without its fragment, as the browser knows it.
    fn shown(&self, url: &Url) -> String {
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{NAME}{}{query}", url.path())
    }

    /// Answers one request and closes.
    async fn serve(&self, mut stream: TcpStream) {
        let head = tokio::time::timeout(HEAD_TIME, head(&mut stream)).await.ok().flatten();
        let answer = match head.as_deref().and_then(asked) {
            Some(path) => self.answer(path).await,
            None => refusal(),
        };
        // A browser that has gone away needs no answer.
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
    }

    /// The answer to a GET of this path and query of the page's own host.
    async fn answer(&self, path: &str) -> Vec<u8> {
        if format!("{NAME}{path}") == self.shown(&self.document.url) {
            return self.response(&self.document);
        }
        let spend = |left: usize| left.checked_sub(1);
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err() {
            return refusal();
        }
        let Ok(url) = Url::parse(&format!("{}{path}", self.origin)) else { return refusal() };
        match self.fetch(url).await {
            Ok(reply) => self.response(&reply),
            Err(_) => refusal(),
        }
    }

    /// A page of the origin, as far as its `robots.txt` allows; redirects are followed as long as they stay there.
    async fn fetch(&self, mut url: Url) -> Result<Reply> {
        let within = |url: &Url| url.origin().ascii_serialization() == self.origin;
        for _ in 0..=REDIRECTS {
            let robots = self.rules.of(&url).await?;
            if !within(&url) || !robots.is_url_allowed(&url) {
                break;
            }
            let reply = self.client.send(Call::page(url.clone()).timeout(CALL_TIME).show_redirects()).await?;
            let next = match (reply.status, reply.header("location")) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => url.join(location),
                _ => return Ok(reply),
            };
            url = next.map_err(|_| ConnectError::Unavailable("a redirect to what is no URL".to_owned()))?;
        }
        Err(ConnectError::Forbidden("not of the page's own host".to_owned()))
    }

    /// A reply without its headers, but for its kind: no cookies, no redirects.
    fn response(&self, reply: &Reply) -> Vec<u8> {
        let kind = reply.header("content-type").unwrap_or("application/octet-stream");
        let kind: String = kind.chars().filter(|c| matches!(c, ' '..='~')).collect();
        let lower = kind.to_ascii_lowercase();
        let is_text = ["text/", "javascript", "json", "xml"].iter().any(|part| lower.contains(part));
        let body = if is_text { self.with_shown_addresses(&reply.body) } else { reply.body.clone() };
        let mut response = format!(
            "HTTP/1.1 {} OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nContent-Security-Policy: {POLICY}\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n\r\n",
            reply.status,
            body.len()
        )
        .into_bytes();
        response.extend(body);
        response
    }

    /// A text of whatever charset with the made-up origin where the real one stands, of either scheme.
    fn with_shown_addresses(&self, body: &[u8]) -> Vec<u8> {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        let secure = replaced(body, format!("https://{host}").as_bytes(), NAME.as_bytes());
        replaced(&secure, format!("http://{host}").as_bytes(), NAME.as_bytes())
    }
}

/// The path and query that a request asks for; none unless it is a GET of the made-up host.
fn asked(head: &str) -> Option<&str> {
    let mut line = head.lines().next()?.split(' ');
    let (method, target) = (line.next()?, line.next()?);
    let path = target.strip_prefix(NAME)?;
    (method == "GET" && path.starts_with('/')).then_some(path)
}

/// The head of a request, as far as it is read; none when it is too long or no text.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut part = [0_u8; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut part).await.ok()?;
        if read == 0 || head.len() + read > HEAD_LIMIT {
            return None;
        }
        head.extend_from_slice(part.get(..read)?);
    }
    String::from_utf8(head).ok()
}

fn refusal() -> Vec<u8> {
    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
}

/// Bytes with every occurrence of one string of them replaced by another.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{asked, replaced};

    #[test]
    fn only_pages_of_the_one_host_are_asked_for() {
        for (head, path) in [
            ("GET http://rendered.invalid/a?b=c HTTP/1.1\r\n\r\n", Some("/a?b=c")),
            ("POST http://rendered.invalid/a HTTP/1.1\r\n\r\n", None),
            ("CONNECT rendered.invalid:443 HTTP/1.1\r\n\r\n", None),
            ("GET http://rendered.invalid.evil.example/ HTTP/1.1\r\n\r\n", None),
            ("GET http://rendered.invalid@127.0.0.1/ HTTP/1.1\r\n\r\n", None),
            ("GET http://rendered.invalid:80/ HTTP/1.1\r\n\r\n", None),
            ("GET http://127.0.0.1/ HTTP/1.1\r\n\r\n", None),
            ("GET /a HTTP/1.1\r\n\r\n", None),
            ("", None),
        ] {
            assert_eq!(asked(head), path, "{head}");
        }
    }

    #[test]
    fn bytes_are_replaced_wherever_they_stand() {
        assert_eq!(replaced(b"abcabab", b"ab", b"x"), b"xcxx");
        assert_eq!(replaced(b"\xffabc", b"zz", b""), b"\xffabc");
    }
}
