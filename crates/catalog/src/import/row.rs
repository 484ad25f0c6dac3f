//! What the two kinds of row have in common.

use super::field::Field;
use super::report::{Warnings, warn};
use sluice_model::Time;

/// What every row of a file has unless it says otherwise.
#[derive(Clone, Debug)]
pub(super) struct Defaults {
    pub source: String,
    pub observed_at: Option<Time>,
}

/// Takes note of values that are dropped while their row is kept.
pub(super) struct Notes<'a> {
    pub warnings: &'a mut Warnings,
    /// Line of the row that is being read.
    pub line: u64,
}

impl Notes<'_> {
    pub fn warn(&mut self, text: &'static str) {
        warn(self.warnings, text, self.line);
    }

    /// The value, or a note that it is missing.
    pub fn or_warn<T>(&mut self, value: Option<T>, text: &'static str) -> Option<T> {
        if value.is_none() {
            self.warn(text);
        }
        value
    }
}

/// A row being read, cell by cell.
pub(super) trait Row: Default {
    type Field: Field;
    /// What the row becomes.
    type Output: Send;

    /// What a file must have a column of; `fields` are those that it has. `Err` says what is missing.
    fn check_columns(fields: &[Self::Field]) -> Result<(), &'static str>;

    /// Takes a cell. The first value of a field that can have one stands. `split`: lists are split at `;`.
    fn set(&mut self, field: Self::Field, value: &str, split: bool, notes: &mut Notes<'_>);

    /// Ends the row. `Err` says why it cannot be used.
    fn finish(self, defaults: &Defaults, notes: &mut Notes<'_>) -> Result<Self::Output, String>;

    /// Whether a JSON line looks like a whole record as the API shows it, not like a flat row.
    fn is_record(line: &str) -> bool;

    /// Reads a whole record from JSON. `Err` says why it cannot be used.
    fn from_record(line: &str, defaults: &Defaults, notes: &mut Notes<'_>) -> Result<Self::Output, String>;
}

/// Sets `slot` unless it has a value.
pub(super) fn first(slot: &mut Option<String>, value: &str) {
    if slot.is_none() {
        *slot = Some(value.to_owned());
    }
}

/// Sets `slot` from a value that must be read; what cannot be is noted.
pub(super) fn read<T>(slot: &mut Option<T>, value: Option<T>, notes: &mut Notes<'_>, warning: &'static str) {
    let value = notes.or_warn(value, warning);
    if slot.is_none() {
        *slot = value;
    }
}

/// Takes absent values (`""`, `N/A`) out of an optional text and trims the others.
pub(super) fn tidy(slot: &mut Option<String>) {
    if let Some(text) = slot {
        match super::clean::present(text) {
            None => *slot = None,
            Some(kept) if kept.len() != text.len() => *slot = Some(kept.to_owned()),
            Some(_) => {}
        }
    }
}

/// Trims the texts of a list, and drops absent and repeated ones.
pub(super) fn tidy_list(list: &mut Vec<String>) {
    for text in std::mem::take(list) {
        super::clean::extend(list, &text, false);
    }
    list.retain(|text| super::clean::present(text).is_some());
}

/// Makes a JSON object readable as a record: nulls go, and an `id` that is no UUID is handed back.
pub(super) fn relax(line: &str) -> Result<(serde_json::Value, Option<String>), String> {
    let mut value: serde_json::Value = serde_json::from_str(line).map_err(|error| json_reason(&error))?;
    drop_nulls(&mut value);
    let Some(object) = value.as_object_mut() else { return Err("not a JSON object".to_owned()) };
    let mut external = None;
    let given = object.get("id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    if let Some(id) = given
        && sluice_model::id::parse_uuid(&id).is_none()
    {
        object.shift_remove("id");
        external = super::clean::present(&id).map(str::to_owned);
    }
    Ok((value, external))
}

fn drop_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(object) => {
            object.retain(|_, value| !value.is_null());
            object.values_mut().for_each(drop_nulls);
        }
        serde_json::Value::Array(list) => {
            list.retain(|value| !value.is_null());
            list.iter_mut().for_each(drop_nulls);
        }
        _ => {}
    }
}

/// The reason of a JSON reject, without the parser's own line number: it always is 1 here.
pub(super) fn json_reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    if error.is_data() {
        text.to_owned()
    } else {
        format!("invalid JSON: {text} (column {})", error.column())
    }
}
