//! Pages of company sites: who fetches them, and what is kept of them.

use crate::error::Result;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use url::Url;

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
