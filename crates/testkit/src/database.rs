//! The database under test: SQLite, or PostgreSQL when `SLUICE_TEST_DATABASE=postgres`.

use sluice_store::ops::job::{JobCounts, job_counts};
use sluice_store::{Durability, Options, Store, StoreError};
use sluice_testdb::Database as Postgres;
use tempfile::TempDir;

/// A fresh database; it goes away with the value.
pub(crate) struct Database {
    pub store: Store,
    place: Place,
}

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
    /// An empty database.
    pub async fn fresh() -> Self {
        let place = if on_postgres() {
            Place::Server(Postgres::fresh())
        } else {
            Place::Folder(tempfile::tempdir().expect("a temporary directory"))
        };
        let store = Store::open(place.options()).await.expect("a fresh database opens");
        Self { store, place }
    }

    /// The bytes of all its files, one after the other; none of a server's.
    pub fn files(&self) -> Option<Vec<u8>> {
        let Place::Folder(folder) = &self.place else { return None };
        let mut bytes = Vec::new();
        for entry in std::fs::read_dir(folder.path()).expect("the folder") {
            bytes.extend(std::fs::read(entry.expect("an entry").path()).expect("a file"));
        }
        Some(bytes)
    }

    /// The queue as it is, asked for where nothing can be awaited: on a runtime of its own, as the caller's may be
    /// ending, and the connections to a server with it.
    pub fn jobs(&self) -> Result<JobCounts, StoreError> {
        let (store, options) = (self.store.clone(), self.place.options());
        let counted = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let store = match options {
                    Options::Sqlite { .. } => store,
                    Options::Postgres { .. } => Store::open(options).await?,
                };
                store.read_system(|tx| Box::pin(async move { job_counts(tx).await })).await
            })
        });
        counted.join().expect("no panic")
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no command line of their own")]
fn on_postgres() -> bool {
    match std::env::var("SLUICE_TEST_DATABASE").as_deref() {
        Err(_) | Ok("sqlite") => false,
        Ok("postgres") => true,
        Ok(other) => panic!("SLUICE_TEST_DATABASE={other}: expected sqlite or postgres"),
    }
}
