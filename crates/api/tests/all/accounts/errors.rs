//! Errors that no route makes: paths, methods, sizes, types, panics, request ids.

use super::support::{ACCOUNT_LOGS, ACCOUNTS, NO_ACCOUNT, PROSPECT_LOGS, PROSPECTS, error, invalid};
use axum::http::Method;
use serde_json::json;
use sluice_testkit::{Caller, TestApp, contract};

#[tokio::test]
async fn no_key_no_answer() {
    let app = TestApp::start().await;
    let expected = error("UNAUTHORIZED", "Authentication required");
    for key in [
        "",
        "x",
        "sl_key_",
        "sl_pat_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "sl_key_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let reply = app.machine_with(key).get(ACCOUNTS).await.expect(401);
        assert_eq!(reply.json(), expected, "{key}");
        assert_eq!(reply.header("www-authenticate"), Some("ApiKey"));
    }
    let twice = app.machine().get(ACCOUNTS).header("x-api-key", "x").await.expect(401);
    assert_eq!(twice.json(), expected);
    let odd = app.anonymous().get(ACCOUNTS).header_bytes("x-api-key", b"\xff").await.expect(401);
    assert_eq!(odd.json(), expected);
    // A token is no key, and a key is no token.
    let _ = app.admin().get(ACCOUNTS).await.expect(401);
    let key = format!("Bearer {}", app.machine().key);
    let _ = app.anonymous().get("/api/v1/entities/icps").header("authorization", &key).await.expect(401);
    // The key comes before everything else that is wrong.
    let _ = app.anonymous().request(Method::POST, ACCOUNTS).raw_json("{").await.expect(401);
}

#[tokio::test]
async fn paths_that_do_not_exist() {
    let app = TestApp::start().await;
    for path in [
        "/v0",
        "/v0/",
        "/v0/nothing",
        "/v0/accounts/",
        "/v0/accounts/a/b/c/d",
        "/v0//accounts",
        "/v0/%FF",
        "/v0/persons/x/y",
    ] {
        let reply = app.machine().get(path).await.expect(404);
        assert_eq!(reply.json(), error("NOT_FOUND", &format!("No such endpoint: GET {path}")));
    }
    for path in ["/v00", "/v1/accounts"] {
        let reply = app.machine().get(path).await;
        assert_eq!(reply.status.as_u16(), 404, "{path} is not of this API");
    }
}

#[tokio::test]
async fn methods_that_a_path_does_not_have() {
    let app = TestApp::start().await;
    let reply = app.machine().request(Method::PUT, &format!("{ACCOUNTS}/{NO_ACCOUNT}")).await.expect(405);
    assert_eq!(reply.json(), error("METHOD_NOT_ALLOWED", "PUT is not allowed here"));
    assert_eq!(reply.header("allow"), Some("GET,HEAD,PATCH,DELETE"));
    for operation in contract::ACCOUNTS_OPERATIONS.iter() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
            if contract::operation(method.as_str(), operation.path).is_none() {
                let path = operation.path.replace(['{', '}'], "");
                let reply = app.machine().request(method, &path).await.expect(405);
                assert!(
                    reply.header("allow").is_some_and(|allow| allow.contains(operation.method)),
                    "{path}"
                );
            }
        }
    }
}

#[tokio::test]
async fn ids_that_are_none_are_not_found() {
    let app = TestApp::start().await;
    let long = "x".repeat(10_000);
    for id in [
        "x",
        "0",
        "%00",
        "%C3%28",
        "account_",
        "ACCOUNT_00000000000000000000000000",
        "prospect_00000000000000000000000000",
        "account_0000000000000000000000000A",
        "account_000000000000000000000000000",
        "%F0%9F%A6%80",
        &long,
    ] {
        for path in [
            format!("{ACCOUNTS}/{id}"),
            format!("{ACCOUNTS}/{id}/activity"),
            format!("{ACCOUNTS}/{id}/logs"),
            format!("{ACCOUNTS}/{id}/logs/{id}"),
            format!("{PROSPECTS}/account_{id}"),
            format!("/v0/persons/{id}x"),
        ] {
            let reply = app.machine().get(&path).await.expect(404);
            assert_eq!(reply.at("/code"), json!("NOT_FOUND"));
        }
    }
    let reply = app.machine().get(&format!("{ACCOUNTS}/x")).await.expect(404);
    assert_eq!(reply.json(), error("NOT_FOUND", "Account not found: x"));
}

#[tokio::test]
async fn bodies_have_a_largest_size_and_a_type() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let body = |size: usize| {
        let body = "{\"domain\":\"acme.example\"}";
        format!("{body}{}", " ".repeat(size - body.len()))
    };
    let _ = machine.request(Method::POST, ACCOUNTS).raw_json(body(512 << 10)).await.expect(201);
    for path in [ACCOUNTS, PROSPECTS, ACCOUNT_LOGS, PROSPECT_LOGS] {
        let reply = machine.request(Method::POST, path).raw_json(body((512 << 10) + 1)).await.expect(413);
        assert_eq!(reply.json(), error("PAYLOAD_TOO_LARGE", "The body is larger than 512 KiB"));
        for content_type in
            ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"]
        {
            let request = machine.request(Method::POST, path).body("{}").header("content-type", content_type);
            assert_eq!(
                request.await.expect(415).json(),
                error("UNSUPPORTED_MEDIA_TYPE", "Expected Content-Type: application/json")
            );
        }
        let reply = machine.request(Method::POST, path).raw_json("{\"a\":}").await.expect(400);
        assert_eq!(reply.json(), invalid(&[("body", "Malformed JSON at line 1, column 6: expected value")]));
        let reply =
            machine.request(Method::POST, path).raw_json(b"{\"a\":\"\xff\"}".to_vec()).await.expect(400);
        assert_eq!(reply.json(), invalid(&[("body", "Invalid UTF-8 at byte 6")]));
    }
    let reply = machine.get(&format!("{ACCOUNTS}?a=%FF%")).await;
    assert!([200, 400].contains(&reply.status.as_u16()));
}

#[tokio::test]
async fn every_reply_has_a_request_id_of_the_documented_form() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let own = "req_abcdefghijklmnopqrstuvwxyz";
    for (sent, kept) in
        [(own, true), ("test", false), ("req_", false), ("req_ABCDEFGHIJKLMNOPQRSTUVWXYZ", false)]
    {
        for path in [ACCOUNTS, "/v0/nothing", &format!("{ACCOUNTS}/x")] {
            let reply = machine.get(path).without_header("x-request-id").header("x-request-id", sent).await;
            let id = reply.header("x-request-id").expect("an id").to_owned();
            assert_eq!(id == sent, kept, "{sent}");
            assert!(id.len() == 30 && id.starts_with("req_"), "{id}");
        }
    }
    let made = [
        machine.get(ACCOUNTS).without_header("x-request-id").await,
        machine.get(ACCOUNTS).without_header("x-request-id").await,
    ];
    assert_ne!(made[0].header("x-request-id"), made[1].header("x-request-id"));
}
