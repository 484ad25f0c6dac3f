//! What every action works with.

use crate::accounts::{Anchors, Ulids};
use crate::connectors::{Connected, Connectors, Fixed};
use crate::credits::Ledger;
use crate::error::{Error, Result as ActionResult};
use crate::evidence::{self, Flights, Purse};
use crate::vault::Vault;
use sluice_catalog::Catalog;
use sluice_connect::webhook::Sender;
use sluice_model::id::{Random, uuid_v7};
use sluice_model::time::Clock;
use sluice_model::{Actor, Time};
use sluice_store::{Store, StoreError, Tx, Unit};
use std::sync::Arc;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

/// Tells all parts of the process that it is to end. Cloning gives a further handle.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Says that the process is to end.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is to end.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends as soon as the process is to end.
    pub async fn begun(&self) {
        // The sender lives as long as `self`: there is no other way for this to end.
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
    }
}

/// Store, catalog, clock and randomness. Cloning is cheap.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub catalog: Arc<dyn Catalog>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// Tells workers of this process that a job was queued.
    pub wake: Arc<Notify>,
    /// Whether this process is on its way to its end.
    pub stop: Stop,
    /// What each organisation has connected.
    pub connectors: Arc<dyn Connectors>,
    /// What credentials are sealed with.
    vault: Option<Vault>,
    /// Sends what webhooks are told.
    pub webhooks: Sender,
    /// How evidence is looked up.
    pub evidence: evidence::Options,
    /// Pays for calls.
    pub purse: Arc<dyn Purse>,
    /// What is being looked up by this process.
    pub(crate) flights: Arc<Flights>,
    /// Ids of the accounts API.
    pub(crate) ulids: Arc<Ulids>,
    /// Where its listings by offset began.
    pub(crate) anchors: Arc<Anchors>,
}

impl Context {
    /// A context over these parts.
    #[must_use]
    pub fn new(
        store: Store,
        catalog: Arc<dyn Catalog>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            store,
            catalog,
            clock,
            random,
            wake: Arc::default(),
            stop: Stop::default(),
            connectors: Arc::new(Fixed(Connected::default())),
            vault: None,
            webhooks: Sender::closed(),
            evidence: evidence::Options::default(),
            purse: Arc::new(Ledger),
            flights: Arc::default(),
            ulids: Arc::default(),
            anchors: Arc::default(),
        }
    }

    /// The same context with these connectors.
    #[must_use]
    pub fn with_connectors(mut self, connectors: Arc<dyn Connectors>) -> Self {
        self.connectors = connectors;
        self
    }

    /// The same context with this vault.
    #[must_use]
    pub fn with_vault(mut self, vault: Vault) -> Self {
        self.vault = Some(vault);
        self
    }

    /// What credentials are sealed with.
    ///
    /// # Errors
    /// [`Error::Internal`] when this process was started without a key.
    pub fn vault(&self) -> ActionResult<&Vault> {
        self.vault.as_ref().ok_or_else(|| Error::Internal("no key to seal credentials with".to_owned()))
    }

    /// The same context with webhooks told by this.
    #[must_use]
    pub fn with_webhooks(mut self, sender: Sender) -> Self {
        self.webhooks = sender;
        self
    }

    /// The same context with evidence looked up like this.
    #[must_use]
    pub fn with_evidence(mut self, options: evidence::Options) -> Self {
        self.evidence = options;
        self
    }

    /// The same context with calls paid from this purse.
    #[must_use]
    pub fn with_purse(mut self, purse: Arc<dyn Purse>) -> Self {
        self.purse = purse;
        self
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        uuid_v7(self.now(), &*self.random)
    }

    /// The 26 characters of a new id of the accounts API. To be called in the unit of work that keeps it.
    #[must_use]
    pub(crate) fn new_ulid(&self) -> String {
        self.ulids.next(self.now(), &*self.random)
    }

    /// Runs a unit of work in the actor's organisation.
    pub(crate) async fn write<T, F, E>(&self, actor: &Actor, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'_>) -> Unit<'t, T, E> + Clone + Send + 'static,
    {
        self.store.write(&actor.organisation, unit).await
    }

    /// Runs short reads in the actor's organisation.
    pub(crate) async fn read<T, F, E>(&self, actor: &Actor, unit: F) -> Result<T, E>
    where
        T: Send,
        E: From<StoreError> + Send,
        F: for<'t> FnOnce(&'t mut Tx<'_>) -> Unit<'t, T, E> + Send,
    {
        self.store.read(&actor.organisation, unit).await
    }

    /// Runs long reads in the actor's organisation.
    pub(crate) async fn read_long<T, F, E>(&self, actor: &Actor, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'_>) -> Unit<'t, T, E> + Send + 'static,
    {
        self.store.read_long(&actor.organisation, unit).await
    }
}
