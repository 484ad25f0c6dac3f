//! Settings become connectors: one place, a line for each kind.

use super::Connected;
use serde_json::{Map, Value};
use sluice_connect::crm::{Bullhorn, BullhornSettings, Close, CloseSettings, Crm, CrmProvider};
use sluice_connect::{Client, ConnectError, SecretString, enrich, people};
use sluice_model::connector::ConnectorKind;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

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

    fn base_url(&self) -> Result<Option<Url>, ConnectError> {
        let url = self.text("baseUrl").map(Url::parse).transpose();
        url.map_err(|error| ConnectError::BadRequest(error.to_string()))
    }
}

fn required<T>(value: Option<T>, name: &str) -> Result<T, ConnectError> {
    value.ok_or_else(|| ConnectError::BadRequest(format!("'{name}' is missing")))
}

/// A CRM with this key, at the address of its maker unless another is given.
pub(super) fn crm(
    client: &Client,
    provider: CrmProvider,
    key: &SecretString,
    base: Option<Url>,
) -> Result<Arc<dyn Crm>, ConnectError> {
    match provider {
        CrmProvider::Bullhorn => {
            let mut settings = BullhornSettings::parse(key)?;
            if let Some(base) = base {
                settings.login_base = base;
            }
            Ok(Arc::new(Bullhorn::new(client.clone(), settings)))
        }
        CrmProvider::Close => {
            let settings = CloseSettings::parse(key)?;
            let settings = match base {
                Some(base) => settings.with_base(base),
                None => settings,
            };
            Ok(Arc::new(Close::new(client.clone(), settings)))
        }
    }
}

/// Adds a connector to those of an organisation.
pub(super) fn add(
    connected: &mut Connected,
    client: &Client,
    crm_base: &BTreeMap<CrmProvider, Url>,
    part: Part,
) -> Result<(), ConnectError> {
    match part.kind {
        ConnectorKind::Enrichment => {
            let base = required(part.base_url()?, "baseUrl")?;
            let enricher = enrich::Http::new(client.clone(), &part.name, base, part.key);
            connected.enrichers.push(Arc::new(enricher));
        }
        ConnectorKind::Leads => {
            let base = required(part.base_url()?, "baseUrl")?;
            let provider = people::Http::new(client.clone(), &part.name, base, part.key);
            connected.lead_providers.insert(part.name, Arc::new(provider));
        }
        ConnectorKind::Crm => {
            let provider = part.text("provider").and_then(CrmProvider::from_name);
            let (provider, key) = (required(provider, "provider")?, required(part.key.as_ref(), "apiKey")?);
            let base = part.base_url()?.or_else(|| crm_base.get(&provider).cloned());
            connected.crm = Some(crm(client, provider, key, base)?);
        }
        // Each is added here together with its client.
        ConnectorKind::Firecrawl
        | ConnectorKind::BrowserUse
        | ConnectorKind::Model
        | ConnectorKind::Chromium => {}
    }
    Ok(())
}
