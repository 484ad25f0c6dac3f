//! JSON Schemas of an OpenAPI document as readable tables.

use crate::api_page::prose;
use maud::{Markup, html};
use serde_json::Value;

/// How deep nested objects are unfolded.
const DEPTH: usize = 6;

/// Follows a `$ref` inside the document.
pub fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let pointer =
        schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

/// The name of a schema that is referred to, or a few words on its type.
pub fn type_of(document: &Value, schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = resolve(document, schema);
        let name = reference.rsplit('/').next().unwrap_or_default();
        return if target.get("properties").is_some() { name.to_owned() } else { type_of(document, target) };
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema.get(key).and_then(Value::as_array) {
            let names: Vec<String> = parts.iter().map(|part| type_of(document, part)).collect();
            return names.join(if key == "allOf" { " & " } else { " | " });
        }
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values
            .iter()
            .map(|value| value.as_str().unwrap_or("null").to_owned())
            .collect::<Vec<_>>()
            .join(" | ");
    }
    match schema.get("type") {
        Some(Value::String(name)) => named(document, schema, name),
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str).map(|name| named(document, schema, name));
            names.collect::<Vec<_>>().join(" | ")
        }
        _ => "any".to_owned(),
    }
}

fn named(document: &Value, schema: &Value, name: &str) -> String {
    let format = schema.get("format").and_then(Value::as_str);
    match (name, format) {
        ("array", _) => {
            let items =
                schema.get("items").map_or_else(|| "any".to_owned(), |items| type_of(document, items));
            format!("{items}[]")
        }
        ("string", Some(format)) => format!("string <{format}>"),
        _ => name.to_owned(),
    }
}

/// The properties of a schema as a table; nested objects fold out.
pub fn table(document: &Value, schema: &Value) -> Markup {
    properties(document, schema, DEPTH)
}

fn properties(document: &Value, schema: &Value, depth: usize) -> Markup {
    let schema = resolve(document, schema);
    if depth == 0 {
        return html! {};
    }
    if let Some(items) = schema.get("items") {
        return properties(document, items, depth - 1);
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema.get(key).and_then(Value::as_array) {
            return html! { @for part in parts { (properties(document, part, depth - 1)) } };
        }
    }
    let Some(fields) = schema.get("properties").and_then(Value::as_object) else { return html! {} };
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    html! {
        table.fields {
            @for (name, field) in fields {
                tr {
                    td { code { (name) } @if required.contains(&name.as_str()) { span.required title="required" { "*" } } }
                    td.type { (type_of(document, field)) (limits(field)) }
                    td {
                        (prose(field.get("description").and_then(Value::as_str).unwrap_or_default()))
                        @let inner = properties(document, field, depth - 1);
                        @if !inner.0.is_empty() { details { summary { "fields" } (inner) } }
                    }
                }
            }
        }
    }
}

/// What bounds a value, in brackets; nothing when nothing does.
pub fn limits(field: &Value) -> String {
    let text = |key: &str, label: &str| field.get(key).map(|value| format!("{label} {value}"));
    let range = |(low, low_label), (high, high_label), unit: &str| match (field.get(low), field.get(high)) {
        (Some(low), Some(high)) => Some(format!("{low}–{high}{unit}")),
        _ => text(low, low_label).or_else(|| text(high, high_label)),
    };
    let parts = [
        range(("minimum", "≥"), ("maximum", "≤"), ""),
        range(("minLength", "min. length"), ("maxLength", "max. length"), " characters"),
        text("default", "default"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}
