//! Strict reading of a body whose `payload` is kept as text.
//!
//! The body is read as [`json::parse`] does. What is under the top-level key `payload` is not ours: it must be JSON
//! without duplicate keys and lone surrogates, and not too deep, but its numbers may have any size and its strings any
//! character, so that it comes back as it was sent.

use crate::fault::{Fault, PathItem};
use crate::json::{self, MAX_DEPTH};
use crate::raw::RawJson;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;

const KEY: &str = "payload";

/// Reads a body. In its value, a stand-in of the same type stands for the payload, whose text comes beside it.
///
/// # Errors
/// A fault with the path at which reading stopped.
pub fn parse(bytes: &[u8]) -> Result<(Value, Option<RawJson>), Fault> {
    let mut places = Places::default();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    if deserializer.deserialize_map(&mut places).is_err() || places.0.is_empty() {
        // No object, or no JSON at all: the strict reader knows how to say it.
        return json::parse(bytes).map(|value| (value, None));
    }
    let mut body = bytes.to_vec();
    let mut kept = None;
    for text in places.0 {
        blank(&mut body, bytes, text);
        kept = Some(text);
    }
    let value = json::parse(&body)?;
    let Some(text) = kept else { return Ok((value, None)) };
    Check::new(text).run()?;
    let payload = RawJson::parse(text.to_owned()).map_err(|error| fault(Vec::new(), error.to_string()))?;
    Ok((value, Some(payload)))
}

/// Puts a stand-in over a payload, and white space over the rest of it, so that lines and columns stay.
fn blank(body: &mut [u8], bytes: &[u8], text: &str) {
    let stand_in: &[u8] = match text.as_bytes().first() {
        Some(b'{') => b"{}",
        Some(b'[') => b"[]",
        Some(b'"') => b"\"\"",
        Some(b't' | b'f' | b'n') => text.as_bytes(),
        _ => b"0",
    };
    let start = (text.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize);
    for (at, byte) in body.iter_mut().skip(start).take(text.len()).enumerate() {
        match stand_in.get(at) {
            Some(new) => *byte = *new,
            None if *byte != b'\n' => *byte = b' ',
            None => {}
        }
    }
}

fn fault(mut below: Vec<PathItem>, message: impl Into<String>) -> Fault {
    below.insert(0, KEY.into());
    Fault::new(below, message)
}

/// The payloads of a body: one, unless the key is there twice.
#[derive(Default)]
struct Places<'de>(Vec<&'de str>);

impl<'de> Visitor<'de> for &mut Places<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let value: &'de RawValue = map.next_value()?;
            if key == KEY {
                self.0.push(value.get());
            }
        }
        Ok(())
    }
}

/// Where the check stands in an object or an array.
enum Level {
    Object { keys: HashSet<String>, at_key: bool },
    Array,
}

/// Looks through a text that is JSON for what is refused all the same.
struct Check<'t> {
    text: &'t str,
    levels: Vec<Level>,
    path: Vec<PathItem>,
}

impl<'t> Check<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, levels: Vec::new(), path: Vec::new() }
    }

    fn run(mut self) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'{' => self.enter(Level::Object { keys: HashSet::new(), at_key: true })?,
                b'[' => {
                    self.enter(Level::Array)?;
                    self.path.push(0.into());
                }
                b'}' | b']' => self.leave(*byte == b']'),
                b',' => self.next(),
                b'"' => {
                    let end = end_of_string(bytes, at);
                    self.string(self.text.get(at..end).unwrap_or_default())?;
                    at = end;
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        Ok(())
    }

    fn enter(&mut self, level: Level) -> Result<(), Fault> {
        // The body itself is a level.
        if self.levels.len() + 1 == MAX_DEPTH {
            return Err(fault(Vec::new(), format!("Nested deeper than {MAX_DEPTH} levels")));
        }
        self.levels.push(level);
        Ok(())
    }

    fn leave(&mut self, array: bool) {
        let entered = match self.levels.pop() {
            Some(Level::Object { keys, .. }) => !keys.is_empty(),
            Some(Level::Array) | None => array,
        };
        if entered {
            self.path.pop();
        }
    }

    fn next(&mut self) {
        match self.levels.last_mut() {
            Some(Level::Object { at_key, .. }) => {
                *at_key = true;
                self.path.pop();
            }
            Some(Level::Array) => {
                if let Some(PathItem::Index(index)) = self.path.last_mut() {
                    *index += 1;
                }
            }
            None => {}
        }
    }

    /// Looks at a string, quotes included.
    fn string(&mut self, quoted: &str) -> Result<(), Fault> {
        let lone = |path: &[PathItem]| fault(path.to_vec(), "String has half a surrogate pair");
        match self.levels.last_mut() {
            Some(Level::Object { keys, at_key }) if *at_key => {
                let Ok(key) = serde_json::from_str::<String>(quoted) else { return Err(lone(&self.path)) };
                *at_key = false;
                self.path.push(PathItem::Key(key.clone()));
                if !keys.insert(key.clone()) {
                    return Err(fault(self.path.clone(), format!("Duplicate key: '{key}'")));
                }
            }
            _ if quoted.contains("\\u") && serde_json::from_str::<String>(quoted).is_err() => {
                return Err(lone(&self.path));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Behind the quote that ends the string which begins here.
fn end_of_string(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::{Value, json};

    fn payload(text: &str) -> Result<(Value, String), Value> {
        let body = format!("{{\"source\":\"s\",\n \"payload\": {text} , \"type\":\"t\"}}");
        let read = parse(body.as_bytes()).map_err(|fault| json!(fault))?;
        Ok((read.0, read.1.expect("a payload").as_str().to_owned()))
    }

    #[test]
    fn a_payload_keeps_its_spelling() {
        for (text, stand_in) in [
            (
                r#"{"n":1e400,"i":1234567890123456789012345678901234567890,"s":"\u0000\ud83e\udd80\u00e9"}"#,
                json!({}),
            ),
            ("[1, [2],\n{\"a\\\\\": \"\\\"}\"}]", json!([])),
            ("\"x\\u0041\"", json!("")),
            ("-1.50e+999", json!(0)),
            ("true", json!(true)),
            ("null", json!(null)),
        ] {
            let (value, kept) = payload(text).expect("valid");
            assert_eq!(value, json!({"source": "s", "payload": stand_in, "type": "t"}), "{text}");
            assert_eq!(kept, text);
        }
        assert_eq!(parse(b"{\"a\":1}").expect("valid").1, None);
        assert_eq!(parse(b"[1]").expect("valid"), (json!([1]), None));
    }

    #[test]
    fn what_nobody_could_read_back_is_refused() {
        for (text, path, message) in [
            (r#"{"a":{"b":1,"c":[],"\u0062":2}}"#, json!(["payload", "a", "b"]), "Duplicate key: 'b'"),
            (
                r#"{"x":[],"a":[{},{"b":"\ud800"}]}"#,
                json!(["payload", "a", 1, "b"]),
                "String has half a surrogate pair",
            ),
            (
                r#"{"a":[[1,2],"\udc00\ud800"]}"#,
                json!(["payload", "a", 1]),
                "String has half a surrogate pair",
            ),
            (r#"{"\ud800":1}"#, json!(["payload"]), "String has half a surrogate pair"),
        ] {
            assert_eq!(payload(text), Err(json!({"path": path, "message": message})), "{text}");
        }
        let nested = |levels: usize| format!("{}{}", "{\"a\":".repeat(levels) + "1", "}".repeat(levels));
        assert!(payload(&nested(63)).is_ok(), "64 with the body itself");
        let deep = json!({"path": ["payload"], "message": "Nested deeper than 64 levels"});
        assert_eq!(payload(&nested(64)), Err(deep.clone()));
        assert_eq!(payload(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))), Err(deep));
    }

    #[test]
    fn the_rest_of_the_body_is_read_strictly() {
        for (body, path, message) in [
            ("{\"payload\":{},\"payload\":{}}", json!(["payload"]), "Duplicate key: 'payload'"),
            (
                "{\"payload\":{\"a\":1},\"x\":\"\\u0000\"}",
                json!(["x"]),
                "String must not contain the character U+0000",
            ),
            (
                "{\"payload\":{\"a\":\n1},\"x\":1e999}",
                json!([]),
                "Malformed JSON at line 2, column 12: number out of range",
            ),
            ("{\"payload\":{\"a\":}}", json!([]), "Malformed JSON at line 1, column 17: expected value"),
            ("{\"payload\":{}} x", json!([]), "Malformed JSON at line 1, column 16: trailing characters"),
            ("", json!([]), "Body is empty, expected a JSON object"),
        ] {
            let found = parse(body.as_bytes()).expect_err("refused");
            assert_eq!(json!(found), json!({"path": path, "message": message}), "{body}");
        }
    }
}
