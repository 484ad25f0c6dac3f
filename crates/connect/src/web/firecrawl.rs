//! Firecrawl, version 2 of its API: pages are fetched and read there.

use super::{LARGE, Page, PageLink, Scraper, markdown, page_of, page_status, same_site};
use crate::error::{ConnectError, Result};
use crate::http::{Call, Client, Reply};
use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// Where the hosted service is.
pub const FIRECRAWL: &str = "https://api.firecrawl.dev";
/// How old a page may be: we keep pages for a day ourselves. Without a word, the service takes two.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the service may take for a page; our own patience is a little longer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest explanation of the service that is handed on.
const MOST_ERROR: usize = 200;

/// Firecrawl with the key of one organisation.
#[derive(Clone)]
pub struct Firecrawl {
    client: Client,
    base: Url,
    key: SecretString,
    max_age: Duration,
    credits: u64,
}

#[derive(Deserialize)]
struct Scraped {
    #[serde(default)]
    success: bool,
    data: Option<Data>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    /// The page as the service's browser has it.
    raw_html: Option<String>,
    /// What it made of other documents.
    markdown: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

/// Sites write what they like into the metadata of pages: a title may be a list there.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    title: Option<Value>,
    #[serde(rename = "sourceURL")]
    source_url: Option<Url>,
    url: Option<Url>,
    status_code: Option<u16>,
}

#[derive(Deserialize)]
struct Mapped {
    #[serde(default)]
    success: bool,
    #[serde(default)]
    links: Vec<Value>,
    error: Option<String>,
}

impl Firecrawl {
    /// Firecrawl at this base URL, [`FIRECRAWL`] or one's own, with this key.
    #[must_use]
    pub const fn new(client: Client, base: Url, key: SecretString) -> Self {
        Self { client, base, key, max_age: MAX_AGE, credits: 1 }
    }

    /// With pages, and lists of pages, that cost so many credits of the organisation each.
    #[must_use]
    pub const fn credits_per_call(mut self, credits: u64) -> Self {
        self.credits = credits;
        self
    }

    /// With pages of at most this age.
    #[must_use]
    pub const fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Reply> {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| ConnectError::BadRequest(error.to_string()))?;
        // Reading a page twice does no harm, and the second time it is there already.
        let call = Call::new("POST", url).bearer(&self.key).json(body)?.repeatable().explained_by(is_of_site);
        let reply = self.client.send(call.timeout(TIMEOUT + Duration::from_secs(10))).await?;
        match reply.status {
            // Sites that it does not read are a 403: the key is all right.
            400 | 403 | 404 | 409 | 422 => Err(ConnectError::BadRequest(explained(&reply))),
            402 => Err(ConnectError::PaymentRequired(explained(&reply))),
            500 if is_of_site(&reply) => Err(ConnectError::Unavailable(explained(&reply))),
            _ => reply.success(),
        }
    }
}

/// Whether a failure is that of the site, by its code: certificates, refused connections, pages that no engine can load.
fn is_of_site(reply: &Reply) -> bool {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let code = body.as_ref().and_then(|body| body.get("code")).and_then(Value::as_str);
    code.is_some_and(|code| code.starts_with("SCRAPE_"))
}

/// What the service says went wrong.
fn explained(reply: &Reply) -> String {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let error = body.as_ref().and_then(|body| body.get("error")).and_then(Value::as_str);
    failed(error.map(str::to_owned).as_deref(), reply.status)
}

fn failed(error: Option<&str>, status: u16) -> String {
    let error: String = error.unwrap_or_default().chars().take(MOST_ERROR).collect();
    if error.is_empty() { format!("Firecrawl answered {status}") } else { format!("Firecrawl: {error}") }
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(values) => values.into_iter().find_map(text_of),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty())
}

/// A link as the service writes it: a URL, or an object with one and a title.
fn link_of(value: Value) -> Option<PageLink> {
    let (url, text) = match value {
        Value::String(url) => (url, None),
        Value::Object(mut link) => {
            let text = link.remove("title").or_else(|| link.remove("description")).and_then(text_of);
            (text_of(link.remove("url")?)?, text)
        }
        _ => return None,
    };
    let mut url = Url::parse(&url).ok()?;
    url.set_fragment(None);
    matches!(url.scheme(), "http" | "https").then_some(PageLink { url, text })
}

#[async_trait]
impl Scraper for Firecrawl {
    fn name(&self) -> &'static str {
        "firecrawl"
    }

    fn credits(&self) -> u64 {
        self.credits
    }

    async fn page(&self, url: &Url) -> Result<Page> {
        // One's own Firecrawl stands within, and would reach what we may not.
        self.client.check_page(url)?;
        let body = json!({
            "url": url,
            // Its Markdown and its links lack the menus, where the way to a careers page is, and words are broken up by
            // marks and escapes: the page is read here, as the built-in scraper does.
            "formats": ["rawHtml", "markdown"],
            "onlyMainContent": false,
            "maxAge": u64::try_from(self.max_age.as_millis()).unwrap_or(u64::MAX),
            "timeout": u64::try_from(TIMEOUT.as_millis()).unwrap_or(u64::MAX),
        });
        let reply = self.post("/v2/scrape", &body).await?;
        let scraped: Scraped = reply.json()?;
        let Some(data) = scraped.data.filter(|_| scraped.success) else {
            return Err(ConnectError::Unavailable(failed(scraped.error.as_deref(), reply.status)));
        };
        let Metadata { title, source_url, url, status_code } = data.metadata;
        let url = url.or(source_url).filter(|url| matches!(url.scheme(), "http" | "https"));
        // Success there means that an answer came, not which one, nor from where.
        let (Some(url), Some(status)) = (url, status_code) else {
            return Err(ConnectError::Unavailable("Firecrawl does not say what it read".to_owned()));
        };
        page_status(status, &url, None)?;
        let mut page = match data.raw_html.filter(|html| !html.trim().is_empty()) {
            Some(html) if html.len() > LARGE => {
                let read = tokio::task::spawn_blocking(move || page_of(&html, url, status));
                read.await.map_err(|error| ConnectError::Unavailable(error.to_string()))?
            }
            Some(html) => page_of(&html, url, status),
            None => {
                let text = markdown::plain(&data.markdown.unwrap_or_default());
                Page { url, status, title: None, text, links: Vec::new() }
            }
        };
        page.title = title.and_then(text_of).or(page.title);
        Ok(page)
    }

    async fn links(&self, site: &Url, search: Option<&str>, limit: usize) -> Result<Vec<PageLink>> {
        self.client.check_page(site)?;
        // One more than wanted: the home page is most often among them.
        let mut body = json!({"url": site, "limit": limit.saturating_add(1)});
        if let (Some(search), Some(body)) = (search, body.as_object_mut()) {
            body.insert("search".to_owned(), search.into());
        }
        let reply = self.post("/v2/map", &body).await?;
        let mapped: Mapped = reply.json()?;
        if !mapped.success {
            return Err(ConnectError::Unavailable(failed(mapped.error.as_deref(), reply.status)));
        }
        let is_page = |link: &PageLink| {
            let is_home = link.url.path() == "/" && link.url.query().is_none();
            !is_home && same_site(&link.url, site)
        };
        Ok(mapped.links.into_iter().filter_map(link_of).filter(is_page).take(limit).collect())
    }
}
