//! Whatever is sent, nothing breaks: the reply is an error of the documented shape, never a 500.

use crate::support::{ICPS, LISTS, NOBODY, RUNS, SUPPRESSIONS, icp_body, new_icp_path};
use axum::http::Method;
use serde_json::{Value, json};
use sluice_testkit::{Caller, Member, Reply, TestApp, contract};

const MIB: usize = 1 << 20;
const PEOPLE: &str = "/api/v1/entities/prospects/person";

async fn send(member: &Member, body: impl Into<Vec<u8>>) -> Reply {
    member.request(Method::POST, ICPS).raw_json(body.into()).await
}

fn fault_of(reply: &Reply) -> (Value, String) {
    let details = reply.details();
    assert_eq!(details.as_array().map(Vec::len), Some(1), "{details}");
    (details[0]["path"].clone(), details[0]["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_is_no_json_is_told_by_line_and_column() {
    let app = TestApp::start().await;
    let member = app.member();
    for (body, place) in [
        ("{\n  \"name\": }", "line 2, column 11"),
        ("{\"name\": \"x\"", "line 1, column 12"),
        ("{\"name\": \"x\",}", "line 1, column 14"),
        ("{'name': 1}", "line 1, column 2"),
        ("{\"name\": NaN}", "line 1, column 10"),
        ("{\"name\": 01}", "line 1, column 11"),
        ("{\"name\": 1e999}", "line 1, column 14"),
        ("{\"name\": -1e999}", "line 1, column 15"),
        ("{\"name\": \"\\ud800\"}", "line 1, column 17"),
        ("{\"name\": \"\\udc00\\ud800\"}", "line 1, column 16"),
        ("{\"name\": \"\u{1}\"}", "line 1, column 11"),
        ("{} {}", "line 1, column 4"),
        ("// x\n{}", "line 1, column 1"),
        ("\u{feff}{}", "line 1, column 1"),
    ] {
        let (path, message) = fault_of(&send(&member, body).await);
        assert_eq!(path, json!([]), "{body}");
        assert!(message.starts_with(&format!("Malformed JSON at {place}: ")), "{body}: {message}");
    }
    let digits = format!("{{\"leadsPerList\": {}}}", "9".repeat(400));
    let (_, message) = fault_of(&send(&member, digits).await);
    assert!(message.starts_with("Malformed JSON at line 1, column "), "{message}");
}

#[tokio::test]
async fn broken_rules_name_their_place() {
    let app = TestApp::start().await;
    let member = app.member();
    let deep = format!("{{\"leadProviderCriteria\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(65), "}".repeat(65));
    for (body, path, message) in [
        ("", json!([]), "Body is empty, expected a JSON object"),
        (" \r\n\t", json!([]), "Body is empty, expected a JSON object"),
        ("[]", json!([]), "Expected object, received array"),
        ("null", json!([]), "Expected object, received null"),
        ("\"x\"", json!([]), "Expected object, received string"),
        ("{\"name\":1,\"name\":2}", json!(["name"]), "Duplicate key: 'name'"),
        (
            "{\"crmFilters\":{\"provider\":\"bullhorn\",\"provider\":\"bullhorn\"}}",
            json!(["crmFilters", "provider"]),
            "Duplicate key: 'provider'",
        ),
        ("{\"name\":\"a\\u0000b\"}", json!(["name"]), "String must not contain the character U+0000"),
        ("{\"a\\u0000\":1}", json!([]), "String must not contain the character U+0000"),
        (&deep, json!(["leadProviderCriteria"]), "Nested deeper than 64 levels"),
        (&objects, json!(["a"]), "Nested deeper than 64 levels"),
    ] {
        let found = fault_of(&send(&member, body).await);
        let shown: String = body.chars().take(60).collect();
        assert_eq!(found, (path, message.to_owned()), "{shown}");
    }
    let invalid = fault_of(&send(&member, *b"{\"name\":\"\xff\xfe\"}").await);
    assert_eq!(invalid, (json!([]), "Invalid UTF-8 at byte 9".to_owned()));
    let surrogate = fault_of(&send(&member, *b"{\"name\":\"\xed\xa0\x80\"}").await);
    assert_eq!(surrogate.1, "Invalid UTF-8 at byte 9");
}

#[tokio::test]
async fn bodies_have_a_largest_size() {
    let app = TestApp::start().await;
    let member = app.member();
    let padded = |size: usize| {
        let mut body = icp_body().to_string();
        body.push_str(&" ".repeat(size - body.len()));
        body
    };
    assert_eq!(send(&member, padded(MIB)).await.status.as_u16(), 201, "1 MiB is allowed");
    for size in [MIB + 1, 10 * MIB] {
        let reply = send(&member, padded(size)).await;
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(reply, @r#"
            {
              "status": 413,
              "body": {
                "error": {
                  "code": "PAYLOAD_TOO_LARGE",
                  "message": "The body is larger than 1 MiB"
                }
              }
            }
            "#);
        }
    }
    let search = |size: usize| format!("{{}}{}", " ".repeat(size - 2));
    for (size, expected) in [(8 * MIB, 200), (8 * MIB + 1, 413)] {
        let request = member.request(Method::POST, PEOPLE).raw_json(search(size));
        assert_eq!(request.await.status.as_u16(), expected, "searches may carry 100 000 ids");
    }
    let lies =
        member.request(Method::POST, ICPS).raw_json("{}").header("content-length", "99999999999999999999");
    let _ = lies.await.expect(400);
}

#[tokio::test]
async fn bodies_say_that_they_are_json() {
    let app = TestApp::start().await;
    let member = app.member();
    let body = icp_body().to_string();
    let reply = member.request(Method::POST, ICPS).body(body.clone()).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 415,
      "body": {
        "error": {
          "code": "UNSUPPORTED_MEDIA_TYPE",
          "message": "Expected Content-Type: application/json"
        }
      }
    }
    "#);
    for (content_type, expected) in [
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonp", 415),
        ("application/json; charset=iso-8859-1", 415),
        ("", 415),
        ("application/json;charset=UTF-8", 201),
        ("Application/JSON; charset=\"utf-8\"; x=y", 201),
        ("application/merge-patch+json", 201),
    ] {
        let request =
            member.request(Method::POST, ICPS).body(body.clone()).header("content-type", content_type);
        assert_eq!(request.await.status.as_u16(), expected, "{content_type}");
    }
    let odd = member.request(Method::POST, ICPS).body(body.clone()).header_bytes("content-type", b"\xff");
    let _ = odd.await.expect(415);
    let path = new_icp_path(&member, json!({})).await;
    let _ = member.request(Method::POST, &format!("{path}/clone")).body("{}").await.expect(415);
}

#[tokio::test]
async fn methods_that_a_path_does_not_have() {
    let app = TestApp::start().await;
    let member = app.member();
    let reply = member.request(Method::PUT, &format!("{ICPS}/{NOBODY}")).json(&json!({})).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 405,
      "allow": "GET,HEAD,PATCH,DELETE",
      "body": {
        "error": {
          "code": "METHOD_NOT_ALLOWED",
          "message": "PUT is not allowed here"
        }
      }
    }
    "#);
    for operation in contract::OPERATIONS.iter() {
        let path = operation.path.replace("{id}", NOBODY).replace("{version}", "1");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
            if contract::operation(method.as_str(), &path).is_some() {
                continue;
            }
            let reply = member.request(method.clone(), &path).await.expect(405);
            let allow = reply.header("allow").unwrap_or_else(|| panic!("{method} {path}: no Allow"));
            let allowed: Vec<&str> = allow.split(',').map(str::trim).collect();
            assert!(allowed.contains(&operation.method), "{method} {path}: {allow}");
            assert!(!allowed.contains(&method.as_str()), "{method} {path}: {allow}");
        }
    }
}

#[tokio::test]
async fn paths_that_do_not_exist() {
    let app = TestApp::start().await;
    let reply = app.member().get("/api/v1/entities/nothing?x=1").await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 404,
      "body": {
        "error": {
          "code": "NOT_FOUND",
          "message": "No such endpoint: GET /api/v1/entities/nothing"
        }
      }
    }
    "#);
    for path in
        ["/", "/api", "/api/v1/entities/icps/", "//", "/api/v1/entities/icps/a/b/c", "/api/v2/entities/icps"]
    {
        let _ = app.member().get(path).await.expect(404);
    }
}

#[tokio::test]
async fn ids_that_are_none() {
    let app = TestApp::start().await;
    let long = "x".repeat(10_000);
    for id in [
        "invalid-id",
        "0",
        "%00",
        "%FF",
        "%C3%28",
        "%",
        "%zz",
        "..%2F..",
        "550e8400e29b41d4a716446655440000",
        "%7B550e8400-e29b-41d4-a716-446655440000%7D",
        "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
        "550e8400-e29b-41d4-a716-44665544000g",
        "%F0%9F%A6%80",
        &long,
    ] {
        for path in [
            format!("{ICPS}/{id}"),
            format!("{ICPS}/{id}/versions/{id}"),
            format!("{LISTS}/{id}"),
            format!("{RUNS}/{id}/events"),
            format!("{PEOPLE}/{id}"),
        ] {
            let _ = app.member().get(&path).await.expect(404);
        }
        let _ = app.member().delete(&format!("{SUPPRESSIONS}/{id}")).await.expect(404);
    }
}

#[tokio::test]
async fn queries_that_are_none() {
    let app = TestApp::start().await;
    let member = app.member();
    for query in
        ["?all=%FF", "?all=%", "?all=%zz", "?&&=&all=true", "?all", "?all=true&all=x", "?\u{7f}=1", "?=%00"]
    {
        if query.contains('\u{7f}') {
            continue;
        }
        let status = member.get(&format!("{ICPS}{query}")).await.status.as_u16();
        assert!(status == 200 || status == 400, "{query}: {status}");
    }
    for query in
        ["limit=1e3", "limit=1.5", "limit=99999999999999999999", "limit=-0x1", "offset=%2B", "limit=%00"]
    {
        let reply = member.get(&format!("{SUPPRESSIONS}?{query}")).await;
        assert_eq!(reply.details()[0]["path"], json!([query.split('=').next()]), "{query}");
    }
    let many = format!("{ICPS}?{}", "a=b&".repeat(5_000));
    let _ = member.get(&many).await.expect(200);
}

#[tokio::test]
async fn headers_of_any_kind() {
    let app = TestApp::start().await;
    let member = app.member();
    let path = new_icp_path(&member, json!({})).await;
    let long = "x".repeat(100_000);
    for value in [long.as_bytes(), b"\xff\xfe", b"", b"\"", b"\",\"", b",,,,", b"W/", b"*,*"] {
        for name in ["if-match", "last-event-id", "accept", "x-request-id", "cookie", "idempotency-key"] {
            let request = member.patch(&path, &json!({})).header_bytes(name, value);
            let status = request.await.status.as_u16();
            assert!([200, 400, 412].contains(&status), "{name}: {status}");
        }
        let reply = app.anonymous().get(&path).header_bytes("authorization", value).await;
        let _ = reply.expect(401);
    }
    let token = format!("Bearer sl_pat_{}", "a".repeat(1_000_000));
    let _ = app.anonymous().get(&path).header("authorization", &token).await.expect(401);
}

#[tokio::test]
async fn a_plain_request_id_is_kept_and_any_other_replaced() {
    let app = TestApp::start().await;
    for (sent, kept) in
        [("abc-DEF_1.2", true), ("", false), ("a b", false), ("<x>", false), (&*"x".repeat(129), false)]
    {
        let request = app.anonymous().get(ICPS).without_header("x-request-id").header("x-request-id", sent);
        let reply = request.await.expect(401);
        assert_eq!(reply.header("x-request-id") == Some(sent), kept, "{sent}");
    }
    let made = app.anonymous().get(ICPS).without_header("x-request-id").await;
    assert_eq!(made.header("x-request-id").map(str::len), Some(36));
}

#[tokio::test]
async fn texts_of_any_kind_come_back_unharmed() {
    let app = TestApp::start().await;
    let member = app.member();
    for text in [
        "'; DROP TABLE icp; --",
        "🦀 \u{202e}x",
        "a\u{301}",
        "<script>",
        "\\\"\u{7f}",
        "\u{10ffff}",
        "${x}%s{}",
    ] {
        let path = new_icp_path(&member, json!({"name": text, "userIds": [text]})).await;
        let icp = member.get(&path).await.expect(200);
        assert_eq!((icp.at("/name"), icp.at("/userIds/1")), (json!(text), json!(text)));
    }
}

#[tokio::test]
async fn a_million_faults_are_told_in_short() {
    let app = TestApp::start().await;
    let numbers = "1,".repeat(500_000);
    let body =
        format!("{{\"contact\":{{\"skill\":{{\"any\":{{\"include\":[{numbers}1]}}}}}},\"account\":1}}");
    let reply = app.member().request(Method::POST, PEOPLE).raw_json(body).await;
    let expected = "Array must contain at most 2000 element(s)";
    assert_eq!(reply.details()[0]["message"], json!(expected));
    let keys: Vec<String> = (0..20_000).map(|number| format!("\"k{number}\":1")).collect();
    let reply = send(&app.member(), format!("{{{}}}", keys.join(","))).await;
    assert_eq!(reply.details().as_array().map(Vec::len), Some(1_000));
    let long = format!("{{\"{}\":1}}", "k".repeat(900_000));
    let reply = send(&app.member(), long).await;
    assert!(reply.details()[0]["message"].as_str().is_some_and(|text| text.len() < 200));
}
