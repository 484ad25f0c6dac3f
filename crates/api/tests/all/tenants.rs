//! Nothing of one organisation shows in another.

use crate::support::{ICPS, LISTS, RUNS, SUPPRESSIONS, new_icp, new_list_path};
use serde_json::{Value, json};
use sluice_testkit::records::person_id;
use sluice_testkit::{Caller, TestApp};

#[tokio::test]
async fn lists_of_things_show_only_ones_own() {
    let app = TestApp::start().await;
    let (member, other) = (app.member(), app.other_organisation());
    let icp = new_icp(&member, json!({})).await.id();
    let _ = member.post_empty(&format!("/api/v1/operations/icps/{icp}/generate")).await.expect(202);
    app.work().await;
    let entry = json!({"kind": "email", "value": "ada-lee@mail.example", "reason": "asked"});
    let _ = member.post(SUPPRESSIONS, &entry).await.expect(201);
    for (path, empty) in [
        (format!("{ICPS}?all=true"), json!([])),
        (LISTS.to_owned(), json!([])),
        (RUNS.to_owned(), json!([])),
        (format!("{RUNS}?icpId={icp}"), json!([])),
        (SUPPRESSIONS.to_owned(), json!({"items": [], "totalCount": 0, "hasMore": false})),
    ] {
        assert_eq!(other.get(&path).await.expect(200).json(), empty, "{path}");
        assert_ne!(app.admin().get(&path).await.expect(200).json(), empty, "{path}");
    }
}

#[tokio::test]
async fn a_suppression_counts_in_its_organisation_only() {
    let app = TestApp::start().await;
    let entry = json!({"kind": "email", "value": "ada-lee@mail.example", "reason": "asked"});
    let _ = app.member().post(SUPPRESSIONS, &entry).await.expect(201);
    for (who, expected) in [("mine", true), ("theirs", false)] {
        let path = format!("{SUPPRESSIONS}/explain?personId={}", person_id(1));
        let reply =
            if expected { app.member().get(&path).await } else { app.other_organisation().get(&path).await };
        assert_eq!(reply.at("/suppressed"), json!(expected), "{who}");
    }
}

#[tokio::test]
async fn records_of_another_organisation_are_unknown() {
    let app = TestApp::start().await;
    let list = new_list_path(&app.member(), json!({"personIds": [person_id(1)]})).await;
    let own = app.member().get(&list).await.text_at("/personIds/0");
    assert_ne!(own, person_id(1).to_string(), "the copy has its own id");
    let other = app.other_organisation();
    let theirs = new_list_path(&other, json!({})).await;
    let details = other.patch(&theirs, &json!({"personIds": [own]})).await.details();
    assert_eq!(details, json!([{"path": ["personIds", 0], "message": format!("Unknown person: {own}")}]));
    let manual = json!({"mode": "manual", "includedIds": [own]});
    let _ = other.post(&format!("{theirs}/add-prospects"), &manual).await.expect(400);
    let _ = other.get(&format!("{SUPPRESSIONS}/explain?personId={own}")).await.expect(404);
    let copied = other.patch(&theirs, &json!({"personIds": [person_id(1)]})).await.expect(200);
    assert_ne!(copied.text_at("/personIds/0"), own, "each organisation has its own copy");
}

#[tokio::test]
async fn a_list_does_not_take_an_icp_that_its_maker_cannot_use() {
    let app = TestApp::start().await;
    let icp = new_icp(&app.member(), json!({})).await.id();
    let body = json!({"name": "L", "startDate": "2024-01-01", "endDate": "2024-01-02", "icpId": icp});
    let expected = json!([{"path": ["icpId"], "message": format!("ICP not found: {icp}")}]);
    assert_eq!(app.other_organisation().post(LISTS, &body).await.details(), expected);
    assert_eq!(app.outside_member().post(LISTS, &body).await.details(), expected);
    let _ = app.admin().post(LISTS, &body).await.expect(201);
}

#[tokio::test]
async fn the_organisation_comes_from_the_token_only() {
    let app = TestApp::start().await;
    let icp = new_icp(&app.member(), json!({})).await.id();
    let path = format!("{ICPS}/{icp}?organizationId=org_acme&orgId=org_acme");
    let request = app.other_organisation().get(&path).header("x-organization-id", "org_acme");
    let _ = request.await.expect(404);
    let ids: Vec<Value> = vec![json!("organisationId"), json!("orgId")];
    for key in ids {
        let key = key.as_str().expect("a key");
        let body = json!({"name": "x", "leadProviderCriteria": [], key: "org_acme"});
        let _ = app.other_organisation().post(ICPS, &body).await.expect(400);
    }
}
