//! What is said of things that are not there, or are another tenant's.

use crate::error::Error;

/// No such account.
#[must_use]
pub fn account(id: &str) -> Error {
    Error::NotFound(format!("Account not found: {id}"))
}

/// No such prospect.
#[must_use]
pub fn prospect(id: &str) -> Error {
    Error::NotFound(format!("Prospect not found: {id}"))
}

/// No such log of that account or prospect.
#[must_use]
pub fn log(id: &str) -> Error {
    Error::NotFound(format!("Log not found: {id}"))
}
