//! Which key may call what: every operation of the document, with every kind of key.

use super::support::{log, new_account, new_key, new_prospect};
use axum::http::Method;
use serde_json::{Value, json};
use sluice_app::accounts::keys;
use sluice_app::admin;
use sluice_model::accounts::{Scope, Scopes};
use sluice_model::{Actor, Role};
use sluice_testkit::{ACME, Caller, TestApp, contract};
use std::collections::BTreeSet;

/// The columns of the table.
pub const CALLERS: [&str; 8] = [
    "no key",
    "bad key",
    "revoked key",
    "other tenant's key",
    "without the scope",
    "maker demoted",
    "maker removed",
    "good key",
];

/// An operation, the scope that it needs, and how it succeeds.
struct Row(&'static str, &'static str, Scope, u16);

use Scope::{AccountsRead, AccountsWrite, LogsRead, LogsWrite, ProspectsRead, ProspectsWrite};

const TABLE: [Row; 33] = [
    Row("GET", "/v0/accounts", AccountsRead, 200),
    Row("POST", "/v0/accounts", AccountsWrite, 201),
    Row("GET", "/v0/accounts/{account_id}", AccountsRead, 200),
    Row("PATCH", "/v0/accounts/{account_id}", AccountsWrite, 200),
    Row("DELETE", "/v0/accounts/{account_id}", AccountsWrite, 204),
    Row("POST", "/v0/accounts/{account_id}/restore", AccountsWrite, 200),
    Row("GET", "/v0/accounts/{account_id}/activity", LogsRead, 200),
    Row("POST", "/v0/account_logs", LogsWrite, 201),
    Row("GET", "/v0/accounts/{account_id}/logs", LogsRead, 200),
    Row("GET", "/v0/accounts/{account_id}/logs/{account_log_id}", LogsRead, 200),
    Row("DELETE", "/v0/accounts/{account_id}/logs/{account_log_id}", LogsWrite, 204),
    Row("GET", "/v0/prospects", ProspectsRead, 200),
    Row("POST", "/v0/prospects", ProspectsWrite, 201),
    Row("GET", "/v0/prospects/{prospect_id}", ProspectsRead, 200),
    Row("PATCH", "/v0/prospects/{prospect_id}", ProspectsWrite, 200),
    Row("DELETE", "/v0/prospects/{prospect_id}", ProspectsWrite, 204),
    Row("POST", "/v0/prospects/{prospect_id}/restore", ProspectsWrite, 200),
    Row("POST", "/v0/prospects/{prospect_id}/merge", ProspectsWrite, 200),
    Row("GET", "/v0/prospects/{prospect_id}/activity", LogsRead, 200),
    Row("POST", "/v0/prospect_logs", LogsWrite, 201),
    Row("GET", "/v0/prospects/{prospect_id}/logs", LogsRead, 200),
    Row("GET", "/v0/prospects/{prospect_id}/logs/{prospect_log_id}", LogsRead, 200),
    Row("DELETE", "/v0/prospects/{prospect_id}/logs/{prospect_log_id}", LogsWrite, 204),
    Row("GET", "/v0/persons", ProspectsRead, 200),
    Row("POST", "/v0/persons", ProspectsWrite, 201),
    Row("GET", "/v0/persons/{person_id}", ProspectsRead, 200),
    Row("PATCH", "/v0/persons/{person_id}", ProspectsWrite, 200),
    Row("DELETE", "/v0/persons/{person_id}", ProspectsWrite, 204),
    Row("POST", "/v0/persons/{person_id}/restore", ProspectsWrite, 200),
    Row("POST", "/v0/persons/{person_id}/merge", ProspectsWrite, 200),
    Row("GET", "/v0/persons/{person_id}/activity", LogsRead, 200),
    Row("POST", "/v0/person_logs", LogsWrite, 201),
    Row("GET", "/v0/persons/{person_id}/logs", LogsRead, 200),
];
const LATER_TABLE: [Row; 2] = [
    Row("GET", "/v0/persons/{person_id}/logs/{person_log_id}", LogsRead, 200),
    Row("DELETE", "/v0/persons/{person_id}/logs/{person_log_id}", LogsWrite, 204),
];
/// For everybody.
const OPEN: (&str, &str) = ("GET", "/v0/openapi.json");

fn table() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().chain(&LATER_TABLE)
}

/// What a member may do through a key.
const MEMBER: [Scope; 4] = [AccountsRead, ProspectsRead, LogsRead, LogsWrite];

fn expected(Row(_, path, scope, good): &Row) -> [u16; 8] {
    let other = if path.contains('{') { 404 } else { *good };
    let demoted = if MEMBER.contains(scope) { *good } else { 403 };
    [401, 401, 401, other, 403, demoted, 401, *good]
}

/// The table for people: each operation with what its callers get.
pub fn lines() -> Vec<(String, [String; 8])> {
    let open = (format!("{} {}", OPEN.0, OPEN.1), [200; 8].map(|status| status.to_string()));
    let rows =
        table().map(|row| (format!("{} {}", row.0, row.1), expected(row).map(|status| status.to_string())));
    std::iter::once(open).chain(rows).collect()
}

#[test]
fn the_table_has_every_operation_of_the_document_with_its_scope() {
    let documented: BTreeSet<(&str, &str, &str)> = contract::ACCOUNTS_OPERATIONS
        .iter()
        .map(|operation| {
            let scope = operation.description["security"][0]["apiKey"][0].as_str().unwrap_or_default();
            (operation.method, operation.path, scope)
        })
        .collect();
    let rows = table().map(|Row(method, path, scope, _)| (*method, *path, scope.name()));
    let covered: BTreeSet<_> = rows.chain([(OPEN.0, OPEN.1, "")]).collect();
    assert_eq!(covered, documented);
    assert_eq!(covered.len(), table().count() + 1, "no operation is in the table twice");
}

/// The path with the ids of new objects, and the body for it. `number` makes what is new each time.
async fn arrange(app: &TestApp, row: &Row, number: usize) -> (String, Option<Value>) {
    let machine = app.machine();
    let Row(method, path, ..) = row;
    let (domain, email) = (format!("d{number}.example"), format!("p{number}@mail.example"));
    let mut path = (*path).to_owned();
    if path.contains("{account_id}") {
        let id = new_account(&machine, &domain).await.text_at("/accountId");
        let made = machine.post("/v0/account_logs", &log(json!({"accountId": id}))).await.expect(201);
        path = path.replace("{account_id}", &id).replace("{account_log_id}", &made.text_at("/accountLogId"));
    }
    let mut body = None;
    if path.contains("{prospect_id}") || path.contains("{person_id}") {
        let id = new_prospect(&machine, &email).await.text_at("/prospectId");
        let made = machine.post("/v0/prospect_logs", &log(json!({"prospectId": id}))).await.expect(201);
        let log = made.text_at("/prospectLogId");
        for (name, value) in
            [("prospect_id", &id), ("person_id", &id), ("prospect_log_id", &log), ("person_log_id", &log)]
        {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        if path.ends_with("/merge") {
            let into = new_prospect(&machine, &format!("into-{email}")).await.text_at("/prospectId");
            body = Some(json!({"into": into}));
        }
    }
    let body = body.or_else(|| match (*method, path.as_str()) {
        ("POST", "/v0/accounts") => Some(json!({"domain": domain})),
        ("POST", "/v0/prospects" | "/v0/persons") => Some(json!({"email": email})),
        ("POST", "/v0/account_logs") => Some(log(json!({"domain": domain}))),
        ("POST", "/v0/prospect_logs" | "/v0/person_logs") => Some(log(json!({"email": email}))),
        ("PATCH", _) => Some(json!({"name": "Ann"})),
        _ => None,
    });
    (path, body)
}

async fn status(caller: &impl Caller, method: &str, path: &str, body: Option<&Value>) -> u16 {
    let request = caller.request(Method::from_bytes(method.as_bytes()).expect("a method"), path);
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    request.await.status.as_u16()
}

#[tokio::test]
async fn every_key_gets_what_the_table_says() {
    let app = TestApp::start().await;
    let member = |role| Actor { organisation: ACME.to_owned(), user: "user_maker".to_owned(), role };
    for user in ["user_maker", "user_gone"] {
        admin::create_user(&app.context, ACME, user, Role::Admin, None).await.expect("a user");
    }
    let demoted = new_key(&app, Some("user_maker"), Scopes::ALL, None).await;
    let removed = new_key(&app, Some("user_gone"), Scopes::ALL, None).await;
    let revoked = new_key(&app, None, Scopes::ALL, None).await;
    for key in [&demoted, &removed, &revoked] {
        let _ = key.get("/v0/accounts").await.expect(200);
    }
    admin::set_role(&app.context, &member(Role::Member)).await.expect("demoted");
    admin::remove_user(&app.context, ACME, "user_gone").await.expect("removed");
    keys::revoke_key(&app.context, &revoked.key).await.expect("revoked");
    let bad = app.machine_with("sl_key_nonsense");
    let (mut wrong, mut number) = (Vec::new(), 0);
    for row @ Row(method, template, scope, _) in table() {
        let others: Vec<Scope> = Scope::ALL.into_iter().filter(|other| other != scope).collect();
        let lacking = new_key(&app, None, Scopes::of(&others), None).await;
        for (column, expected) in expected(row).into_iter().enumerate() {
            number += 1;
            let (path, body) = arrange(&app, row, number).await;
            let body = body.as_ref();
            let found = match column {
                0 => status(&app.anonymous(), method, &path, body).await,
                1 => status(&bad, method, &path, body).await,
                2 => status(&revoked, method, &path, body).await,
                3 => status(&app.other_machine(), method, &path, body).await,
                4 => status(&lacking, method, &path, body).await,
                5 => status(&demoted, method, &path, body).await,
                6 => status(&removed, method, &path, body).await,
                _ => status(&app.machine(), method, &path, body).await,
            };
            if found != expected {
                wrong.push(format!(
                    "{method} {template} with {}: {expected} expected, {found} found",
                    CALLERS[column]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let _ = app.anonymous().get(OPEN.1).await.expect(200);
}

#[tokio::test]
async fn no_key_learns_anything_of_another_tenant() {
    let app = TestApp::start().await;
    let (machine, other) = (app.machine(), app.other_machine());
    let _ = new_account(&machine, "acme.example").await;
    let mine = machine
        .post("/v0/prospect_logs", &log(json!({"email": "ann@acme.example", "idempotencyKey": "k"})))
        .await;
    for path in
        ["/v0/accounts", "/v0/prospects", "/v0/prospects?email=ann@acme.example", "/v0/accounts?search=acme"]
    {
        assert_eq!(other.get(path).await.expect(200).json(), super::support::whole_page(&[]), "{path}");
        assert_eq!(machine.get(path).await.expect(200).at("/totalCount"), json!(1), "{path}");
    }
    let id = mine.expect(201).text_at("/prospectId");
    let reply = other.post("/v0/prospect_logs", &log(json!({"prospectId": id}))).await.expect(404);
    assert_eq!(reply.json(), super::support::error("NOT_FOUND", &format!("Prospect not found: {id}")));
    let theirs = new_prospect(&other, "bob@globex.example").await.text_at("/prospectId");
    let reply = other.post(&format!("/v0/prospects/{theirs}/merge"), &json!({"into": id})).await;
    let _ = reply.expect(404);
    // The same identifiers and idempotency key are somebody else's here.
    let reply = other
        .post("/v0/prospect_logs", &log(json!({"email": "ann@acme.example", "idempotencyKey": "k"})))
        .await;
    let reply = reply.expect(201);
    assert_eq!(reply.at("/createdProspect"), json!(true));
    assert_ne!(reply.text_at("/prospectId"), id);
}
