//! The text of a statement, and the lists of values that travel beside it.

use super::wire::Rows;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use uuid::Uuid;

/// A question: its text, and long lists that it refers to by name.
#[derive(Debug, Default, Clone)]
pub struct Sql {
    pub text: String,
    pub lists: Vec<List>,
}

/// Values that would make the text too long.
#[derive(Debug, Clone)]
pub struct List {
    /// What the text calls it.
    pub name: String,
    /// Its one column, with the type.
    pub column: &'static str,
    /// In `RowBinary`.
    pub rows: Vec<u8>,
}

impl Sql {
    /// A question without lists.
    pub fn of(text: String) -> Self {
        Self { text, lists: Vec::new() }
    }

    /// Adds a list of ids; returns what to call it.
    pub fn ids<'i>(&mut self, ids: impl IntoIterator<Item = &'i Uuid>) -> String {
        let mut rows = Rows::default();
        for id in ids {
            rows.id(*id);
        }
        self.list("id FixedString(16)", rows)
    }

    /// Adds a list of texts; returns what to call it.
    pub fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) -> String {
        let mut rows = Rows::default();
        for text in texts {
            rows.text(text.as_bytes());
        }
        self.list("value String", rows)
    }

    fn list(&mut self, column: &'static str, rows: Rows) -> String {
        let name = format!("_list{}", self.lists.len());
        self.lists.push(List { name: name.clone(), column, rows: rows.bytes });
        name
    }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// Texts in quotes with commas between them.
pub fn all_quoted<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().map(quoted).collect::<Vec<_>>().join(",")
}

/// An id as the bytes that it is kept as.
fn id(id: Uuid) -> String {
    let mut out = String::with_capacity(66);
    out.push('\'');
    for byte in id.as_bytes() {
        let _ = write!(out, "\\x{byte:02x}");
    }
    out.push('\'');
    out
}

/// Ids with commas between them, each once: so written a table finds their rows by its index.
pub fn some_ids(ids: &[Uuid]) -> String {
    let ids: BTreeSet<Uuid> = ids.iter().copied().collect();
    ids.into_iter().map(id).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{quoted, some_ids};
    use uuid::Uuid;

    #[test]
    fn nothing_in_a_text_ends_it() {
        for (text, sql) in [
            ("plain ü", "'plain ü'"),
            ("O'Brien", r"'O\'Brien'"),
            (r"\' OR 1", r"'\\\' OR 1'"),
            ("a\0b\u{1f}\n", r"'a\x00b\x1f\x0a'"),
        ] {
            assert_eq!(quoted(text), sql);
        }
        assert_eq!(
            some_ids(&[Uuid::from_u128(0x27), Uuid::from_u128(0x27)]),
            format!("'{}\\x27'", "\\x00".repeat(15))
        );
    }
}
