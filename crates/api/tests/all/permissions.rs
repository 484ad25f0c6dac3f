//! Who may call what: every operation of the document, by every kind of caller.

use crate::accounts;
use crate::crm::{app_with_crm, credentials, export_body};
use crate::document::assert_generated;
use crate::support::{LISTS, NOBODY, RUNS, SUPPRESSIONS, give_up, icp_body, new_icp, new_list};
use crate::webhooks::{WEBHOOKS, only_webhook, tested};
use axum::http::Method;
use serde_json::{Value, json};
use sluice_fakes::bullhorn::BullhornFake;
use sluice_testkit::records::{company_id, person_id};
use sluice_testkit::{Caller, TestApp, contract};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The columns of the table.
const CALLERS: [&str; 7] = [
    "no token",
    "malformed token",
    "revoked token",
    "other organisation",
    "member outside userIds",
    "member",
    "admin",
];

/// What the seven callers get; the object, if any, was made by the member.
struct Row(&'static str, &'static str, [u16; 7]);

/// Everybody signed in.
const fn signed_in(status: u16) -> [u16; 7] {
    [401, 401, 401, status, status, status, status]
}

/// Everybody of the organisation.
const fn colleagues(status: u16) -> [u16; 7] {
    [401, 401, 401, 404, status, status, status]
}

/// Those in `userIds`, and admins.
const fn users(status: u16) -> [u16; 7] {
    [401, 401, 401, 404, 403, status, status]
}

const TABLE: [Row; 41] = [
    Row("GET", "/api/v1/openapi.json", [200; 7]),
    Row("GET", "/api/v1/entities/icps", signed_in(200)),
    Row("POST", "/api/v1/entities/icps", signed_in(201)),
    Row("GET", "/api/v1/entities/icps/{id}", users(200)),
    Row("PATCH", "/api/v1/entities/icps/{id}", users(200)),
    Row("DELETE", "/api/v1/entities/icps/{id}", users(204)),
    Row("POST", "/api/v1/entities/icps/{id}/clone", users(201)),
    Row("GET", "/api/v1/entities/icps/{id}/versions", users(200)),
    Row("GET", "/api/v1/entities/icps/{id}/versions/{version}", users(200)),
    Row("GET", "/api/v1/entities/leadlists", signed_in(200)),
    Row("POST", "/api/v1/entities/leadlists", signed_in(201)),
    // Documented: any signed-in user of the organisation.
    Row("GET", "/api/v1/entities/leadlists/{id}", colleagues(200)),
    Row("PATCH", "/api/v1/entities/leadlists/{id}", users(200)),
    Row("DELETE", "/api/v1/entities/leadlists/{id}", users(204)),
    Row("POST", "/api/v1/entities/leadlists/{id}/add-prospects", users(200)),
    Row("POST", "/api/v1/entities/leadlists/{id}/add-companies", users(200)),
    Row("GET", "/api/v1/entities/leads/list/{id}", users(200)),
    // The catalog is everybody's who is signed in.
    Row("POST", "/api/v1/entities/prospects/person", signed_in(200)),
    Row("POST", "/api/v1/entities/prospects/company", signed_in(200)),
    Row("GET", "/api/v1/entities/prospects/person/{id}", signed_in(200)),
    Row("GET", "/api/v1/entities/prospects/company/{id}", signed_in(200)),
    Row("GET", "/api/v1/entities/prospects/company/{id}/people/search", signed_in(200)),
    Row("POST", "/api/v1/operations/prospects/person/count", signed_in(200)),
    Row("POST", "/api/v1/operations/prospects/company/count", signed_in(200)),
    Row("GET", "/api/v1/operations/filters", signed_in(200)),
    Row("GET", "/api/v1/operations/autocomplete/classifications", signed_in(200)),
    Row("GET", "/api/v1/operations/autocomplete/locations", signed_in(200)),
    Row("GET", "/api/v1/operations/autocomplete/companies", signed_in(200)),
    Row("GET", "/api/v1/operations/autocomplete/people", signed_in(200)),
    Row("GET", "/api/v1/operations/autocomplete/schools", signed_in(200)),
    Row("GET", "/api/v1/operations/autocomplete/person-metadata", signed_in(200)),
    Row("POST", "/api/v1/operations/icps/{id}/preview", users(200)),
    Row("POST", "/api/v1/operations/icps/{id}/generate", users(202)),
    Row("GET", "/api/v1/operations/runs", signed_in(200)),
    Row("GET", "/api/v1/operations/runs/{id}", users(200)),
    Row("GET", "/api/v1/operations/runs/{id}/events", users(200)),
    Row("GET", "/api/v1/operations/runs/{id}/decisions", users(200)),
    Row("POST", "/api/v1/operations/runs/{id}/cancel", users(202)),
    Row("GET", "/api/v1/operations/suppressions", signed_in(200)),
    Row("POST", "/api/v1/operations/suppressions", signed_in(201)),
    Row("GET", "/api/v1/operations/suppressions/explain", signed_in(200)),
];

/// The suppression list is the organisation's: every colleague may change it.
const SUPPRESSION_TABLE: [Row; 2] = [
    Row("DELETE", "/api/v1/operations/suppressions/{id}", colleagues(204)),
    Row("POST", "/api/v1/operations/suppressions/{id}/erase", colleagues(200)),
];

/// Admins only.
const fn admins(status: u16) -> [u16; 7] {
    [401, 401, 401, status, 403, 403, status]
}

const JOB_TABLE: [Row; 3] = [
    Row("GET", "/api/v1/operations/jobs", admins(200)),
    Row("DELETE", "/api/v1/operations/jobs/{id}", [401, 401, 401, 404, 403, 403, 204]),
    Row("POST", "/api/v1/operations/jobs/{id}/retry", [401, 401, 401, 404, 403, 403, 202]),
];

const KEY_TABLE: [Row; 3] = [
    Row("GET", "/api/v1/operations/api-keys", admins(200)),
    Row("POST", "/api/v1/operations/api-keys", admins(201)),
    Row("DELETE", "/api/v1/operations/api-keys/{id}", [401, 401, 401, 404, 403, 403, 204]),
];

/// What is set up, and what is spent, outside.
const SERVICE_TABLE: [Row; 13] = [
    Row("GET", "/api/v1/operations/connectors", admins(200)),
    Row("PUT", "/api/v1/operations/connectors/{name}", [401, 401, 401, 200, 403, 403, 200]),
    // The other organisation has one of this name as well, since the row before.
    Row("DELETE", "/api/v1/operations/connectors/{name}", [401, 401, 401, 204, 403, 403, 204]),
    // Its kind has no light call.
    Row("POST", "/api/v1/operations/connectors/{name}/test", [401, 401, 401, 404, 403, 403, 409]),
    Row("GET", "/api/v1/operations/credits/balance", signed_in(200)),
    Row("GET", "/api/v1/operations/credits/history", signed_in(200)),
    Row("POST", "/api/v1/operations/credits", admins(201)),
    // Never asked for.
    Row("GET", "/api/v1/operations/enrichment/{id}", signed_in(404)),
    // Nobody is connected who could be asked.
    Row("POST", "/api/v1/operations/enrichment/{id}", signed_in(409)),
    Row("POST", "/api/v1/operations/enrichment/batch", signed_in(409)),
    Row("POST", "/api/v1/operations/enrichment/batch/query", signed_in(200)),
    Row("POST", "/api/v1/operations/enrichment/bulk", signed_in(409)),
    Row("POST", "/api/v1/operations/export", signed_in(200)),
];

const CRM_TABLE: [Row; 9] = [
    Row("GET", "/api/v1/operations/crm/settings", signed_in(200)),
    Row("PUT", "/api/v1/operations/crm/settings", admins(200)),
    // The other organisation has one as well, since the row before.
    Row("DELETE", "/api/v1/operations/crm/settings", [401, 401, 401, 204, 403, 403, 204]),
    Row("POST", "/api/v1/operations/crm/test-connection", admins(200)),
    Row("GET", "/api/v1/operations/crm/sync", signed_in(200)),
    Row("POST", "/api/v1/operations/crm/sync", signed_in(202)),
    Row("POST", "/api/v1/operations/crm/export", signed_in(200)),
    Row("GET", "/api/v1/operations/crm/exports/{id}", users(200)),
    Row("GET", "/api/v1/operations/crm/exports/{id}/records", users(200)),
];

/// Admins of the organisation.
const fn own_admins(status: u16) -> [u16; 7] {
    [401, 401, 401, 404, 403, 403, status]
}

const WEBHOOK_TABLE: [Row; 11] = [
    Row("GET", "/api/v1/webhooks", admins(200)),
    Row("POST", "/api/v1/webhooks", admins(201)),
    Row("GET", "/api/v1/webhooks/{id}", own_admins(200)),
    Row("PATCH", "/api/v1/webhooks/{id}", own_admins(200)),
    Row("DELETE", "/api/v1/webhooks/{id}", own_admins(204)),
    Row("POST", "/api/v1/webhooks/{id}/rotate-secret", own_admins(200)),
    Row("POST", "/api/v1/webhooks/{id}/test", own_admins(200)),
    Row("GET", "/api/v1/webhooks/{id}/deliveries", own_admins(200)),
    Row("GET", "/api/v1/webhooks/{id}/deliveries/{deliveryId}", own_admins(200)),
    Row("POST", "/api/v1/webhooks/{id}/deliveries/{deliveryId}/replay", own_admins(202)),
    Row("POST", "/api/v1/webhooks/{id}/replay", own_admins(202)),
];

fn table() -> impl Iterator<Item = &'static Row> {
    TABLE
        .iter()
        .chain(&SUPPRESSION_TABLE)
        .chain(&KEY_TABLE)
        .chain(&JOB_TABLE)
        .chain(&SERVICE_TABLE)
        .chain(&CRM_TABLE)
        .chain(&WEBHOOK_TABLE)
}

#[test]
fn the_table_has_every_operation_of_the_document() {
    let documented: BTreeSet<(&str, &str)> =
        contract::OPERATIONS.iter().map(|operation| (operation.method, operation.path)).collect();
    let covered: BTreeSet<(&str, &str)> = table().map(|Row(method, path, _)| (*method, *path)).collect();
    assert_eq!(covered, documented);
    assert_eq!(covered.len(), table().count(), "no operation is in the table twice");
}

#[test]
fn the_committed_table_is_the_present_one() {
    let mut text = String::from("Who may call what. Made from the table that the tests hold the API to.\n");
    text.push_str("The objects in the paths belong to the member's organisation; only the member is in their userIds.\n\n");
    let rows: Vec<(String, [String; 7])> = table()
        .map(|Row(method, path, statuses)| {
            (format!("{method} {path}"), statuses.map(|status| status.to_string()))
        })
        .collect();
    write_table(&mut text, CALLERS, &rows);
    text.push_str("\nWhich key may call what of the accounts API. The objects belong to the tenant of the good key.\n\n");
    write_table(&mut text, accounts::permissions::CALLERS, &accounts::permissions::lines());
    assert_generated("permissions.txt", &text);
}

fn write_table<const N: usize>(text: &mut String, callers: [&str; N], rows: &[(String, [String; N])]) {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let head = ("operation".to_owned(), callers.map(str::to_owned));
    for (name, cells) in std::iter::once(&head).chain(rows) {
        let cells: Vec<String> =
            cells.iter().zip(callers).map(|(cell, caller)| format!("{cell:<0$}", caller.len())).collect();
        writeln!(text, "{name:<width$} | {}", cells.join(" | ").trim_end()).expect("a string takes all");
    }
}

/// The path with the ids of new objects of the member's, and the body for it.
async fn arrange(app: &TestApp, method: &str, path: &str) -> (String, Option<Value>) {
    let member = app.member();
    let connector = json!({"kind": "firecrawl", "settings": {}, "apiKey": "k"});
    if path.contains("{name}") && method != "PUT" {
        let _ = app.admin().put("/api/v1/operations/connectors/firecrawl", &connector).await.expect(200);
    }
    let id = if !path.contains("{id}") {
        String::new()
    } else if path.contains("/icps/") {
        new_icp(&member, json!({})).await.id()
    } else if path.contains("/add-companies") {
        new_list(&member, json!({"type": "company"})).await.id()
    } else if path.contains("/leadlists/") || path.contains("/leads/") {
        new_list(&member, json!({})).await.id()
    } else if path.contains("/runs/") {
        let icp = new_icp(&member, json!({})).await.id();
        let run = member.post_empty(&format!("/api/v1/operations/icps/{icp}/generate")).await.expect(202);
        run.text_at("/run/id")
    } else if path.contains("/suppressions/") {
        let body = json!({"kind": "email", "value": "x@mail.example", "reason": null});
        member.post(SUPPRESSIONS, &body).await.expect(201).text_at("/entries/0/id")
    } else if path.contains("/jobs/") {
        let icp = new_icp(&member, json!({})).await.id();
        give_up(app, &format!("/api/v1/operations/icps/{icp}")).await
    } else if path.contains("/api-keys/") {
        app.admin().post("/api/v1/operations/api-keys", &json!({})).await.expect(201).id()
    } else if path.contains("/company/") {
        company_id(1).to_string()
    } else {
        person_id(1).to_string()
    };
    let query = match path.rsplit('/').next() {
        Some("explain") => "?email=x@mail.example",
        Some("{id}") if path.contains("/enrichment/") => "?field=phones",
        Some("classifications") => "?group=PERSON&key=SKILL",
        _ => "",
    };
    let body = match path.rsplit('/').next().unwrap_or_default() {
        "add-prospects" => Some(json!({"prospects": [{"firstName": "Ann", "lastName": "Lee"}]})),
        "add-companies" => Some(json!({"companyIds": [company_id(1)]})),
        "icps" if method == "POST" => Some(icp_body()),
        "leadlists" if method == "POST" => {
            Some(json!({"name": "L", "startDate": "2024-01-01", "endDate": "2024-01-02"}))
        }
        "suppressions" if method == "POST" => {
            Some(json!({"kind": "domain", "value": "spam.example", "reason": "x"}))
        }
        "{name}" if method == "PUT" => Some(connector),
        "{id}" if path.contains("/enrichment/") => None,
        "batch" => Some(json!({"personIds": [person_id(1)], "field": "phones"})),
        "query" => {
            Some(json!({"tasks": [{"entityId": person_id(1), "field": "phones", "entityType": "person"}]}))
        }
        "bulk" => {
            Some(json!({"selection": {"mode": "manual", "includedIds": [person_id(1)]}, "field": "phones"}))
        }
        "export" => Some(json!({"selection": {"mode": "manual", "includedIds": [person_id(1)]}})),
        "credits" if method == "POST" => Some(json!({"amount": 5})),
        "test" | "clone" | "preview" | "generate" | "cancel" | "erase" | "retry" => None,
        _ if method == "POST" || method == "PATCH" => Some(json!({})),
        _ => None,
    };
    (
        format!(
            "{}{query}",
            path.replace("{id}", &id).replace("{version}", "1").replace("{name}", "firecrawl")
        ),
        body,
    )
}

/// The same for what is about webhooks.
async fn arrange_webhook(app: &TestApp, method: &str, path: &str) -> (String, Option<Value>) {
    let id = only_webhook(app).await;
    let delivery = if path.contains("{deliveryId}") { tested(app, &id).await } else { String::new() };
    let body = match (method, path) {
        ("POST", WEBHOOKS) => Some(json!({"url": "https://127.0.0.1/"})),
        ("POST", path) if path.ends_with("{id}/replay") => Some(json!({"since": "2024-01-01"})),
        ("PATCH", _) => Some(json!({"description": "x"})),
        _ => None,
    };
    (path.replace("{id}", &id).replace("{deliveryId}", &delivery), body)
}

/// The same for what is about the CRM.
async fn arrange_crm(
    app: &TestApp,
    fake: &BullhornFake,
    method: &str,
    path: &str,
) -> (String, Option<Value>) {
    let export = export_body(&[person_id(1).to_string()]);
    let id = if path.contains("{id}") {
        let path = "/api/v1/operations/crm/export?async=true";
        app.member().post(path, &export).await.expect(202).id()
    } else {
        String::new()
    };
    if method == "DELETE" {
        let path = "/api/v1/operations/crm/settings";
        let _ = app.admin().put(path, &credentials(fake)).await.expect(200);
    }
    let body = match (method, path.rsplit('/').next().unwrap_or_default()) {
        ("POST", "export") => Some(export),
        ("POST", "test-connection") | ("PUT", _) => Some(credentials(fake)),
        _ => None,
    };
    (path.replace("{id}", &id), body)
}

async fn status(caller: &impl Caller, method: &str, path: &str, body: Option<Value>) -> u16 {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let request = caller.request(method, path);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    request.await.status.as_u16()
}

#[tokio::test]
async fn every_caller_gets_what_the_table_says() {
    let (app, fake) = app_with_crm().await;
    let mut wrong = Vec::new();
    for Row(method, path, expected) in table() {
        for (column, expected) in expected.iter().enumerate() {
            let (path, body) = if path.contains("/crm/") {
                arrange_crm(&app, &fake, method, path).await
            } else if path.starts_with(WEBHOOKS) {
                arrange_webhook(&app, method, path).await
            } else {
                arrange(&app, method, path).await
            };
            let found = match column {
                0 => status(&app.anonymous(), method, &path, body).await,
                1 => status(&app.malformed_token(), method, &path, body).await,
                2 => status(&app.revoked_token(), method, &path, body).await,
                3 => status(&app.other_organisation(), method, &path, body).await,
                4 => status(&app.outside_member(), method, &path, body).await,
                5 => status(&app.member(), method, &path, body).await,
                _ => status(&app.admin(), method, &path, body).await,
            };
            if found != *expected {
                wrong.push(format!(
                    "{method} {path} as {}: {expected} expected, {found} found",
                    CALLERS[column]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.work().await;
    // Those that nobody but an admin may try again.
    app.leave_jobs();
}

#[tokio::test]
async fn what_is_absent_and_what_is_no_id_is_not_found() {
    let app = TestApp::start().await;
    let mut messages = Vec::new();
    for (path, method) in [
        (format!("/api/v1/entities/icps/{NOBODY}"), Method::GET),
        (format!("{LISTS}/{NOBODY}"), Method::GET),
        (format!("{LISTS}/invalid-id"), Method::GET),
        (format!("/api/v1/entities/leads/list/{NOBODY}"), Method::GET),
        (format!("{RUNS}/{NOBODY}"), Method::GET),
        (format!("{RUNS}/x/cancel"), Method::POST),
        (format!("{SUPPRESSIONS}/{NOBODY}"), Method::DELETE),
        (format!("{SUPPRESSIONS}/x/erase"), Method::POST),
        (format!("/api/v1/entities/prospects/person/{NOBODY}"), Method::GET),
        ("/api/v1/entities/prospects/company/x".to_owned(), Method::GET),
    ] {
        let reply = app.admin().request(method, &path).await.expect(404);
        messages.push(reply.text_at("/error/message"));
    }
    insta::assert_json_snapshot!(messages, @r#"
    [
      "ICP not found: 550e8400-e29b-41d4-a716-446655440999",
      "LeadList with id '550e8400-e29b-41d4-a716-446655440999' not found",
      "LeadList with id 'invalid-id' not found",
      "LeadList with id '550e8400-e29b-41d4-a716-446655440999' not found",
      "Run not found: 550e8400-e29b-41d4-a716-446655440999",
      "Run not found: x",
      "Suppression not found: 550e8400-e29b-41d4-a716-446655440999",
      "Suppression not found: x",
      "Person not found: 550e8400-e29b-41d4-a716-446655440999",
      "Company not found: x"
    ]
    "#);
}
