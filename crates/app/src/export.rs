//! People as a table, for spreadsheets.

use crate::context::Context;
use crate::error::Result;
use crate::selection;
use sluice_model::export::Export;
use sluice_model::lead::field_texts;
use sluice_model::{Actor, EntityKind, Lead};

/// People to be written out.
#[derive(Clone, Debug)]
pub struct Table {
    pub fields: Vec<String>,
    pub leads: Vec<Lead>,
}

/// What stands between several values in one cell.
const BETWEEN: &str = "; ";

/// The people of a selection, with their fields: the organisation's own copy of each, if it has one.
///
/// # Errors
/// [`crate::Error::Invalid`] for ids that name nobody.
pub async fn export(context: &Context, actor: &Actor, wanted: Export) -> Result<Table> {
    let leads = selection::leads(context, actor, wanted.selection).await?;
    Ok(Table { fields: wanted.fields, leads })
}

impl Table {
    /// The names of the columns.
    #[must_use]
    pub fn header(&self) -> String {
        line(self.fields.iter().map(String::as_str))
    }

    /// The rows of these people, as CSV (RFC 4180).
    #[must_use]
    pub fn rows(fields: &[String], leads: &[Lead]) -> String {
        let mut out = String::new();
        for lead in leads {
            let cells: Vec<String> = fields
                .iter()
                .map(|field| field_texts(EntityKind::Person, lead, field).join(BETWEEN))
                .collect();
            out += &line(cells.iter().map(String::as_str));
        }
        out
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(cell).collect();
    cells.join(",") + "\r\n"
}

/// A cell; one that a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(text: &str) -> String {
    // Spreadsheets look past spaces for the sign.
    let formula = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if formula { ["'", text].concat() } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_and_formulas_disarmed() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            (" =1+1", "' =1+1"),
            ("+4930", "'+4930"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\t=x", "'\t=x"),
            ("\r\n=x", "\"'\r\n=x\""),
            ("=a,\"b\"", "\"'=a,\"\"b\"\"\""),
            ("", ""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
