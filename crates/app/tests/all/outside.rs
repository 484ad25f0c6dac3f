//! Scrapers, a model and an agent in memory: what they say depends on what they are asked and on nothing else, and how
//! long they take on chance.

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use sluice_app::connectors::Connected;
use sluice_connect::agent::{Agent, Visited};
use sluice_connect::model::{Answer, Asked, Choice, Model, Question, Says};
use sluice_connect::web::{Page, PageLink, Scraper};
use sluice_connect::{ConnectError, Result};
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use url::Url;

/// Status, text and links of a page.
type Said = (u16, String, Vec<String>);

/// What is outside, behind all connectors of a test.
#[derive(Default)]
pub struct Outside {
    seed: u64,
    /// The longest a call takes, in milliseconds.
    slowest: u64,
    /// What pages say, by URL; others say what chance has them say.
    pages: Mutex<BTreeMap<String, Said>>,
    /// Where pages are read instead, by URL.
    moved: Mutex<BTreeMap<String, String>>,
    /// What the model says, by prompt, whatever it is asked about.
    says: Mutex<BTreeMap<String, Says>>,
    /// What the next calls of the model come to instead of an answer.
    fails: Mutex<VecDeque<ConnectError>>,
    /// Calls that each answer of the model takes beside the first, and what it quotes; by default the subject.
    pub repairs: AtomicU64,
    pub quotes: Mutex<Option<String>>,
    pub page_calls: AtomicU64,
    pub model_calls: AtomicU64,
    pub visits: AtomicU64,
    /// Each question that was asked, prompt and subject.
    asked: Mutex<Vec<(String, String)>>,
    under_way: AtomicUsize,
    pub most_under_way: AtomicUsize,
    /// Calls until [`Outside::killed`] is told.
    fuse: AtomicUsize,
    pub killed: Notify,
    pub credits: u64,
    /// What happens at the first call before it is answered.
    first: Mutex<Option<Happening>>,
}

type Happening = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Outside {
    /// Where everything is as chance has it.
    pub fn chance(seed: u64, slowest: u64) -> Arc<Self> {
        Arc::new(Self { seed, slowest, ..Self::default() })
    }

    /// Where each call costs so many credits.
    pub fn costly(credits: u64) -> Arc<Self> {
        Self::costly_and_slow(credits, 0)
    }

    /// Where each call costs so many credits, and takes up to so many milliseconds.
    pub fn costly_and_slow(credits: u64, slowest: u64) -> Arc<Self> {
        Arc::new(Self { credits, slowest, ..Self::default() })
    }

    /// All connectors.
    pub fn connected(self: &Arc<Self>) -> Connected {
        let scraper = |name| (name as &str, Arc::new(Mine { outside: self.clone(), name }));
        let agent = scraper("browserUse");
        Connected {
            scrapers: ["firecrawl", "builtin"]
                .map(|name| (name.to_owned(), scraper(name).1 as Arc<dyn Scraper>))
                .into(),
            agents: [(agent.0.to_owned(), agent.1 as Arc<dyn Agent>)].into(),
            model: Some(scraper("oracle").1),
            ..Connected::default()
        }
    }

    /// Says what a page says: its status, its text, and what it links to.
    pub fn put_page(&self, url: &str, status: u16, text: &str, links: &[&str]) {
        let links = links.iter().map(|link| (*link).to_owned()).collect();
        self.pages.lock().expect("not poisoned").insert(url.to_owned(), (status, text.to_owned(), links));
    }

    /// Says that a page redirects to another one.
    pub fn move_page(&self, from: &str, to: &str) {
        self.moved.lock().expect("not poisoned").insert(from.to_owned(), to.to_owned());
    }

    /// The next call of the model fails, after those that were told to before.
    pub fn fail(&self, error: ConnectError) {
        self.fails.lock().expect("not poisoned").push_back(error);
    }

    /// Says what the model answers to a prompt.
    pub fn says(&self, prompt: &str, says: Says) {
        self.says.lock().expect("not poisoned").insert(prompt.to_owned(), says);
    }

    /// Tells [`Outside::killed`] at this many calls from now.
    pub fn light(&self, calls: usize) {
        self.fuse.store(calls, Ordering::SeqCst);
    }

    /// Has this happen at the next call, before it is answered.
    pub fn meanwhile(&self, what: impl Future<Output = ()> + Send + 'static) {
        *self.first.lock().expect("not poisoned") = Some(Box::pin(what));
    }

    /// Calls made so far.
    pub fn calls(&self) -> u64 {
        [&self.page_calls, &self.model_calls, &self.visits]
            .map(|calls| calls.load(Ordering::SeqCst))
            .iter()
            .sum()
    }

    /// The questions that were asked so far.
    pub fn questions(&self) -> Vec<(String, String)> {
        self.asked.lock().expect("not poisoned").clone()
    }

    /// A number below `end` that depends on what is asked.
    fn draw(&self, what: &str, end: u64) -> u64 {
        let digest = Sha256::digest(format!("{} {what}", self.seed));
        digest.iter().take(7).fold(0, |number, byte| number << 8 | u64::from(*byte)) % end
    }

    async fn call(&self, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::SeqCst);
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_under_way.fetch_max(now, Ordering::SeqCst);
        let _leave = Leave(&self.under_way);
        let first = self.first.lock().expect("not poisoned").take();
        if let Some(first) = first {
            first.await;
        }
        let left = self.fuse.load(Ordering::SeqCst);
        if left > 0 && self.fuse.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.killed.notify_one();
        }
        let number = self.calls();
        if self.slowest > 0 {
            // The pause is drawn anew for each call.
            tokio::time::sleep(Duration::from_millis(self.draw(&format!("pause {number}"), self.slowest)))
                .await;
        }
    }
}

struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Mine {
    outside: Arc<Outside>,
    name: &'static str,
}

const WORDS: [&str; 6] = ["hiring", "machines", "software", "export", "apprentices", "casino"];

#[async_trait]
impl Scraper for Mine {
    fn name(&self) -> &'static str {
        self.name
    }

    fn credits(&self) -> u64 {
        self.outside.credits
    }

    async fn page(&self, url: &Url) -> Result<Page> {
        let outside = &self.outside;
        outside.call(&outside.page_calls).await;
        let moved = outside.moved.lock().expect("not poisoned").get(url.as_str()).cloned();
        let url = &moved.map_or_else(|| url.clone(), |to| Url::parse(&to).expect("a URL"));
        let page = |status, text: &str, links: &[String]| Page {
            url: url.clone(),
            status,
            title: None,
            text: text.to_owned(),
            links: links
                .iter()
                .map(|link| PageLink { url: url.join(link).expect("a link"), text: None })
                .collect(),
        };
        if let Some((status, text, links)) = outside.pages.lock().expect("not poisoned").get(url.as_str()) {
            return match status {
                0 => Err(ConnectError::Unavailable(text.clone())),
                1 => Err(ConnectError::Disallowed(text.clone())),
                2 => Err(ConnectError::Forbidden(text.clone())),
                status => Ok(page(*status, text, links)),
            };
        }
        let links: Vec<String> = (0..6).map(|number| format!("/page-{number}-{}", WORDS[number])).collect();
        match outside.draw(url.as_str(), 20) {
            0 => Err(ConnectError::Unavailable("connection refused".to_owned())),
            1 => Ok(page(503, "", &[])),
            2 => Ok(page(404, "Nothing here", &[])),
            _ => {
                let words = WORDS.iter().filter(|word| outside.draw(&format!("{word} {url}"), 6) == 0);
                let text: Vec<&str> = std::iter::once("Welcome.").chain(words.copied()).collect();
                Ok(page(200, &text.join(" and "), &links))
            }
        }
    }

    async fn links(&self, site: &Url, search: Option<&str>, limit: usize) -> Result<Vec<PageLink>> {
        let outside = &self.outside;
        outside.call(&outside.page_calls).await;
        if outside.draw(&format!("links {site} {search:?}"), 15) == 0 {
            return Err(ConnectError::Unavailable("no list".to_owned()));
        }
        let link = |number: usize| PageLink {
            url: site.join(&format!("/page-{number}-{}", WORDS[number % 6])).expect("a link"),
            text: Some(WORDS[number % 6].to_owned()),
        };
        Ok((0..12).take(limit).map(link).collect())
    }
}

#[async_trait]
impl Model for Mine {
    fn name(&self) -> &str {
        self.name
    }

    fn credits(&self) -> u64 {
        self.outside.credits
    }

    fn prompt_hash(&self, prompt: &str) -> String {
        format!("hash of {prompt}")
    }

    async fn judge(&self, question: &Question) -> Asked<Answer> {
        let outside = &self.outside;
        outside.asked.lock().expect("not poisoned").push((question.prompt.clone(), question.subject.clone()));
        outside.call(&outside.model_calls).await;
        self.failed()?;
        let told = outside.says.lock().expect("not poisoned").get(&question.prompt).copied();
        let says = match told {
            Some(says) => says,
            None => match outside.draw(&format!("{} {}", question.prompt, question.subject), 10) {
                0..5 => Says::Yes,
                5..8 => Says::No,
                8 => Says::Unknown,
                _ => return Err(ConnectError::Unavailable("no answer".to_owned()).into()),
            },
        };
        let answer = self.answer(&question.prompt, says, &question.subject);
        Ok(Answer { calls: self.repaired(), ..answer })
    }

    async fn choose(&self, prompt: &str, options: &[String], limit: usize) -> Asked<Choice> {
        let outside = &self.outside;
        outside.call(&outside.model_calls).await;
        self.failed()?;
        let chosen = |at: &usize| outside.draw(&format!("{prompt} {}", options[*at]), 4) == 0;
        let pages = (0..options.len()).filter(chosen).take(limit).collect();
        Ok(Choice { pages, calls: self.repaired() })
    }
}

impl Mine {
    /// Fails when it was told to.
    fn failed(&self) -> Result<()> {
        self.outside.fails.lock().expect("not poisoned").pop_front().map_or(Ok(()), Err)
    }

    /// The calls of an answer. Those that repair it are made without a pause.
    fn repaired(&self) -> u64 {
        let repairs = self.outside.repairs.load(Ordering::SeqCst);
        self.outside.model_calls.fetch_add(repairs, Ordering::SeqCst);
        1 + repairs
    }

    fn answer(&self, prompt: &str, says: Says, subject: &str) -> Answer {
        // Of pages, what stands below the first heading.
        let text = subject.split("\n\n").find(|part| !part.trim().is_empty() && !part.starts_with("# Page "));
        let words = text.unwrap_or_default().split_whitespace().take(3);
        let told = self.outside.quotes.lock().expect("not poisoned").clone();
        let quote: String = told.unwrap_or_else(|| words.collect::<Vec<_>>().join(" "));
        Answer {
            says,
            reason: format!("It says {quote}."),
            quote,
            raw: format!("{says:?}"),
            model: self.name.to_owned(),
            prompt_hash: format!("hash of {prompt}"),
            calls: 1,
        }
    }
}

#[async_trait]
impl Agent for Mine {
    fn name(&self) -> &'static str {
        self.name
    }

    fn credits(&self) -> u64 {
        self.outside.credits
    }

    fn version(&self) -> String {
        "1".to_owned()
    }

    async fn visit(&self, site: &Url, prompt: &str) -> Result<Visited> {
        let outside = &self.outside;
        outside.call(&outside.visits).await;
        let told = outside.says.lock().expect("not poisoned").get(prompt).copied();
        let says = match told {
            Some(says) => says,
            None => match outside.draw(&format!("visit {site} {prompt}"), 8) {
                0..5 => Says::Yes,
                5..7 => Says::No,
                _ => return Err(ConnectError::Unavailable("the browser is gone".to_owned())),
            },
        };
        let page =
            Page { url: site.clone(), status: 200, title: None, text: "Home".to_owned(), links: vec![] };
        let answer = self.answer(prompt, says, "Home of machines");
        Ok(Visited { answer, pages: vec![page], credits: outside.credits })
    }
}
