//! What can go wrong in an action, by what the caller is told.

use sluice_catalog::CatalogError;
use sluice_model::Fault;
use sluice_store::StoreError;

/// The result of an action.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an action failed. All texts but those of [`Error::Unavailable`] and [`Error::Internal`] are meant for
/// the client.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The request is wrong: every fault with its path.
    #[error("invalid request")]
    Invalid(Vec<Fault>),
    /// The request cannot be served, for a reason that no field of it is to blame for.
    #[error("{0}")]
    BadRequest(String),
    /// The token is missing, malformed, unknown or revoked.
    #[error("not signed in")]
    Unauthorized,
    /// There is no such thing, or it is another organisation's.
    #[error("{0}")]
    NotFound(String),
    /// It exists in the caller's organisation, but they may not use it.
    #[error("{0}")]
    Forbidden(String),
    /// It costs more than the organisation has.
    #[error("{0}")]
    InsufficientCredits(String),
    /// It cannot be done in the present state.
    #[error("{0}")]
    Conflict(String),
    /// The object is not at the version that the caller has.
    #[error("precondition failed")]
    PreconditionFailed,
    /// A service outside failed.
    #[error("{0}")]
    Outside(String),
    /// Store or catalog cannot work now. The text is for the log.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours. The text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<CatalogError> for Error {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::Unavailable(_) | CatalogError::Locked | CatalogError::Cancelled => {
                Self::Unavailable(error.to_string())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<Vec<Fault>> for Error {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Invalid(faults)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.to_string())
    }
}
