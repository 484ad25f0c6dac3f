//! Following runs, stopping them, and what a stop leaves.

use crate::runs::{assert_funnel_adds_up, finished, operations};
use crate::support::{LISTS, RUNS};
use serde_json::{Value, json};
use sluice_testkit::records::PersonBuilder;
use sluice_testkit::{Caller, Reply, TestApp};
use std::sync::atomic::{AtomicUsize, Ordering};

/// An app with 600 CTOs: more than one batch of a run.
async fn crowded() -> TestApp {
    let app = TestApp::start_empty().await;
    for number in 1..=600 {
        app.catalog().put_person(PersonBuilder::new(number, &format!("P{number}"), "X").build());
    }
    app
}

/// Starts a run for everybody and works on its first batch only.
async fn half_done(app: &TestApp) -> String {
    let icp = operations(&app.member(), json!({"leadsPerList": 1_000})).await;
    let started = app.member().post_empty(&format!("{icp}/generate")).await.expect(202);
    let asked = AtomicUsize::new(0);
    assert!(app.work_once(|| asked.fetch_add(1, Ordering::SeqCst) == 1).await);
    let path = started.header("location").expect("a Location").to_owned();
    let run = app.member().get(&path).await.expect(200);
    assert_eq!((run.at("/status"), run.at("/stage")), (json!("running"), json!("candidates")));
    let accepted = run.at("/progress/accepted").as_u64().expect("a number");
    assert!((1..600).contains(&accepted), "{accepted}");
    path
}

async fn people_on_list(app: &TestApp, run: &Reply) -> usize {
    let list = app.member().get(&format!("{LISTS}/{}", run.text_at("/leadListId"))).await.expect(200);
    list.at("/personIds").as_array().map(Vec::len).unwrap_or_default()
}

#[tokio::test]
async fn a_run_that_was_handed_back_goes_on_to_the_same_list() {
    let app = crowded().await;
    let path = half_done(&app).await;
    app.work().await;
    let run = app.member().get(&path).await.expect(200);
    assert_eq!(run.at("/status"), json!("succeeded"));
    assert_funnel_adds_up(&run.at("/funnel"));
    let list = app.member().get(&format!("{LISTS}/{}", run.text_at("/leadListId"))).await.expect(200);
    let names: Vec<String> = list
        .at("/persons")
        .as_array()
        .expect("people")
        .iter()
        .map(|lead| lead["firstName"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(names, (1..=600).map(|number| format!("P{number}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn cancel_a_queued_run() {
    let app = TestApp::start().await;
    let icp = operations(&app.member(), json!({})).await;
    let started = app.member().post_empty(&format!("{icp}/generate")).await.expect(202);
    app.clock.advance(10);
    let path = format!("{RUNS}/{}/cancel", started.text_at("/run/id"));
    let reply = app.member().post_empty(&path).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 202,
      "etag": "\"3\"",
      "body": {
        "id": "018d3fe6-b220-7000-8000-000000000002",
        "icpId": "018d3fe6-b220-7000-8000-000000000001",
        "icpVersion": 1,
        "status": "cancelled",
        "stage": "done",
        "progress": {
          "considered": 0,
          "accepted": 0,
          "target": 10
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
        "updatedAt": "2024-01-25T09:15:00.010Z",
        "startedAt": null,
        "finishedAt": "2024-01-25T09:15:00.010Z"
      }
    }
    "#);
    app.work().await;
    assert_eq!(app.member().get(LISTS).await.json(), json!([]), "no list is made");
    let again = app.member().post_empty(&path).await;
    insta::assert_json_snapshot!(again, @r#"
    {
      "status": 409,
      "body": {
        "error": {
          "code": "CONFLICT",
          "message": "This run has ended: cancelled"
        }
      }
    }
    "#);
    let details = app.member().post(&path, &json!({"keepPartial": "yes", "x": 1})).await.details();
    assert_eq!(
        details,
        json!([
            {"path": ["keepPartial"], "message": "Expected boolean, received string"},
            {"path": ["x"], "message": "Unrecognized key: 'x'"},
        ])
    );
}

#[tokio::test]
async fn cancel_a_running_run_and_keep_nothing() {
    let app = crowded().await;
    let path = half_done(&app).await;
    let list = app.member().get(&path).await.text_at("/leadListId");
    let asked = app.member().post(&format!("{path}/cancel"), &json!({})).await.expect(202);
    assert_eq!(asked.at("/status"), json!("running"), "its worker stops it");
    app.work().await;
    let run = app.member().get(&path).await.expect(200);
    assert_eq!((run.at("/status"), run.at("/stage")), (json!("cancelled"), json!("done")));
    assert_eq!(run.at("/leadListId"), Value::Null);
    let _ = app.member().get(&format!("{LISTS}/{list}")).await.expect(404);
    let reuse =
        json!({"customFilterCriteria": [{"type": "minDaysUntilReuse", "value": 30}], "leadsPerList": 5});
    let next = operations(&app.member(), reuse).await;
    let next = finished(&app, &next, json!({})).await;
    assert_eq!(next.at("/funnel/considered"), json!(5), "nobody counts as put on a list");
}

#[tokio::test]
async fn cancel_a_running_run_and_keep_what_there_is() {
    let app = crowded().await;
    let path = half_done(&app).await;
    let _ = app.member().post(&format!("{path}/cancel"), &json!({"keepPartial": true})).await.expect(202);
    app.work().await;
    let run = app.member().get(&path).await.expect(200);
    assert_eq!(run.at("/status"), json!("cancelled"));
    let accepted = run.at("/progress/accepted").as_u64().expect("a number");
    assert_eq!(people_on_list(&app, &run).await as u64, accepted);
    assert_funnel_adds_up(&run.at("/funnel"));
}

#[tokio::test]
async fn events_follow_a_run_to_its_end() {
    let app = crowded().await;
    let path = half_done(&app).await;
    let mut stream = app.member().get(&format!("{path}/events")).await.expect(200);
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
    assert_eq!(stream.header("cache-control"), Some("no-cache"));
    let first = stream.next_event().await.expect("an event");
    let now = app.member().get(&path).await;
    let revision = now.header("etag").expect("a tag").trim_matches('"').to_owned();
    assert_eq!(first, format!("id: {revision}\nevent: progress\ndata: {}\n\n", now.text()));
    app.work().await;
    let end = app.member().get(&path).await;
    let last = end.header("etag").expect("a tag").trim_matches('"').to_owned();
    let event = stream.next_event().await.expect("an event");
    assert_eq!(event, format!("id: {last}\nevent: end\ndata: {}\n\n", end.text()));
    assert_eq!(stream.next_event().await, None, "then it ends");

    let mut resumed = app.member().get(&format!("{path}/events")).header("last-event-id", &revision).await;
    assert_eq!(resumed.next_event().await.as_deref(), Some(event.as_str()), "only what came after");
    assert_eq!(resumed.next_event().await, None);
    let mut done = app.member().get(&format!("{path}/events")).header("last-event-id", &last).await;
    assert_eq!(done.next_event().await, None, "nothing came after the end");
    let mut odd = app.member().get(&format!("{path}/events")).header("last-event-id", "nonsense").await;
    assert_eq!(odd.next_event().await.as_deref(), Some(event.as_str()), "an id of nobody's starts over");
}

#[tokio::test]
async fn runs_are_listed_newest_first_for_those_who_may_see_them() {
    let app = TestApp::start().await;
    let mine = operations(&app.member(), json!({})).await;
    let theirs = operations(&app.outside_member(), json!({})).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(app.member().post_empty(&format!("{mine}/generate")).await.expect(202).text_at("/run/id"));
        app.clock.advance(1);
    }
    ids.push(app.admin().post_empty(&format!("{theirs}/generate")).await.expect(202).text_at("/run/id"));
    app.work().await;
    let listed = |reply: Reply| -> Vec<String> {
        let runs = reply.expect(200).json();
        let id = |run: &Value| run["id"].as_str().unwrap_or_default().to_owned();
        runs.as_array().expect("a bare array").iter().map(id).collect()
    };
    assert_eq!(listed(app.member().get(RUNS).await), [ids[1].clone(), ids[0].clone()]);
    assert_eq!(listed(app.outside_member().get(RUNS).await), [ids[2].clone()]);
    assert_eq!(listed(app.admin().get(RUNS).await), [ids[2].clone(), ids[1].clone(), ids[0].clone()]);
    let icp = mine.rsplit('/').next().unwrap_or_default();
    let query = format!("{RUNS}?icpId={icp}&status=succeeded");
    assert_eq!(listed(app.admin().get(&query).await), [ids[1].clone(), ids[0].clone()]);
    assert_eq!(listed(app.admin().get(&format!("{RUNS}?status=failed")).await), Vec::<String>::new());
    let reply = app.member().get(&format!("{RUNS}?icpId=x&status=gone")).await;
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
                "icpId"
              ],
              "message": "Invalid uuid"
            },
            {
              "path": [
                "status"
              ],
              "message": "Invalid enum value. Expected 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled', received 'gone'"
            }
          ]
        }
      }
    }
    "#);
}
