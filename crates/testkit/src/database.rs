//! The database under test. A further driver is a further way to open one.

use sluice_store::{Durability, Options, Store};
use tempfile::TempDir;

/// A fresh database; it goes away with the value.
pub(crate) struct Database {
    pub store: Store,
    _directory: TempDir,
}

impl Database {
    /// An empty database.
    pub async fn fresh() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let options = Options { path: directory.path().join("sluice.db"), durability: Durability::Process };
        let store = Store::open(options).await.expect("a fresh database opens");
        Self { store, _directory: directory }
    }
}
