//! `/api/v1/operations/suppressions`.

use crate::support::{NOBODY, SUPPRESSIONS, fault};
use serde_json::{Value, json};
use sluice_testkit::records::{company_id, person_id};
use sluice_testkit::{Caller, TestApp};

fn ada() -> Value {
    json!({"kind": "email", "value": " Ada-Lee@Mail.example ", "reason": "asked us to stop"})
}

async fn is_suppressed(app: &TestApp, query: &str) -> bool {
    let reply = app.member().get(&format!("{SUPPRESSIONS}/explain?{query}")).await.expect(200);
    let suppressed = reply.at("/suppressed").as_bool().expect("a boolean");
    assert_eq!(suppressed, reply.at("/matches") != json!([]));
    suppressed
}

#[tokio::test]
async fn add_one() {
    let app = TestApp::start().await;
    let reply = app.member().post(SUPPRESSIONS, &ada()).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 201,
      "body": {
        "addedCount": 1,
        "skippedCount": 0,
        "entries": [
          {
            "id": "018d3fe6-b220-7000-8000-000000000001",
            "kind": "email",
            "value": "ada-lee@mail.example",
            "reason": "asked us to stop",
            "expiresAt": null,
            "createdAt": "2024-01-25T09:15:00.000Z",
            "createdBy": "user_abc123",
            "removedAt": null,
            "removedBy": null,
            "erasedAt": null
          }
        ]
      }
    }
    "#);
}

#[tokio::test]
async fn add_several_skips_what_is_there() {
    let app = TestApp::start().await;
    let first = app.member().post(SUPPRESSIONS, &ada()).await.expect(201).text_at("/entries/0/id");
    let body = json!({"entries": [
        {"kind": "domain", "value": "https://www.Spam.example/x", "reason": null, "expiresAt": "2024-03-01"},
        {"kind": "email", "value": "ada-lee@mail.example", "reason": "again"},
        {"kind": "domain", "value": "spam.example", "reason": "twice"},
        {"kind": "company", "value": "The Globex Inc.", "reason": "customer"},
        {"kind": "person", "value": "linkedin.com/in/Bob-Stone", "reason": "left"}
    ]});
    let reply = app.admin().post(SUPPRESSIONS, &body).await.expect(201);
    assert_eq!((reply.at("/addedCount"), reply.at("/skippedCount")), (json!(3), json!(2)));
    let values: Vec<Value> = reply
        .at("/entries")
        .as_array()
        .expect("an array")
        .iter()
        .map(|entry| json!([entry["kind"], entry["value"], entry["createdBy"]]))
        .collect();
    assert_eq!(
        json!(values),
        json!([
            ["domain", "spam.example", "user_admin"],
            ["email", "ada-lee@mail.example", "user_abc123"],
            ["company", "globex", "user_admin"],
            ["person", "https://www.linkedin.com/in/bob-stone", "user_admin"],
        ])
    );
    assert_eq!(reply.text_at("/entries/1/id"), first);
    let empty = app.member().post(SUPPRESSIONS, &json!({"entries": []})).await.expect(201);
    assert_eq!(empty.json(), json!({"addedCount": 0, "skippedCount": 0, "entries": []}));
}

#[tokio::test]
async fn add_ten_thousand() {
    let app = TestApp::start().await;
    let entry = |at: u32| json!({"kind": "email", "value": format!("p{at}@mail.example"), "reason": "x"});
    let entries: Vec<Value> = (0..10_000).map(entry).collect();
    let reply = app.member().post(SUPPRESSIONS, &json!({"entries": entries})).await.expect(201);
    assert_eq!(reply.at("/addedCount"), json!(10_000));
    let mut more = entries;
    more.push(entry(10_000));
    let details = app.member().post(SUPPRESSIONS, &json!({"entries": more})).await.details();
    assert_eq!(details, fault(json!(["entries"]), "Array must contain at most 10000 element(s)"));
}

#[tokio::test]
async fn add_names_every_fault() {
    let app = TestApp::start().await;
    let body = json!({"entries": [
        {"kind": "phone", "value": "", "reason": 5},
        {"kind": "email", "value": "nobody"},
        {"kind": "domain", "value": "co.uk", "reason": "x", "expiresAt": "soon", "note": 1},
        null
    ], "more": 1});
    let reply = app.member().post(SUPPRESSIONS, &body).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "VALIDATION_ERROR",
          "message": "Invalid request body",
          "details": [
            {
              "path": [
                "entries",
                0,
                "kind"
              ],
              "message": "Invalid enum value. Expected 'person' | 'email' | 'domain' | 'company', received 'phone'"
            },
            {
              "path": [
                "entries",
                0,
                "value"
              ],
              "message": "String must contain at least 1 character(s)"
            },
            {
              "path": [
                "entries",
                0,
                "reason"
              ],
              "message": "Expected string, received number"
            },
            {
              "path": [
                "entries",
                1,
                "value"
              ],
              "message": "Invalid email: expected an e-mail address"
            },
            {
              "path": [
                "entries",
                1,
                "reason"
              ],
              "message": "Required"
            },
            {
              "path": [
                "entries",
                2,
                "value"
              ],
              "message": "Invalid domain: expected a registrable domain"
            },
            {
              "path": [
                "entries",
                2,
                "expiresAt"
              ],
              "message": "Invalid datetime"
            },
            {
              "path": [
                "entries",
                2,
                "note"
              ],
              "message": "Unrecognized key: 'note'"
            },
            {
              "path": [
                "entries",
                3
              ],
              "message": "Expected object, received null"
            },
            {
              "path": [
                "more"
              ],
              "message": "Unrecognized key: 'more'"
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn list_comes_by_the_page_newest_first() {
    let app = TestApp::start().await;
    for number in 1..=3 {
        let body = json!({"kind": "email", "value": format!("p{number}@mail.example"), "reason": null});
        let _ = app.member().post(SUPPRESSIONS, &body).await.expect(201);
        app.clock.advance(1);
    }
    let mut pages = Vec::new();
    for query in ["", "?limit=2", "?limit=2&offset=2", "?offset=3"] {
        let page = app.outside_member().get(&format!("{SUPPRESSIONS}{query}")).await.expect(200).json();
        let values: Vec<&Value> =
            page["items"].as_array().expect("an array").iter().map(|item| &item["value"]).collect();
        pages.push(json!([values, page["totalCount"], page["hasMore"]]).to_string());
    }
    assert_eq!(
        pages,
        [
            r#"[["p3@mail.example","p2@mail.example","p1@mail.example"],3,false]"#,
            r#"[["p3@mail.example","p2@mail.example"],3,true]"#,
            r#"[["p1@mail.example"],3,false]"#,
            r#"[[],3,false]"#,
        ]
    );
    let reply = app.member().get(&format!("{SUPPRESSIONS}?limit=1001&offset=-1&includeRemoved=1")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 400,
      "body": {
        "error": {
          "code": "VALIDATION_ERROR",
          "message": "Invalid request parameters",
          "details": [
            {
              "path": [
                "includeRemoved"
              ],
              "message": "Invalid enum value. Expected 'false' | 'true', received '1'"
            },
            {
              "path": [
                "limit"
              ],
              "message": "Number must be less than or equal to 1000"
            },
            {
              "path": [
                "offset"
              ],
              "message": "Number must be greater than or equal to 0"
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn removing_leaves_a_tombstone() {
    let app = TestApp::start().await;
    let id = app.member().post(SUPPRESSIONS, &ada()).await.expect(201).text_at("/entries/0/id");
    app.clock.advance(1_000);
    let reply = app.admin().delete(&format!("{SUPPRESSIONS}/{id}")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 204
    }
    "#);
    assert!(!is_suppressed(&app, "email=ada-lee@mail.example").await);
    let _ = app.admin().delete(&format!("{SUPPRESSIONS}/{id}")).await.expect(404);
    let shown = app.member().get(SUPPRESSIONS).await.expect(200);
    assert_eq!(shown.at("/totalCount"), json!(0));
    let shown = app.member().get(&format!("{SUPPRESSIONS}?includeRemoved=true")).await;
    insta::assert_json_snapshot!(shown, @r#"
    {
      "status": 200,
      "body": {
        "items": [
          {
            "id": "018d3fe6-b220-7000-8000-000000000001",
            "kind": "email",
            "value": "ada-lee@mail.example",
            "reason": "asked us to stop",
            "expiresAt": null,
            "createdAt": "2024-01-25T09:15:00.000Z",
            "createdBy": "user_abc123",
            "removedAt": "2024-01-25T09:15:01.000Z",
            "removedBy": "user_admin",
            "erasedAt": null
          }
        ],
        "totalCount": 1,
        "hasMore": false
      }
    }
    "#);
    let again = app.member().post(SUPPRESSIONS, &ada()).await.expect(201);
    assert_eq!(again.at("/addedCount"), json!(1), "a tombstone does not stand in the way");
    assert!(is_suppressed(&app, "email=ada-lee@mail.example").await);
}

#[tokio::test]
async fn an_erased_value_still_suppresses() {
    let app = TestApp::start().await;
    let id = app.member().post(SUPPRESSIONS, &ada()).await.expect(201).text_at("/entries/0/id");
    app.clock.advance(1_000);
    let reply = app.member().post_empty(&format!("{SUPPRESSIONS}/{id}/erase")).await.expect(200);
    let erased = reply.json();
    insta::assert_json_snapshot!(erased, @r#"
    {
      "id": "018d3fe6-b220-7000-8000-000000000001",
      "kind": "email",
      "value": null,
      "reason": null,
      "expiresAt": null,
      "createdAt": "2024-01-25T09:15:00.000Z",
      "createdBy": "user_abc123",
      "removedAt": null,
      "removedBy": null,
      "erasedAt": "2024-01-25T09:15:01.000Z"
    }
    "#);
    app.clock.advance(1_000);
    let again = app.member().post(&format!("{SUPPRESSIONS}/{id}/erase"), &json!({})).await.expect(200);
    assert_eq!(again.bytes, reply.bytes, "erasing twice changes nothing");
    assert!(is_suppressed(&app, "email=ada-lee@mail.example").await);
    assert!(is_suppressed(&app, &format!("personId={}", person_id(1))).await);
    let everything = app.member().get(&format!("{SUPPRESSIONS}?includeRemoved=true")).await;
    assert!(!everything.text().contains("ada-lee"), "nothing shows the value");
    let skipped = app.member().post(SUPPRESSIONS, &ada()).await.expect(201);
    assert_eq!(skipped.at("/skippedCount"), json!(1), "and it is still known");
}

#[tokio::test]
async fn an_entry_counts_until_it_expires() {
    let app = TestApp::start().await;
    let mut body = ada();
    body["expiresAt"] = json!("2024-01-26T09:15:00.000Z");
    let _ = app.member().post(SUPPRESSIONS, &body).await.expect(201);
    app.clock.advance(86_400_000 - 1);
    assert!(is_suppressed(&app, "email=ada-lee@mail.example").await);
    app.clock.advance(1);
    assert!(!is_suppressed(&app, "email=ada-lee@mail.example").await);
    let again = app.member().post(SUPPRESSIONS, &ada()).await.expect(201);
    assert_eq!(again.at("/addedCount"), json!(1));
}

#[tokio::test]
async fn explain() {
    let app = TestApp::start().await;
    let entries = json!({"entries": [
        {"kind": "company", "value": company_id(1), "reason": "customer"},
        {"kind": "domain", "value": "mail.example", "reason": null},
        ada(),
        {"kind": "person", "value": person_id(1), "reason": "met"}
    ]});
    let _ = app.member().post(SUPPRESSIONS, &entries).await.expect(201);
    let reply =
        app.member().get(&format!("{SUPPRESSIONS}/explain?personId={}", person_id(1))).await.expect(200);
    let kinds: Vec<Value> = reply
        .at("/matches")
        .as_array()
        .expect("an array")
        .iter()
        .map(|found| json!([found["matchedKind"], found["matchedValue"]]))
        .collect();
    assert_eq!(
        json!(kinds),
        json!([
            ["person", person_id(1)],
            ["email", "ada-lee@mail.example"],
            ["domain", "mail.example"],
            ["company", company_id(1)],
        ]),
        "the most specific first"
    );
    let reply = app.member().get(&format!("{SUPPRESSIONS}/explain?domain=https://MAIL.example")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": {
        "suppressed": true,
        "matches": [
          {
            "entry": {
              "id": "018d3fe6-b220-7000-8000-000000000002",
              "kind": "domain",
              "value": "mail.example",
              "reason": null,
              "expiresAt": null,
              "createdAt": "2024-01-25T09:15:00.000Z",
              "createdBy": "user_abc123",
              "removedAt": null,
              "removedBy": null,
              "erasedAt": null
            },
            "matchedKind": "domain",
            "matchedValue": "mail.example"
          }
        ],
        "sentence": "Suppressed by the domain mail.example since 2024-01-25."
      }
    }
    "#);
    let reply = app.member().get(&format!("{SUPPRESSIONS}/explain?email=nobody@nowhere.example")).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 200,
      "body": {
        "suppressed": false,
        "matches": [],
        "sentence": "Not on the suppression list."
      }
    }
    "#);
    assert!(is_suppressed(&app, "email=anybody@mail.example").await, "by the domain");
}

#[tokio::test]
async fn explain_takes_one_question() {
    let app = TestApp::start().await;
    for (query, path, message) in [
        ("", json!([]), "Expected exactly one of personId, email, domain"),
        ("?email=", json!([]), "Expected exactly one of personId, email, domain"),
        ("?email=a@b.example&domain=b.example", json!([]), "Expected exactly one of personId, email, domain"),
        ("?personId=x", json!(["personId"]), "Invalid uuid"),
        ("?email=x", json!(["email"]), "Invalid email"),
        ("?domain=com", json!(["domain"]), "Invalid domain"),
    ] {
        let reply = app.member().get(&format!("{SUPPRESSIONS}/explain{query}")).await;
        assert_eq!(reply.details(), fault(path, message), "{query}");
        assert_eq!(reply.at("/error/code"), json!("VALIDATION_ERROR"));
    }
    let reply = app.member().get(&format!("{SUPPRESSIONS}/explain?personId={NOBODY}")).await;
    assert_eq!(reply.expect(404).at("/error/message"), json!(format!("Person not found: {NOBODY}")));
}
