//! Runs: an ICP becomes a lead list.

use crate::support::{LISTS, RUNS, fault, new_icp};
use serde_json::{Value, json};
use sluice_testkit::records::person_id;
use sluice_testkit::{Caller, Reply, TestApp};

/// The path of the operations on a new ICP.
pub async fn operations(caller: &impl Caller, over: Value) -> String {
    format!("/api/v1/operations/icps/{}", new_icp(caller, over).await.id())
}

/// Runs an ICP of the member's to its end.
pub async fn finished(app: &TestApp, icp: &str, body: Value) -> Reply {
    let started = app.member().post(&format!("{icp}/generate"), &body).await.expect(202);
    let location = started.header("location").expect("a Location").to_owned();
    app.work().await;
    let run = app.member().get(&location).await.expect(200);
    assert_funnel_adds_up(&run.at("/funnel"));
    run
}

/// Every sum of a funnel.
pub fn assert_funnel_adds_up(funnel: &Value) {
    let funnel: sluice_model::Funnel = serde_json::from_value(funnel.clone()).expect("a funnel");
    assert!(funnel.adds_up(), "{funnel:?}");
}

/// First names on the list that a run made, in order.
pub async fn names(app: &TestApp, run: &Reply) -> Vec<String> {
    let list = app.member().get(&format!("{LISTS}/{}", run.text_at("/leadListId"))).await.expect(200);
    let name = |lead: &Value| lead["firstName"].as_str().unwrap_or_default().to_owned();
    list.at("/persons").as_array().expect("people").iter().map(name).collect()
}

/// What was decided on each candidate: name, stage, reason.
pub async fn decisions(app: &TestApp, run: &Reply) -> Vec<String> {
    let page = app.member().get(&format!("{RUNS}/{}/decisions", run.id())).await.expect(200);
    let line = |decision: &Value| {
        let text =
            |pointer: &str| decision.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
        format!("{}: {} {} {}", text("/candidate/name"), text("/verdict"), text("/stage"), text("/reason"))
    };
    page.at("/items").as_array().expect("decisions").iter().map(line).collect()
}

#[tokio::test]
async fn generate() {
    let app = TestApp::start().await;
    let icp = operations(&app.member(), json!({})).await;
    let reply = app.member().post(&format!("{icp}/generate"), &json!({"leads": 3})).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 202,
      "etag": "\"1\"",
      "location": "/api/v1/operations/runs/018d3fe6-b220-7000-8000-000000000002",
      "body": {
        "run": {
          "id": "018d3fe6-b220-7000-8000-000000000002",
          "icpId": "018d3fe6-b220-7000-8000-000000000001",
          "icpVersion": 1,
          "status": "queued",
          "stage": "queued",
          "progress": {
            "considered": 0,
            "accepted": 0,
            "target": 3
          },
          "funnel": {
            "considered": 0,
            "accepted": 0,
            "dropped": 0,
            "unknown": 0,
            "stages": [
              {
                "stage": "identity",
                "in": 0,
                "dropped": 0,
                "unknown": 0,
                "out": 0,
                "reasons": {}
              },
              {
                "stage": "suppression",
                "in": 0,
                "dropped": 0,
                "unknown": 0,
                "out": 0,
                "reasons": {}
              },
              {
                "stage": "rules",
                "in": 0,
                "dropped": 0,
                "unknown": 0,
                "out": 0,
                "reasons": {}
              },
              {
                "stage": "caps",
                "in": 0,
                "dropped": 0,
                "unknown": 0,
                "out": 0,
                "reasons": {}
              },
              {
                "stage": "evidence",
                "in": 0,
                "dropped": 0,
                "unknown": 0,
                "out": 0,
                "reasons": {}
              }
            ]
          },
          "leadListId": null,
          "dryRun": false,
          "cost": {
            "credits": 0,
            "calls": 0
          },
          "stoppedBy": null,
          "error": null,
          "createdBy": "user_abc123",
          "createdAt": "2024-01-25T09:15:00.000Z",
          "updatedAt": "2024-01-25T09:15:00.000Z",
          "startedAt": null,
          "finishedAt": null
        }
      }
    }
    "#);
    assert_eq!(
        reply.text_at("/run/id"),
        reply.header("location").expect("a Location").rsplit('/').next().unwrap_or("")
    );
    let queued = app.member().get(&format!("{RUNS}?status=queued")).await.expect(200);
    assert_eq!(queued.json(), json!([reply.at("/run")]));
    app.work().await;
    let run = app.member().get(&format!("{RUNS}/{}", reply.text_at("/run/id"))).await;
    insta::assert_json_snapshot!(run, @r#"
    {
      "status": 200,
      "etag": "\"3\"",
      "body": {
        "id": "018d3fe6-b220-7000-8000-000000000002",
        "icpId": "018d3fe6-b220-7000-8000-000000000001",
        "icpVersion": 1,
        "status": "succeeded",
        "stage": "done",
        "progress": {
          "considered": 3,
          "accepted": 3,
          "target": 3
        },
        "funnel": {
          "considered": 3,
          "accepted": 3,
          "dropped": 0,
          "unknown": 0,
          "stages": [
            {
              "stage": "identity",
              "in": 3,
              "dropped": 0,
              "unknown": 0,
              "out": 3,
              "reasons": {}
            },
            {
              "stage": "suppression",
              "in": 3,
              "dropped": 0,
              "unknown": 0,
              "out": 3,
              "reasons": {}
            },
            {
              "stage": "rules",
              "in": 3,
              "dropped": 0,
              "unknown": 0,
              "out": 3,
              "reasons": {}
            },
            {
              "stage": "caps",
              "in": 3,
              "dropped": 0,
              "unknown": 0,
              "out": 3,
              "reasons": {}
            },
            {
              "stage": "evidence",
              "in": 3,
              "dropped": 0,
              "unknown": 0,
              "out": 3,
              "reasons": {}
            }
          ]
        },
        "leadListId": "018d3fe6-b220-7000-8000-000000000004",
        "dryRun": false,
        "cost": {
          "credits": 0,
          "calls": 0
        },
        "stoppedBy": "target",
        "error": null,
        "createdBy": "user_abc123",
        "createdAt": "2024-01-25T09:15:00.000Z",
        "updatedAt": "2024-01-25T09:15:00.000Z",
        "startedAt": "2024-01-25T09:15:00.000Z",
        "finishedAt": "2024-01-25T09:15:00.000Z"
      }
    }
    "#);
    assert_funnel_adds_up(&run.at("/funnel"));
    assert_eq!(app.member().get(&format!("{RUNS}?status=queued")).await.json(), json!([]));
}

#[tokio::test]
async fn a_run_makes_a_list_in_rank_order() {
    let app = TestApp::start().await;
    let icp = operations(&app.member(), json!({"userIds": ["user_2", "user_abc123"], "name": "CTOs"})).await;
    app.clock.advance_days(1);
    let run = finished(&app, &icp, json!({})).await;
    assert_eq!(names(&app, &run).await, ["Ada", "Cid", "Eve", "Fay"]);
    assert_eq!(run.at("/stoppedBy"), Value::Null, "candidates ran out");
    let path = format!("{LISTS}/{}", run.text_at("/leadListId"));
    let mut list = app.member().get(&path).await.expect(200).json();
    assert_eq!(list["persons"][0]["baseProviderId"], json!(person_id(1)));
    list.as_object_mut().expect("an object").retain(|key, _| key != "persons" && key != "personIds");
    insta::assert_json_snapshot!(list, @r#"
    {
      "id": "018d450d-0e20-7000-8000-000000000004",
      "icpId": "018d3fe6-b220-7000-8000-000000000001",
      "name": "CTOs – 2024-01-26",
      "type": "person",
      "startDate": "2024-01-26T09:15:00.000Z",
      "endDate": "2024-02-25T09:15:00.000Z",
      "companyIds": [],
      "userIds": [
        "user_2",
        "user_abc123"
      ],
      "createdAt": "2024-01-26T09:15:00.000Z",
      "updatedAt": "2024-01-26T09:15:00.001Z"
    }
    "#);
    let given = json!({"name": " Mine ", "leads": 1, "startDate": "2024-03-01", "endDate": "2024-03-02"});
    let run = finished(&app, &icp, given).await;
    let list = app.member().get(&format!("{LISTS}/{}", run.text_at("/leadListId"))).await.json();
    assert_eq!(
        json!([list["name"], list["startDate"], list["endDate"], list["personIds"].as_array().map(Vec::len)]),
        json!(["Mine", "2024-03-01T00:00:00.000Z", "2024-03-02T00:00:00.000Z", 1])
    );
    assert_eq!(run.at("/stoppedBy"), json!("target"));
}

#[tokio::test]
async fn a_preview_equals_the_run_and_writes_nothing() {
    let app = TestApp::start().await;
    let over =
        json!({"leadsPerList": 3, "customFilterCriteria": [{"type": "maxPeoplePerCompany", "value": 1}]});
    let icp = operations(&app.member(), over).await;
    let preview = app.member().post(&format!("{icp}/preview"), &json!({})).await.expect(200);
    let empty = app.member().post_empty(&format!("{icp}/preview")).await.expect(200);
    assert_eq!(empty.bytes, preview.bytes);
    assert_eq!(app.member().get(LISTS).await.json(), json!([]), "nothing is written");
    assert_eq!(app.member().get(RUNS).await.json(), json!([]));
    let run = finished(&app, &icp, json!({})).await;
    assert_eq!(preview.at("/funnel"), run.at("/funnel"));
    let previewed: Vec<Value> = (0..3).map(|at| preview.at(&format!("/leads/{at}/firstName"))).collect();
    assert_eq!(json!(previewed), json!(names(&app, &run).await));
    let mut shown = preview.json();
    shown.as_object_mut().expect("an object").retain(|key, _| key != "leads" && key != "funnel");
    insta::assert_json_snapshot!(shown, @r#"
    {
      "icpId": "018d3fe6-b220-7000-8000-000000000001",
      "icpVersion": 1,
      "target": 3,
      "companies": [],
      "estimate": {
        "checks": {},
        "calls": 0,
        "credits": 0
      },
      "missingConnectors": []
    }
    "#);
    let details =
        app.member().post(&format!("{icp}/preview"), &json!({"leads": 0, "evaluate": 1})).await.details();
    assert_eq!(details.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_dry_run_decides_but_makes_no_list() {
    let app = TestApp::start().await;
    let icp = operations(&app.member(), json!({})).await;
    let run = finished(&app, &icp, json!({"dryRun": true})).await;
    assert_eq!((run.at("/leadListId"), run.at("/dryRun")), (Value::Null, json!(true)));
    assert_eq!(app.member().get(LISTS).await.json(), json!([]));
    assert_eq!(decisions(&app, &run).await.len(), 5);
    let real = finished(&app, &icp, json!({})).await;
    assert_eq!(real.at("/funnel"), run.at("/funnel"));
}

#[tokio::test]
async fn a_company_icp_makes_a_company_list() {
    let app = TestApp::start().await;
    let criteria = json!([{"provider": "baseProvider", "type": "company", "filters": {"company": {"industry": ["Software"]}}}]);
    let icp = operations(&app.member(), json!({"leadProviderCriteria": criteria})).await;
    let preview = app.member().post_empty(&format!("{icp}/preview")).await.expect(200);
    let run = finished(&app, &icp, json!({})).await;
    assert_eq!(preview.at("/funnel"), run.at("/funnel"));
    let list = app.member().get(&format!("{LISTS}/{}", run.text_at("/leadListId"))).await.expect(200);
    assert_eq!(list.at("/type"), json!("company"));
    let names: Vec<Value> = (0..3).map(|at| list.at(&format!("/companies/{at}/name"))).collect();
    assert_eq!(names, [json!("Acme GmbH"), json!("Globex"), Value::Null]);
    let first = list.text_at("/companies/0/baseProviderId");
    let page =
        app.member().get(&format!("{RUNS}/{}/decisions?companyId={first}", run.id())).await.expect(200);
    assert_eq!(page.at("/items/0/candidate/type"), json!("company"));
}

#[tokio::test]
async fn what_stands_in_the_way_is_said() {
    let app = TestApp::start().await;
    let ai = json!({"type": "ai", "entityType": "person", "prompt": "A decider?"});
    let pages = json!({"type": "webscraping", "includeSearchStrings": ["x"]});
    let site = json!({"type": "website", "prompt": "Do they sell machines?"});
    for (over, message) in [
        (json!({"activeUntil": "2024-01-25T09:15:00Z"}), "This ICP expired at 2024-01-25T09:15:00.000Z"),
        (json!({"customFilterCriteria": [ai, ai]}), "Missing connector: ai model (for ai)"),
        (
            json!({"customFilterCriteria": [pages, site], "crmFilters": {"provider": "bullhorn"}}),
            "Missing connector: firecrawl (for webscraping), browserUse (for website), bullhorn (for crmFilters)",
        ),
    ] {
        let icp = operations(&app.member(), over).await;
        let reply = app.member().post_empty(&format!("{icp}/generate")).await.expect(409);
        assert_eq!(reply.json(), json!({"error": {"code": "CONFLICT", "message": message}}));
        let _ = app.member().post_empty(&format!("{icp}/preview")).await.expect(200);
    }
    let icp = operations(&app.member(), json!({"customFilterCriteria": [ai]})).await;
    let preview = app.member().post_empty(&format!("{icp}/preview")).await.expect(200);
    assert_eq!(preview.at("/missingConnectors"), json!(["ai model (for ai)"]));
    assert_eq!(
        preview.at("/estimate"),
        json!({"checks": {"ai": 4}, "calls": 4, "credits": 0}),
        "paid checks are only counted"
    );
    let evaluated =
        app.member().post(&format!("{icp}/preview"), &json!({"evaluate": true})).await.expect(200);
    assert_eq!(evaluated.at("/missingConnectors"), json!(["ai model (for ai)"]));
    assert_eq!(
        (evaluated.at("/funnel/unknown"), evaluated.at("/funnel/stages/4/reasons")),
        (json!(4), json!({"not connected": 4}))
    );
    assert_eq!(app.member().get(RUNS).await.json(), json!([]));
}

#[tokio::test]
async fn generate_names_every_fault() {
    let app = TestApp::start().await;
    let icp = operations(&app.member(), json!({})).await;
    let wrong = json!({"name": "", "leads": 10_001, "endDate": "2024-01-01", "startDate": "2024-01-02", "dryRun": null, "x": 1});
    let reply = app.member().post(&format!("{icp}/generate"), &wrong).await;
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
                "name"
              ],
              "message": "String must contain at least 1 character(s)"
            },
            {
              "path": [
                "leads"
              ],
              "message": "Number must be less than or equal to 10000"
            },
            {
              "path": [
                "endDate"
              ],
              "message": "endDate must not be before startDate"
            },
            {
              "path": [
                "dryRun"
              ],
              "message": "Expected boolean, received null"
            },
            {
              "path": [
                "x"
              ],
              "message": "Unrecognized key: 'x'"
            }
          ]
        }
      }
    }
    "#);
    let past = app.member().post(&format!("{icp}/generate"), &json!({"endDate": "2024-01-01"})).await;
    assert_eq!(past.details(), fault(json!(["endDate"]), "endDate must not be before startDate"));
}

#[tokio::test]
async fn a_run_at_the_end_of_time_succeeds() {
    let app = TestApp::start().await;
    let icp = operations(&app.member(), json!({})).await;
    let run = finished(&app, &icp, json!({"startDate": "9999-12-31T00:00:00Z"})).await;
    assert_eq!(run.at("/status"), json!("succeeded"));
    let list = app.member().get(&format!("{LISTS}/{}", run.text_at("/leadListId"))).await.expect(200);
    assert_eq!(list.at("/endDate"), json!("9999-12-31T23:59:59.999Z"));
}
