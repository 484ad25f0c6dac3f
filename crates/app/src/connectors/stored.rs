//! What an organisation has connected, by its own settings and those of the installation.

use super::build::{Part, Way, add, add_builtin, crm, told};
use super::{Connected, Connectors};
use crate::context::Context;
use crate::error::{Error, Result};
use async_trait::async_trait;
use serde_json::{Map, Value};
use sluice_connect::crm::{Crm, CrmProvider};
use sluice_connect::{ConnectError, SecretString};
use sluice_model::connector::{ConnectorDefault, ConnectorKind};
use sluice_store::ops::connector::{StoredConnector, connector_list};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;
use uuid::Uuid;

/// Organisations whose connectors are kept ready at once.
const KEPT: usize = 1_000;

/// Connectors by the organisation's settings, which win, and those of the whole installation.
pub struct Stored {
    way: Way,
    defaults: Vec<ConnectorDefault>,
    /// What was made for each organisation, and from which settings: kept until they change, and with it sessions.
    ready: Mutex<HashMap<String, Ready>>,
}

struct Ready {
    made_from: Vec<(String, Uuid)>,
    connected: Connected,
}

impl Stored {
    /// Connectors that go out this way; `defaults` are for all organisations.
    #[must_use]
    pub fn new(way: Way, defaults: Vec<ConnectorDefault>) -> Self {
        Self { way, defaults, ready: Mutex::default() }
    }

    /// Calls this CRM at another address than its maker's, for organisations that name none: a fake, or a proxy.
    #[must_use]
    pub fn with_crm_base(mut self, provider: CrmProvider, base: Url) -> Self {
        self.way.crm_base.insert(provider, base);
        self
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
    /// organisation's own first, then as they were made. What cannot be made is left out, and says why.
    fn make(&self, context: &Context, organisation: &str, rows: &[StoredConnector]) -> Connected {
        let (mut parts, mut connected) = (Vec::new(), Connected::default());
        for row in rows {
            let key =
                row.secret.as_ref().map(|sealed| context.vault()?.open(organisation, &row.name, sealed));
            let key = match key.transpose() {
                Ok(key) => key,
                Err(error) => {
                    leave_out(&mut connected, organisation, &row.name, unopened(error));
                    continue;
                }
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
        // Models first: others ask them.
        parts.sort_by_key(|part| (part.kind != ConnectorKind::Model, part.order()));
        for part in parts {
            let name = part.name.clone();
            if let Err(error) = add(&mut connected, &self.way, part) {
                leave_out(&mut connected, organisation, &name, told(error));
            }
        }
        add_builtin(&mut connected, &self.way.pages);
        connected
    }
}

/// Notes that a connector cannot be used, and why: a text without secrets.
fn leave_out(connected: &mut Connected, organisation: &str, name: &str, text: String) {
    tracing::warn!(organisation, connector = name, error = %text, "a connector cannot be used");
    connected.unusable.insert(name.to_owned(), text);
}

/// Why a credential was not opened, for whoever set it up.
fn unopened(error: Error) -> String {
    match error {
        Error::Conflict(text) => text,
        _ => "its credential cannot be opened: set it anew".to_owned(),
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
        let connected = self.make(context, organisation, &rows);
        self.keep(organisation, Ready { made_from, connected: connected.clone() });
        Ok(connected)
    }

    fn check(
        &self,
        name: &str,
        kind: ConnectorKind,
        settings: &Map<String, Value>,
        key: Option<SecretString>,
    ) -> std::result::Result<(), ConnectError> {
        let part = Part { name: name.to_owned(), kind, settings: settings.clone(), key };
        add(&mut Connected::default(), &self.way, part)
    }

    fn open_crm(
        &self,
        provider: CrmProvider,
        key: &SecretString,
    ) -> std::result::Result<Arc<dyn Crm>, ConnectError> {
        crm(&self.way, provider, key, None)
    }

    fn defaults(&self) -> Vec<(String, ConnectorKind)> {
        self.defaults.iter().map(|default| (default.name.clone(), default.kind)).collect()
    }
}
