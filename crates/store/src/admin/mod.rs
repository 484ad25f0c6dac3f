//! What administrators do with a whole database: look at its schema, copy it to another, take a snapshot, check it.

mod checks;
mod copy;
mod digest;
mod snapshot;
mod tables;

pub use crate::migrate::Schema;
pub use checks::{Check, Level, check};
pub use copy::{Copied, CopiedTable, copy};
pub use snapshot::{integrity, snapshot};
pub use tables::TABLES;

use crate::driver::{Options, Session};
use crate::error::StoreError;
use crate::migrate;

/// Why an administrator's command was not done. The texts are for who gave it.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The store cannot.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It would do harm, or make no sense.
    #[error("{0}")]
    Refused(String),
}

/// Looks at the schema of a database that exists, and leaves it as it is.
///
/// # Errors
/// When the database cannot be read, its schema is newer than this program, or was changed.
pub async fn schema(options: &Options) -> Result<Schema, StoreError> {
    let mut session = Session::snapshot(options).await?;
    migrate::look(&mut session.connection()).await
}

/// Brings the schema of a database up to date; makes the tables when there are none.
///
/// # Errors
/// As [`crate::Store::open`].
pub async fn migrate(options: &Options) -> Result<(), StoreError> {
    Session::writing(options).await?.commit().await
}
