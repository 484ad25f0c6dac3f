//! The page "Update ICP" of the documented API, to the letter: its request, its replies, its errors, its sentences.

use crate::support::{ICPS, fault};
use serde_json::{Value, json};
use sluice_model::icp::Icp;
use sluice_store::StoreError;
use sluice_store::ops::icp::icp_insert;
use sluice_testkit::{ACME, BrokenCatalog, Caller, Failure, TestApp, users};
use std::sync::Arc;

const PATH: &str = "/api/v1/entities/icps/550e8400-e29b-41d4-a716-446655440000";

const REQUEST: &str = r#"{
    "name": "Updated ICP Name",
    "leadsPerList": 50,
    "customFilterCriteria": [
      {
        "type": "maxPeoplePerCompany",
        "value": 5
      }
    ]
  }"#;

const REPLY_200: &str = r#"{
    "id": "550e8400-e29b-41d4-a716-446655440000",
    "name": "Updated ICP Name",
    "description": "C-level and VP-level technology leaders at enterprise companies",
    "createdAt": "2024-01-15T10:30:00.000Z",
    "updatedAt": "2024-01-25T09:15:00.000Z",
    "userIds": ["user_abc123", "user_def456"],
    "leadsPerList": 50,
    "activeUntil": "2024-12-31T23:59:59.000Z",
    "leadProviderCriteria": [
      {
        "provider": "baseProvider",
        "type": "person",
        "filters": {
          "job_titles": ["CTO", "VP Engineering"],
          "company_size": ["501-1000", "1001-5000"]
        }
      }
    ],
    "customFilterCriteria": [
      {
        "type": "maxPeoplePerCompany",
        "value": 5
      }
    ],
    "crmFilters": null
  }"#;

const REPLY_400: &str = r#"{
    "error": {
      "code": "BAD_REQUEST",
      "message": "Invalid request body",
      "details": [
        {
          "path": ["leadsPerList"],
          "message": "Expected number, received string"
        }
      ]
    }
  }"#;

const REPLY_403: &str = r#"{
    "error": {
      "code": "FORBIDDEN",
      "message": "You do not have access to this ICP"
    }
  }"#;

const REPLY_404: &str = r#"{
    "error": {
      "code": "NOT_FOUND",
      "message": "ICP not found: 550e8400-e29b-41d4-a716-446655440000"
    }
  }"#;

/// The example without white space, its keys in their order.
fn compact(example: &str) -> String {
    serde_json::from_str::<Value>(example).expect("the example is JSON").to_string()
}

/// The ICP of the example as it was before its PATCH.
async fn arrange(app: &TestApp) {
    let mut before: Value = serde_json::from_str(REPLY_200).expect("the example is JSON");
    before["name"] = json!("Tech leaders");
    before["leadsPerList"] = json!(10);
    before["customFilterCriteria"] = json!([]);
    before["updatedAt"] = before["createdAt"].clone();
    let icp: Icp = serde_json::from_str(&before.to_string()).expect("an ICP");
    app.store()
        .write::<_, StoreError, _>(ACME, move |tx| {
            Box::pin(async move { icp_insert(tx, &icp, users::MEMBER, &["name"]).await })
        })
        .await
        .expect("the ICP of the example");
}

#[tokio::test]
async fn the_request_gives_the_reply() {
    let app = TestApp::start().await;
    arrange(&app).await;
    let request = app.member().request(axum::http::Method::PATCH, PATH).raw_json(REQUEST);
    let reply = request.await.expect(200);
    assert_eq!(reply.text(), compact(REPLY_200));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("etag"), Some("\"2\""));
    assert_eq!(app.member().get(PATH).await.text(), compact(REPLY_200), "it is stored");
}

#[tokio::test]
async fn a_reply_can_be_sent_back_as_a_request() {
    let app = TestApp::start().await;
    arrange(&app).await;
    let member = app.member();
    let request = member.request(axum::http::Method::PATCH, PATH).raw_json(REPLY_200);
    assert_eq!(request.await.expect(200).text(), compact(REPLY_200));
    app.clock.advance(1);
    let again = member.request(axum::http::Method::PATCH, PATH).raw_json(REPLY_200);
    assert_eq!(again.await.expect(200).text(), compact(REPLY_200), "nothing changes, nor does updatedAt");
}

#[tokio::test]
async fn invalid_body() {
    let app = TestApp::start().await;
    arrange(&app).await;
    let reply = app.member().patch(PATH, &json!({"leadsPerList": "50"})).await.expect(400);
    assert_eq!(reply.text(), compact(REPLY_400));
    assert_eq!(app.member().get(PATH).await.at("/leadsPerList"), json!(10), "nothing is stored");
}

#[tokio::test]
async fn not_signed_in() {
    let app = TestApp::start().await;
    arrange(&app).await;
    let reply = app.anonymous().patch(PATH, &json!({"name": "x"})).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 401,
      "www-authenticate": "Bearer",
      "body": {
        "error": {
          "code": "UNAUTHORIZED",
          "message": "Authentication required"
        }
      }
    }
    "#);
    let mut replies = Vec::new();
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer sl_pat_x",
        "sl_pat_x",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
    ] {
        let request = app.anonymous().patch(PATH, &json!({"name": "x"})).header("authorization", value);
        replies.push(request.await.expect(401).text().to_owned());
    }
    let token = app.member().credential().expect("a token").1;
    let twice = app.member().patch(PATH, &json!({})).header("authorization", &token).await.expect(401);
    replies.push(twice.text().to_owned());
    replies.dedup();
    assert_eq!(replies, [reply.text()], "the reply tells nothing of what was wrong");
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let app = TestApp::start().await;
    arrange(&app).await;
    let token = app.member().credential().expect("a token").1.replace("Bearer ", "bEARER   ");
    let _ = app.anonymous().get(PATH).header("authorization", &token).await.expect(200);
}

#[tokio::test]
async fn no_access() {
    let app = TestApp::start().await;
    arrange(&app).await;
    let reply = app.outside_member().patch(PATH, &json!({"name": "x"})).await.expect(403);
    assert_eq!(reply.text(), compact(REPLY_403));
}

#[tokio::test]
async fn users_who_are_listed_or_admins_may_update() {
    let app = TestApp::start().await;
    arrange(&app).await;
    let _ = app.admin().patch(PATH, &json!({"name": "by an admin"})).await.expect(200);
    let users = json!({"userIds": [users::OUTSIDE]});
    let _ = app.member().patch(PATH, &users).await.expect(200);
    let _ = app.outside_member().patch(PATH, &json!({"name": "now listed"})).await.expect(200);
    let reply = app.member().patch(PATH, &json!({"name": "no longer listed"})).await.expect(403);
    assert_eq!(reply.text(), compact(REPLY_403));
}

#[tokio::test]
async fn not_found() {
    let app = TestApp::start().await;
    let reply = app.member().patch(PATH, &json!({"name": "x"})).await.expect(404);
    assert_eq!(reply.text(), compact(REPLY_404));
    arrange(&app).await;
    let reply = app.other_organisation().patch(PATH, &json!({"name": "x"})).await.expect(404);
    assert_eq!(reply.text(), compact(REPLY_404), "another organisation's looks like none");
}

#[tokio::test]
async fn an_id_that_is_no_uuid_is_not_found() {
    let app = TestApp::start().await;
    let reply = app.member().patch(&format!("{ICPS}/invalid-id"), &json!({"name": "x"})).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 404,
      "body": {
        "error": {
          "code": "NOT_FOUND",
          "message": "ICP not found: invalid-id"
        }
      }
    }
    "#);
}

#[tokio::test]
async fn faults_of_the_body_come_before_those_of_the_path_and_after_those_of_the_token() {
    let app = TestApp::start().await;
    arrange(&app).await;
    let wrong = json!({"leadsPerList": "50"});
    let _ = app.anonymous().patch(PATH, &wrong).await.expect(401);
    let _ = app.outside_member().patch(PATH, &wrong).await.expect(400);
    let _ = app.other_organisation().patch(PATH, &wrong).await.expect(400);
    let details = app.member().patch(&format!("{ICPS}/invalid-id"), &wrong).await.details();
    assert_eq!(details, fault(json!(["leadsPerList"]), "Expected number, received string"));
}

#[tokio::test]
async fn an_unexpected_error_shows_no_internal_text() {
    for failure in [Failure::Corrupt, Failure::Panic] {
        let app = TestApp::start_on(Arc::new(BrokenCatalog(failure))).await;
        let reply = app.member().post("/api/v1/entities/prospects/person", &json!({})).await;
        assert!(!reply.text().contains(BrokenCatalog::SECRET));
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(reply, @r#"
            {
              "status": 500,
              "body": {
                "error": {
                  "code": "INTERNAL_ERROR",
                  "message": "An unexpected error occurred"
                }
              }
            }
            "#);
        }
    }
}

#[tokio::test]
async fn what_is_not_available_shows_no_internal_text() {
    let app = TestApp::start_on(Arc::new(BrokenCatalog(Failure::Unavailable))).await;
    let reply = app.member().post("/api/v1/entities/prospects/person", &json!({})).await;
    assert!(!reply.text().contains(BrokenCatalog::SECRET));
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 503,
      "retry-after": "1",
      "body": {
        "error": {
          "code": "UNAVAILABLE",
          "message": "Try again in a moment"
        }
      }
    }
    "#);
}

/// Every row of the page's tables of fields: a value of the documented type is accepted and comes back.
#[tokio::test]
async fn every_documented_field_is_taken_and_given_back() {
    let app = TestApp::start().await;
    arrange(&app).await;
    let member = app.member();
    let body = json!({
        "name": "N",
        "description": "D",
        "userIds": ["user_abc123", "user_2"],
        "leadsPerList": 1,
        "activeUntil": "2025-06-30T23:59:59.000Z",
        "leadProviderCriteria": [
            {"provider": "baseProvider", "filters": {}},
            {"provider": "baseProvider", "type": "person", "filters": {"job_title": ["CTO"]}}
        ],
        "customFilterCriteria": [
            {"type": "website", "provider": "browserUse", "prompt": "Do they sell machines?"},
            {"type": "website", "prompt": "Do they sell machines?"},
            {
                "type": "webscraping", "provider": "firecrawl", "extractionPrompt": "What do they sell?",
                "pageFindingPrompt": "Pages on products", "includeSearchStrings": ["machine"],
                "excludeSearchStrings": ["closed"]
            },
            {
                "type": "webscraping", "extractionPrompt": null, "pageFindingPrompt": null,
                "includeSearchStrings": null, "excludeSearchStrings": null
            },
            {"type": "ai", "entityType": "person", "prompt": "A decider?"},
            {"type": "ai", "entityType": "company", "prompt": "A start-up?"},
            {"type": "maxPeoplePerCompany", "value": 3},
            {"type": "maxPercentFromCRM", "value": 12.5},
            {"type": "minDaysUntilReuse", "value": 90},
            {"type": "matchFieldWithRegex", "field": "firstName", "regex": "^A"},
            {"type": "matchFieldWithRegex", "field": "company.headcount", "regex": "1000"}
        ],
        "crmFilters": {
            "provider": "bullhorn",
            "textSearch": "Head OR Leit* OR Direktor",
            "query": null,
            "filters": [
                {"path": "address.zip", "mode": "startsWith", "value": "80"},
                {"path": "status", "mode": "in", "value": ["Active", "Passive"], "exclude": true},
                {"path": "status", "mode": "equals", "value": "Active", "exclude": false}
            ]
        }
    });
    let reply = member.patch(PATH, &body).await.expect(200);
    for (key, sent) in body.as_object().expect("an object") {
        assert_eq!(reply.json()[key].to_string(), sent.to_string(), "{key}");
    }
    let cleared = json!({"description": null, "activeUntil": null, "crmFilters": null});
    let reply = member.patch(PATH, &cleared).await.expect(200);
    for key in ["description", "activeUntil", "crmFilters"] {
        assert_eq!(reply.json()[key], Value::Null, "{key} is there, and null");
    }
}
