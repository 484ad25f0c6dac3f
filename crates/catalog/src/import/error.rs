//! Why an import cannot go on. A bad row is no error: it goes to the rejects.

use super::report::Counts;
use crate::CatalogError;

/// What ends an import. Batches committed before stay; running the import again is harmless.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input cannot be opened, or not even its first bytes be read.
    #[error("cannot read {name}: {cause}")]
    Open { name: String, cause: std::io::Error },
    /// Reading stopped in the middle: a truncated or damaged file. The rows before were imported.
    #[error(
        "{name} cannot be read beyond line {line}: {cause} (what was read before it is imported: {counts})"
    )]
    Read { name: String, line: u64, cause: std::io::Error, counts: Counts },
    /// The file is of a kind that is not read.
    #[error("{name} is {what}; CSV and NDJSON are read, plain or gzip-compressed")]
    Unsupported { name: String, what: &'static str },
    /// A CSV without a header row.
    #[error("{name} is empty: the first line must name the columns")]
    NoHeader { name: String },
    /// No column gives the names, so no row can be used.
    #[error("{name}: no column holds {needed}; the columns are {columns}. Name one with --map column=field")]
    NoNameColumn { name: String, needed: &'static str, columns: String },
    /// `--map` names a column that the file does not have.
    #[error("--map {column}={field}: {name} has no column {column:?}; its columns are {columns}")]
    UnknownColumn { name: String, column: String, field: String, columns: String },
    /// `--map` names a field that records of this kind do not have.
    #[error("--map {column}={field}: there is no field {field:?}; the fields are {fields}")]
    UnknownField { column: String, field: String, fields: String },
    /// The rejects cannot be written.
    #[error("cannot write the rejects: {0}")]
    Rejects(std::io::Error),
    /// The catalog refused.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}
