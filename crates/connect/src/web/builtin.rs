//! The built-in scraper: pages are fetched and read here, no account is needed.

use super::rank::Search;
use super::robots::{self, Rules};
use super::{LARGE, Page, PageLink, Scraper, charset, page_of, page_status, same_site, sitemap};
use crate::error::{ConnectError, Result};
use crate::http::{Call, Client, Reply};
use async_trait::async_trait;
use sluice_model::canon;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use url::Url;

/// The most redirects on the way to a page.
const MOST_REDIRECTS: usize = 5;
/// The most maps that an index leads to and that are read.
const MOST_MAPS: usize = 3;
/// How long maps may take: what the home page links to is known without them.
const MAPS_TIME: Duration = Duration::from_secs(25);

/// Fetches pages, as far as `robots.txt` allows, and reads what a reader would see. Cloning gives a further handle.
#[derive(Clone)]
pub struct Builtin {
    client: Client,
    rules: Arc<Rules>,
}

impl Builtin {
    /// A scraper over this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { rules: Arc::new(Rules::new(client.clone())), client }
    }

    /// The reply of a page, after redirects. Each step asks the rules of its own site.
    async fn fetch(&self, url: &Url) -> Result<Reply> {
        let mut url = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            self.client.check_page(&url)?;
            let robots = self.rules.of(&url).await?;
            if !robots.is_url_allowed(&url) {
                let host = url.host_str().unwrap_or_default();
                return Err(ConnectError::Disallowed(format!("{} of {host}", url.path())));
            }
            let call = Call::page(url.clone()).pace(robots::delay(&robots)).show_redirects();
            let reply = self.client.send(call).await?;
            let next = match (reply.status, reply.header("location")) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => url.join(location),
                _ => return Ok(reply),
            };
            url = next.map_err(|_| ConnectError::Unavailable("a redirect to what is no URL".to_owned()))?;
        }
        Err(ConnectError::Forbidden("too many redirects".to_owned()))
    }

    /// The same, by http when the site cannot be reached by https.
    async fn fetch_either(&self, url: &Url) -> Result<Reply> {
        let outcome = self.fetch(url).await;
        let is_plain_https = url.scheme() == "https" && url.port().is_none();
        if !matches!(outcome, Err(ConnectError::Unavailable(_))) || !is_plain_https {
            return outcome;
        }
        let mut plain = url.clone();
        if plain.set_scheme("http").is_err() {
            return outcome;
        }
        match self.fetch(&plain).await {
            Err(ConnectError::Unavailable(_)) => outcome,
            other => other,
        }
    }

    /// The places that the maps of a site name, as far as they could be read in time.
    async fn mapped(&self, home: &Url, search: Option<&Search>) -> Vec<Url> {
        let until = Instant::now() + MAPS_TIME;
        let named = match self.rules.of(home).await {
            Ok(robots) => robots.sitemaps().to_vec(),
            Err(_) => Vec::new(),
        };
        let mut maps: Vec<Url> =
            named.into_iter().filter(|map| same_site(map, home)).take(MOST_MAPS).collect();
        if maps.is_empty() {
            maps.extend(home.join("/sitemap.xml"));
        }
        let mut places = Vec::new();
        for map in maps {
            let read = self.map(&map, until).await;
            if !read.is_index {
                places.extend(read.places);
                continue;
            }
            let further = read.places.into_iter().filter(|map| same_site(map, home));
            let mut further: Vec<PageLink> = further.map(|url| PageLink { url, text: None }).collect();
            if let Some(search) = search {
                search.sort(&mut further);
            }
            for map in further.iter().take(MOST_MAPS) {
                // An index within an index is none of the protocol.
                let read = self.map(&map.url, until).await;
                places.extend(read.places.into_iter().filter(|_| !read.is_index));
            }
        }
        places
    }

    /// A map; an empty one when it cannot be read in time, since most sites have none.
    async fn map(&self, url: &Url, until: Instant) -> sitemap::Sitemap {
        match timeout_at(until, self.fetch(url)).await {
            Ok(Ok(reply)) if reply.status == 200 => sitemap::read(&charset::text(&reply.body, "")),
            _ => sitemap::Sitemap::default(),
        }
    }
}

#[async_trait]
impl Scraper for Builtin {
    fn name(&self) -> &'static str {
        "builtin"
    }

    fn credits(&self) -> u64 {
        0
    }

    async fn page(&self, url: &Url) -> Result<Page> {
        let reply = self.fetch_either(url).await?;
        page_status(reply.status, &reply.url, reply.retry_after())?;
        let kind = kind_of(&reply);
        let is_html = matches!(kind.as_str(), "" | "text/html" | "application/xhtml+xml");
        if !is_html && kind != "text/plain" {
            if reply.status == 200 {
                let host = reply.url.host_str().unwrap_or_default();
                return Err(ConnectError::BadRequest(format!(
                    "{host} answered with {kind}, which is no page"
                )));
            }
            let Reply { url, status, .. } = reply;
            return Ok(Page { url, status, title: None, text: String::new(), links: Vec::new() });
        }
        if reply.body.len() <= LARGE {
            return Ok(read(&reply, is_html));
        }
        tokio::task::spawn_blocking(move || read(&reply, is_html))
            .await
            .map_err(|error| ConnectError::Unavailable(error.to_string()))
    }

    async fn links(&self, site: &Url, search: Option<&str>, limit: usize) -> Result<Vec<PageLink>> {
        let home = self.page(site).await?;
        let search = search.map(Search::new);
        let mut links = home.links;
        let mapped = self.mapped(&home.url, search.as_ref()).await;
        links.extend(mapped.into_iter().map(|url| PageLink { url, text: None }));
        let mut seen: HashSet<String> = [site, &home.url].map(spelling).into();
        links.retain(|link| {
            let is_home = link.url.path() == "/" && link.url.query().is_none();
            !is_home && same_site(&link.url, &home.url) && seen.insert(spelling(&link.url))
        });
        if let Some(search) = &search {
            search.sort(&mut links);
        }
        links.truncate(limit);
        Ok(links)
    }
}

/// The media type of a reply, in lower case and without parameters; empty when it says none.
fn kind_of(reply: &Reply) -> String {
    let kind = reply.header("content-type").unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn read(reply: &Reply, is_html: bool) -> Page {
    let text = charset::text(&reply.body, reply.header("content-type").unwrap_or_default());
    let (url, status) = (reply.url.clone(), reply.status);
    if !is_html {
        return Page { url, status, title: None, text, links: Vec::new() };
    }
    page_of(&text, url, status)
}

/// One spelling of what is most likely one page.
fn spelling(url: &Url) -> String {
    let host = url.host_str().and_then(canon::host).unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    format!("{host}{}?{}", url.path().trim_end_matches('/'), url.query().unwrap_or_default())
}
