//! Clients and models on fakes.

use async_trait::async_trait;
use sluice_connect::http::{Client, ClientOptions, HostLimits};
use sluice_connect::model::{Model, ModelDialect, ModelSettings, Question, connect};
use sluice_connect::web::{Page, PageLink, Scraper};
use sluice_connect::{ConnectError, SecretString};
use sluice_fakes::Server;
use sluice_fakes::model::ModelFake;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;

pub const KEY: &str = "sk-test-0123456789abcdef";
pub const ALL: [ModelDialect; 3] = [ModelDialect::OpenAi, ModelDialect::Anthropic, ModelDialect::Ollama];

/// A client that may call this server as often as it likes, and tries once.
pub fn client(server: &Server) -> Client {
    let spared = HostLimits {
        at_once: 64,
        per_second: 100_000,
        burst: 100_000,
        failures: 100_000,
        pause: Duration::from_secs(30),
    };
    Client::new(ClientOptions {
        allowed: vec![server.address()],
        timeout: Duration::from_secs(5),
        retries: 0,
        service_limits: spared,
        ..ClientOptions::default()
    })
    .unwrap()
}

pub fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A served fake and a model of it.
pub struct Desk {
    pub fake: ModelFake,
    pub model: Arc<dyn Model>,
    pub server: Server,
}

impl Desk {
    pub async fn new(dialect: ModelDialect) -> Self {
        Self::with(dialect, "test-model", KEY).await
    }

    pub async fn with(dialect: ModelDialect, model: &str, key: &str) -> Self {
        let fake = ModelFake::new(Some(KEY));
        let server = Server::start(fake.router()).await.unwrap();
        let mut base_url = server.url();
        if dialect == ModelDialect::OpenAi {
            base_url.set_path("/v1");
        }
        let settings = ModelSettings {
            dialect,
            base_url,
            model: model.into(),
            key: Some(SecretString::from(key)),
            credits_per_call: 3,
            at_once: 16,
        };
        let model = connect(settings, client(&server)).unwrap();
        Self { fake, model, server }
    }
}

pub fn question(prompt: &str, subject: &str) -> Question {
    Question { prompt: prompt.into(), source: "https://acme.example/".into(), subject: subject.into() }
}

/// A scraper of pages that are handed in; counts what is read.
#[derive(Default)]
pub struct Shelf {
    pub pages: BTreeMap<String, Page>,
    pub links: Vec<PageLink>,
    pub read: Mutex<Vec<String>>,
}

impl Shelf {
    pub fn new(pages: &[(&str, u16, &str)]) -> Self {
        let page = |(address, status, text): &(&str, u16, &str)| {
            let page = Page {
                url: url(address),
                status: *status,
                title: None,
                text: (*text).into(),
                links: Vec::new(),
            };
            (url(address).to_string(), page)
        };
        Self { pages: pages.iter().map(page).collect(), ..Self::default() }
    }

    pub fn linking(mut self, links: &[(&str, &str)]) -> Self {
        self.links = links
            .iter()
            .map(|(address, text)| PageLink { url: url(address), text: Some((*text).into()) })
            .collect();
        self
    }

    pub fn read(&self) -> Vec<String> {
        self.read.lock().unwrap().clone()
    }
}

#[async_trait]
impl Scraper for Shelf {
    fn name(&self) -> &'static str {
        "shelf"
    }

    fn credits(&self) -> u64 {
        1
    }

    async fn page(&self, url: &Url) -> Result<Page, ConnectError> {
        self.read.lock().unwrap().push(url.to_string());
        let missing = || ConnectError::Unavailable(format!("{url} is down"));
        self.pages.get(url.as_str()).cloned().ok_or_else(missing)
    }

    async fn links(&self, _: &Url, _: Option<&str>, limit: usize) -> Result<Vec<PageLink>, ConnectError> {
        Ok(self.links.iter().take(limit).cloned().collect())
    }
}
