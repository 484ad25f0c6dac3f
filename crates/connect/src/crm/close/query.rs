//! Queries of Close's Advanced Filtering, as JSON.
//!
//! Source: Close's API reference, chapter Advanced Filtering.

use serde_json::{Value, json};

/// All of these.
pub(super) fn all(queries: Vec<Value>) -> Value {
    json!({"type": "and", "queries": queries})
}

/// At least one of these.
pub(super) fn any(queries: Vec<Value>) -> Value {
    json!({"type": "or", "queries": queries})
}

/// Objects of this kind.
pub(super) fn kind(object: &str) -> Value {
    json!({"type": "object_type", "object_type": object})
}

fn field(object: &str, name: &str) -> Value {
    json!({"type": "regular_field", "object_type": object, "field_name": name})
}

/// A text in a field: `exact_value` the whole, `phrase` words in a row.
pub(super) fn text(object: &str, name: &str, mode: &str, value: &str) -> Value {
    json!({
        "type": "field_condition",
        "field": field(object, name),
        "condition": {"type": "text", "mode": mode, "value": value},
    })
}

/// The whole text of a custom field.
pub(super) fn custom(id: &str, value: &str) -> Value {
    json!({
        "type": "field_condition",
        "field": {"type": "custom_field", "custom_field_id": id},
        "condition": {"type": "text", "mode": "exact_value", "value": value},
    })
}

/// Changed at this time or later, and before the other.
pub(super) fn changed(object: &str, from: Option<&str>, before: Option<&str>) -> Value {
    let moment = |time: Option<&str>| match time {
        Some(time) => json!({"type": "fixed_utc", "value": time}),
        None => Value::Null,
    };
    json!({
        "type": "field_condition",
        "field": field(object, "date_updated"),
        "condition": {"type": "moment_range", "on_or_after": moment(from), "before": moment(before)},
    })
}

/// Objects that have a related one for which a query holds.
pub(super) fn has(this: &str, related: &str, query: Value) -> Value {
    json!({"type": "has_related", "this_object_type": this, "related_object_type": related, "related_query": query})
}

/// The oldest change first.
pub(super) fn by_change(object: &str) -> Value {
    json!([{"direction": "asc", "field": field(object, "date_updated")}])
}
