//! Pages as a local headless Chromium renders them, and an agent that reads them.
//!
//! Scripts of the page run; what they ask for goes no further than our proxy, which answers requests for the page's own
//! host alone, through the guarded client. See `docs/guide/models.md` for the fences around it.

mod process;
mod proxy;

use super::{Agent, Builtin, Visited};
use crate::error::{ConnectError, Result};
use crate::http::{Call, Client, Reply};
use crate::model::Model;
use crate::web::{Page, PageLink, Rules, Scraper};
use async_trait::async_trait;
use proxy::Proxy;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;

/// How Chromium is run.
#[derive(Clone, Debug)]
pub struct ChromiumOptions {
    pub binary: PathBuf,
    /// Chromium's own sandbox. It cannot start with it as root, nor in many containers.
    pub sandbox: bool,
    /// For a page, from start to end.
    pub time_limit: Duration,
    /// How much of their own time scripts and timers get; it passes faster than the clock.
    pub script_time: Duration,
    /// Browsers at once.
    pub at_once: usize,
}

impl ChromiumOptions {
    /// With this binary, its sandbox on.
    #[must_use]
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        Self {
            binary: binary.into(),
            sandbox: true,
            time_limit: Duration::from_secs(30),
            script_time: Duration::from_secs(5),
            at_once: 2,
        }
    }
}

/// Reads HTML: its title, its text, and its links, which are relative to this address.
pub type ReadHtml = fn(&str, &Url) -> (Option<String>, String, Vec<PageLink>);

/// A scraper that hands out pages as they are after their scripts ran. Another one reads them first: what it may not
/// read, as robots.txt says, is not rendered.
#[derive(Clone)]
pub struct Rendered {
    inner: Arc<dyn Scraper>,
    client: Client,
    rules: Arc<Rules>,
    options: ChromiumOptions,
    read: ReadHtml,
    turns: Arc<Semaphore>,
}

impl Rendered {
    /// Renders what the other scraper may read; calls leave through this client.
    #[must_use]
    pub fn new(inner: Arc<dyn Scraper>, client: Client, options: ChromiumOptions, read: ReadHtml) -> Self {
        let turns = Arc::new(Semaphore::new(options.at_once.max(1)));
        let rules = Arc::new(Rules::new(client.clone()));
        Self { inner, client, rules, options, read, turns }
    }

    /// The document as HTML after its scripts ran.
    async fn dom(&self, document: Reply) -> Result<String> {
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|_| ConnectError::Unavailable("no browser can be started any more".into()))?;
        let proxy = Proxy::start(self.client.clone(), Arc::clone(&self.rules), document).await?;
        let dumped = process::dump(&self.options, proxy.address(), &proxy.entry()).await?;
        Ok(proxy.with_real_addresses(&dumped))
    }
}

/// Whether a reply is an HTML document.
fn is_html(reply: &Reply) -> bool {
    let kind = reply.header("content-type").unwrap_or_default().to_ascii_lowercase();
    kind.starts_with("text/html") || kind.starts_with("application/xhtml+xml")
}

#[async_trait]
impl Scraper for Rendered {
    fn name(&self) -> &'static str {
        "chromium"
    }

    fn credits(&self) -> u64 {
        self.inner.credits()
    }

    async fn page(&self, url: &Url) -> Result<Page> {
        let plain = self.inner.page(url).await?;
        if plain.status >= 400 {
            return Ok(plain);
        }
        let document = self.client.send(Call::page(plain.url.clone())).await?;
        if document.status >= 400 || !is_html(&document) {
            return Ok(plain);
        }
        let (url, status) = (document.url.clone(), document.status);
        let html = self.dom(document).await?;
        let (title, text, links) = (self.read)(&html, &url);
        Ok(Page { url, status, title, text, links })
    }

    async fn links(&self, site: &Url, search: Option<&str>, limit: usize) -> Result<Vec<PageLink>> {
        self.inner.links(site, search, limit).await
    }
}

/// The agent `chromium`: the built-in one, on rendered pages.
#[derive(Clone)]
pub struct Chromium(Builtin);

impl Chromium {
    /// An agent that renders what it reads and asks this model.
    #[must_use]
    pub fn new(pages: Rendered, model: Arc<dyn Model>) -> Self {
        Self(Builtin::new(Arc::new(pages), model).named("chromium"))
    }
}

#[async_trait]
impl Agent for Chromium {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn credits(&self) -> u64 {
        self.0.credits()
    }

    fn version(&self) -> String {
        self.0.version()
    }

    async fn visit(&self, site: &Url, prompt: &str) -> Result<Visited> {
        self.0.visit(site, prompt).await
    }
}
