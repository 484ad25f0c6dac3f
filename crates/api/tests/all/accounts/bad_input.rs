//! Whatever is sent, nothing breaks: the reply is an error of the documented shape, and nothing is written.

use super::support::{
    ACCOUNT_LOGS, ACCOUNTS, PROSPECT_LOGS, PROSPECTS, error, invalid, log, new_account, new_prospect,
};
use axum::http::Method;
use serde_json::{Value, json};
use sluice_testkit::{Caller, Machine, TestApp, TestClock, contract};

const KIB: usize = 1 << 10;

/// An account and a prospect, and every route that takes a body.
async fn routes(machine: &Machine) -> Vec<(Method, String)> {
    let account = new_account(machine, "acme.example").await.text_at("/accountId");
    let prospect = new_prospect(machine, "ann@acme.example").await.text_at("/prospectId");
    let with_body =
        contract::ACCOUNTS_OPERATIONS.iter().filter(|it| it.description.get("requestBody").is_some());
    let all: Vec<(Method, String)> = with_body
        .map(|operation| {
            let path = operation.path.replace("{account_id}", &account);
            let path = path.replace("{prospect_id}", &prospect).replace("{person_id}", &prospect);
            (Method::from_bytes(operation.method.as_bytes()).expect("a method"), path)
        })
        .collect();
    assert_eq!(all.len(), 11);
    all
}

/// What can be read of accounts and prospects.
async fn state(machine: &Machine) -> [Value; 2] {
    [machine.get(ACCOUNTS).await.expect(200).json(), machine.get(PROSPECTS).await.expect(200).json()]
}

#[tokio::test]
async fn bodies_that_are_no_sound_json() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let routes = routes(&machine).await;
    let before = state(&machine).await;
    let arrays = format!("{{\"name\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!("{}1{}", "{\"name\":".repeat(65), "}".repeat(65));
    let unclosed = "[".repeat(500_000);
    let digits = format!("{{\"name\":{}}}", "9".repeat(400));
    let cases: Vec<(&[u8], &str, &str)> = vec![
        (b"", "body", "Body is empty, expected a JSON object"),
        (b" \r\n\t", "body", "Body is empty, expected a JSON object"),
        (b"null", "body", "Expected object, received null"),
        (b"[{\"name\":\"x\"}]", "body", "Expected object, received array"),
        (b"\"{}\"", "body", "Expected object, received string"),
        (b"0", "body", "Expected object, received number"),
        (b"{\"name\":\"a\",\"name\":\"a\"}", "name", "Duplicate key: 'name'"),
        (b"{\"name\":\"a\",\"n\\u0061me\":\"a\"}", "name", "Duplicate key: 'name'"),
        (b"{\"name\":{\"a\":1,\"a\":1}}", "name.a", "Duplicate key: 'a'"),
        (b"{\"name\":\"a\\u0000\"}", "name", "String must not contain the character U+0000"),
        (b"{\"na\\u0000me\":1}", "body", "String must not contain the character U+0000"),
        (b"{\"name\":{\"\":1,\"\":1}}", "name[\"\"]", "Duplicate key: ''"),
        (b"{\"\":1,\"\":1}", "[\"\"]", "Duplicate key: ''"),
        (arrays.as_bytes(), "name", "Nested deeper than 64 levels"),
        (objects.as_bytes(), "name", "Nested deeper than 64 levels"),
        (unclosed.as_bytes(), "[0]", "Nested deeper than 64 levels"),
        (b"{\"name\":\"\xff\"}", "body", "Invalid UTF-8 at byte 9"),
        (b"{\"name\":\"\xed\xa0\x80\"}", "body", "Invalid UTF-8 at byte 9"),
        (b"\xef\xbb\xbf{}", "body", "Malformed JSON at line 1, column 1: expected value"),
        (b"{'name':1}", "body", "Malformed JSON at line 1, column 2: key must be a string"),
        (b"{\"name\":\"x\",}", "body", "Malformed JSON at line 1, column 13: trailing comma"),
        (b"{} {}", "body", "Malformed JSON at line 1, column 4: trailing characters"),
        (b"{\"name\":1e999}", "body", "Malformed JSON at line 1, column 13: number out of range"),
        (
            b"{\"name\":\"\\ud800\"}",
            "body",
            "Malformed JSON at line 1, column 16: unexpected end of hex escape",
        ),
        (
            b"{\"name\":\"\x01\"}",
            "body",
            "Malformed JSON at line 1, column 10: control character (\\u0000-\\u001F) found while parsing a string",
        ),
    ];
    for (method, path) in &routes {
        for (body, field, reason) in &cases {
            let reply = machine.request(method.clone(), path).raw_json(body.to_vec()).await.expect(400);
            let sent: String = String::from_utf8_lossy(body).chars().take(60).collect();
            assert_eq!(reply.json(), invalid(&[(field, reason)]), "{method} {path} {sent}");
        }
        let reply = machine.request(method.clone(), path).raw_json(digits.clone()).await.expect(400);
        assert_eq!(reply.at("/details/field"), json!("body"), "{method} {path}");
    }
    assert_eq!(state(&machine).await, before);
}

#[tokio::test]
async fn large_bodies_and_other_types() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let routes = routes(&machine).await;
    let before = state(&machine).await;
    let large = |size: usize| format!("{{\"name\":\"{}\"}}", "x".repeat(size - 11));
    for (method, path) in &routes {
        let send = || machine.request(method.clone(), path);
        let reply = send().raw_json(large(512 * KIB)).await.expect(400);
        assert_eq!(
            reply.at("/message"),
            json!("Validation failed"),
            "{method} {path}: as large as a body may be"
        );
        for size in [512 * KIB + 1, 10 * KIB * KIB] {
            let reply = send().raw_json(large(size)).await.expect(413);
            let expected = error("PAYLOAD_TOO_LARGE", "The body is larger than 512 KiB");
            assert_eq!(reply.json(), expected, "{method} {path}: {size}");
        }
        for content_type in [
            "text/plain",
            "application/jsonp",
            "multipart/form-data; boundary=x",
            "",
            "json",
            "application/json; charset=utf-16",
        ] {
            let reply =
                send().body("{\"name\":\"x\"}").header("content-type", content_type).await.expect(415);
            let expected = error("UNSUPPORTED_MEDIA_TYPE", "Expected Content-Type: application/json");
            assert_eq!(reply.json(), expected, "{method} {path}: {content_type}");
        }
        let _ = send().body("{}").await.expect(415);
        let _ = send().body("{}").header_bytes("content-type", b"\xff").await.expect(415);
        let _ = send().raw_json("{").header("content-length", "99999999999999999999").await.expect(400);
    }
    assert_eq!(state(&machine).await, before);
}

#[tokio::test]
async fn many_faults_are_told_in_short() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let keys: Vec<String> = (0..20_000).map(|number| format!("\"k{number}\":1")).collect();
    let long = format!("{{\"{}\":1}}", "k".repeat(500_000));
    for (method, path) in routes(&machine).await {
        let many = format!("{{{}}}", keys.join(","));
        let reply = machine.request(method.clone(), &path).raw_json(many).await.expect(400);
        assert_eq!(reply.at("/details/errors").as_array().map(Vec::len), Some(1_000), "{method} {path}");
        let reply = machine.request(method.clone(), &path).raw_json(long.clone()).await.expect(400);
        assert!(reply.text_at("/details/reason").len() < 200, "{method} {path}");
    }
}

#[tokio::test]
async fn headers_of_any_kind() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let path = format!("{ACCOUNTS}/{}", new_account(&machine, "acme.example").await.text_at("/accountId"));
    let long = "x".repeat(100_000);
    for value in [long.as_bytes(), b"\xff\xfe", b"", b"\"", b",,,,", b"*"] {
        for name in ["if-match", "accept", "x-request-id", "cookie", "idempotency-key", "authorization"] {
            let request = machine.patch(&path, &json!({"name": "Acme"})).header_bytes(name, value);
            let _ = request.await.expect(200);
        }
        let reply = app.anonymous().get(&path).header_bytes("x-api-key", value).await.expect(401);
        assert_eq!(reply.json(), error("UNAUTHORIZED", "Authentication required"));
    }
    let huge = format!("sl_key_{}", "a".repeat(1_000_000));
    let _ = app.machine_with(&huge).get(&path).await.expect(401);
}

#[tokio::test]
async fn a_panic_is_an_error_like_any_other_and_breaks_nothing() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let account = new_account(&machine, "acme.example").await.text_at("/accountId");
    let before = state(&machine).await;
    let account = format!("{ACCOUNTS}/{account}");
    let of_account = log(json!({"domain": "acme.example"}));
    let of_prospect = log(json!({"email": "ann@acme.example"}));
    app.clock.set_broken(true);
    // More often than there are connections that could be lost.
    for _ in 0..50 {
        for request in [
            machine.patch(&account, &json!({"name": "x"})),
            machine.delete(&account),
            machine.post(ACCOUNTS, &json!({"domain": "new.example"})),
            machine.post(ACCOUNT_LOGS, &of_account),
            machine.post(PROSPECT_LOGS, &of_prospect),
            machine.post("/v0/person_logs", &of_prospect),
            machine.get(ACCOUNTS),
            machine.get(&format!("{account}/activity")),
        ] {
            let reply = request.await.expect(500);
            assert_eq!(reply.json(), error("INTERNAL_ERROR", "An unexpected error occurred"));
            assert!(!reply.text().contains(TestClock::SECRET));
            assert!(reply.header("ratelimit").is_some(), "also then a client sees where it stands");
        }
    }
    app.clock.set_broken(false);
    assert_eq!(state(&machine).await, before, "nothing was written");
    let _ = machine.post(PROSPECT_LOGS, &of_prospect).await.expect(201);
    let _ = machine.post(ACCOUNT_LOGS, &of_account).await.expect(201);
    assert_eq!(machine.get(&format!("{account}/activity")).await.at("/totalCount"), json!(1));
}
