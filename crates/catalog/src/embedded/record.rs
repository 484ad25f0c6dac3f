//! Records as bytes: JSON without what is empty.

use crate::CatalogError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};
use std::io::{Result, Write};

/// Room for a usual record from the start.
const USUAL_BYTES: usize = 2 << 10;

/// The record as JSON, without members that are `null`, `[]` or `{}`: reading puts their defaults back.
pub(crate) fn encode<T: Serialize>(record: &T) -> std::result::Result<Vec<u8>, CatalogError> {
    let mut json = Vec::with_capacity(USUAL_BYTES);
    record
        .serialize(&mut Serializer::with_formatter(&mut json, Sparse::default()))
        .map_err(|error| CatalogError::Corrupt(error.to_string()))?;
    Ok(json)
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> std::result::Result<T, CatalogError> {
    serde_json::from_slice(bytes).map_err(|error| CatalogError::Corrupt(error.to_string()))
}

/// Something open: an object, a list, or a member of an object.
struct Level {
    kind: Kind,
    /// Of a member: where its text begins among what is pending.
    start: usize,
    /// Of an object: whether a member of it was written.
    filled: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Object,
    List,
    Member,
}

/// Writes compact JSON and leaves empty members out: a member's name and what opens its value wait until there is
/// something in it.
#[derive(Default)]
struct Sparse {
    pending: Vec<u8>,
    levels: Vec<Level>,
    /// How many of the levels are written for certain.
    written: usize,
    in_key: bool,
}

impl Sparse {
    /// Writes what is pending: a value follows that stays.
    fn keep<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.written = self.levels.len();
        if self.pending.is_empty() {
            return Ok(());
        }
        let done = writer.write_all(&self.pending);
        self.pending.clear();
        done
    }

    fn in_member(&self) -> bool {
        self.levels.last().is_some_and(|level| level.kind == Kind::Member)
    }

    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, kind: Kind, bracket: u8) -> Result<()> {
        let optional = self.in_member();
        self.pending.push(bracket);
        self.levels.push(Level { kind, start: 0, filled: false });
        if optional { Ok(()) } else { self.keep(writer) }
    }

    /// Whether the level that ends is written.
    fn close(&mut self) -> bool {
        self.levels.pop();
        let written = self.written > self.levels.len();
        self.written = self.written.min(self.levels.len());
        written
    }
}

/// Values that always stay.
macro_rules! kept {
    ($($method:ident $type:ty,)+) => {$(
        fn $method<W: ?Sized + Write>(&mut self, writer: &mut W, value: $type) -> Result<()> {
            self.keep(writer)?;
            CompactFormatter.$method(writer, value)
        }
    )+};
}

impl Formatter for Sparse {
    kept! {
        write_bool bool, write_f32 f32, write_f64 f64,
        write_i8 i8, write_i16 i16, write_i32 i32, write_i64 i64, write_i128 i128,
        write_u8 u8, write_u16 u16, write_u32 u32, write_u64 u64, write_u128 u128,
        write_number_str &str, write_raw_fragment &str,
    }

    fn write_null<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        if self.in_member() {
            return Ok(());
        }
        self.keep(writer)?;
        writer.write_all(b"null")
    }

    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.pending.push(b'"');
        if self.in_key { Ok(()) } else { self.keep(writer) }
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, text: &str) -> Result<()> {
        if self.in_key { self.pending.write_all(text.as_bytes()) } else { writer.write_all(text.as_bytes()) }
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> Result<()> {
        if self.in_key {
            CompactFormatter.write_char_escape(&mut self.pending, escape)
        } else {
            CompactFormatter.write_char_escape(writer, escape)
        }
    }

    fn end_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        if self.in_key { self.pending.write_all(b"\"") } else { writer.write_all(b"\"") }
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.open(writer, Kind::List, b'[')
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        if first { Ok(()) } else { writer.write_all(b",") }
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        if self.close() { writer.write_all(b"]") } else { Ok(()) }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.open(writer, Kind::Object, b'{')
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, _: &mut W, _: bool) -> Result<()> {
        let filled = self.levels.last().is_some_and(|object| object.filled);
        self.levels.push(Level { kind: Kind::Member, start: self.pending.len(), filled: false });
        if filled {
            self.pending.push(b',');
        }
        self.in_key = true;
        Ok(())
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.in_key = false;
        Ok(())
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.pending.push(b':');
        Ok(())
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        let start = self.levels.last().map_or(0, |member| member.start);
        if !self.close() {
            self.pending.truncate(start);
        } else if let Some(object) = self.levels.last_mut() {
            object.filled = true;
        }
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        if self.close() { writer.write_all(b"}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::encode;
    use serde_json::Value;

    #[test]
    fn empty_members_go_and_nothing_else() {
        for (json, short) in [
            (r#"{"a":null,"b":1,"c":[],"d":{"e":null}}"#, r#"{"b":1}"#),
            (r#"{"a":"\":null","b":"x\\","c":null}"#, r#"{"a":"\":null","b":"x\\"}"#),
            (
                r#"{"a":[null,[],{},{"b":null,"c":2}],"d":null,"e":"[]"}"#,
                r#"{"a":[null,[],{},{"c":2}],"e":"[]"}"#,
            ),
            (r#"{"a":null}"#, "{}"),
            (r#"{"a":[{"b":null},{"b":1},{"b":null}],"c":false}"#, r#"{"a":[{},{"b":1},{}],"c":false}"#),
            ("{}", "{}"),
            ("null", "null"),
            (r#"{"a\"\n":{"b":{"c":[],"d":{}}},"e":[[],[null]],"f":1.5}"#, r#"{"e":[[],[null]],"f":1.5}"#),
            (
                r#"{"a":{"b":null,"c\n":{"d":"x"},"e":-1},"f":true}"#,
                r#"{"a":{"c\n":{"d":"x"},"e":-1},"f":true}"#,
            ),
        ] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(String::from_utf8_lossy(&encode(&value).unwrap()), short, "{json}");
        }
    }
}
