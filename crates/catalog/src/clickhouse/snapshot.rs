//! What is committed, and how a question keeps to it.
//!
//! Every row carries the number of the insertion that brought it. A commit is one row that says which insertions
//! count from now on; those of an import that failed never do. A newer row of a record comes with a mark that says
//! which older one it replaces, so that each record has one row that counts, whatever the engine has merged.

use super::client::Client;
use super::schema::{Table, TableName};
use super::sql::Sql;
use super::wire::Reply;
use crate::CatalogError;
use crate::embedded::ANALYSIS;
use sluice_model::EntityKind;

/// The insertions that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// From the first to the last number, both included; in order, with gaps between them.
    committed: Vec<(u64, u64)>,
    /// Whether any row of a person, of a company was replaced.
    replaced: [bool; 2],
}

fn place(kind: EntityKind) -> usize {
    match kind {
        EntityKind::Person => 0,
        EntityKind::Company => 1,
    }
}

impl Snapshot {
    /// What is committed now.
    pub async fn load(client: &Client) -> Result<Self, CatalogError> {
        let table = TableName { target: client.target(), table: Table::Commit };
        let sql = format!(
            "SELECT first, last, replaced_people, replaced_companies, analysis FROM {table} ORDER BY first \
             FORMAT RowBinary"
        );
        let bytes = client.ask(&Sql::of(sql)).await?;
        let mut reply = Reply::new(&bytes);
        let mut out = Self::default();
        while !reply.is_done() {
            out.add(reply.number()?, reply.number()?);
            for replaced in &mut out.replaced {
                *replaced |= reply.number()? > 0;
            }
            if reply.text()? != ANALYSIS {
                let text = "another version analysed its texts: import into a new database";
                return Err(CatalogError::Corrupt(text.to_owned()));
            }
        }
        Ok(out)
    }

    /// Counts further insertions in: those that come next, after a gap or without one.
    pub fn add(&mut self, first: u64, last: u64) {
        match self.committed.last_mut() {
            Some(range) if range.1.checked_add(1) == Some(first) => range.1 = last,
            _ => self.committed.push((first, last)),
        }
    }

    /// Whether a number lies in what counts.
    fn within(&self, column: &str) -> String {
        let ranges: Vec<String> = self
            .committed
            .iter()
            .map(|(first, last)| format!("({column} >= {first} AND {column} <= {last})"))
            .collect();
        if ranges.is_empty() { "0".to_owned() } else { format!("({})", ranges.join(" OR ")) }
    }

    /// The condition that an inserted row counts, whether replaced or not.
    pub fn inserted(&self) -> String {
        self.within("version")
    }

    /// The condition that a row of the table of `kind` counts and is the newest of its record.
    pub fn visible(&self, client: &Client, kind: EntityKind) -> String {
        let within = self.within("version");
        if !self.replaced[place(kind)] {
            return within;
        }
        // The marks of a record lie on the shard that its rows lie on.
        let marks = TableName { target: client.target(), table: Table::Replaced(kind) };
        let by = self.within("replaced_by");
        format!("{within} AND (id, version) NOT IN (SELECT id, version FROM {}_local WHERE {by})", marks)
    }
}

#[cfg(test)]
mod tests {
    use super::Snapshot;

    #[test]
    fn insertions_of_a_failed_import_are_left_out() {
        let mut snapshot = Snapshot::default();
        assert_eq!(snapshot.inserted(), "0");
        snapshot.add(1, 3);
        snapshot.add(4, 4);
        assert_eq!(snapshot.inserted(), "((version >= 1 AND version <= 4))");
        snapshot.add(8, 9);
        assert_eq!(
            snapshot.inserted(),
            "((version >= 1 AND version <= 4) OR (version >= 8 AND version <= 9))"
        );
    }
}
