//! What a log carries comes back as it was sent.

use super::support::{ACCOUNT_LOGS, ACCOUNTS, PROSPECT_LOGS, error, invalid};
use axum::http::Method;
use serde_json::json;
use sluice_testkit::{Caller, Machine, Reply, TestApp};

async fn send(machine: &Machine, path: &str, payload: &str) -> Reply {
    let whom =
        if path == ACCOUNT_LOGS { "\"domain\":\"acme.example\"" } else { "\"email\":\"ann@acme.example\"" };
    let body = format!("{{\"source\":\"s\",\"payload\":{payload},{whom}}}");
    machine.request(Method::POST, path).raw_json(body).await
}

/// The text of the payload in the reply.
fn payload(reply: &Reply) -> &str {
    let text = reply.text();
    let (_, rest) = text.split_once("\"payload\":").expect("a payload");
    rest.split_once(",\"idempotencyKey\"").expect("what follows").0
}

#[tokio::test]
async fn payloads_come_back_as_they_were_sent() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let deepest = format!("{}1{}", "{\"a\":".repeat(63), "}".repeat(63));
    for text in [
        "{}",
        r#"{"n":1e400,"m":-1e-400,"o":123456789012345678901234567890123456789012,"p":0.10000000000000000000001,"q":1.0,"r":-0}"#,
        r#"{"s":"\u0000\u001f\ud83e\udd80\u00e9\/\b","\u0000":1,"é":"é\u0301🦀"}"#,
        r#"{"b":1,"a":{"d":[],"c":[[],{}]},"payload":{"payload":null},"items":[{"prospectId":"x"}]}"#,
        "{ \"a\" :\n[1 ,\t2] }",
        &deepest,
    ] {
        for path in [ACCOUNT_LOGS, PROSPECT_LOGS, "/v0/person_logs"] {
            let receipt = send(&machine, path, text).await.expect(201).json();
            let get = match path {
                ACCOUNT_LOGS => ("accounts", &receipt["accountId"], &receipt["accountLogId"]),
                PROSPECT_LOGS => ("prospects", &receipt["prospectId"], &receipt["prospectLogId"]),
                _ => ("persons", &receipt["personId"], &receipt["personLogId"]),
            };
            let (id, log) = (get.1.as_str().expect("an id"), get.2.as_str().expect("an id"));
            let one = machine.get(&format!("/v0/{}/{id}/logs/{log}", get.0)).await.expect(200);
            assert_eq!(payload(&one), text);
            for list in ["logs", "activity"] {
                let page = machine.get(&format!("/v0/{}/{id}/{list}?limit=1", get.0)).await.expect(200);
                assert_eq!(payload(&page), text);
            }
        }
    }
}

#[tokio::test]
async fn the_largest_payload_is_256_kib() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let sized = |size: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(size - 8));
    for path in [ACCOUNT_LOGS, PROSPECT_LOGS] {
        let largest = sized(256 << 10);
        assert_eq!(largest.len(), 256 << 10);
        let _ = send(&machine, path, &largest).await.expect(201);
        let reply = send(&machine, path, &sized((256 << 10) + 1)).await.expect(413);
        assert_eq!(reply.json(), error("PAYLOAD_TOO_LARGE", "The payload is larger than 256 KiB"));
    }
    let logs = machine.get(&format!("{ACCOUNTS}?domain=acme.example")).await.expect(200);
    assert_eq!(logs.at("/totalCount"), json!(1));
}

#[tokio::test]
async fn payloads_that_nobody_could_read_back_are_refused() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let deep = format!("{}1{}", "{\"a\":".repeat(64), "}".repeat(64));
    let deeper = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (text, field, reason) in [
        (deep.as_str(), "payload", "Nested deeper than 64 levels"),
        (&deeper, "payload", "Nested deeper than 64 levels"),
        (r#"{"a":[{"b":1,"b":2}]}"#, "payload.a[0].b", "Duplicate key: 'b'"),
        (r#"{"a":"\ud800"}"#, "payload.a", "String has half a surrogate pair"),
    ] {
        for path in [ACCOUNT_LOGS, PROSPECT_LOGS] {
            let reply = send(&machine, path, text).await.expect(400);
            assert_eq!(reply.json(), invalid(&[(field, reason)]));
        }
    }
    let reply = send(&machine, ACCOUNT_LOGS, "{\"a\":01}").await.expect(400);
    assert_eq!(reply.at("/details/field"), json!("body"));
    assert_eq!(machine.get(ACCOUNTS).await.at("/totalCount"), json!(0), "nothing was written");
}
