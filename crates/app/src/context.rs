//! What every action works with.

use crate::accounts::{Anchors, Ulids};
use sluice_catalog::Catalog;
use sluice_model::id::{Random, uuid_v7};
use sluice_model::time::Clock;
use sluice_model::{Actor, Time};
use sluice_store::{Store, StoreError, Tx, Unit};
use std::sync::Arc;
use tokio::sync::Notify;
use uuid::Uuid;

/// Store, catalog, clock and randomness. Cloning is cheap.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub catalog: Arc<dyn Catalog>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// Tells workers of this process that a job was queued.
    pub wake: Arc<Notify>,
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
            ulids: Arc::default(),
            anchors: Arc::default(),
        }
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
