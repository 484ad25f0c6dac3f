//! The queue as admins see it: what was given up, and trying it again.

use crate::runs::operations;
use crate::support::{JOBS, NOBODY, RUNS, give_up};
use serde_json::{Value, json};
use sluice_testkit::{BrokenCatalog, Caller, Failure, TestApp};
use std::sync::Arc;

/// A run whose catalog failed five times, which is too often.
async fn failed() -> (TestApp, String, String) {
    let app = TestApp::start_on(Arc::new(BrokenCatalog(Failure::Corrupt))).await;
    app.leave_jobs();
    let icp = operations(&app.member(), json!({})).await;
    let run = app.member().post_empty(&format!("{icp}/generate")).await.expect(202).text_at("/run/id");
    for _ in 0..5 {
        assert!(app.work_once(|| false).await);
        app.clock.advance(20_000);
    }
    let icp = icp.rsplit('/').next().unwrap_or_default().to_owned();
    (app, icp, run)
}

fn job(run: &str, icp: &str, over: Value) -> Value {
    let job = json!({
        "id": run, "kind": "run", "state": "dead", "attempts": 5, "error": "The run failed after several attempts",
        "createdAt": "2024-01-25T09:15:00.000Z", "runAt": "2024-01-25T09:16:08.000Z",
        "finishedAt": "2024-01-25T09:16:20.000Z", "runId": run, "icpId": icp,
    });
    crate::support::merged(job, over)
}

#[tokio::test]
async fn a_job_that_was_given_up_is_shown_without_internals_and_tried_again() {
    let (app, icp, run) = failed().await;
    let admin = app.admin();
    let page = admin.get(JOBS).await.expect(200);
    assert_eq!(page.json(), json!({"items": [job(&run, &icp, json!({}))], "nextCursor": null}));
    assert!(!page.text().contains(BrokenCatalog::SECRET));
    let before = admin.get(&format!("{RUNS}/{run}")).await.expect(200);
    assert_eq!(before.at("/status"), json!("failed"));

    let retried = admin.post_empty(&format!("{JOBS}/{run}/retry")).await.expect(202);
    let ready = json!({
        "state": "ready", "attempts": 0, "error": null, "finishedAt": null, "runAt": "2024-01-25T09:16:40.000Z"
    });
    let ready = job(&run, &icp, ready);
    assert_eq!(retried.json(), ready);
    let after = admin.get(&format!("{RUNS}/{run}")).await.expect(200).json();
    let mut expected = before.json();
    expected["status"] = json!("queued");
    expected["stage"] = json!("queued");
    expected["error"] = Value::Null;
    expected["finishedAt"] = Value::Null;
    expected["updatedAt"] = json!("2024-01-25T09:16:40.000Z");
    assert_eq!(after, expected);
    assert_eq!(admin.get(JOBS).await.json(), json!({"items": [], "nextCursor": null}));
    let waiting = admin.get(&format!("{JOBS}?state=ready")).await.expect(200).json();
    assert_eq!(waiting, json!({"items": [ready], "nextCursor": null}));

    let again = admin.post_empty(&format!("{JOBS}/{run}/retry")).await.expect(409);
    assert_eq!(again.text_at("/error/message"), "This job was not given up: it is ready");
    let removed = admin.delete(&format!("{JOBS}/{run}")).await.expect(409);
    assert_eq!(removed.text_at("/error/code"), "CONFLICT");
    assert!(app.work_once(|| false).await, "it is worked on again");
}

#[tokio::test]
async fn a_job_that_was_given_up_can_be_removed() {
    let (app, _, run) = failed().await;
    let path = format!("{JOBS}/{run}");
    let _ = app.admin().delete(&path).await.expect(204);
    assert_eq!(app.admin().get(JOBS).await.at("/items"), json!([]));
    let _ = app.admin().delete(&path).await.expect(404);
    let gone = app.admin().post_empty(&format!("{path}/retry")).await.expect(404);
    assert_eq!(gone.text_at("/error/message"), format!("Job not found: {run}"));
    let run = app.admin().get(&format!("{RUNS}/{run}")).await.expect(200);
    assert_eq!(run.at("/status"), json!("failed"));
}

#[tokio::test]
async fn jobs_come_in_pages_newest_first_and_of_one_organisation() {
    let app = TestApp::start().await;
    app.leave_jobs();
    let icp = operations(&app.member(), json!({})).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        app.clock.advance(1_000);
        ids.push(give_up(&app, &icp).await);
    }
    ids.reverse();
    let admin = app.admin();
    let mut found = Vec::new();
    let mut path = format!("{JOBS}?state=dead&limit=2");
    loop {
        let page = admin.get(&path).await.expect(200).json();
        let items = page["items"].as_array().expect("items");
        found.extend(items.iter().map(|job| job["id"].as_str().unwrap_or_default().to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("{JOBS}?state=dead&limit=2&cursor={cursor}");
    }
    assert_eq!(found, ids);
    let none = json!({"items": [], "nextCursor": null});
    assert_eq!(app.other_organisation().get(JOBS).await.expect(200).json(), none);
    for (query, path, message) in [
        (
            "state=lost",
            "state",
            "Invalid enum value. Expected 'ready' | 'running' | 'done' | 'dead', received 'lost'",
        ),
        ("limit=0", "limit", "Number must be greater than or equal to 1"),
        ("cursor=1", "cursor", "Invalid uuid"),
    ] {
        let details = admin.get(&format!("{JOBS}?{query}")).await.expect(400).details();
        assert_eq!(details, crate::support::fault(json!([path]), message));
    }
    for id in [NOBODY, "x"] {
        let absent = admin.post_empty(&format!("{JOBS}/{id}/retry")).await.expect(404);
        assert_eq!(absent.text_at("/error/message"), format!("Job not found: {id}"));
    }
}

#[tokio::test]
async fn a_retry_that_is_sent_twice_is_done_once() {
    let (app, _, run) = failed().await;
    let path = format!("{JOBS}/{run}/retry");
    let send = || app.admin().post_empty(&path).header("Idempotency-Key", "k");
    let first = send().await.expect(202);
    app.clock.advance(1_000);
    assert_eq!(send().await.expect(202).json(), first.json());
}
