//! Strict reading of JSON bodies.
//!
//! Beyond RFC 8259's grammar a body must have: no duplicate keys, no NUL in a string, valid UTF-8, no
//! lone surrogates, numbers that a double can hold, and at most [`MAX_DEPTH`] levels.

use crate::fault::{Fault, PathItem};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// The deepest nesting of arrays and objects that a body may have.
pub const MAX_DEPTH: usize = 64;

/// Reads one JSON document.
///
/// # Errors
/// A fault with the path at which reading stopped. For a syntax error its message names the line and
/// the column, both counted from 1.
pub fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::new(Vec::new(), "Body is empty, expected a JSON object"));
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(Fault::new(Vec::new(), format!("Invalid UTF-8 at byte {}", error.valid_up_to())));
    }
    let state = State::default();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let result = Strict { state: &state, depth: 0 }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    result.map_err(|error| {
        let rule = state.broken_rule.take();
        let (path, message) = match rule {
            Some(message) => (state.path.take(), message),
            None => (Vec::new(), syntax_message(&error)),
        };
        Fault::new(path, message)
    })
}

fn syntax_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or("syntax error");
    format!("Malformed JSON at line {}, column {}: {what}", error.line(), error.column())
}

#[derive(Default)]
struct State {
    path: RefCell<Vec<PathItem>>,
    broken_rule: RefCell<Option<String>>,
}

impl State {
    fn refuse<E: serde::de::Error>(&self, message: String) -> E {
        *self.broken_rule.borrow_mut() = Some(message);
        E::custom("refused")
    }
}

#[derive(Clone, Copy)]
struct Strict<'s> {
    state: &'s State,
    depth: usize,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            // The path itself would be as deep as the attack: name the top only.
            self.state.path.borrow_mut().truncate(1);
            return Err(self.state.refuse(format!("Nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { state: self.state, depth: self.depth + 1 })
    }

    fn text<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') {
            return Err(self.state.refuse("String must not contain the character U+0000".to_owned()));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.text(value)?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        self.text(&value)?;
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let child = self.deeper()?;
        let mut items = Vec::new();
        loop {
            self.state.path.borrow_mut().push(PathItem::Index(items.len()));
            match seq.next_element_seed(child)? {
                Some(item) => items.push(item),
                None => break,
            }
            self.state.path.borrow_mut().pop();
        }
        self.state.path.borrow_mut().pop();
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let child = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.text::<A::Error>(&key)?;
            self.state.path.borrow_mut().push(PathItem::Key(key.clone()));
            if object.contains_key(&key) {
                return Err(self.state.refuse(format!("Duplicate key: '{key}'")));
            }
            let value = map.next_value_seed(child)?;
            self.state.path.borrow_mut().pop();
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::json;

    fn fault(text: impl AsRef<[u8]>) -> serde_json::Value {
        json!(parse(text.as_ref()).expect_err("must be refused"))
    }

    #[test]
    fn keeps_the_order_of_keys() {
        let value = parse(br#"{"b":1,"a":[1.50,-3,true,null,"x"]}"#).expect("valid");
        assert_eq!(value.to_string(), r#"{"b":1,"a":[1.5,-3,true,null,"x"]}"#);
    }

    #[test]
    fn names_the_place_of_each_broken_rule() {
        assert_eq!(fault(r#"{"a":{"b":1,"b":2}}"#), json!({"path":["a","b"],"message":"Duplicate key: 'b'"}));
        assert_eq!(
            fault(r#"{"a":[1,"x\u0000"]}"#),
            json!({"path":["a",1],"message":"String must not contain the character U+0000"})
        );
        assert_eq!(fault(b"{\"a\":\"\xff\"}"), json!({"path":[],"message":"Invalid UTF-8 at byte 6"}));
        assert_eq!(fault("  "), json!({"path":[],"message":"Body is empty, expected a JSON object"}));
        let deep = "[".repeat(100_000);
        assert_eq!(fault(deep), json!({"path":[0],"message":"Nested deeper than 64 levels"}));
    }

    #[test]
    fn syntax_errors_name_line_and_column() {
        for (text, column) in [
            ("{\"a\":}", 6),
            ("{\"a\":1e999}", 10),
            ("{\"a\":\"\\ud800\"}", 13),
            ("{} {}", 4),
            ("{\"a\":NaN}", 6),
        ] {
            let message = fault(text)["message"].as_str().map(str::to_owned).unwrap_or_default();
            assert!(
                message.starts_with(&format!("Malformed JSON at line 1, column {column}:")),
                "{text}: {message}"
            );
        }
    }

    #[test]
    fn sixty_four_levels_are_allowed() {
        let text = format!("{}{}", "[".repeat(64), "]".repeat(64));
        assert!(parse(text.as_bytes()).is_ok());
    }
}
