//! Runs on people of an organisation's own lead provider.

use crate::connectors::{CONNECTORS, app_with, nothing};
use crate::support::{ICPS, RUNS, fault};
use serde_json::{Value, json};
use sluice_fakes::people::PeopleFake;
use sluice_fakes::{Fault, Server};
use sluice_testkit::{Caller, TestApp};

struct Source {
    fake: PeopleFake,
    server: Server,
}

async fn with_source() -> (TestApp, Source) {
    let fake = PeopleFake::default();
    let server = Server::start(fake.router()).await.expect("a port");
    let app = app_with(&[&server], nothing()).await;
    let body = json!({"kind": "leads", "settings": {"baseUrl": server.url()}, "apiKey": "key of ours"});
    let _ = app.admin().put(&format!("{CONNECTORS}/panel"), &body).await.expect(200);
    fake.expect_key("key of ours");
    (app, Source { fake, server })
}

fn body(criteria: Value) -> Value {
    json!({"name": "Panel", "leadsPerList": 100, "leadProviderCriteria": criteria})
}

fn panel() -> Value {
    json!({"provider": "panel", "filters": {"list": "spring", "deep": [{"er": null}]}})
}

/// Somebody as a flat row, whose employer has one other person.
fn row(number: usize) -> Value {
    json!({
        "first_name": "Ann", "last_name": format!("Number{number}"), "job_title": "CTO",
        "email": format!("ann{number}@panel.example"), "company": format!("Panel {}", number / 2),
    })
}

async fn run(app: &TestApp, icp: &str) -> Value {
    let started =
        app.member().post_empty(&format!("/api/v1/operations/icps/{icp}/generate")).await.expect(202);
    app.work().await;
    app.member().get(&format!("{RUNS}/{}", started.text_at("/run/id"))).await.expect(200).json()
}

async fn leads(app: &TestApp, run: &Value) -> Vec<Value> {
    let list = run["leadListId"].as_str().expect("a list");
    let leads = app.member().get(&format!("/api/v1/entities/leads/list/{list}")).await.expect(200).json();
    leads.as_array().cloned().expect("leads")
}

fn last_names(leads: &[Value]) -> Vec<&str> {
    leads.iter().filter_map(|lead| lead["lastName"].as_str()).collect()
}

#[tokio::test]
async fn its_people_come_in_its_order_before_those_of_later_searches() {
    let (app, source) = with_source().await;
    let mut records: Vec<Value> = (0..250).map(row).collect();
    // Ada of the catalog by her address, in the spelling of the API; somebody twice; two that cannot be used.
    records[3] =
        json!({"firstName": "Ada", "lastName": "Lee", "emails": ["Ada-Lee@mail.example"], "jobTitle": "CTO"});
    records[5] = row(1);
    records[6] = json!({"email": "nobody@panel.example"});
    records[7] = json!("nonsense");
    source.fake.hold(records, 60);
    let catalog = json!({"provider": "baseProvider", "filters": {"job_title": ["CTO"]}});
    let icp = app.member().post(ICPS, &body(json!([panel(), catalog]))).await.expect(201);
    assert_eq!(icp.at("/leadProviderCriteria/0"), panel(), "as it was sent");
    let preview =
        app.member().post_empty(&format!("/api/v1/operations/icps/{}/preview", icp.id())).await.expect(200);
    let run = run(&app, &icp.id()).await;
    assert_eq!((&run["status"], &run["stoppedBy"]), (&json!("succeeded"), &json!("target")));
    assert_eq!(preview.at("/funnel"), run["funnel"]);
    let leads = leads(&app, &run).await;
    let names = last_names(&leads);
    assert_eq!(
        (names.len(), &names[..6]),
        (100, &["Number0", "Number1", "Number2", "Lee", "Number4", "Number8"][..])
    );
    assert_eq!(leads[0]["company"]["name"], json!("Panel 0"));
    assert_eq!(leads[0]["source"], json!("panel"));
    let decisions = app
        .member()
        .get(&format!("{RUNS}/{}/decisions?verdict=dropped", run["id"].as_str().unwrap_or_default()));
    let dropped = decisions.await.expect(200).json();
    let reasons: Vec<&str> = dropped["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["reason"].as_str())
        .collect();
    assert_eq!(reasons, ["unusable record", "unusable record"], "somebody twice is one candidate");
    let sentence = dropped["items"][1]["sentence"].as_str().unwrap_or_default().to_owned();
    assert!(sentence.starts_with("The record of the lead provider cannot be used: "), "{sentence}");
    assert_eq!(dropped["items"][1]["observed"]["record"], json!("\"nonsense\""));
    let question = json!({"type": "person", "filters": panel()["filters"], "cursor": null, "limit": 100});
    assert_eq!(source.fake.asked()[0], question);
    let _ = &source.server;
}

#[tokio::test]
async fn who_is_in_the_catalog_too_is_one_candidate() {
    let (app, source) = with_source().await;
    source
        .fake
        .hold(vec![json!({"first_name": "Ada", "last_name": "Lee", "email": "ada-lee@mail.example"})], 0);
    let catalog = json!({"provider": "baseProvider", "filters": {"job_title": ["CTO"]}});
    let icp = app.member().post(ICPS, &body(json!([panel(), catalog]))).await.expect(201);
    let run = run(&app, &icp.id()).await;
    let names: Vec<Value> = leads(&app, &run).await;
    let lees = names.iter().filter(|lead| lead["emails"] == json!(["ada-lee@mail.example"])).count();
    assert_eq!((lees, last_names(&names)[0]), (1, "Lee"), "{names:?}");
}

#[tokio::test]
async fn a_run_that_is_stopped_goes_on_where_it_was() {
    let (app, source) = with_source().await;
    source.fake.hold((0..230).map(row).collect(), 70);
    let criteria = body(json!([panel()]));
    let whole = app.member().post(ICPS, &criteria).await.expect(201).id();
    let expected: Vec<Value> = leads(&app, &run(&app, &whole).await).await;
    let parts = app.member().post(ICPS, &criteria).await.expect(201).id();
    let started =
        app.member().post_empty(&format!("/api/v1/operations/icps/{parts}/generate")).await.expect(202);
    let mut turns = 0;
    while app.work_once(|| true).await && turns < 200 {
        turns += 1;
        let run = app.member().get(&format!("{RUNS}/{}", started.text_at("/run/id"))).await.expect(200);
        if run.at("/status") == json!("succeeded") {
            break;
        }
    }
    app.work().await;
    let run = app.member().get(&format!("{RUNS}/{}", started.text_at("/run/id"))).await.expect(200).json();
    let found = leads(&app, &run).await;
    assert_eq!(last_names(&found), last_names(&expected));
}

#[tokio::test]
async fn a_provider_that_fails_fails_the_run_by_name() {
    let (app, source) = with_source().await;
    source.fake.hold(vec![row(1)], 0);
    let icp = app.member().post(ICPS, &body(json!([panel()]))).await.expect(201).id();
    let started =
        app.member().post_empty(&format!("/api/v1/operations/icps/{icp}/generate")).await.expect(202);
    app.leave_jobs();
    for _ in 0..5 {
        source.fake.faults.next(Fault::Status(500, None));
        assert!(app.work_once(|| false).await);
        app.clock.advance(60_000);
    }
    let run = app.member().get(&format!("{RUNS}/{}", started.text_at("/run/id"))).await.expect(200);
    let told = "The run failed after several attempts: Lead provider 'panel' failed: unavailable: 127.0.0.1 answered 500";
    assert_eq!((run.text_at("/status"), run.text_at("/error")), ("failed".to_owned(), told.to_owned()));
    source.fake.faults.next(Fault::Status(401, None));
    let preview =
        app.member().post_empty(&format!("/api/v1/operations/icps/{icp}/preview")).await.expect(503);
    assert_eq!(preview.text_at("/error/message"), "Lead provider 'panel' failed: not authorised: 127.0.0.1");
}

#[tokio::test]
async fn a_provider_has_to_be_connected_and_its_filters_to_be_an_object() {
    let (app, _source) = with_source().await;
    let unknown = json!({"provider": "nobody", "filters": {}});
    let refused = app.member().post(ICPS, &body(json!([panel(), unknown]))).await.expect(400);
    let message = "Invalid enum value. Expected 'baseProvider' | 'panel', received 'nobody'";
    assert_eq!(refused.details(), fault(json!(["leadProviderCriteria", 1, "provider"]), message));
    let theirs = app.other_organisation().post(ICPS, &body(json!([panel()]))).await.expect(400);
    let message = "Invalid enum value. Expected 'baseProvider', received 'panel'";
    assert_eq!(theirs.details(), fault(json!(["leadProviderCriteria", 0, "provider"]), message));
    let mut deep = json!(1);
    for _ in 0..33 {
        deep = json!([deep]);
    }
    for (filters, message) in [
        (json!([]), "Expected object, received array"),
        (json!({"deep": deep}), "Must not be nested deeper than 32 levels"),
        (json!({"long": "x".repeat(65_536)}), "Must not be larger than 64 KiB"),
    ] {
        let criterion = json!({"provider": "panel", "filters": filters});
        let refused = app.member().post(ICPS, &body(json!([criterion]))).await.expect(400);
        assert_eq!(refused.details(), fault(json!(["leadProviderCriteria", 0, "filters"]), message));
    }
    let icp = app.member().post(ICPS, &body(json!([panel()]))).await.expect(201).id();
    let patched =
        app.member().patch(&format!("{ICPS}/{icp}"), &json!({"leadProviderCriteria": [unknown]})).await;
    assert_eq!(patched.expect(400).details()[0]["path"], json!(["leadProviderCriteria", 0, "provider"]));
    let _ = app.admin().delete(&format!("{CONNECTORS}/panel")).await.expect(204);
    let refused =
        app.member().post_empty(&format!("/api/v1/operations/icps/{icp}/generate")).await.expect(409);
    assert_eq!(refused.text_at("/error/message"), "Missing connector: panel (for leadProviderCriteria)");
    let preview =
        app.member().post_empty(&format!("/api/v1/operations/icps/{icp}/preview")).await.expect(200);
    assert_eq!(preview.at("/missingConnectors"), json!(["panel (for leadProviderCriteria)"]));
    assert_eq!(preview.at("/funnel/considered"), json!(0));
    // What does not touch the searches can still be changed.
    let renamed =
        app.member().patch(&format!("{ICPS}/{icp}"), &json!({"name": "Still here"})).await.expect(200);
    assert_eq!(renamed.at("/leadProviderCriteria"), json!([panel()]));
}
