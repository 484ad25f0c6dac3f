//! Why an import cannot go on. A bad row is no error: it goes to the rejects.

use crate::CatalogError;

/// What ends an import. Rows committed before stay, which only an input that was not checked can have; the writer
/// must be dropped so that the others are forgotten. Running the import again is harmless.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input cannot be opened, or not even its first bytes be read.
    #[error("cannot read {name}: {cause}")]
    Open { name: String, cause: std::io::Error },
    /// The file cannot be read to its end: truncated or damaged. It was found before the first row was taken.
    #[error("{name} cannot be read to its end: {cause}. Nothing of it is imported")]
    Damaged { name: String, cause: std::io::Error },
    /// Reading stopped in the middle of an input that was not checked first. `kept`: rows committed before.
    #[error("{name} cannot be read beyond line {line}: {cause}. {}", stays(*kept))]
    Read { name: String, line: u64, cause: std::io::Error, kept: u64 },
    /// The file is of a kind that is not read.
    #[error(
        "{name} is {what}; CSV, TSV, NDJSON, Parquet and XLSX are read, plain or compressed with gzip or zstd"
    )]
    Unsupported { name: String, what: &'static str },
    /// A file without a byte where there must be some.
    #[error("{name} is empty")]
    Empty { name: String },
    /// A compressed or piped file that must be copied before it can be read is too large for that.
    #[error(
        "{name} has to be unpacked before it can be read and is larger than {limit} MiB: unpack it into a file first"
    )]
    TooLarge { name: String, limit: u64 },
    /// A spreadsheet without the sheet that was asked for.
    #[error("{name} has no sheet {sheet:?}; its sheets are {sheets}")]
    NoSheet { name: String, sheet: String, sheets: String },
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

impl ImportError {
    /// Whether only this input is at fault, so that an import of several can go on with the next.
    #[must_use]
    pub fn is_of_the_input(&self) -> bool {
        !matches!(self, Self::Rejects(_) | Self::Catalog(_) | Self::UnknownField { .. })
    }
}

fn stays(kept: u64) -> String {
    match kept {
        0 => "Nothing of it is imported".to_owned(),
        kept => format!("The first {kept} rows are imported and stay; importing it again is harmless"),
    }
}
