//! What can go wrong in the store, named by what the caller does next.

/// A failure of the store. The text is for the log, never for a client.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A row with this key exists already.
    #[error("already exists: {0}")]
    Duplicate(String),
    /// The database cannot take work now (disk full, read-only, locked for too long); trying again may help.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// A stored row cannot be read.
    #[error("damaged row: table {table}, column {column}: {reason}")]
    Corrupt { table: &'static str, column: &'static str, reason: String },
    /// An update or a delete touched another number of rows than it must.
    #[error("{operation} touched {rows} rows")]
    RowCount { operation: &'static str, rows: usize },
    /// A fault of ours: wrong SQL, a unit that waits, a panic in a unit.
    #[error("store fault: {0}")]
    Internal(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::ConstraintViolation) => Self::Duplicate(error.to_string()),
            Some(
                Code::DatabaseBusy
                | Code::DatabaseLocked
                | Code::DiskFull
                | Code::ReadOnly
                | Code::SystemIoFailure
                | Code::CannotOpen
                | Code::OutOfMemory,
            ) => Self::Unavailable(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

impl StoreError {
    /// Whether the connection broke, rather than that the server refused something.
    pub(crate) fn is_lost(error: &tokio_postgres::Error) -> bool {
        let io =
            |error: &dyn std::error::Error| error.source().is_some_and(|cause| cause.is::<std::io::Error>());
        error.code().is_none() && (error.is_closed() || io(error))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let text = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
        // The class of an error is its code's first two characters.
        match error.code().and_then(|code| code.code().get(..2)) {
            // Integrity constraints.
            Some("23") => Self::Duplicate(text),
            // Connection, authorisation, transaction state (read-only), conflicts, resources, locks, operators, disks.
            Some("08" | "28" | "25" | "40" | "53" | "55" | "57" | "58") => Self::Unavailable(text),
            None if Self::is_lost(&error) => Self::Unavailable(text),
            _ => Self::Internal(text),
        }
    }
}
