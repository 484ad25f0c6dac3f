//! Agents that visit a site and answer a prompt.

mod browser_use;
mod builtin;
mod chromium;

use crate::error::Result;
use crate::model::Answer;
use crate::web::Page;
use async_trait::async_trait;
use url::Url;

pub use browser_use::{BrowserUse, BrowserUseSettings};
pub use builtin::Builtin;
pub use chromium::{Chromium, ChromiumOptions, ReadHtml, Rendered};
/// What came of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    pub answer: Answer,
    /// The pages that the answer rests on, as far as they are known.
    pub pages: Vec<Page>,
    /// Credits that it cost.
    pub credits: u64,
}

/// Visits sites.
#[async_trait]
pub trait Agent: Send + Sync {
    /// Its name as a provider of `website`.
    fn name(&self) -> &'static str;

    /// Credits that one visit costs at most.
    fn credits(&self) -> u64;

    /// What its answers are cached by, beside the site and the prompt: a model, a version.
    fn version(&self) -> String;

    /// Visits a site and answers the prompt, yes, no or unknown.
    ///
    /// # Errors
    /// When no answer came.
    async fn visit(&self, site: &Url, prompt: &str) -> Result<Visited>;
}

/// Whether a page belongs to a site: its host is that of the site, `www.` aside, or below it.
fn belongs(page: &Url, site: &Url) -> bool {
    let (Some(page), Some(site)) = (page.host_str(), site.host_str()) else { return false };
    let site = site.strip_prefix("www.").unwrap_or(site);
    page == site || page.strip_suffix(site).is_some_and(|before| before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::belongs;
    use url::Url;

    #[test]
    fn a_site_is_its_host_and_those_below() {
        let site = Url::parse("https://www.acme.example/start").unwrap();
        for (page, is) in [
            ("https://acme.example/", true),
            ("http://jobs.acme.example/x", true),
            ("https://www.acme.example/jobs", true),
            ("https://notacme.example/", false),
            ("https://acme.example.evil.example/", false),
            ("data:text/plain,acme.example", false),
        ] {
            assert_eq!(belongs(&Url::parse(page).unwrap(), &site), is, "{page}");
        }
    }
}
