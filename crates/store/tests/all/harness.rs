//! The databases under test, and short forms of a unit of work.

use sluice_store::{Durability, Options, Store, StoreError};
use sluice_testdb::Database as Postgres;
use tempfile::TempDir;

/// The organisation that the tests work in.
pub const ACME: &str = "org_acme";
/// The one that must neither see nor change anything of it.
pub const OTHER: &str = "org_other";

pub type Check = Result<(), StoreError>;

/// A fresh database; it goes away with the value.
pub struct Database {
    pub name: &'static str,
    pub store: Store,
    place: Place,
}

/// Where a database is.
enum Place {
    Folder(TempDir),
    Server(Postgres),
}

impl Place {
    fn options(&self) -> Options {
        match self {
            Self::Folder(directory) => {
                Options::Sqlite { path: directory.path().join("sluice.db"), durability: Durability::Process }
            }
            Self::Server(database) => Options::Postgres { url: database.url(), replica: None },
        }
    }
}

impl Database {
    async fn fresh(name: &'static str, place: Place) -> Self {
        let store = Store::open(place.options()).await.expect("a fresh database opens");
        Self { name, store, place }
    }

    /// A further handle on the same records, as another process would have it.
    pub async fn second_handle(&self) -> Result<Store, StoreError> {
        Store::open(self.place.options()).await
    }

    /// Closes the database and opens it again.
    pub async fn reopened(self) -> Result<Self, StoreError> {
        let Self { name, store, place } = self;
        drop(store);
        let store = Store::open(place.options()).await?;
        Ok(Self { name, store, place })
    }
}

/// A fresh database of every kind. A further driver is a further entry.
pub async fn databases() -> Vec<Database> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    vec![
        Database::fresh("sqlite", Place::Folder(directory)).await,
        Database::fresh("postgres", Place::Server(Postgres::fresh())).await,
    ]
}

/// Makes the check on a fresh database of every kind.
pub async fn on_each(check: impl AsyncFn(Database) -> Check) {
    for database in databases().await {
        let name = database.name;
        if let Err(error) = check(database).await {
            panic!("{name}: {error}");
        }
    }
}

/// `write!(store, ACME, [icp], |tx| icp_insert(tx, &icp, …))`: one operation as a unit of work. The variables
/// in brackets are cloned into the unit.
macro_rules! write {
    ($store:expr, $organisation:expr, [$($given:ident),*], |$tx:ident| $operation:expr) => {{
        $(let $given = $given.clone();)*
        $store
            .write::<_, sluice_store::StoreError, _>($organisation, move |$tx| {
                Box::pin(async move { $operation.await })
            })
            .await
    }};
}

/// `read!(store, ACME, |tx| icp_get(tx, id))`: one operation on a snapshot. Variables in brackets are
/// cloned into it.
macro_rules! read {
    ($store:expr, $organisation:expr, $([$($given:ident),*],)? |$tx:ident| $operation:expr) => {{
        $($(let $given = $given.clone();)*)?
        $store
            .read::<_, sluice_store::StoreError, _>($organisation, move |$tx| {
                Box::pin(async move { $operation.await })
            })
            .await
    }};
}

/// As [`write!`], for what belongs to no organisation.
macro_rules! write_system {
    ($store:expr, [$($given:ident),*], |$tx:ident| $operation:expr) => {{
        $(let $given = $given.clone();)*
        $store
            .write_system::<_, sluice_store::StoreError, _>(move |$tx| {
                Box::pin(async move { $operation.await })
            })
            .await
    }};
}

/// As [`read!`], for what belongs to no organisation.
macro_rules! read_system {
    ($store:expr, |$tx:ident| $operation:expr) => {
        $store
            .read_system::<_, sluice_store::StoreError, _>(move |$tx| {
                Box::pin(async move { $operation.await })
            })
            .await
    };
}

pub(crate) use {read, read_system, write, write_system};

/// Asserts that an operation failed as `$kind`.
macro_rules! assert_fails {
    ($result:expr, $kind:pat) => {{
        let result = $result;
        assert!(matches!(result, Err($kind)), "expected {}, found {result:?}", stringify!($kind));
    }};
}
pub(crate) use assert_fails;
