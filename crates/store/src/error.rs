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
