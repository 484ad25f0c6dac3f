//! Settings become connectors: one place, a line for each kind.

use super::Connected;
use serde_json::{Map, Value};
use sluice_connect::{Client, ConnectError, SecretString, enrich, people};
use sluice_model::connector::ConnectorKind;
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

/// Adds a connector to those of an organisation.
pub(super) fn add(connected: &mut Connected, client: &Client, part: Part) -> Result<(), ConnectError> {
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
        // Each is added here together with its client.
        ConnectorKind::Firecrawl
        | ConnectorKind::BrowserUse
        | ConnectorKind::Model
        | ConnectorKind::Chromium
        | ConnectorKind::Crm => {}
    }
    Ok(())
}
