//! The write side that imports work with, whatever the engine.

use crate::embedded::Key;
use crate::{CatalogError, CatalogWriter};
use sluice_model::{Company, EntityKind, Person};
use uuid::Uuid;

/// Writes a catalog, one import at a time. What was put since the last commit is forgotten when it is dropped.
pub trait Writer {
    /// Whether a look-up costs so much that many are better done at once, by [`Self::prepare`].
    fn looks_ahead(&self) -> bool {
        false
    }

    /// Says what will be asked for soon: who carries these keys, and the records with these ids.
    ///
    /// # Errors
    /// When the engine cannot answer.
    fn prepare(&mut self, kind: EntityKind, keys: &[Key], ids: &[Uuid]) -> Result<(), CatalogError> {
        let _ = (kind, keys, ids);
        Ok(())
    }

    /// The record of `kind` that carries a key, those put but not committed yet among them.
    ///
    /// # Errors
    /// When the engine cannot answer.
    fn owner(&self, kind: EntityKind, key: Key) -> Result<Option<Uuid>, CatalogError>;

    /// The person with this id, as last put.
    ///
    /// # Errors
    /// When the record cannot be read.
    fn person(&self, id: Uuid) -> Result<Option<Person>, CatalogError>;

    /// The company with this id, as last put.
    ///
    /// # Errors
    /// When the record cannot be read.
    fn company(&self, id: Uuid) -> Result<Option<Company>, CatalogError>;

    /// Puts a person in the place of the one with the same id, if there is one; `keys` are all their keys.
    ///
    /// # Errors
    /// When the engine cannot take it.
    fn store_person(&mut self, person: &Person, keys: &[Key]) -> Result<(), CatalogError>;

    /// As [`Self::store_person`].
    ///
    /// # Errors
    /// When the engine cannot take it.
    fn store_company(&mut self, company: &Company, keys: &[Key]) -> Result<(), CatalogError>;

    /// Makes everything put so far durable and visible to searches.
    ///
    /// # Errors
    /// When it cannot; then nothing of it is visible.
    fn commit(&mut self) -> Result<(), CatalogError>;
}

impl Writer for CatalogWriter {
    fn owner(&self, kind: EntityKind, key: Key) -> Result<Option<Uuid>, CatalogError> {
        Ok(Self::owner(self, kind, key))
    }

    fn person(&self, id: Uuid) -> Result<Option<Person>, CatalogError> {
        self.get_person(id)
    }

    fn company(&self, id: Uuid) -> Result<Option<Company>, CatalogError> {
        self.get_company(id)
    }

    fn store_person(&mut self, person: &Person, keys: &[Key]) -> Result<(), CatalogError> {
        Self::store_person(self, person, keys)
    }

    fn store_company(&mut self, company: &Company, keys: &[Key]) -> Result<(), CatalogError> {
        Self::store_company(self, company, keys)
    }

    fn commit(&mut self) -> Result<(), CatalogError> {
        Self::commit(self)
    }
}
