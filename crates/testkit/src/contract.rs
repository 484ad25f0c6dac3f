//! Holds replies against the OpenAPI document: the status is documented, the body fits its schema, and no key is in it
//! that the schema does not know.

use crate::request::Reply;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The document of the targeting API as JSON.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(sluice_api::targeting::openapi()).expect("the document is JSON"));
/// The document of the accounts API.
pub static ACCOUNTS: LazyLock<Value> = LazyLock::new(sluice_api::accounts::openapi);

/// An operation of the document.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// In upper case.
    pub method: &'static str,
    pub path: &'static str,
    pub description: &'static Value,
}

/// All operations of the targeting API, in the order of its document.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| operations(&DOCUMENT));
/// All operations of the accounts API.
pub static ACCOUNTS_OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| operations(&ACCOUNTS));

fn operations(document: &'static Value) -> Vec<Operation> {
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (key, description) in item.as_object().expect("a path item") {
            let method = methods.iter().find(|method| method.eq_ignore_ascii_case(key));
            let method = method.unwrap_or_else(|| panic!("unknown method {key} of {path}"));
            all.push(Operation { method, path, description });
        }
    }
    all
}

/// The document of the API that a path belongs to.
fn document(path: &str) -> &'static Value {
    if is_accounts(path) { &ACCOUNTS } else { &DOCUMENT }
}

/// Whether a path is of the accounts API.
#[must_use]
pub fn is_accounts(path: &str) -> bool {
    path.strip_prefix("/v0").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// The operation that a request is for. A path written out goes before one with parameters.
#[must_use]
pub fn operation(method: &str, path: &str) -> Option<Operation> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(part, given)| part == given || (part.starts_with('{') && !given.is_empty()))
    };
    let all = if is_accounts(path) { &*ACCOUNTS_OPERATIONS } else { &*OPERATIONS };
    let mut fitting: Vec<&Operation> = all.iter().filter(|operation| fits(operation.path)).collect();
    fitting.sort_by_key(|operation| operation.path.matches('{').count());
    let path = fitting.first()?.path;
    fitting.into_iter().find(|operation| operation.path == path && operation.method == method).copied()
}

/// Holds a reply against the document.
///
/// # Panics
/// When it is not as documented.
pub fn check(reply: &Reply) {
    assert_eq!(reply.headers.get_all("x-request-id").iter().count(), 1, "every reply carries X-Request-Id");
    if reply.status.is_client_error() || reply.status.is_server_error() {
        let name = if is_accounts(&reply.path) { "Error" } else { "ErrorBody" };
        assert_fits(&document(&reply.path)["components"]["schemas"][name], reply);
    }
    let Some(operation) = operation(reply.method.as_str(), &reply.path) else { return };
    let status = reply.status.as_str();
    let name = format!("{} {}", reply.method, reply.path);
    let Some(response) = operation.description["responses"].get(status) else {
        panic!("{name} answers {status}, which is not documented: {}", String::from_utf8_lossy(&reply.bytes));
    };
    let essence = reply.header("content-type").map(|value| value.split(';').next().unwrap_or_default());
    match (response.get("content").and_then(Value::as_object), essence) {
        (None, _) => assert!(reply.bytes.is_empty(), "{name}: {status} is documented without a body"),
        (Some(content), Some(essence)) => {
            let described = content.get(essence);
            let described = described.unwrap_or_else(|| panic!("{name}: {essence} is not documented"));
            if essence == "application/json" {
                assert_fits(&described["schema"], reply);
            }
        }
        (Some(_), None) => panic!("{name}: no Content-Type"),
    }
}

fn assert_fits(schema: &'static Value, reply: &Reply) {
    let mut misfits = Vec::new();
    fit(document(&reply.path), schema, &reply.tame_json(), "", &mut misfits);
    assert!(
        misfits.is_empty(),
        "{} {} ({}) is not as documented:\n{}\n{}",
        reply.method,
        reply.path,
        reply.status,
        misfits.join("\n"),
        reply.text()
    );
}

/// Writes down where the value does not fit the schema.
fn fit(document: &'static Value, schema: &Value, value: &Value, place: &str, misfits: &mut Vec<String>) {
    let (properties, required) = (properties(document, schema), required(document, schema));
    fit_one(document, schema, value, place, misfits);
    if let (Some(object), Some(properties)) = (value.as_object(), properties) {
        for (key, value) in object {
            match properties.get(key) {
                Some(schema) => fit(document, schema, value, &format!("{place}/{key}"), misfits),
                None => misfits.push(format!("{place}/{key} is not in the schema")),
            }
        }
        for key in required.iter().filter(|key| !object.contains_key(**key)) {
            misfits.push(format!("{place}/{key} is required"));
        }
    }
}

/// What a `$ref` points at.
///
/// # Panics
/// When it points at nothing.
#[must_use]
pub fn resolve(document: &'static Value, schema: &'static Value) -> &'static Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(name) => target(document, name),
        None => schema,
    }
}

fn target(document: &'static Value, reference: &str) -> &'static Value {
    let pointer = reference.strip_prefix('#').unwrap_or(reference);
    document.pointer(pointer).unwrap_or_else(|| panic!("{reference} points at nothing"))
}

/// The properties of an object schema, those of its parts included; `None` when it says nothing about keys.
fn properties(document: &'static Value, schema: &Value) -> Option<Map<String, Value>> {
    let mut all: Option<Map<String, Value>> = None;
    let mut add = |more: Option<Map<String, Value>>| {
        if let Some(more) = more {
            all.get_or_insert_default().extend(more);
        }
    };
    add(schema.get("properties").and_then(Value::as_object).cloned());
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        add(properties(document, target(document, name)));
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        add(properties(document, part));
    }
    all
}

fn required<'s>(document: &'static Value, schema: &'s Value) -> Vec<&'s str> {
    let mut all: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        all.extend(required(document, target(document, name)));
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        all.extend(required(document, part));
    }
    all
}

/// Everything that a schema says but for the keys of objects.
fn fit_one(document: &'static Value, schema: &Value, value: &Value, place: &str, misfits: &mut Vec<String>) {
    let mut wrong = |text: String| misfits.push(format!("{place}: {text}"));
    let number = |wanted: &Value| wanted.as_f64().unwrap_or_default();
    for (keyword, wanted) in schema.as_object().into_iter().flatten() {
        match keyword.as_str() {
            "type" if !is_of_type(wanted, value) => wrong(format!("{wanted} expected, {value} found")),
            "enum" if !wanted.as_array().is_some_and(|all| all.contains(value)) => {
                wrong(format!("one of {wanted} expected, {value} found"));
            }
            "format" => {
                if let (Some(text), Some(format)) = (value.as_str(), wanted.as_str())
                    && !has_format(format, text)
                {
                    wrong(format!("{format} expected, {text} found"));
                }
            }
            "minimum" if value.as_f64().is_some_and(|value| value < number(wanted)) => {
                wrong(format!("at least {wanted} expected, {value} found"));
            }
            "maximum" if value.as_f64().is_some_and(|value| value > number(wanted)) => {
                wrong(format!("at most {wanted} expected, {value} found"));
            }
            "minLength"
                if value.as_str().is_some_and(|text| (text.chars().count() as f64) < number(wanted)) =>
            {
                wrong(format!("at least {wanted} characters expected"));
            }
            "maxLength"
                if value.as_str().is_some_and(|text| (text.chars().count() as f64) > number(wanted)) =>
            {
                wrong(format!("at most {wanted} characters expected"));
            }
            _ => {}
        }
    }
    for (keyword, wanted) in schema.as_object().into_iter().flatten() {
        match keyword.as_str() {
            "$ref" => {
                let target = target(document, wanted.as_str().unwrap_or_default());
                fit_one(document, target, value, place, misfits);
            }
            "allOf" => {
                for part in wanted.as_array().into_iter().flatten() {
                    fit_one(document, part, value, place, misfits);
                }
            }
            "oneOf" | "anyOf" => {
                let fits = |part: &&Value| {
                    let mut misfits = Vec::new();
                    fit(document, part, value, place, &mut misfits);
                    misfits.is_empty()
                };
                if wanted.as_array().into_iter().flatten().find(fits).is_none() {
                    misfits.push(format!("{place}: fits none of the forms, {value} found"));
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    fit(document, wanted, item, &format!("{place}/{index}"), misfits);
                }
            }
            "additionalProperties" if wanted.is_object() => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    fit(document, wanted, value, &format!("{place}/{key}"), misfits);
                }
            }
            // Read above, by the callers, or nothing to check in a reply.
            "type" | "enum" | "format" | "minimum" | "maximum" | "minLength" | "maxLength" | "properties"
            | "required" | "description" | "example" | "examples" | "default" | "title" | "pattern"
            | "minItems" | "maxItems" | "propertyNames" => {}
            unknown => panic!("the checker does not know the keyword {unknown}"),
        }
    }
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    let one = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match wanted {
        Value::String(name) => one(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(one),
        _ => false,
    }
}

fn has_format(format: &str, text: &str) -> bool {
    match format {
        "uuid" => sluice_model::id::parse_uuid(text).is_some(),
        "date-time" => text.len() == 24 && sluice_model::Time::parse(text).is_some(),
        _ => true,
    }
}
