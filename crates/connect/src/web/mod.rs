//! Pages of company sites: who fetches them, and what is kept of them.

mod builtin;
mod charset;
mod firecrawl;
mod html;
mod markdown;
mod rank;
mod robots;
mod sitemap;

pub use builtin::Builtin;
pub use firecrawl::{FIRECRAWL, Firecrawl};
pub(crate) use robots::Rules;

use crate::error::{ConnectError, Result};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sluice_model::canon;
use std::time::Duration;
use url::{Host, Url};

/// The most links of a page that are kept.
const MOST_LINKS: usize = 500;
/// Pages of more bytes are read on a thread of their own, so that others need not wait.
const LARGE: usize = 256 << 10;

/// A page as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// Where it came from, after redirects.
    pub url: Url,
    pub status: u16,
    pub title: Option<String>,
    /// What a reader sees, as plain text or Markdown.
    pub text: String,
    /// Links to other pages, in the order of the page.
    pub links: Vec<PageLink>,
}

/// A page that another one, or a site map, points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageLink {
    pub url: Url,
    /// Its text or title.
    pub text: Option<String>,
}

/// Reads pages of the open web.
#[async_trait]
pub trait Scraper: Send + Sync {
    /// Its name as a provider of `webscraping`.
    fn name(&self) -> &'static str;

    /// Credits that one page costs.
    fn credits(&self) -> u64;

    /// Reads one page. A page of status 404 and the like is a [`Page`] with that status.
    ///
    /// # Errors
    /// When it could not be read: the check it was for is unknown then.
    async fn page(&self, url: &Url) -> Result<Page>;

    /// Pages of a site, best first by `search`, at most `limit`; the home page is not among them.
    ///
    /// # Errors
    /// As for [`Scraper::page`].
    async fn links(&self, site: &Url, search: Option<&str>, limit: usize) -> Result<Vec<PageLink>>;
}

/// Where a company's site is, by its domain or a URL of it: https unless it says otherwise. `None` for what is neither.
#[must_use]
pub fn site_url(domain_or_url: &str) -> Option<Url> {
    let text = domain_or_url.trim();
    let mut url = if text.contains("://") {
        Url::parse(text).ok()?
    } else {
        Url::parse(&format!("https://{}", text.trim_start_matches('/'))).ok()?
    };
    let is_named = matches!(url.host(), Some(Host::Domain(name)) if name.trim_end_matches('.').contains('.'));
    let is_plain = url.username().is_empty() && url.password().is_none();
    url.set_fragment(None);
    (matches!(url.scheme(), "http" | "https") && is_named && is_plain).then_some(url)
}

/// Whether a page of this status is worth reading: there is one, or there is none. Any other status leaves open what
/// the page says.
fn page_status(status: u16, url: &Url, after: Option<Duration>) -> Result<()> {
    let answered = || format!("{} answered {status}", url.host_str().unwrap_or_default());
    match status {
        200..=299 | 404 | 410 => Ok(()),
        401 | 403 | 407 | 451 => Err(ConnectError::Forbidden(answered())),
        429 => Err(ConnectError::RateLimited { after }),
        408 | 425 | 500..=599 => Err(ConnectError::Unavailable(answered())),
        _ => Err(ConnectError::BadRequest(answered())),
    }
}

/// HTML as a page: what a reader sees of it.
fn page_of(html: &str, url: Url, status: u16) -> Page {
    let html::Readable { title, text, links } = html::read(html, &url);
    let mut links: Vec<PageLink> = links.into_iter().map(|(url, text)| PageLink { url, text }).collect();
    if links.len() > MOST_LINKS {
        // Those of the site itself are kept before others, in the order of the page.
        let own = links.iter().filter(|link| same_site(&link.url, &url)).count();
        let mut others = MOST_LINKS.saturating_sub(own);
        links.retain(|link| {
            let is_own = same_site(&link.url, &url);
            if !is_own {
                let is_kept = others > 0;
                others = others.saturating_sub(1);
                return is_kept;
            }
            true
        });
        links.truncate(MOST_LINKS);
    }
    Page { url, status, title, text, links }
}

/// Whether two URLs are of one site: below one registrable domain, or at the same host.
fn same_site(one: &Url, other: &Url) -> bool {
    let (Some(one), Some(other)) = (one.host_str(), other.host_str()) else { return false };
    one == other || canon::domain(one).is_some_and(|domain| canon::domain(other) == Some(domain))
}

/// Reads HTML from this address: its title, its text, and its links.
#[must_use]
pub fn read_html(html: &str, url: &Url) -> (Option<String>, String, Vec<PageLink>) {
    let html::Readable { title, text, links } = html::read(html, url);
    (title, text, links.into_iter().map(|(url, text)| PageLink { url, text }).collect())
}
