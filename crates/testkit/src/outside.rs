//! What is outside, in memory: a scraper and a model that say what they are told to.

use async_trait::async_trait;
use sluice_app::connectors::{Connected, Connectors, Fixed};
pub use sluice_connect::model::Says;
use sluice_connect::model::{Answer, Asked, Choice, Model, Question};
use sluice_connect::web::{Page, PageLink, Scraper};
use sluice_connect::{ConnectError, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use url::Url;

/// Sites with a home page each, and a model with one opinion.
pub struct Outside {
    /// Host, status and text.
    pages: Vec<(&'static str, u16, &'static str)>,
    says: Says,
    calls: AtomicU64,
}

impl Outside {
    /// With these home pages; other hosts cannot be reached.
    #[must_use]
    pub fn new(pages: &[(&'static str, u16, &'static str)], says: Says) -> Arc<Self> {
        Arc::new(Self { pages: pages.to_vec(), says, calls: AtomicU64::new(0) })
    }

    /// As `firecrawl` and the model of every organisation.
    #[must_use]
    pub fn connectors(self: &Arc<Self>) -> Arc<dyn Connectors> {
        let handle = || Arc::new(Handle(self.clone()));
        Arc::new(Fixed(Connected {
            scrapers: [("firecrawl".to_owned(), handle() as Arc<dyn Scraper>)].into(),
            model: Some(handle()),
            ..Connected::default()
        }))
    }

    /// Calls that were made so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }
}

struct Handle(Arc<Outside>);

#[async_trait]
impl Scraper for Handle {
    fn name(&self) -> &'static str {
        "firecrawl"
    }

    fn credits(&self) -> u64 {
        1
    }

    async fn page(&self, url: &Url) -> Result<Page> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        let host = url.host_str().unwrap_or_default();
        let known = self.0.pages.iter().find(|(known, ..)| *known == host);
        let (_, status, text) = known.ok_or_else(|| ConnectError::Unavailable("no such host".to_owned()))?;
        let text = (*text).to_owned();
        Ok(Page { url: url.clone(), status: *status, title: None, text, links: Vec::new() })
    }

    async fn links(&self, _: &Url, _: Option<&str>, _: usize) -> Result<Vec<PageLink>> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        Ok(Vec::new())
    }
}

#[async_trait]
impl Model for Handle {
    fn name(&self) -> &str {
        "oracle"
    }

    fn credits(&self) -> u64 {
        1
    }

    fn prompt_hash(&self, _: &str) -> String {
        "00".repeat(32)
    }

    async fn judge(&self, question: &Question) -> Asked<Answer> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        Ok(Answer {
            says: self.0.says,
            reason: "So it is.".to_owned(),
            quote: question.subject.lines().rfind(|line| !line.is_empty()).unwrap_or_default().to_owned(),
            raw: "{}".to_owned(),
            model: "oracle".to_owned(),
            prompt_hash: self.prompt_hash(&question.prompt),
            calls: 1,
        })
    }

    async fn choose(&self, _: &str, _: &[String], _: usize) -> Asked<Choice> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        Ok(Choice { pages: vec![0], calls: 1 })
    }
}
