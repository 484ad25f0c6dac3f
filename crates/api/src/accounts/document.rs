//! The OpenAPI document: what the handlers say of themselves, completed with what holds for all of them, and with the
//! later names of prospects.

use super::ErrorBody;
use super::{key, persons};
use crate::http::digest_tag;
use axum::response::Response;
use serde_json::{Map, Value, json};
use sluice_app::Context;
use std::sync::LazyLock;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const PATH: &str = "/v0/openapi.json";
/// The pattern of a time in the documented contract.
const TIME: &str = r"^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))T(?:(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z))$";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Sluice accounts API",
        description = "Accounts, prospects and what happened to them, for machines that push what happened elsewhere. \
                       Every reply to a known key tells its rate in `RateLimit-Policy` and `RateLimit`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ErrorBody)),
    tags(
        (name = "Accounts", description = "Companies, each known by its domain."),
        (name = "Account logs", description = "What happened to an account."),
        (name = "Prospects", description = "People, each known by their identifiers."),
        (name = "Prospect logs", description = "What happened to a prospect."),
        (name = "Persons", description = "The later name of prospects: the same things, with other names in the replies."),
        (name = "This document", description = "The API described for programs."),
    )
)]
struct Base;

pub(super) fn base() -> OpenApi {
    Base::openapi()
}

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(openapi_json))
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(super::openapi);

/// The OpenAPI 3.1 document.
#[utoipa::path(get, path = "/v0/openapi.json", tag = "This document", operation_id = "openapi",
    responses((status = 200, description = "This document", body = Object)))]
async fn openapi_json() -> Response {
    digest_tag(&*DOCUMENT)
}

/// Completes the document.
pub(super) fn finish(document: OpenApi) -> Value {
    // A document of ours can always be written; an empty one would fail every test of it.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let scheme = json!({"type": "apiKey", "in": "header", "name": key::HEADER,
        "description": "API key authentication. A key is made by `sluice key create`, or by an admin over the targeting API."});
    document["components"]["securitySchemes"] = json!({"apiKey": scheme});
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths.iter_mut().filter(|(path, _)| *path != PATH) {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete(operation, method, path);
            }
        }
    }
    complete_times(&mut document);
    add_persons(&mut document);
    document
}

/// Adds the replies that all operations share.
fn complete(operation: &mut Value, method: &str, path: &str) {
    let scope = operation.pointer("/security/0/apiKey/0").and_then(Value::as_str).unwrap_or_default();
    let forbidden = format!("FORBIDDEN: the key lacks the scope `{scope}`.");
    let has_body = operation.get("requestBody").is_some();
    let Some(replies) = operation["responses"].as_object_mut() else { return };
    let mut add = |wanted: bool, status: &str, text: &str| {
        if wanted {
            replies.entry(status.to_owned()).or_insert_with(|| error(text));
        }
    };
    let reads = has_body || method == "get";
    add(reads, "400", "VALIDATION_ERROR: what is wrong, and where, is in `details`.");
    add(true, "401", "UNAUTHORIZED: no valid key.");
    add(true, "403", &forbidden);
    add(path.contains('{'), "404", "NOT_FOUND: no such object of this tenant.");
    add(has_body, "413", "PAYLOAD_TOO_LARGE.");
    add(has_body, "415", "UNSUPPORTED_MEDIA_TYPE: expected application/json.");
    add(true, "429", "RATE_LIMITED: try again after `Retry-After` seconds.");
    add(true, "500", "INTERNAL_ERROR: an unexpected error. Never shows internal text.");
    add(true, "503", "UNAVAILABLE: try again after `Retry-After` seconds.");
    let mut sorted: Vec<(String, Value)> = std::mem::take(replies).into_iter().collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    replies.extend(sorted);
}

fn error(text: &str) -> Value {
    let schema = json!({"$ref": "#/components/schemas/Error"});
    json!({"description": text, "content": {"application/json": {"schema": schema}}})
}

/// Adds the documented pattern to every time.
fn complete_times(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            if entries.get("format").is_some_and(|format| format == "date-time") {
                entries.insert("pattern".to_owned(), TIME.into());
            }
            entries.values_mut().for_each(complete_times);
        }
        Value::Array(items) => items.iter_mut().for_each(complete_times),
        _ => {}
    }
}

/// Describes the later names: every path of prospects once more, with what it refers to.
fn add_persons(document: &mut Value) {
    let none = Map::new();
    let paths = document["paths"].as_object().unwrap_or(&none).iter();
    let paths: Vec<(String, Value)> = paths
        .filter(|(path, _)| path.starts_with("/v0/prospect"))
        .map(|(path, item)| (path.replace("prospect", "person"), item.clone()))
        .collect();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).unwrap_or(&none).iter();
    let schemas: Vec<(String, Value)> = schemas
        .filter(|(name, _)| name.contains("Prospect") || name.starts_with("Activity"))
        .map(|(name, schema)| (person_schema(name), schema.clone()))
        .collect();
    if let Some(all) = document["paths"].as_object_mut() {
        for (path, mut item) in paths {
            for operation in item.as_object_mut().into_iter().flatten().map(|(_, operation)| operation) {
                operation["tags"] = json!(["Persons"]);
                if let Some(id) = operation["operationId"].as_str().map(|id| id.replace("Prospect", "Person"))
                {
                    operation["operationId"] = id.into();
                }
                for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
                    if let Some(name) = parameter["name"].as_str().and_then(persons::later) {
                        parameter["description"] = format!("{name} parameter").into();
                        parameter["name"] = name.into();
                    }
                }
            }
            refer_to_persons(&mut item);
            all.insert(path, item);
        }
    }
    if let Some(all) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        for (name, mut schema) in schemas {
            refer_to_persons(&mut schema);
            let is_reply =
                !name.starts_with("New") && !name.starts_with("Update") && !name.starts_with("Merge");
            if is_reply || name == "NewPersonLog" {
                rename_keys(&mut schema);
            }
            all.insert(name, schema);
        }
    }
}

/// The name of a schema with the later names of its keys.
fn person_schema(name: &str) -> String {
    match name {
        "Activity" => "PersonActivity".to_owned(),
        "ActivityPage" => "PersonActivityPage".to_owned(),
        // The same under both names.
        "ActivityType" => "ActivityType".to_owned(),
        _ => name.replace("Prospect", "Person"),
    }
}

fn refer_to_persons(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value.as_str().and_then(|text| text.rsplit_once('/')) {
                    Some((folder, name)) if key == "$ref" => {
                        *value = format!("{folder}/{}", person_schema(name)).into();
                    }
                    _ => refer_to_persons(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(refer_to_persons),
        _ => {}
    }
}

fn rename_keys(schema: &mut Value) {
    if let Some(properties) = schema["properties"].as_object_mut() {
        let renamed = std::mem::take(properties).into_iter();
        properties.extend(renamed.map(|(key, value)| (persons::later(&key).unwrap_or(key), value)));
    }
    for key in schema["required"].as_array_mut().into_iter().flatten() {
        if let Some(later) = key.as_str().and_then(persons::later) {
            *key = later.into();
        }
    }
}
