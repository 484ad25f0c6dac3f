//! The built-in agent: the home page, some pages that a model chooses, and a verdict on them.

use super::{Agent, Visited, belongs};
use crate::error::{ConnectError, Result};
use crate::model::{Answer, CALLS_AT_MOST, Model, Question, Says, stands_in};
use crate::web::{Page, PageLink, Scraper};
use async_trait::async_trait;
use std::fmt::Write as _;
use std::sync::Arc;
use url::Url;

/// Links that are put up for choice.
const LINKS: usize = 60;
/// Characters of one page: all of them together stay within what a model is sent.
const PAGE_LIMIT: usize = 7_000;
/// Pages besides the home page, unless told otherwise.
const PAGES: usize = 2;

/// Reads a site with a scraper and asks a model.
#[derive(Clone)]
pub struct Builtin {
    scraper: Arc<dyn Scraper>,
    model: Arc<dyn Model>,
    pages: usize,
    name: &'static str,
}

impl Builtin {
    /// An agent that reads with this scraper and asks this model.
    #[must_use]
    pub fn new(scraper: Arc<dyn Scraper>, model: Arc<dyn Model>) -> Self {
        Self { scraper, model, pages: PAGES, name: "builtin" }
    }

    /// Reads so many pages besides the home page, at most.
    #[must_use]
    pub const fn pages(mut self, pages: usize) -> Self {
        self.pages = pages;
        self
    }

    /// Goes by another name.
    #[must_use]
    pub(super) const fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// An answer that no model gave.
    fn unknown(&self, prompt: &str, reason: String) -> Answer {
        Answer {
            says: Says::Unknown,
            reason,
            quote: String::new(),
            raw: String::new(),
            model: self.model.name().to_owned(),
            prompt_hash: self.model.prompt_hash(prompt),
            calls: 0,
        }
    }

    /// The links that the prompt asks for, and the calls of the scraper and the model that it took to know.
    async fn chosen(&self, site: &Url, home: &Page, prompt: &str) -> Result<(Vec<PageLink>, u64, u64)> {
        if self.pages == 0 {
            return Ok((Vec::new(), 0, 0));
        }
        let (found, read) = match self.scraper.links(site, Some(prompt), LINKS).await {
            Ok(found) if !found.is_empty() => (found, 1),
            Ok(_) => (home.links.clone(), 1),
            // The home page was read: its own links will do.
            Err(_) => (home.links.clone(), 0),
        };
        let mut links: Vec<PageLink> = Vec::new();
        for link in found {
            let known = link.url == home.url || links.iter().any(|known| known.url == link.url);
            if !known && belongs(&link.url, &home.url) && links.len() < LINKS {
                links.push(link);
            }
        }
        if links.len() <= self.pages {
            return Ok((links, read, 0));
        }
        let options: Vec<String> = links
            .iter()
            .map(|link| format!("{} — {}", link.text.as_deref().unwrap_or("(no title)"), link.url.path()))
            .collect();
        let chosen = self.model.choose(prompt, &options, self.pages).await?;
        let links = chosen.pages.into_iter().filter_map(|at| links.get(at).cloned()).collect();
        Ok((links, read, chosen.calls))
    }
}

/// What a model is given of some pages.
fn subject(pages: &[Page]) -> String {
    let mut subject = String::new();
    for (at, page) in pages.iter().enumerate() {
        let title = page.title.as_deref().unwrap_or_default();
        let text: String = page.text.chars().take(PAGE_LIMIT).collect();
        // Writing into a string cannot fail.
        let _ = writeln!(subject, "# Page {}: {}\n{title}\n\n{text}\n", at + 1, page.url);
    }
    subject
}

#[async_trait]
impl Agent for Builtin {
    fn name(&self) -> &'static str {
        self.name
    }

    fn credits(&self) -> u64 {
        let pages = u64::try_from(self.pages).unwrap_or(u64::MAX).saturating_add(2);
        let read = self.scraper.credits().saturating_mul(pages);
        read.saturating_add(self.model.credits().saturating_mul(2 * CALLS_AT_MOST))
    }

    fn version(&self) -> String {
        format!("1/{}/{}/{}", self.scraper.name(), self.pages, self.model.name())
    }

    async fn visit(&self, site: &Url, prompt: &str) -> Result<Visited> {
        let home = self.scraper.page(site).await?;
        let mut reads = 1;
        let credits = |reads: u64, calls: u64| {
            let read = self.scraper.credits().saturating_mul(reads);
            read.saturating_add(self.model.credits().saturating_mul(calls))
        };
        if home.status >= 500 || home.status == 429 {
            return Err(ConnectError::Unavailable(format!("{} answered {}", home.url, home.status)));
        }
        if home.status >= 400 {
            let answer = self.unknown(prompt, format!("{} answered {}.", home.url, home.status));
            return Ok(Visited { answer, pages: vec![home], credits: credits(reads, 0) });
        }
        let (links, read, calls) = self.chosen(site, &home, prompt).await?;
        reads += read;
        let mut pages = vec![home];
        for link in links {
            reads += 1;
            // A page that cannot be read is left out: the others may tell.
            if let Ok(page) = self.scraper.page(&link.url).await
                && page.status < 400
                && !pages.iter().any(|known| known.url == page.url)
            {
                pages.push(page);
            }
        }
        let source = pages.first().map(|page| page.url.to_string()).unwrap_or_default();
        let question = Question { prompt: prompt.to_owned(), source, subject: subject(&pages) };
        let mut answer = self.model.judge(&question).await?;
        answer.calls += calls;
        if !answer.quote.is_empty() {
            // The page that bears the quote comes first; our own headings bear none.
            match pages.iter().position(|page| bears(page, &answer.quote)) {
                Some(at) => pages.swap(0, at),
                None => {
                    answer.says = Says::Unknown;
                    answer.quote = String::new();
                    answer.reason = "What the model quotes stands on none of the pages.".into();
                }
            }
        }
        let credits = credits(reads, answer.calls);
        Ok(Visited { answer, pages, credits })
    }
}

/// Whether a quote, perhaps shortened, stands in a page's text or title.
fn bears(page: &Page, quote: &str) -> bool {
    let text = format!("{}\n\n{}", page.title.as_deref().unwrap_or_default(), page.text);
    stands_in(&text, quote)
}
