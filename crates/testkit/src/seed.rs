//! Holds replies of the accounts API against JSON Schemas written from its documented contract, by a kept validator: the
//! OpenAPI document is made from the same code as the replies, so it alone could not tell when both are wrong.

use crate::contract;
use crate::request::Reply;
use jsonschema::Validator;
use serde_json::Value;
use std::sync::LazyLock;

const ACCOUNT: &str = include_str!("../../api/tests/schemas/account.json");
const ERROR: &str = include_str!("../../api/tests/schemas/error.json");
const REPLIES: &str = include_str!("../../api/tests/schemas/replies.json");

struct Schemas {
    error: Validator,
    /// By method and path, in which `*` stands for an id.
    replies: Vec<(&'static str, &'static str, Validator)>,
}

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| {
    let read = |text: &str| -> Value { serde_json::from_str(text).expect("a schema") };
    let replies = read(REPLIES);
    // One document, so that the schemas can refer to each other.
    let with_all = |reference: &str| {
        let mut schema = replies.clone();
        schema["$defs"]["Account"] = read(ACCOUNT);
        schema["$ref"] = reference.into();
        jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
    };
    Schemas {
        error: jsonschema::validator_for(&read(ERROR)).expect("a schema"),
        replies: ROUTES.iter().map(|(method, path, schema)| (*method, *path, with_all(schema))).collect(),
    }
});

/// What each route answers when it succeeds.
const ROUTES: [(&str, &str, &str); 30] = [
    ("GET", "/v0/accounts", "#/$defs/AccountPage"),
    ("POST", "/v0/accounts", "#/$defs/Account"),
    ("GET", "/v0/accounts/*", "#/$defs/Account"),
    ("PATCH", "/v0/accounts/*", "#/$defs/Account"),
    ("POST", "/v0/accounts/*/restore", "#/$defs/Account"),
    ("GET", "/v0/accounts/*/activity", "#/$defs/ActivityPage"),
    ("POST", "/v0/account_logs", "#/$defs/AccountLogReceipt"),
    ("GET", "/v0/accounts/*/logs", "#/$defs/AccountLogPage"),
    ("GET", "/v0/accounts/*/logs/*", "#/$defs/AccountLog"),
    ("GET", "/v0/prospects", "#/$defs/ProspectPage"),
    ("POST", "/v0/prospects", "#/$defs/Prospect"),
    ("GET", "/v0/prospects/*", "#/$defs/Prospect"),
    ("PATCH", "/v0/prospects/*", "#/$defs/Prospect"),
    ("POST", "/v0/prospects/*/restore", "#/$defs/Prospect"),
    ("POST", "/v0/prospects/*/merge", "#/$defs/Prospect"),
    ("GET", "/v0/prospects/*/activity", "#/$defs/ActivityPage"),
    ("POST", "/v0/prospect_logs", "#/$defs/ProspectLogReceipt"),
    ("GET", "/v0/prospects/*/logs", "#/$defs/ProspectLogPage"),
    ("GET", "/v0/prospects/*/logs/*", "#/$defs/ProspectLog"),
    ("GET", "/v0/persons", "#/$defs/PersonPage"),
    ("POST", "/v0/persons", "#/$defs/Person"),
    ("GET", "/v0/persons/*", "#/$defs/Person"),
    ("PATCH", "/v0/persons/*", "#/$defs/Person"),
    ("POST", "/v0/persons/*/restore", "#/$defs/Person"),
    ("POST", "/v0/persons/*/merge", "#/$defs/Person"),
    ("GET", "/v0/persons/*/activity", "#/$defs/PersonActivityPage"),
    ("POST", "/v0/person_logs", "#/$defs/PersonLogReceipt"),
    ("GET", "/v0/persons/*/logs", "#/$defs/PersonLogPage"),
    ("GET", "/v0/persons/*/logs/*", "#/$defs/PersonLog"),
    ("GET", "/v0/openapi.json", "#/$defs/Document"),
];

/// Holds a reply against the schema of its route.
///
/// # Panics
/// When it does not fit, or when a route that answers with a body has no schema.
pub(crate) fn check(reply: &Reply) {
    let path = reply.path.split('?').next().unwrap_or_default();
    if !contract::is_accounts(path) {
        return;
    }
    let name = format!("{} {}", reply.method, reply.path);
    if reply.method == "HEAD" || reply.status.as_u16() == 204 {
        assert!(reply.bytes.is_empty(), "{name}: {} has no body", reply.status);
        return;
    }
    let validator = if reply.status.is_success() {
        let found =
            SCHEMAS.replies.iter().find(|(method, route, _)| reply.method == *method && fits(route, path));
        &found.unwrap_or_else(|| panic!("{name}: no schema")).2
    } else {
        &SCHEMAS.error
    };
    let value = reply.tame_json();
    let faults: Vec<String> =
        validator.iter_errors(&value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{name} ({}) breaks its contract:\n{}", reply.status, faults.join("\n"));
    if reply.status.is_client_error() || reply.status.is_server_error() {
        assert_eq!(value["requestId"].as_str(), reply.header("x-request-id"), "{name}");
    }
}

fn fits(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part == given || part == "*" => {}
            _ => return false,
        }
    }
}
