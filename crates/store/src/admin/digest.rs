//! A checksum of a table's values, the same whatever the database and the order in which it gives its rows.

use crate::value::Value;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The number of rows, and the sum of their hashes. A sum, because a key with a NUL in it has another place in
/// PostgreSQL's order than in SQLite's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    pub rows: u64,
    sum: [u64; 4],
}

impl Digest {
    pub fn add(&mut self, row: &[Value]) {
        let mut hash = Sha256::new();
        for value in row {
            // The kind and the length come first, so that no two rows are the same bytes.
            match value {
                Value::Null => hash.update([0]),
                Value::Int(value) => {
                    hash.update([1]);
                    hash.update(value.to_le_bytes());
                }
                Value::Text(text) => part(&mut hash, 2, text.as_bytes()),
                Value::Blob(bytes) => part(&mut hash, 3, bytes),
            }
        }
        let hash = hash.finalize();
        let (lanes, _) = hash.as_slice().as_chunks::<8>();
        for (sum, lane) in self.sum.iter_mut().zip(lanes) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*lane));
        }
        self.rows += 1;
    }
}

fn part(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update(bytes.len().to_le_bytes());
    hash.update(bytes);
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sum.iter().try_for_each(|lane| write!(f, "{lane:016x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;
    use crate::value::Value;

    fn of(rows: &[&[Value]]) -> Digest {
        let mut digest = Digest::default();
        rows.iter().for_each(|row| digest.add(row));
        digest
    }

    #[test]
    fn the_order_of_rows_does_not_matter_and_every_value_does() {
        let text = |text: &str| Value::from(text);
        let (first, second) = ([text("a"), Value::Int(1)], [text("b"), Value::Null]);
        assert_eq!(of(&[&first, &second]), of(&[&second, &first]));
        for (one, other) in [
            (vec![text("ab"), text("c")], vec![text("a"), text("bc")]),
            (vec![text("")], vec![Value::Null]),
            (vec![text("1")], vec![Value::Blob(vec![b'1'])]),
            (vec![Value::Int(0)], vec![Value::Int(1)]),
        ] {
            assert_ne!(of(&[&one]).to_string(), of(&[&other]).to_string(), "{one:?}");
        }
        assert_ne!(of(&[&first, &first]).to_string(), of(&[]).to_string(), "no row undoes another");
        assert_eq!(of(&[]).to_string(), "0".repeat(64));
    }
}
