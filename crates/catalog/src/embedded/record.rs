//! Records as bytes: JSON without what is empty.

use crate::CatalogError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Room for a usual record from the start.
const USUAL_BYTES: usize = 4 << 10;

/// The record as JSON, without members that are `null`, `[]` or `{}`: reading puts their defaults back.
pub(super) fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>, CatalogError> {
    let mut json = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut json, record).map_err(|error| CatalogError::Corrupt(error.to_string()))?;
    Ok(without_empty(&json))
}

/// Reads what [`encode`] wrote.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CatalogError> {
    serde_json::from_slice(bytes).map_err(|error| CatalogError::Corrupt(error.to_string()))
}

/// Drops empty members of objects. `json` is compact, as serde writes it.
fn without_empty(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    // Where in `out` each open object's present member begins, with its comma if it has one.
    let mut members: Vec<usize> = Vec::new();
    let mut in_object: Vec<bool> = Vec::new();
    let mut position = 0;
    while let Some(byte) = json.get(position) {
        match byte {
            b'"' => {
                let end = string_end(json, position);
                out.extend_from_slice(json.get(position..end).unwrap_or_default());
                position = end;
                continue;
            }
            b'{' | b'[' => {
                out.push(*byte);
                in_object.push(*byte == b'{');
                members.push(out.len());
            }
            b',' if in_object.last() == Some(&true) => {
                end_member(&mut out, &members);
                // The comma belongs to the member that follows; the first one kept has none.
                if out.last() != Some(&b'{') {
                    if let Some(start) = members.last_mut() {
                        *start = out.len();
                    }
                    out.push(b',');
                } else if let Some(start) = members.last_mut() {
                    *start = out.len();
                }
            }
            b'}' => {
                end_member(&mut out, &members);
                members.pop();
                in_object.pop();
                out.push(b'}');
            }
            b']' => {
                members.pop();
                in_object.pop();
                out.push(b']');
            }
            other => out.push(*other),
        }
        position += 1;
    }
    out
}

/// Takes the member at the end of `out` back when its value is empty.
fn end_member(out: &mut Vec<u8>, members: &[usize]) {
    let Some(start) = members.last().copied() else { return };
    let member = out.get(start..).unwrap_or_default();
    if member.ends_with(b"\":null") || member.ends_with(b"\":[]") || member.ends_with(b"\":{}") {
        out.truncate(start);
    }
}

/// The position after the string that begins at `start`.
fn string_end(json: &[u8], start: usize) -> usize {
    let mut position = start + 1;
    while let Some(rest) = json.get(position..)
        && let Some(at) = memchr::memchr2(b'"', b'\\', rest)
    {
        if rest.get(at) == Some(&b'"') {
            return position + at + 1;
        }
        position += at + 2;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::without_empty;

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
        ] {
            assert_eq!(String::from_utf8_lossy(&without_empty(json.as_bytes())), short, "{json}");
        }
    }
}
