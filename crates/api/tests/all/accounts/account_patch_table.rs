//! `PATCH /v0/accounts/{account_id}`: every kind of body, with the whole reply.

use super::support::{ACCOUNTS, NOW, error, invalid, new_account};
use axum::http::Method;
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp};

const SHORT: &str = "String must contain at least 1 character(s)";
const LONG: &str = "String must contain at most 255 character(s)";

#[tokio::test]
async fn bodies_that_rename() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let mut account = new_account(&machine, "acme.example").await.json();
    let path = format!("{ACCOUNTS}/{}", account["accountId"].as_str().expect("an id"));
    for name in [
        "Acme".to_owned(),
        "a".to_owned(),
        " ".to_owned(),
        "a".repeat(255),
        "🦀".repeat(255),
        "a\u{301}\u{202e}".to_owned(),
        "'; DROP TABLE account; --".to_owned(),
    ] {
        app.clock.advance(1_000);
        let reply = machine.patch(&path, &json!({"name": name})).await.expect(200);
        account["name"] = json!(name);
        account["updatedAt"] = reply.at("/updatedAt");
        assert_ne!(account["updatedAt"], json!(NOW));
        assert_eq!(reply.json(), account);
        assert_eq!(machine.get(&path).await.expect(200).json(), account);
    }
}

#[tokio::test]
async fn bodies_that_are_refused() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let account = new_account(&machine, "acme.example").await.json();
    let path = format!("{ACCOUNTS}/{}", account["accountId"].as_str().expect("an id"));
    let wrong = |found: &str| format!("Expected string, received {found}");
    let cases: Vec<(Value, Vec<(&str, String)>)> = vec![
        (json!({}), vec![("name", "Required".to_owned())]),
        (json!({"name": null}), vec![("name", wrong("null"))]),
        (json!({"name": ""}), vec![("name", SHORT.to_owned())]),
        (json!({"name": "a".repeat(256)}), vec![("name", LONG.to_owned())]),
        (json!({"name": "🦀".repeat(256)}), vec![("name", LONG.to_owned())]),
        (json!({"name": 1}), vec![("name", wrong("number"))]),
        (json!({"name": true}), vec![("name", wrong("boolean"))]),
        (json!({"name": ["Acme"]}), vec![("name", wrong("array"))]),
        (json!({"name": {"a": 1}}), vec![("name", wrong("object"))]),
        (
            json!({"name": "Acme", "domain": "x.example"}),
            vec![("domain", "Unrecognized key: 'domain'".to_owned())],
        ),
        (json!({"name": "Acme", "Name": "x"}), vec![("Name", "Unrecognized key: 'Name'".to_owned())]),
        (
            json!({"accountId": "x"}),
            vec![("accountId", "Unrecognized key: 'accountId'".to_owned()), ("name", "Required".to_owned())],
        ),
        (
            json!({"x": 1, "name": null}),
            vec![("x", "Unrecognized key: 'x'".to_owned()), ("name", wrong("null"))],
        ),
        (json!([]), vec![("body", "Expected object, received array".to_owned())]),
        (json!(null), vec![("body", "Expected object, received null".to_owned())]),
        (json!("Acme"), vec![("body", "Expected object, received string".to_owned())]),
    ];
    for (body, faults) in cases {
        let reply = machine.patch(&path, &body).await.expect(400);
        let faults: Vec<(&str, &str)> =
            faults.iter().map(|(field, reason)| (*field, reason.as_str())).collect();
        assert_eq!(reply.json(), invalid(&faults), "{body}");
    }
    for (text, field, reason) in [
        ("", "body", "Body is empty, expected a JSON object"),
        ("{\"name\":\"a\",\"name\":\"b\"}", "name", "Duplicate key: 'name'"),
        ("{\"name\":\"a\\u0000\"}", "name", "String must not contain the character U+0000"),
        ("{\"name\":", "body", "Malformed JSON at line 1, column 8: EOF while parsing a value"),
    ] {
        let reply = machine.request(Method::PATCH, &path).raw_json(text).await.expect(400);
        assert_eq!(reply.json(), invalid(&[(field, reason)]), "{text}");
    }
    let reply = machine.request(Method::PATCH, &path).body("{\"name\":\"x\"}").await.expect(415);
    assert_eq!(reply.json(), error("UNSUPPORTED_MEDIA_TYPE", "Expected Content-Type: application/json"));
    assert_eq!(machine.get(&path).await.expect(200).json(), account, "nothing was written");
}
