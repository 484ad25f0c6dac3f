//! What can go wrong outside, named by what the caller does next.

use std::time::Duration;

/// Short for results of this crate.
pub type Result<T> = std::result::Result<T, ConnectError>;

/// Why a call to an outside service failed. No text holds a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Too many calls: try again after so long, when the service said.
    #[error("rate limited")]
    RateLimited { after: Option<Duration> },
    /// The credentials are not accepted: ask for others.
    #[error("not authorised: {0}")]
    Unauthorized(String),
    /// The service wants to be paid first.
    #[error("payment required: {0}")]
    PaymentRequired(String),
    /// There is no such thing there.
    #[error("not found: {0}")]
    NotFound(String),
    /// The service does not accept what was asked; asking again changes nothing.
    #[error("refused: {0}")]
    BadRequest(String),
    /// Our own rules forbid the call (an address within, too many redirects), or whom we asked lets nobody in.
    #[error("not allowed: {0}")]
    Forbidden(String),
    /// The site's `robots.txt` asks not to read it.
    #[error("robots.txt does not allow it: {0}")]
    Disallowed(String),
    /// It may work later: no connection, a time-out, a fault of the service.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl ConnectError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable(_))
    }
}
