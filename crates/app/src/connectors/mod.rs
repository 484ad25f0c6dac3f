//! What an organisation has connected: scrapers, agents, a model, enrichers, sources of people, a CRM.

mod build;
mod settings;
mod stored;

pub use build::Way;
pub use settings::{Connector, ConnectorOwner, Tested, connector_not_found, list, put, remove, test};
pub use stored::Stored;

use crate::context::Context;
use crate::error::Result;
use async_trait::async_trait;
use serde_json::{Map, Value};
use sluice_connect::agent::Agent;
use sluice_connect::crm::{Crm, CrmProvider};
use sluice_connect::enrich::Enricher;
use sluice_connect::model::Model;
use sluice_connect::people::LeadProvider;
use sluice_connect::web::Scraper;
use sluice_connect::{ConnectError, SecretString};
use sluice_model::connector::ConnectorKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The connectors that one organisation can use, with its credentials in them. Cloning is cheap.
#[derive(Clone, Default)]
pub struct Connected {
    /// By provider of `webscraping`.
    pub scrapers: BTreeMap<String, Arc<dyn Scraper>>,
    /// By provider of `website`.
    pub agents: BTreeMap<String, Arc<dyn Agent>>,
    pub model: Option<Arc<dyn Model>>,
    /// In the order in which they are asked.
    pub enrichers: Vec<Arc<dyn Enricher>>,
    /// By provider of `leadProviderCriteria`, the catalog apart.
    pub lead_providers: BTreeMap<String, Arc<dyn LeadProvider>>,
    pub crm: Option<Arc<dyn Crm>>,
    /// What is set up and cannot be used, by its name in the settings, and why.
    pub unusable: BTreeMap<String, String>,
}

impl Connected {
    /// How a connector is named that is missing for `needed_by`: `stored` is its name in the settings. What is set up
    /// and cannot be used says why.
    #[must_use]
    pub fn missing(&self, stored: &str, shown: &str, needed_by: &str) -> String {
        match self.unusable.get(stored) {
            Some(text) => format!("{stored} ({text})"),
            None => format!("{shown} (for {needed_by})"),
        }
    }
}

/// Knows what each organisation has connected.
#[async_trait]
pub trait Connectors: Send + Sync {
    /// What this organisation can use now. What cannot be used is told apart.
    ///
    /// # Errors
    /// The store's.
    async fn of(&self, context: &Context, organisation: &str) -> Result<Connected>;

    /// Whether a connector that is set up like this could be used. Makes no call.
    ///
    /// # Errors
    /// [`ConnectError::BadRequest`] when it could not: the setting, or `key`, a colon and what is wrong.
    fn check(
        &self,
        _name: &str,
        _kind: ConnectorKind,
        _settings: &Map<String, Value>,
        _key: Option<SecretString>,
    ) -> std::result::Result<(), ConnectError> {
        Ok(())
    }

    /// A CRM with these credentials, which are not stored.
    ///
    /// # Errors
    /// [`ConnectError::BadRequest`] when they do not have the form that this CRM wants, or it cannot be connected here.
    fn open_crm(
        &self,
        provider: CrmProvider,
        _key: &SecretString,
    ) -> std::result::Result<Arc<dyn Crm>, ConnectError> {
        Err(ConnectError::BadRequest(format!("{} cannot be connected here", provider.name())))
    }

    /// What is set up for all organisations, by name.
    fn defaults(&self) -> Vec<(String, ConnectorKind)> {
        Vec::new()
    }
}

/// The same for everybody.
pub struct Fixed(pub Connected);

#[async_trait]
impl Connectors for Fixed {
    async fn of(&self, _context: &Context, _organisation: &str) -> Result<Connected> {
        Ok(self.0.clone())
    }

    fn open_crm(
        &self,
        provider: CrmProvider,
        _key: &SecretString,
    ) -> std::result::Result<Arc<dyn Crm>, ConnectError> {
        let crm = self.0.crm.clone().filter(|crm| crm.provider() == provider);
        crm.ok_or_else(|| ConnectError::BadRequest(format!("{} cannot be connected here", provider.name())))
    }
}
