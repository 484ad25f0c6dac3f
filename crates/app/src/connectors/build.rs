//! Settings become connectors: one place, a line for each kind.

use super::Connected;
use serde_json::{Map, Value};
use sluice_connect::agent::{self, BrowserUse, BrowserUseSettings, Chromium, ChromiumOptions, Rendered};
use sluice_connect::crm::{Bullhorn, BullhornSettings, Close, CloseSettings, Crm, CrmProvider};
use sluice_connect::model::{self, ModelDialect, ModelSettings};
use sluice_connect::web::{self, FIRECRAWL, Firecrawl, Scraper};
use sluice_connect::{Client, ConnectError, SecretString, enrich, people};
use sluice_model::connector::ConnectorKind;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// Where Chromium is when nothing is said.
const CHROMIUM: &str = "/usr/bin/chromium";

/// How the connectors of an installation reach the outside.
#[derive(Clone)]
pub struct Way {
    pub client: Client,
    /// Reads pages for those that do not do it themselves.
    pub pages: Arc<dyn Scraper>,
    /// Where CRMs are, for organisations that name no address: a fake, or a proxy.
    pub crm_base: BTreeMap<CrmProvider, Url>,
}

impl Way {
    /// Out through this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let pages = Arc::new(web::Builtin::new(client.clone()));
        Self { client, pages, crm_base: BTreeMap::new() }
    }
}

/// A connector to be made.
pub(super) struct Part {
    pub name: String,
    pub kind: ConnectorKind,
    /// Valid for the kind.
    pub settings: Map<String, Value>,
    pub key: Option<SecretString>,
}

impl Part {
    /// Smaller comes first.
    pub fn order(&self) -> i64 {
        self.settings.get("order").and_then(Value::as_i64).unwrap_or_default()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.settings.get(name).and_then(Value::as_str)
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.settings.get(name).and_then(Value::as_u64)
    }

    fn base_url(&self) -> Result<Option<Url>, ConnectError> {
        let url = self.text("baseUrl").map(Url::parse).transpose();
        url.map_err(|error| ConnectError::BadRequest(format!("baseUrl: {error}")))
    }
}

/// What is wrong with a part, for whoever set it up.
pub(super) fn told(error: ConnectError) -> String {
    match error {
        ConnectError::BadRequest(text) => text,
        other => other.to_string(),
    }
}

fn required<T>(value: Option<T>, name: &str) -> Result<T, ConnectError> {
    value.ok_or_else(|| ConnectError::BadRequest(format!("{name}: it is missing")))
}

/// What needs nothing but the way out, or what is there already: the built-in scraper, and with a model the built-in
/// agent.
pub(super) fn add_builtin(connected: &mut Connected, pages: &Arc<dyn Scraper>) {
    connected.scrapers.insert(pages.name().to_owned(), pages.clone());
    if let Some(model) = &connected.model {
        let builtin = agent::Builtin::new(pages.clone(), model.clone());
        connected.agents.insert("builtin".to_owned(), Arc::new(builtin));
    }
}

/// Adds a connector to those of an organisation. Models come before what asks them.
pub(super) fn add(connected: &mut Connected, way: &Way, part: Part) -> Result<(), ConnectError> {
    let client = way.client.clone();
    match part.kind {
        ConnectorKind::Firecrawl => {
            let base = part.base_url()?.map_or_else(|| url(FIRECRAWL), Ok)?;
            let credits = part.number("credits").unwrap_or(1);
            let firecrawl = Firecrawl::new(client, base, required(part.key, "apiKey")?);
            let firecrawl = firecrawl.credits_per_call(credits);
            connected.scrapers.insert(firecrawl.name().to_owned(), Arc::new(firecrawl));
        }
        ConnectorKind::BrowserUse => {
            let base = part.base_url()?;
            let (steps, credits) = (part.number("maxSteps"), part.number("credits"));
            let mut settings = BrowserUseSettings::new(required(part.key, "apiKey")?)?;
            settings.base_url = base.unwrap_or(settings.base_url);
            settings.max_steps =
                steps.and_then(|steps| u32::try_from(steps).ok()).unwrap_or(settings.max_steps);
            settings.credits_per_visit = credits.unwrap_or(settings.credits_per_visit);
            let agent = BrowserUse::new(settings, client, way.pages.clone());
            connected.agents.insert(agent::Agent::name(&agent).to_owned(), Arc::new(agent));
        }
        ConnectorKind::Model => connected.model = Some(model(way, part)?),
        ConnectorKind::Chromium => {
            // Without a model it has nobody to ask.
            let Some(model) = connected.model.clone() else { return Ok(()) };
            let options = ChromiumOptions::new(part.text("path").unwrap_or(CHROMIUM));
            let sandbox = part.settings.get("sandbox").and_then(Value::as_bool);
            let options = ChromiumOptions { sandbox: sandbox.unwrap_or(options.sandbox), ..options };
            let pages = Rendered::new(way.pages.clone(), client, options, web::read_html);
            let agent = Chromium::new(pages, model);
            connected.agents.insert(agent::Agent::name(&agent).to_owned(), Arc::new(agent));
        }
        ConnectorKind::Enrichment => {
            let base = required(part.base_url()?, "baseUrl")?;
            let enricher = enrich::Http::new(client, &part.name, base, part.key);
            connected.enrichers.push(Arc::new(enricher));
        }
        ConnectorKind::Leads => {
            let base = required(part.base_url()?, "baseUrl")?;
            let provider = people::Http::new(client, &part.name, base, part.key);
            connected.lead_providers.insert(part.name, Arc::new(provider));
        }
        ConnectorKind::Crm => {
            let provider = required(part.text("provider").and_then(CrmProvider::from_name), "provider")?;
            let base = part.base_url()?;
            connected.crm = Some(crm(way, provider, &required(part.key, "apiKey")?, base)?);
        }
    }
    Ok(())
}

fn url(text: &str) -> Result<Url, ConnectError> {
    Url::parse(text).map_err(|error| ConnectError::BadRequest(error.to_string()))
}

fn model(way: &Way, part: Part) -> Result<Arc<dyn model::Model>, ConnectError> {
    let dialect = required(part.text("dialect").and_then(ModelDialect::from_name), "dialect")?;
    let base_url = part.base_url()?.map_or_else(|| url(dialect.default_base()), Ok)?;
    let credits = part.number("credits");
    let at_once = part.number("concurrency").and_then(|number| usize::try_from(number).ok());
    let settings = ModelSettings {
        dialect,
        base_url,
        model: required(part.text("model"), "model")?.to_owned(),
        key: part.key,
        credits_per_call: credits.unwrap_or(1),
        at_once: at_once.unwrap_or_else(|| dialect.default_at_once()),
    };
    model::connect(settings, way.client.clone())
}

/// A CRM with these credentials. An address of the settings wins over that of the installation.
pub(super) fn crm(
    way: &Way,
    provider: CrmProvider,
    key: &SecretString,
    base: Option<Url>,
) -> Result<Arc<dyn Crm>, ConnectError> {
    let client = way.client.clone();
    let base = base.or_else(|| way.crm_base.get(&provider).cloned());
    Ok(match provider {
        CrmProvider::Bullhorn => {
            let settings = BullhornSettings::parse(key)?;
            let base = base.unwrap_or_else(|| settings.login_base.clone());
            Arc::new(Bullhorn::new(client, settings.with_login_base(base)))
        }
        CrmProvider::Close => {
            let settings = CloseSettings::parse(key)?;
            let base = base.unwrap_or_else(|| settings.base.clone());
            Arc::new(Close::new(client, settings.with_base(base)))
        }
    })
}
