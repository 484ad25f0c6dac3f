//! What an organisation has connected, by its own settings and those of the installation.

use super::build::{Part, add};
use super::{Connected, Connectors};
use crate::context::Context;
use crate::error::{Error, Result};
use async_trait::async_trait;
use sluice_connect::{Client, SecretString};
use sluice_model::connector::{ConnectorDefault, ConnectorKind};
use sluice_store::ops::connector::{StoredConnector, connector_list};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Organisations whose connectors are kept ready at once.
const KEPT: usize = 1_000;

/// Connectors by the organisation's settings, which win, and those of the whole installation.
pub struct Stored {
    client: Client,
    defaults: Vec<ConnectorDefault>,
    /// What was made for each organisation, and from which settings: kept until they change, and with it sessions.
    ready: Mutex<HashMap<String, Ready>>,
}

struct Ready {
    made_from: Vec<(String, Uuid)>,
    connected: Connected,
}

impl Stored {
    /// Connectors that call through this client; `defaults` are for all organisations.
    #[must_use]
    pub fn new(client: Client, defaults: Vec<ConnectorDefault>) -> Self {
        Self { client, defaults, ready: Mutex::default() }
    }

    fn known(&self, organisation: &str, made_from: &[(String, Uuid)]) -> Option<Connected> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = ready.get(organisation).filter(|ready| ready.made_from == made_from)?;
        Some(ready.connected.clone())
    }

    fn keep(&self, organisation: &str, made: Ready) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.len() >= KEPT && !ready.contains_key(organisation) {
            ready.clear();
        }
        ready.insert(organisation.to_owned(), made);
    }

    /// Makes what these rows and the defaults describe. Several of a kind come in the order that they say, then the
    /// organisation's own first, then as they were made.
    fn make(&self, context: &Context, organisation: &str, rows: &[StoredConnector]) -> Result<Connected> {
        let mut parts = Vec::new();
        for row in rows {
            let key = match &row.secret {
                Some(sealed) => Some(context.vault()?.open(organisation, &row.name, sealed)?),
                None => None,
            };
            let settings = row.settings.to_value().as_object().cloned().unwrap_or_default();
            parts.push(Part { name: row.name.clone(), kind: row.kind, settings, key });
        }
        for default in &self.defaults {
            let own = rows.iter().any(|row| row.name == default.name);
            if !own {
                parts.push(Part {
                    name: default.name.clone(),
                    kind: default.kind,
                    settings: default.settings.clone(),
                    key: default.api_key.as_ref().map(|key| SecretString::from(key.expose().to_owned())),
                });
            }
        }
        parts.sort_by_key(Part::order);
        let mut connected = Connected::default();
        for part in parts {
            let name = part.name.clone();
            add(&mut connected, &self.client, part)
                .map_err(|error| Error::Conflict(format!("Connector '{name}' cannot be used: {error}")))?;
        }
        Ok(connected)
    }
}

#[async_trait]
impl Connectors for Stored {
    async fn of(&self, context: &Context, organisation: &str) -> Result<Connected> {
        let read = context
            .store
            .read(organisation, |tx| Box::pin(async move { Ok::<_, Error>(connector_list(tx).await?) }));
        let rows = read.await?;
        let made_from: Vec<(String, Uuid)> =
            rows.iter().map(|row| (row.name.clone(), row.revision)).collect();
        if let Some(connected) = self.known(organisation, &made_from) {
            return Ok(connected);
        }
        let connected = self.make(context, organisation, &rows)?;
        self.keep(organisation, Ready { made_from, connected: connected.clone() });
        Ok(connected)
    }

    fn defaults(&self) -> Vec<(String, ConnectorKind)> {
        self.defaults.iter().map(|default| (default.name.clone(), default.kind)).collect()
    }
}
