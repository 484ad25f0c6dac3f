//! What an import did.

use std::collections::BTreeMap;
use std::fmt;

/// Columns, and characters of each, in a message.
const COLUMNS_SHOWN: usize = 100;
const NAME_SHOWN: usize = 60;

/// Rows by what became of them: `read = created + updated + unchanged + rejected`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows read, without the header and blank lines.
    pub read: u64,
    /// Rows that made a new record.
    pub created: u64,
    /// Rows that changed a value of a record.
    pub updated: u64,
    /// Rows that changed no value (they may have confirmed one at a later time).
    pub unchanged: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Companies made because people work there and the catalog did not have them. No rows of their own.
    pub companies_created: u64,
    /// Companies that got a missing value from a person's row. No rows of their own.
    pub companies_completed: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "read {}, created {}, updated {}, unchanged {}, rejected {}",
            self.read, self.created, self.updated, self.unchanged, self.rejected
        )
    }
}

/// Which column feeds which field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Column as the file spells it, and field, in the order of the file (NDJSON: of first sight).
    pub mapped: Vec<(String, &'static str)>,
    /// Columns that nothing is done with. NDJSON: the first 200 of them.
    pub unmapped: Vec<String>,
}

/// A value that was dropped from its row, the row being kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Warning {
    /// How often it happened.
    pub count: u64,
    /// The line where it happened first.
    pub first_line: u64,
}

/// Warnings by text, such as `email: not an address`.
pub type Warnings = BTreeMap<&'static str, Warning>;

/// The result of one import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    pub counts: Counts,
    pub mapping: Mapping,
    pub warnings: Warnings,
}

/// What [`super::preview`] shows: how the columns are understood, and the first rows as records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    pub mapping: Mapping,
    /// The first rows as JSON records of the catalog, without the ids that an import would give.
    pub records: Vec<serde_json::Value>,
    /// Line and reason of the rows among the first that would be rejected.
    pub rejected: Vec<(u64, String)>,
    pub warnings: Warnings,
}

/// Counts one warning.
pub(super) fn warn(warnings: &mut Warnings, text: &'static str, line: u64) {
    let warning = warnings.entry(text).or_insert(Warning { count: 0, first_line: line });
    warning.count += 1;
}

/// Adds the warnings of a later part of the file.
pub(super) fn add_warnings(all: &mut Warnings, later: Warnings) {
    for (text, warning) in later {
        all.entry(text).and_modify(|w| w.count += warning.count).or_insert(warning);
    }
}

/// The names of columns for a message, no longer than a reader of it can bear.
pub(super) fn listed(columns: &[String]) -> String {
    let shown: Vec<String> =
        columns.iter().take(COLUMNS_SHOWN).map(|name| name.chars().take(NAME_SHOWN).collect()).collect();
    let more = columns.len().saturating_sub(COLUMNS_SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
