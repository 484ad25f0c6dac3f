//! A sample web on a loopback port: what the guarded client is pointed at instead of the open web.

use super::render::{escaped, page_of, paths};
use super::site::{Behaviour, Charset, SiteBook, SiteSpec};
use crate::faults::{Faults, broken_off, meet};
use crate::server::Server;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// Visits that are remembered.
const REMEMBERED: usize = 10_000;

/// A running web of company sites; it ends when this is dropped.
#[derive(Debug)]
pub struct SampleWeb {
    book: Arc<SiteBook>,
    faults: Faults,
    visits: Visits,
    server: Server,
}

type Visits = Arc<Mutex<VecDeque<(String, String)>>>;

impl SampleWeb {
    /// Serves the sites of this book.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(book: SiteBook) -> std::io::Result<Self> {
        let (book, faults, visits) = (Arc::new(book), Faults::default(), Visits::default());
        let router = Router::new()
            .fallback(answer)
            .with_state((book.clone(), visits.clone()))
            .layer(from_fn_with_state(faults.clone(), meet));
        let server = Server::start(router).await?;
        Ok(Self { book, faults, visits, server })
    }

    /// Where it listens: the `sample_web` of a client.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Its sites.
    #[must_use]
    pub fn book(&self) -> &Arc<SiteBook> {
        &self.book
    }

    /// Faults of all its sites.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The paths that were asked of a host, `www.` apart from it, among the last 10 000 visits.
    #[must_use]
    pub fn visits(&self, host: &str) -> Vec<String> {
        let visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        visits.iter().filter(|(known, _)| known == host).map(|(_, path)| path.clone()).collect()
    }
}

async fn answer(State((book, visits)): State<(Arc<SiteBook>, Visits)>, request: Request) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let said = request.headers().get("x-forwarded-proto").and_then(|scheme| scheme.to_str().ok());
    let scheme = said.filter(|scheme| *scheme == "https").unwrap_or("http");
    let Ok(url) = Url::parse(&format!("{scheme}://{host}{path}")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    {
        let mut visits = visits.lock().unwrap_or_else(PoisonError::into_inner);
        if visits.len() >= REMEMBERED {
            visits.pop_front();
        }
        visits.push_back((url.host_str().unwrap_or_default().to_owned(), path.to_owned()));
    }
    let site = book.site(host);
    if site.behaviour == Behaviour::PlainOnly && scheme == "https" {
        return broken_off();
    }
    match url.path() {
        "/robots.txt" => robots(&site, &url),
        "/sitemap.xml" => sitemap(&site, &url).unwrap_or_else(|| page(&site, &url)),
        _ => {
            if let Behaviour::Slow(time) = site.behaviour {
                tokio::time::sleep(time).await;
            }
            page(&site, &url)
        }
    }
}

fn robots(site: &SiteSpec, url: &Url) -> Response {
    match &site.behaviour {
        Behaviour::Down => broken_off(),
        Behaviour::ToWww if !is_www(url) => redirect(&www(url)),
        Behaviour::RobotsStatus(status) => with_status(*status),
        Behaviour::Robots(text) => text.clone().into_response(),
        _ => {
            let map = url.join("/sitemap.xml").map(String::from).unwrap_or_default();
            format!("User-agent: *\nAllow: /\n\nSitemap: {map}\n").into_response()
        }
    }
}

/// The map of a site that answers.
fn sitemap(site: &SiteSpec, url: &Url) -> Option<Response> {
    if matches!(site.behaviour, Behaviour::Down | Behaviour::Status(_) | Behaviour::Redirect(_))
        || (site.behaviour == Behaviour::ToWww && !is_www(url))
    {
        return None;
    }
    let mut map = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset>\n");
    for path in paths(site) {
        let page = url.join(&path).ok()?;
        map.push_str(&format!("<url><loc>{}</loc></url>\n", escaped(page.as_str())));
    }
    map.push_str("</urlset>\n");
    Some(typed("application/xml", map.into_bytes()))
}

fn page(site: &SiteSpec, url: &Url) -> Response {
    let made = || page_of(site, url.clone());
    match &site.behaviour {
        Behaviour::Down => broken_off(),
        Behaviour::Status(status) => with_status(*status),
        Behaviour::Redirect(to) => redirect(to),
        Behaviour::ToWww if !is_www(url) => redirect(&www(url)),
        Behaviour::Huge(bytes) => {
            let filler = "<p>Much ado about nothing.</p>\n".repeat(bytes / 30);
            typed("text/html; charset=utf-8", made().html.replace("</main>", &filler).into_bytes())
        }
        Behaviour::Type(kind) => typed(kind, made().html.into_bytes()),
        Behaviour::Charset(charset) => written(*charset, &made().html),
        Behaviour::Raw(html) if url.path() == "/" => typed("text/html", html.clone().into_bytes()),
        _ => {
            let page = made();
            let mut response = typed("text/html; charset=utf-8", page.html.into_bytes());
            *response.status_mut() = StatusCode::from_u16(page.status).unwrap_or_default();
            response
        }
    }
}

fn is_www(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.starts_with("www."))
}

fn www(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://www.{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

fn redirect(to: &str) -> Response {
    let mut response = StatusCode::MOVED_PERMANENTLY.into_response();
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, to);
    }
    response
}

fn with_status(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

fn typed(kind: &'static str, body: Vec<u8>) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn written(charset: Charset, html: &str) -> Response {
    let latin = |html: &str| html.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    match charset {
        Charset::Latin1InHeader => {
            typed("text/html; charset=ISO-8859-1", latin(&html.replace("utf-8", "iso-8859-1")))
        }
        Charset::Latin1InPage => typed("text/html", latin(&html.replace("utf-8", "iso-8859-1"))),
        Charset::Latin1Unsaid => typed("text/html", latin(&html.replace("<meta charset=\"utf-8\">\n", ""))),
        Charset::Utf16 => {
            let bytes = std::iter::once(0xfeff).chain(html.encode_utf16()).flat_map(u16::to_le_bytes);
            typed("text/html", bytes.collect())
        }
    }
}
