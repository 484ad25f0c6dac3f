//! `/api/v1/operations/api-keys`, and what the keys are good for.

use super::support::{ACCOUNTS, error};
use crate::support::fault;
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp};

const KEYS: &str = "/api/v1/operations/api-keys";

#[tokio::test]
async fn an_admin_makes_lists_and_revokes_keys() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let before = admin.get(KEYS).await.expect(200).json();
    app.clock.advance(1_000);
    let body = json!({"name": "CRM", "scopes": ["logs:write", "accounts:read"], "ratePerMinute": 60});
    let made = admin.post(KEYS, &body).await.expect(201).json();
    let key = made["key"].as_str().expect("a key").to_owned();
    assert!(key.len() == 47 && key.starts_with("sl_key_"), "{key}");
    let listed = json!({"id": made["id"], "name": "CRM", "userId": "user_admin", "scopes": ["accounts:read", "logs:write"],
        "ratePerMinute": 60, "createdAt": "2024-01-25T09:15:01.000Z", "revokedAt": null});
    assert_eq!(made, crate::support::merged(json!({"key": key}), listed.clone()));
    let all = admin.get(KEYS).await.expect(200);
    assert_eq!(all.at("/0"), listed);
    assert_eq!(all.json().as_array().expect("keys")[1..], before.as_array().expect("keys")[..]);
    assert!(!all.text().contains(&key), "nobody keeps the key");
    let machine = app.machine_with(&key);
    let _ = machine.get(ACCOUNTS).await.expect(200);
    let lacking = machine.post(ACCOUNTS, &json!({"domain": "acme.example"})).await.expect(403);
    assert_eq!(lacking.json(), error("FORBIDDEN", "This key lacks the scope accounts:write"));
    let path = format!("{KEYS}/{}", made["id"].as_str().expect("an id"));
    let _ = app.other_organisation().delete(&path).await.expect(404);
    let _ = machine.get(ACCOUNTS).await.expect(200);
    let _ = admin.delete(&path).await.expect(204);
    let _ = machine.get(ACCOUNTS).await.expect(401);
    assert_eq!(admin.get(KEYS).await.at("/0/revokedAt"), json!("2024-01-25T09:15:01.000Z"));
    for id in ["x", "key_00000000000000000000000000"] {
        let reply = admin.delete(&format!("{KEYS}/{id}")).await.expect(404);
        assert_eq!(reply.at("/error/message"), json!(format!("API key not found: {id}")));
    }
}

#[tokio::test]
async fn a_key_without_wishes_may_everything_that_its_maker_may() {
    let app = TestApp::start().await;
    let made = app.admin().post(KEYS, &json!({})).await.expect(201);
    assert_eq!((made.at("/name"), made.at("/ratePerMinute")), (Value::Null, Value::Null));
    assert_eq!(made.at("/scopes").as_array().map(Vec::len), Some(6));
    let machine = app.machine_with(&made.text_at("/key"));
    let _ = machine.post(ACCOUNTS, &json!({"domain": "acme.example"})).await.expect(201);
}

#[tokio::test]
async fn bodies_that_make_no_key() {
    let app = TestApp::start().await;
    let scope = "Invalid enum value. Expected 'accounts:read' | 'accounts:write' | 'prospects:read' | 'prospects:write' | 'logs:read' | 'logs:write', received 'all'";
    for (body, path, message) in [
        (json!({"scopes": ["all"]}), json!(["scopes", 0]), scope),
        (json!({"scopes": []}), json!(["scopes"]), "Array must contain at least 1 element(s)"),
        (json!({"ratePerMinute": 0}), json!(["ratePerMinute"]), "Number must be greater than or equal to 1"),
        (json!({"name": ""}), json!(["name"]), "String must contain at least 1 character(s)"),
        (json!({"user": "x"}), json!(["user"]), "Unrecognized key: 'user'"),
    ] {
        assert_eq!(app.admin().post(KEYS, &body).await.details(), fault(path, message), "{body}");
    }
    let reply = app.member().post(KEYS, &json!({})).await.expect(403);
    assert_eq!(reply.at("/error/code"), json!("FORBIDDEN"));
}
