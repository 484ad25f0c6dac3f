//! Validation that finds every fault of a body at once, each with its path.
//!
//! A [`Node`] is a JSON value that knows where it stands. Its readers either return the typed value or
//! write a [`Fault`] and return `None`, so that reading goes on and the caller sees all faults in
//! document order. The wording follows the targeting API's documented example,
//! `Expected number, received string`.

use crate::time::Time;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::fmt;
use uuid::Uuid;

/// One step of a path: a key of an object or an index of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathItem {
    /// A key of an object.
    Key(String),
    /// A zero-based index of an array.
    Index(usize),
}

impl Serialize for PathItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Key(key) => serializer.serialize_str(key),
            Self::Index(index) => serializer.serialize_u64(*index as u64),
        }
    }
}

impl From<&str> for PathItem {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for PathItem {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// One thing that is wrong with a body, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Keys as strings, indexes as integers, from the root of the body.
    pub path: Vec<PathItem>,
    /// What is wrong, for the person who wrote the client.
    pub message: String,
}

impl Fault {
    /// A fault at `path`.
    #[must_use]
    pub fn new(path: Vec<PathItem>, message: impl Into<String>) -> Self {
        Self { path, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, item) in self.path.iter().enumerate() {
            match item {
                PathItem::Key(key) if position == 0 => f.write_str(key)?,
                PathItem::Key(key) => write!(f, ".{key}")?,
                PathItem::Index(index) => write!(f, "[{index}]")?,
            }
        }
        if !self.path.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

/// The faults found so far, in document order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The most faults that one reply lists: a body of 1 MiB can hold more faults than anyone reads.
    pub const MAX: usize = 1000;

    /// No faults yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fault; those past [`Faults::MAX`] are dropped.
    pub fn push(&mut self, fault: Fault) {
        if self.0.len() < Self::MAX {
            self.0.push(fault);
        }
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value when nothing is wrong, else all faults.
    ///
    /// # Errors
    /// The faults, when there are any or when `value` is missing.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Fault>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }

    /// All faults found.
    #[must_use]
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}

/// The place of a node: a list of steps that lives on the stack.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The body itself.
    Root,
    /// Under a key of the object at the inner place.
    Key(&'a Place<'a>, &'a str),
    /// At an index of the array at the inner place.
    Index(&'a Place<'a>, usize),
}

impl Place<'_> {
    /// The steps from the root to here.
    #[must_use]
    pub fn to_path(&self) -> Vec<PathItem> {
        match self {
            Self::Root => Vec::new(),
            Self::Key(parent, key) => {
                let mut path = parent.to_path();
                path.push(PathItem::Key((*key).to_owned()));
                path
            }
            Self::Index(parent, index) => {
                let mut path = parent.to_path();
                path.push(PathItem::Index(*index));
                path
            }
        }
    }
}

/// A JSON value and its place in the body.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    value: &'a Value,
    place: Place<'a>,
}

impl<'a> Node<'a> {
    /// The whole body.
    #[must_use]
    pub fn root(value: &'a Value) -> Self {
        Self { value, place: Place::Root }
    }

    /// A value that stands at `place`.
    #[must_use]
    pub fn at(value: &'a Value, place: Place<'a>) -> Self {
        Self { value, place }
    }

    /// The JSON value itself.
    #[must_use]
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// Where this node stands.
    #[must_use]
    pub fn place(&self) -> &Place<'a> {
        &self.place
    }

    /// Writes a fault at this node.
    pub fn fault(&self, faults: &mut Faults, message: impl Into<String>) {
        faults.push(Fault::new(self.place.to_path(), message));
    }

    fn wrong_type(&self, faults: &mut Faults, expected: &str) {
        self.fault(faults, format!("Expected {expected}, received {}", type_name(self.value)));
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// Reads `null` as `Some(None)` and anything else with `read`.
    pub fn nullable<T>(
        &self,
        faults: &mut Faults,
        read: impl FnOnce(&Self, &mut Faults) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.is_null() { Some(None) } else { read(self, faults).map(Some) }
    }

    /// Reads a string of any length.
    pub fn string(&self, faults: &mut Faults) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong_type(faults, "string");
        }
        text
    }

    /// Reads a string of `min` to `max` characters (Unicode scalar values), untrimmed.
    pub fn text(&self, faults: &mut Faults, min: usize, max: usize) -> Option<&'a str> {
        let text = self.string(faults)?;
        let count = text.chars().count();
        if count < min {
            self.fault(faults, format!("String must contain at least {min} character(s)"));
            return None;
        }
        if count > max {
            self.fault(faults, format!("String must contain at most {max} character(s)"));
            return None;
        }
        Some(text)
    }

    /// Reads a string, trims white space, and asks for 1 to `max` characters of what is left.
    pub fn trimmed(&self, faults: &mut Faults, max: usize) -> Option<String> {
        let text = self.string(faults)?.trim();
        let trimmed = Value::String(text.to_owned());
        Node { value: &trimmed, place: self.place }.text(faults, 1, max).map(str::to_owned)
    }

    /// Reads a boolean.
    pub fn boolean(&self, faults: &mut Faults) -> Option<bool> {
        let value = self.value.as_bool();
        if value.is_none() {
            self.wrong_type(faults, "boolean");
        }
        value
    }

    /// Reads a number within `min..=max`.
    pub fn number(&self, faults: &mut Faults, min: f64, max: f64) -> Option<f64> {
        let Some(value) = self.value.as_f64().filter(|_| self.value.is_number()) else {
            self.wrong_type(faults, "number");
            return None;
        };
        self.in_range(faults, value, min, max).then_some(value)
    }

    /// Reads a whole number within `min..=max`; `5.0` counts as whole, as in JavaScript.
    pub fn integer(&self, faults: &mut Faults, min: i64, max: i64) -> Option<i64> {
        if !self.value.is_number() {
            self.wrong_type(faults, "number");
            return None;
        }
        let float = self.value.as_f64().unwrap_or(f64::INFINITY);
        if float.fract() != 0.0 {
            self.fault(faults, "Expected integer, received float");
            return None;
        }
        let exact = self.value.as_i64();
        #[expect(clippy::cast_precision_loss, reason = "bounds are small; only the comparison is rounded")]
        if !self.in_range(faults, exact.map_or(float, |value| value as f64), min as f64, max as f64) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole and within the bounds, checked above")]
        Some(exact.unwrap_or(float as i64))
    }

    fn in_range(&self, faults: &mut Faults, value: f64, min: f64, max: f64) -> bool {
        if value < min {
            self.fault(faults, format!("Number must be greater than or equal to {min}"));
            return false;
        }
        if value > max {
            self.fault(faults, format!("Number must be less than or equal to {max}"));
            return false;
        }
        true
    }

    /// Reads one of the named values and returns its position in `names`.
    pub fn one_of(&self, faults: &mut Faults, names: &[&str]) -> Option<usize> {
        let text = self.string(faults)?;
        let found = names.iter().position(|name| *name == text);
        if found.is_none() {
            let expected = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(" | ");
            self.fault(
                faults,
                format!("Invalid enum value. Expected {expected}, received '{}'", shorten(text)),
            );
        }
        found
    }

    /// Reads an ISO 8601 timestamp with any offset.
    pub fn time(&self, faults: &mut Faults) -> Option<Time> {
        let time = Time::parse(self.string(faults)?);
        if time.is_none() {
            self.fault(faults, "Invalid datetime");
        }
        time
    }

    /// Reads a UUID.
    pub fn uuid(&self, faults: &mut Faults) -> Option<Uuid> {
        let id = crate::id::parse_uuid(self.string(faults)?);
        if id.is_none() {
            self.fault(faults, "Invalid uuid");
        }
        id
    }

    /// Reads an array of at most `max` items, each with `read`. Items with faults are left out, and
    /// the faults tell.
    pub fn array<T>(
        &self,
        faults: &mut Faults,
        max: usize,
        mut read: impl FnMut(&Node<'_>, &mut Faults) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(items) = self.value.as_array() else {
            self.wrong_type(faults, "array");
            return None;
        };
        if items.len() > max {
            self.fault(faults, format!("Array must contain at most {max} element(s)"));
            return None;
        }
        let mut out = Vec::with_capacity(items.len());
        for (index, value) in items.iter().enumerate() {
            out.extend(read(&Node { value, place: Place::Index(&self.place, index) }, faults));
        }
        Some(out)
    }

    /// Walks the keys of an object in document order. `field` reads one of them and returns whether it
    /// knows the key; one that it does not know is a fault, as is each of `required` that is absent.
    /// Returns `None` when the value is no object.
    pub fn object(
        &self,
        faults: &mut Faults,
        required: &[&str],
        mut field: impl FnMut(&str, &Node<'_>, &mut Faults) -> bool,
    ) -> Option<()> {
        let entries = self.entries(faults)?;
        for (key, value) in entries {
            let child = Node { value, place: Place::Key(&self.place, key) };
            if !field(key, &child, faults) {
                child.fault(faults, format!("Unrecognized key: '{}'", shorten(key)));
            }
        }
        for key in required {
            if !entries.contains_key(*key) {
                let place = Place::Key(&self.place, key);
                faults.push(Fault::new(place.to_path(), "Required"));
            }
        }
        Some(())
    }

    /// The entries of an object.
    pub fn entries(&self, faults: &mut Faults) -> Option<&'a Map<String, Value>> {
        let entries = self.value.as_object();
        if entries.is_none() {
            self.wrong_type(faults, "object");
        }
        entries
    }
}

/// The name that error messages use for the type of a JSON value.
#[must_use]
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A value as error messages repeat it: the first 100 characters.
#[must_use]
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Faults, Node};
    use serde_json::{Value, json};

    fn faults(read: impl FnOnce(&Node<'_>, &mut Faults), value: &Value) -> Value {
        let mut faults = Faults::new();
        read(&Node::root(value), &mut faults);
        json!(faults.into_vec())
    }

    #[test]
    fn all_faults_come_at_once_in_document_order() {
        let body = json!({"z": 1, "list": [1, "a", null], "n": 1.5});
        let found = faults(
            |node, faults| {
                node.object(faults, &["missing"], |key, child, faults| {
                    match key {
                        "list" => drop(child.array(faults, 9, |item, faults| item.string(faults).map(drop))),
                        "n" => drop(child.integer(faults, 1, 10)),
                        _ => return false,
                    }
                    true
                });
            },
            &body,
        );
        assert_eq!(
            found,
            json!([
                {"path":["z"],"message":"Unrecognized key: 'z'"},
                {"path":["list",0],"message":"Expected string, received number"},
                {"path":["list",2],"message":"Expected string, received null"},
                {"path":["n"],"message":"Expected integer, received float"},
                {"path":["missing"],"message":"Required"},
            ])
        );
    }

    #[test]
    fn numbers_hold_their_bounds() {
        for (value, message) in [
            (json!("7"), "Expected number, received string"),
            (json!(0), "Number must be greater than or equal to 1"),
            (json!(10_001), "Number must be less than or equal to 10000"),
            (json!(1e300), "Number must be less than or equal to 10000"),
            (json!(u64::MAX), "Number must be less than or equal to 10000"),
        ] {
            let found = faults(|node, faults| assert_eq!(node.integer(faults, 1, 10_000), None), &value);
            assert_eq!(found, json!([{"path":[],"message":message}]));
        }
        let mut none = Faults::new();
        assert_eq!(Node::root(&json!(5.0)).integer(&mut none, 1, 10), Some(5));
    }
}
