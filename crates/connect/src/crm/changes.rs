//! What a write would change.

use serde_json::{Map, Value};

/// The wanted fields that differ from those a contact has: what an update has to send. With `only_empty`, those alone
/// that are empty there. Texts compare without white space at their ends; of an object those members count that are
/// wanted; of a list it counts whether every wanted element is in it. What is wanted empty changes nothing.
#[must_use]
pub fn changes(
    wanted: &Map<String, Value>,
    present: &Map<String, Value>,
    only_empty: bool,
) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, value) in wanted {
        let there = present.get(name).unwrap_or(&Value::Null);
        let change = match (value, there) {
            (value, _) if is_empty(value) => None,
            (Value::Object(value), Value::Object(there)) => {
                let inner = changes(value, there, only_empty);
                (!inner.is_empty()).then_some(Value::Object(inner))
            }
            (value, there) if is_empty(there) => Some(value.clone()),
            (value, there) => (!only_empty && !is_in(value, there)).then(|| value.clone()),
        };
        if let Some(change) = change {
            out.insert(name.clone(), change);
        }
    }
    out
}

/// Whether a field holds nothing: null, a text of white space, a list or an object of empty values.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.iter().all(is_empty),
        Value::Object(map) => map.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether `wanted` is there already.
fn is_in(wanted: &Value, there: &Value) -> bool {
    match (wanted, there) {
        (Value::String(wanted), Value::String(there)) => wanted.trim() == there.trim(),
        (Value::Array(wanted), Value::Array(there)) => {
            wanted.iter().all(|wanted| there.iter().any(|there| is_in(wanted, there)))
        }
        (Value::Object(wanted), Value::Object(there)) => wanted
            .iter()
            // What kind of e-mail or phone it is belongs to whoever keeps the CRM.
            .filter(|(name, _)| name.as_str() != "type")
            .all(|(name, wanted)| there.get(name).is_some_and(|there| is_in(wanted, there))),
        (wanted, there) => wanted == there,
    }
}

#[cfg(test)]
mod tests {
    use super::changes;
    use serde_json::{Map, Value, json};

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn only_what_differs_is_sent() {
        let wanted = map(json!({
            "name": "Ann Lee", "title": "CTO", "note": "", "address": {"city": "Kiel", "zip": "24103"},
            "emails": [{"type": "office", "email": "ann@acme.example"}],
        }));
        let present = map(json!({
            "name": " Ann Lee ", "title": "CEO", "note": "kept", "address": {"city": "Bonn", "zip": null, "state": "x"},
            "emails": [{"type": "home", "email": "a@b.example"}, {"type": "home", "email": "ann@acme.example"}],
        }));
        assert_eq!(
            changes(&wanted, &present, false),
            map(json!({"title": "CTO", "address": {"city": "Kiel", "zip": "24103"}}))
        );
        assert_eq!(changes(&wanted, &present, true), map(json!({"address": {"zip": "24103"}})));
        assert_eq!(changes(&wanted, &wanted, false), Map::new());
        assert_eq!(
            changes(&wanted, &Map::new(), true),
            map(json!({
                "name": "Ann Lee", "title": "CTO", "address": {"city": "Kiel", "zip": "24103"},
                "emails": [{"type": "office", "email": "ann@acme.example"}],
            }))
        );
    }
}
