//! The schedule of an ICP on the wire.

use crate::support::{ICPS, RUNS, fault, icp_body, merged, new_icp};
use serde_json::{Value, json};
use sluice_app::schedules::start_due;
use sluice_testkit::{Caller, TestApp};

#[tokio::test]
async fn a_schedule_is_shown_when_there_is_one_and_left_out_when_not() {
    let app = TestApp::start().await;
    let member = app.member();
    let plain = new_icp(&member, json!({})).await;
    assert_eq!(plain.json().get("schedule"), None, "the documented replies do not know it");
    let path = format!("{ICPS}/{}", plain.id());
    let mut expected = plain.json();
    for (sent, minute) in [(json!("0 6 * * 1-5"), 16), (json!("@daily"), 17), (Value::Null, 18)] {
        app.clock.advance(60_000);
        let patched = member.patch(&path, &json!({"schedule": sent})).await.expect(200);
        let object = expected.as_object_mut().expect("an object");
        object.remove("schedule");
        if !sent.is_null() {
            object.insert("schedule".to_owned(), sent);
        }
        object.insert("updatedAt".to_owned(), json!(format!("2024-01-25T09:{minute}:00.000Z")));
        assert_eq!(patched.json(), expected);
        assert_eq!(member.get(&path).await.json(), expected);
        let version = member.get(&format!("{path}/versions")).await.expect(200);
        assert_eq!((version.at("/0/changed"), version.at("/0/icp")), (json!(["schedule"]), expected.clone()));
    }
    let unchanged = member.patch(&path, &json!({"schedule": null})).await.expect(200);
    assert_eq!(unchanged.json(), expected);
}

#[tokio::test]
async fn a_new_icp_may_have_a_schedule_and_its_copy_has_none() {
    let app = TestApp::start().await;
    let member = app.member();
    let made = new_icp(&member, json!({"schedule": "@hourly"})).await;
    assert_eq!(made.at("/schedule"), json!("@hourly"));
    let copy = member.post_empty(&format!("{ICPS}/{}/clone", made.id())).await.expect(201);
    assert_eq!(copy.json().get("schedule"), None);
    let body = merged(icp_body(), json!({"schedule": "61 * * * *"}));
    let refused = member.post(ICPS, &body).await.expect(400);
    let message = refused.text_at("/error/details/0/message");
    assert!(message.starts_with("Invalid schedule: "), "{message}");
    assert_eq!(refused.details(), fault(json!(["schedule"]), &message));
}

#[tokio::test]
async fn a_tick_starts_a_run_like_generate() {
    let app = TestApp::start().await;
    let member = app.member();
    let icp = new_icp(&member, json!({"schedule": "@hourly"})).await.id();
    let runs = format!("{RUNS}?icpId={icp}");
    assert_eq!(start_due(&app.context).await.expect("ticks"), 0);
    app.clock.advance(45 * 60_000);
    assert_eq!(start_due(&app.context).await.expect("ticks"), 1);
    let scheduled = member.get(&runs).await.expect(200).at("/0");
    let by_hand = member.post_empty(&format!("/api/v1/operations/icps/{icp}/generate")).await.expect(202);
    let mut expected = by_hand.at("/run");
    expected["id"] = scheduled["id"].clone();
    expected["scheduledFor"] = json!("2024-01-25T10:00:00.000Z");
    assert_eq!(scheduled, expected);
    app.work().await;
    let run = member.get(&format!("{RUNS}/{}", scheduled["id"].as_str().unwrap_or_default())).await;
    let list = member.get(&format!("/api/v1/entities/leadlists/{}", run.text_at("/leadListId"))).await;
    assert_eq!(list.at("/name"), json!("CTOs – 2024-01-25"));
}
