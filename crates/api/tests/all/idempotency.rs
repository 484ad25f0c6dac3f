//! `Idempotency-Key`: the same request twice has one effect and one reply.

use crate::support::{ICPS, LISTS, RUNS, SUPPRESSIONS, icp_body, merged, new_icp_path, new_list_path};
use serde_json::{Value, json};
use sluice_testkit::records::{company_id, person_id};
use sluice_testkit::{Caller, TestApp};

const DAY: i64 = 24 * 60 * 60 * 1_000;

async fn names(caller: &impl Caller, path: &str) -> Vec<Value> {
    let list = caller.get(path).await.expect(200).json();
    list.as_array().expect("an array").iter().map(|item| item["name"].clone()).collect()
}

#[tokio::test]
async fn the_same_request_has_one_effect_and_one_reply() {
    let app = TestApp::start().await;
    let member = app.member();
    let first = member.post(ICPS, &icp_body()).idempotency_key("k").await.expect(201);
    app.clock.advance(DAY - 1);
    let again = member.post(ICPS, &icp_body()).idempotency_key("k").await.expect(201);
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(names(&member, ICPS).await, ["CTOs"]);
    app.clock.advance(2);
    let late = member.post(ICPS, &icp_body()).idempotency_key("k").await.expect(201);
    assert_ne!(late.id(), first.id(), "forgotten after 24 hours");
    assert_eq!(names(&member, ICPS).await, ["CTOs", "CTOs"]);
}

#[tokio::test]
async fn another_request_with_the_key_is_a_conflict() {
    let app = TestApp::start().await;
    let member = app.member();
    let _ = member.post(ICPS, &icp_body()).idempotency_key("k").await.expect(201);
    let other = merged(icp_body(), json!({"name": "B"}));
    let reply = member.post(ICPS, &other).idempotency_key("k").await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 409,
      "body": {
        "error": {
          "code": "CONFLICT",
          "message": "This Idempotency-Key was used for another request"
        }
      }
    }
    "#);
    let list = json!({"name": "L", "startDate": "2024-01-01", "endDate": "2024-01-02"});
    let _ = member.post(LISTS, &list).idempotency_key("k").await.expect(409);
    let spaced = serde_json::to_string_pretty(&icp_body()).expect("JSON");
    let request = member.request(axum::http::Method::POST, ICPS).raw_json(spaced).idempotency_key("k");
    let _ = request.await.expect(409);
    assert_eq!(names(&member, ICPS).await, ["CTOs"]);
}

#[tokio::test]
async fn keys_belong_to_their_user() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    ids.push(app.member().post(ICPS, &icp_body()).idempotency_key("k").await.expect(201).id());
    ids.push(app.outside_member().post(ICPS, &icp_body()).idempotency_key("k").await.expect(201).id());
    ids.push(app.other_organisation().post(ICPS, &icp_body()).idempotency_key("k").await.expect(201).id());
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn a_request_that_failed_may_be_sent_again() {
    let app = TestApp::start().await;
    let member = app.member();
    let list = json!({"name": "L", "startDate": "2024-01-01", "endDate": "2024-01-02",
        "personIds": ["550e8400-e29b-41d4-a716-446655440999"]});
    let _ = member.post(LISTS, &list).idempotency_key("k").await.expect(400);
    let list = merged(list, json!({"personIds": [person_id(1)]}));
    let _ = member.post(LISTS, &list).idempotency_key("k").await.expect(201);
}

#[tokio::test]
async fn a_key_has_1_to_255_visible_characters() {
    let app = TestApp::start().await;
    let member = app.member();
    let longest = "k".repeat(255);
    let _ = member.post(ICPS, &icp_body()).idempotency_key(&longest).await.expect(201);
    let reply = member.post(ICPS, &icp_body()).idempotency_key(&"k".repeat(256)).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "BAD_REQUEST",
          "message": "Invalid request parameters",
          "details": [
            {
              "path": [
                "Idempotency-Key"
              ],
              "message": "Expected 1 to 255 visible ASCII characters"
            }
          ]
        }
      }
    }
    "#);
    for key in [&b""[..], b"   ", b"\xff\xfe", "schl\u{fc}ssel".as_bytes()] {
        let _ = member.post(ICPS, &icp_body()).header_bytes("idempotency-key", key).await.expect(400);
    }
}

#[tokio::test]
async fn two_keys_are_two_requests_even_at_once() {
    let app = TestApp::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..16 {
        let member = app.member();
        let key = format!("k{}", number % 2);
        tasks.spawn(
            async move { member.post(ICPS, &icp_body()).idempotency_key(&key).await.expect(201).id() },
        );
    }
    let mut ids = tasks.join_all().await;
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 2);
}

/// Every POST that changes something, sent twice.
#[tokio::test]
async fn every_post_that_changes_something_honours_it() {
    let app = TestApp::start().await;
    let member = app.member();
    let icp = new_icp_path(&member, json!({})).await;
    let generate = icp.replace("/entities/", "/operations/") + "/generate";
    let people = new_list_path(&member, json!({})).await;
    let companies = new_list_path(&member, json!({"type": "company"})).await;
    let run = member.post_empty(&generate).await.expect(202).text_at("/run/id");
    let list = json!({"name": "L", "startDate": "2024-01-01", "endDate": "2024-01-02"});
    let entry = json!({"kind": "domain", "value": "spam.example", "reason": "x"});
    for (path, body) in [
        (ICPS.to_owned(), icp_body()),
        (format!("{icp}/clone"), json!({})),
        (LISTS.to_owned(), list),
        (format!("{people}/add-prospects"), json!({"mode": "manual", "includedIds": [person_id(1)]})),
        (format!("{companies}/add-companies"), json!({"companyIds": [company_id(1)]})),
        (generate, json!({"name": "again"})),
        (format!("{RUNS}/{run}/cancel"), json!({"keepPartial": true})),
        (SUPPRESSIONS.to_owned(), entry),
    ] {
        app.clock.advance(1_000);
        let key = path.as_str();
        let first = member.post(&path, &body).idempotency_key(key).await;
        assert!(first.status.is_success(), "{path}: {}", first.text());
        app.clock.advance(1_000);
        let again = member.post(&path, &body).idempotency_key(key).await;
        assert_eq!((again.status, &again.bytes), (first.status, &first.bytes), "{path}");
        let other = merged(body, json!({"another": "body"}));
        let refused = member.post(&path, &other).idempotency_key(key).await;
        assert_eq!(refused.status.as_u16(), 400, "{path}: the body is read first");
    }
    app.work().await;
}
