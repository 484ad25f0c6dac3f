//! The OpenAPI document itself.

use serde_json::Value;
use sluice_model::accounts::Scope;
use sluice_testkit::contract::{ACCOUNTS, ACCOUNTS_OPERATIONS, DOCUMENT, OPERATIONS, Operation, resolve};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file that is generated and committed.
pub fn generated(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/generated").join(name)
}

/// Holds a generated file against what it should be. A build with `UPDATE_GENERATED=1` writes it anew.
pub fn assert_generated(name: &str, expected: &str) {
    let path = generated(name);
    if option_env!("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, expected).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/generated/{name} is not up to date: run the tests with UPDATE_GENERATED=1, and look at the difference"
    );
}

/// An API with what differs between the documents.
struct Api {
    document: &'static Value,
    operations: &'static [Operation],
    /// The path of the document, which needs no credential.
    path: &'static str,
    error: &'static str,
}

fn apis() -> [Api; 2] {
    [
        Api {
            document: &DOCUMENT,
            operations: &OPERATIONS,
            path: "/api/v1/openapi.json",
            error: "#/components/schemas/ErrorBody",
        },
        Api {
            document: &ACCOUNTS,
            operations: &ACCOUNTS_OPERATIONS,
            path: "/v0/openapi.json",
            error: "#/components/schemas/Error",
        },
    ]
}

#[test]
fn the_committed_documents_are_the_present_ones() {
    for (name, document) in [("openapi.json", &*DOCUMENT), ("openapi-accounts.json", &*ACCOUNTS)] {
        let text = serde_json::to_string_pretty(document).expect("the document is JSON");
        assert_generated(name, &format!("{text}\n"));
    }
}

#[test]
fn every_operation_is_described() {
    for api in apis() {
        check_operations(&api);
    }
}

fn check_operations(api: &Api) {
    let mut ids = BTreeSet::new();
    let document = api.document;
    let tags: Vec<&str> =
        document["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    for operation in api.operations {
        let (name, it) = (format!("{} {}", operation.method, operation.path), operation.description);
        let id = it["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no operationId"));
        assert!(ids.insert(id), "{name}: the operationId {id} is taken");
        let tag = it["tags"][0].as_str().unwrap_or_else(|| panic!("{name} has no tag"));
        assert!(tags.contains(&tag), "{name}: the tag {tag} is not described");
        assert!(it["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{name} has no summary");
        let responses = it["responses"].as_object().expect("responses");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name}: no success");
        if operation.path == api.path {
            continue;
        }
        let accounts = api.path.starts_with("/v0");
        if accounts {
            let scope = it["security"][0]["apiKey"][0].as_str().and_then(Scope::from_name);
            assert!(scope.is_some(), "{name} names no scope: {}", it["security"]);
            assert!(responses.contains_key("403") && responses.contains_key("429"), "{name}");
        } else {
            assert_eq!(it["security"], serde_json::json!([{"bearer": []}]), "{name}");
        }
        let has_id = operation.path.contains('{');
        let sends = match operation.method {
            // There a body that may be left out is described, too.
            "POST" => !accounts || it.get("requestBody").is_some(),
            method => method == "PATCH",
        };
        for (status, wanted) in
            [("401", true), ("404", has_id), ("500", true), ("400", sends), ("413", sends), ("415", sends)]
        {
            assert!(!wanted || responses.contains_key(status), "{name}: {status} is not documented");
        }
        for (status, response) in responses {
            assert!(
                response["description"].as_str().is_some_and(|text| !text.is_empty()),
                "{name}: {status}"
            );
            if status.starts_with(['4', '5']) {
                let schema = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, api.error, "{name}: {status}");
            }
        }
        let parameters: Vec<&str> = it["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        let in_path: Vec<&str> =
            operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(parameters, in_path, "{name}");
    }
}

/// Keys of replies that are there only sometimes: faults, the records of a list by its kind, and what the catalog alone
/// knows of its records. Such a key is never null.
const OPTIONAL: [(&str, &[&str]); 21] = [
    (
        "Company",
        &[
            "employees",
            "externalId",
            "funding",
            "isin",
            "keywords",
            "languages",
            "marketCap",
            "naics",
            "observedAt",
            "productsAndServices",
            "provenance",
            "retailSize",
            "sector",
            "seoTexts",
            "socialLinks",
            "source",
            "technologies",
            "type",
        ],
    ),
    ("Decision", &["crmMatch"]),
    ("Employer", &["domain"]),
    ("Error", &["details"]),
    ("ErrorDetail", &["details"]),
    ("ErrorDetails", &["errors"]),
    (
        "Evidence",
        &[
            "contentHash",
            "error",
            "excerpt",
            "fetchedAt",
            "model",
            "promptHash",
            "quote",
            "rawAnswer",
            "reason",
            "status",
            "url",
        ],
    ),
    ("HydratedLeadList", &["companies", "persons"]),
    ("Icp", &["schedule"]),
    (
        "Person",
        &[
            "badges",
            "certifications",
            "connections",
            "courses",
            "externalId",
            "followers",
            "gender",
            "headline",
            "observedAt",
            "projects",
            "provenance",
            "socialLinks",
            "source",
            "state",
            "summary",
        ],
    ),
    ("ResultPage_Classification", &["nextCursor"]),
    ("ResultPage_Company", &["nextCursor"]),
    ("ResultPage_CompanySuggestion", &["nextCursor"]),
    ("ResultPage_Lead", &["nextCursor"]),
    ("ResultPage_LocationSuggestion", &["nextCursor"]),
    ("ResultPage_PersonSuggestion", &["nextCursor"]),
    ("Run", &["crm", "scheduledFor"]),
    ("Preview", &["cost", "crm", "error", "stoppedBy"]),
    ("RunCost", &["unneeded"]),
    ("Source", &["criterion", "reference"]),
    ("Tested", &["error"]),
];

/// Schemas of what comes back as a client sent it: there a key may be missing, or null.
const AS_SENT: [&str; 4] = ["LeadProviderCriterion", "CustomFilter", "CrmFilters", "CrmCondition"];

#[test]
fn every_key_of_a_reply_is_required_or_optional_on_purpose() {
    let mut optional = BTreeSet::new();
    for api in apis() {
        collect_optional(&api, &mut optional);
    }
    let expected: BTreeSet<String> = OPTIONAL
        .iter()
        .flat_map(|(name, keys)| keys.iter().map(move |key| format!("{name}.{key}")))
        .collect();
    // A page shows the records' own schema once more.
    let optional: BTreeSet<String> =
        optional.iter().map(|key| key.replace("ResultPage_Company.content.", "Company.")).collect();
    assert_eq!(optional, expected);
}

fn collect_optional(api: &Api, optional: &mut BTreeSet<String>) {
    let mut seen = BTreeSet::new();
    for operation in api.operations {
        for response in operation.description["responses"].as_object().expect("responses").values() {
            for content in
                response.get("content").and_then(Value::as_object).into_iter().flat_map(|c| c.values())
            {
                walk(api.document, &content["schema"], "", optional, &mut seen);
            }
        }
    }
}

/// Collects the keys that need not be there, and asks that these are not nullable: a key is either always there,
/// perhaps null, or left out.
fn walk(
    document: &'static Value,
    schema: &'static Value,
    name: &str,
    optional: &mut BTreeSet<String>,
    seen: &mut BTreeSet<String>,
) {
    let mut name = name.to_owned();
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        name = reference.rsplit('/').next().unwrap_or_default().to_owned();
        if !seen.insert(name.clone()) || AS_SENT.contains(&name.as_str()) {
            return;
        }
    }
    let schema = resolve(document, schema);
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{name}.{key}");
        if !required.contains(&key.as_str()) {
            assert!(!is_nullable(property), "{place} is nullable, so it must be required");
            optional.insert(place.clone());
        }
        walk(document, property, &place, optional, seen);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key) {
            walk(document, inner, &name, optional, seen);
        }
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        for part in schema[key].as_array().into_iter().flatten() {
            walk(document, part, &name, optional, seen);
        }
    }
}

fn is_nullable(schema: &Value) -> bool {
    let null = |value: &Value| value == "null";
    schema["type"].as_array().is_some_and(|types| types.iter().any(null))
        || schema["oneOf"].as_array().is_some_and(|forms| forms.iter().any(|form| null(&form["type"])))
}

#[tokio::test]
async fn the_documents_are_served() {
    use sluice_testkit::Caller;
    let app = sluice_testkit::TestApp::start().await;
    for api in apis() {
        let reply = app.anonymous().get(api.path).await.expect(200);
        assert_eq!(reply.json(), *api.document);
        assert!(reply.header("etag").is_some());
    }
}

#[test]
fn the_schema_of_an_account_is_that_of_the_documented_page() {
    let account = &ACCOUNTS["components"]["schemas"]["Account"];
    let documented: Value = serde_json::from_str(include_str!("../schemas/account.json")).expect("a schema");
    assert_eq!(sorted(&account["required"]), sorted(&documented["required"]));
    for (key, wanted) in documented["properties"].as_object().expect("properties") {
        let found = &account["properties"][key];
        if key == "linkedProspects" {
            assert_eq!(
                *found,
                serde_json::json!({"type": "array", "items": {"$ref": "#/components/schemas/Prospect"},
                "description": found["description"]})
            );
            continue;
        }
        for keyword in ["pattern", "minLength", "maxLength", "format"] {
            assert_eq!(found.get(keyword), wanted.get(keyword), "{key}: {keyword}");
        }
        assert_eq!(sorted(&found["type"]), sorted(&wanted["type"]), "{key}");
        if let Some(description) = wanted.get("description") {
            assert_eq!(&found["description"], description, "{key}");
        }
    }
    let linked = &ACCOUNTS["components"]["schemas"]["Prospect"];
    assert_eq!(
        sorted(&linked["required"]),
        sorted(&documented["properties"]["linkedProspects"]["items"]["required"])
    );
    let body = &ACCOUNTS["components"]["schemas"]["UpdateAccount"];
    let name = serde_json::json!({"type": "string", "description": "New account name", "minLength": 1, "maxLength": 255});
    assert_eq!(
        (&body["required"], &body["properties"]),
        (&serde_json::json!(["name"]), &serde_json::json!({"name": name}))
    );
    let scheme = &ACCOUNTS["components"]["securitySchemes"]["apiKey"];
    assert_eq!(
        (&scheme["type"], &scheme["in"], &scheme["name"]),
        (&"apiKey".into(), &"header".into(), &"x-api-key".into())
    );
}

/// The texts of a list, or a text alone, in order.
fn sorted(value: &Value) -> Vec<String> {
    let mut all: Vec<String> = match value {
        Value::Array(items) => items.iter().map(ToString::to_string).collect(),
        other => vec![other.to_string()],
    };
    all.sort();
    all
}
