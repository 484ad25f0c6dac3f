//! The CRM's part of the API, against a fake that speaks Bullhorn's wire.

use crate::support::{ICPS, LISTS, NOBODY, RUNS, fault, icp_body, merged, new_list};
use serde_json::{Value, json};
use sluice_app::connectors::{Connected, Fixed};
use sluice_connect::crm::{Bullhorn, BullhornSettings, Crm};
use sluice_connect::{Client, ClientOptions, SecretString};
use sluice_fakes::Fault;
use sluice_fakes::bullhorn::BullhornFake;
use sluice_testkit::records::person_id;
use sluice_testkit::{Caller, TestApp};
use std::sync::Arc;

pub const CRM: &str = "/api/v1/operations/crm";

/// An app in which every organisation can reach this Bullhorn.
pub async fn app_with_crm() -> (TestApp, BullhornFake) {
    let fake = BullhornFake::start().await.expect("a fake");
    let options = ClientOptions { allow_private_hosts: true, retries: 0, ..ClientOptions::default() };
    let settings = BullhornSettings::parse(&SecretString::from(fake.api_key())).expect("settings");
    let settings = settings.with_login_base(fake.login_base()).with_calls_per_minute(0);
    let crm: Arc<dyn Crm> = Arc::new(Bullhorn::new(Client::new(options).expect("a client"), settings));
    let connected = Fixed(Connected { crm: Some(crm), ..Connected::default() });
    let app = TestApp::start_with(|context| context.with_connectors(Arc::new(connected))).await;
    fake.set_clock(app.clock.clone());
    (app, fake)
}

pub fn credentials(fake: &BullhornFake) -> Value {
    json!({"provider": "bullhorn", "apiKey": fake.api_key()})
}

pub fn export_body(people: &[String]) -> Value {
    json!({"selection": {"mode": "manual", "includedIds": people}, "options": {"provider": "bullhorn"}})
}

#[tokio::test]
async fn a_crm_is_connected_read_and_disconnected() {
    let (app, fake) = app_with_crm().await;
    let (admin, settings) = (app.admin(), format!("{CRM}/settings"));
    let unset = json!({"connected": true, "provider": "bullhorn", "connectedAt": null, "apiKeyMasked": null});
    assert_eq!(admin.get(&settings).await.expect(200).json(), unset, "the operator's");
    let put = admin.put(&settings, &credentials(&fake)).await.expect(200);
    let connected = json!({
        "connected": true, "provider": "bullhorn", "connectedAt": "2024-01-25T09:15:00.000Z",
        "apiKeyMasked": put.text_at("/apiKeyMasked"),
    });
    assert_eq!(put.json(), connected);
    assert!(put.text_at("/apiKeyMasked").starts_with("********************"));
    assert_eq!(app.member().get(&settings).await.expect(200).json(), connected);
    assert_eq!(app.other_organisation().get(&settings).await.expect(200).json(), unset, "not theirs");

    let sync = format!("{CRM}/sync");
    let queued = json!({
        "provider": "bullhorn", "state": "queued", "startedAt": null, "finishedAt": null, "contacts": 0,
        "total": null, "since": null, "error": null, "mirrorAt": null, "nextAt": "2024-01-25T09:30:00.000Z",
    });
    assert_eq!(admin.get(&sync).await.expect(200).json(), queued);
    assert_eq!(app.member().post_empty(&sync).await.expect(202).json(), queued, "one at a time");
    app.work().await;
    let done = admin.get(&sync).await.expect(200).json();
    let now = json!("2024-01-25T09:15:00.000Z");
    for (key, expected) in [
        ("state", json!("idle")),
        ("startedAt", now.clone()),
        ("finishedAt", now.clone()),
        ("mirrorAt", now),
        ("error", Value::Null),
    ] {
        assert_eq!(done[key], expected, "{key}");
    }
    let theirs = app.other_organisation().get(&sync).await.expect(200);
    assert_eq!((theirs.text_at("/state"), theirs.at("/mirrorAt")), ("idle".to_owned(), Value::Null));

    let _ = admin.delete(&settings).await.expect(204);
    let gone = admin.delete(&settings).await.expect(404);
    assert_eq!(gone.text_at("/error/message"), "CRM is not connected");
    app.work().await;
}

#[tokio::test]
async fn a_key_is_tried_before_it_is_kept() {
    let (app, fake) = app_with_crm().await;
    let (admin, settings, test) = (app.admin(), format!("{CRM}/settings"), format!("{CRM}/test-connection"));
    assert_eq!(admin.post(&test, &credentials(&fake)).await.expect(200).json(), json!({"success": true}));
    fake.revoke();
    fake.set_terms_open(true);
    let refused = admin.post(&test, &credentials(&fake)).await.expect(200).json();
    assert_eq!(refused["success"], json!(false));
    assert!(refused["error"].as_str().is_some_and(|error| error.starts_with("not authorised")), "{refused}");
    let details = admin.put(&settings, &credentials(&fake)).await.expect(400).details();
    assert_eq!(details[0]["path"], json!(["apiKey"]));
    let other = json!({"provider": "close", "apiKey": "api_1"});
    let message = "refused: close cannot be connected here";
    assert_eq!(admin.put(&settings, &other).await.expect(400).details(), fault(json!(["apiKey"]), message));
    assert_eq!(
        admin.post(&test, &other).await.expect(200).json(),
        json!({"success": false, "error": message})
    );
    // A client that was refused rests for a while: another one finds the CRM down.
    let (app, fake) = app_with_crm().await;
    let admin = app.admin();
    fake.faults().at_random(1.0, 1, vec![Fault::Status(503, None)]);
    let reply = admin.put(&settings, &credentials(&fake)).await.expect(409);
    assert!(reply.text_at("/error/message").ends_with("send verify: false to save the key untried"));
    assert_eq!(admin.get(&settings).await.at("/connectedAt"), Value::Null, "nothing was kept");
    let untried = merged(credentials(&fake), json!({"verify": false}));
    let _ = admin.put(&settings, &untried).await.expect(200);
    app.leave_jobs();
}

#[tokio::test]
async fn people_are_exported_once_and_told_whole() {
    let (app, fake) = app_with_crm().await;
    let member = app.member();
    let path = format!("{CRM}/export");
    let body = export_body(&[person_id(1).to_string(), person_id(2).to_string()]);
    let reply = member.post(&path, &body).idempotency_key("k").await.expect(200);
    let results = reply.at("/results");
    let one = |at: usize| {
        let result = &results[at];
        assert_ne!(result["personId"], json!(person_id(1)), "the organisation's own record");
        json!({
            "personId": result["personId"], "outcome": "created", "crmId": result["crmId"], "message": null,
            "changedFields": result["changedFields"],
        })
    };
    let expected = json!({
        "success": true, "total": 2, "created": 2, "updated": 0, "skipped": 0, "failed": 0,
        "results": [one(0), one(1)], "errors": [],
    });
    assert_eq!(reply.json(), expected);
    let made = fake.records("ClientContact").len();
    assert_eq!(made, 2);
    let again = member.post(&path, &body).idempotency_key("k").await.expect(200);
    assert_eq!(again.json(), expected, "the same reply");
    let second = member.post(&path, &body).await.expect(200);
    assert_eq!((second.at("/skipped"), second.at("/created")), (json!(2), json!(0)));
    assert_eq!(fake.records("ClientContact").len(), made);
}

#[tokio::test]
async fn lists_are_exported_in_the_background() {
    let (app, fake) = app_with_crm().await;
    let member = app.member();
    let list = new_list(&member, json!({"personIds": [person_id(1), person_id(2)]})).await.id();
    let body = json!({"leadListId": list, "options": {"provider": "bullhorn", "duplicates": "fillEmpty"}});
    let reply = member.post(&format!("{CRM}/export"), &body).await.expect(202);
    let id = reply.id();
    let mut expected = json!({
        "id": id, "status": "queued", "provider": "bullhorn", "duplicates": "fillEmpty", "records": 2, "done": 0,
        "error": null, "createdBy": "user_abc123", "createdAt": "2024-01-25T09:15:00.000Z", "finishedAt": null,
    });
    assert_eq!(reply.json(), expected);
    let location = format!("{CRM}/exports/{id}");
    assert_eq!(reply.header("location"), Some(location.as_str()));
    app.work().await;
    expected = merged(
        expected,
        json!({
            "status": "done", "done": 2, "finishedAt": "2024-01-25T09:15:00.000Z",
            "outcomes": {"created": 2, "updated": 0, "noop": 0, "skipped": 0, "ambiguous": 0, "failed": 0},
        }),
    );
    assert_eq!(member.get(&location).await.expect(200).json(), expected);
    let first = member.get(&format!("{location}/records?limit=1")).await.expect(200);
    assert_eq!(first.at("/nextCursor"), json!("1"));
    let rest = member.get(&format!("{location}/records?cursor=1")).await.expect(200);
    assert_eq!((rest.at("/items/0/outcome"), rest.at("/nextCursor")), (json!("created"), Value::Null));
    assert_eq!(fake.records("ClientContact").len(), 2);
    let leads = member.get(&format!("/api/v1/entities/leads/list/{list}")).await.expect(200).json();
    assert_eq!(leads[0]["crmId"], first.at("/items/0/crmId"));
    assert_eq!(leads[0]["bullhornId"], leads[0]["crmId"]);

    for path in [location.clone(), format!("{location}/records")] {
        let _ = app.other_organisation().get(&path).await.expect(404);
        let _ = app.outside_member().get(&path).await.expect(403);
        let _ = app.admin().get(&path).await.expect(200);
    }
    let absent = member.get(&format!("{CRM}/exports/{NOBODY}")).await.expect(404);
    assert_eq!(absent.text_at("/error/message"), format!("Export not found: {NOBODY}"));
    let theirs = app.other_organisation().post(&format!("{CRM}/export"), &body).await.expect(404);
    assert_eq!(theirs.text_at("/error/message"), format!("LeadList with id '{list}' not found"));
    let companies = new_list(&member, json!({"type": "company"})).await.id();
    let body = merged(body, json!({"leadListId": companies}));
    let details = member.post(&format!("{CRM}/export"), &body).await.expect(400).details();
    assert_eq!(details, fault(json!(["leadListId"]), "Only person lists can be exported"));
}

fn refused(message: &str) -> Value {
    let details = [json!({"path": [], "message": message})];
    json!({"error": {"code": "VALIDATION_ERROR", "message": message, "details": details}})
}

#[tokio::test]
async fn without_a_crm_or_with_another_nothing_is_exported() {
    let app = TestApp::start().await;
    let body = export_body(&[person_id(1).to_string()]);
    for (method, path) in [("post", "export"), ("get", "sync"), ("post", "sync")] {
        let path = format!("{CRM}/{path}");
        let reply = match method {
            "get" => app.member().get(&path).await,
            _ if path.ends_with("sync") => app.member().post_empty(&path).await,
            _ => app.member().post(&path, &body).await,
        };
        assert_eq!(reply.expect(400).json(), refused("CRM is not connected"), "{path}");
    }
    let none = json!({"connected": false, "provider": null, "connectedAt": null, "apiKeyMasked": null});
    assert_eq!(app.member().get(&format!("{CRM}/settings")).await.expect(200).json(), none);
    let (app, _fake) = app_with_crm().await;
    let body = merged(body, json!({"options": {"provider": "close"}}));
    let reply = app.member().post(&format!("{CRM}/export"), &body).await.expect(400);
    assert_eq!(reply.json(), refused("CRM provider mismatch"));
    let unknown = merged(export_body(&[NOBODY.to_owned()]), json!({}));
    let details = app.member().post(&format!("{CRM}/export"), &unknown).await.expect(400).details();
    assert_eq!(details, fault(json!(["selection", "includedIds", 0]), &format!("Unknown person: {NOBODY}")));
}

#[tokio::test]
async fn a_text_search_that_cannot_be_read_is_refused_where_it_stands() {
    let app = TestApp::start().await;
    let filters = json!({"provider": "bullhorn", "textSearch": "Head OR (Leit*", "filters": []});
    let body = merged(icp_body(), json!({"crmFilters": filters}));
    let details = app.member().post(ICPS, &body).await.expect(400).details();
    let message = "Invalid search: Parenthesis at character 9 is not closed";
    assert_eq!(details, fault(json!(["crmFilters", "textSearch"]), message));
}

#[tokio::test]
async fn a_run_shows_which_crm_it_looked_at() {
    let (app, fake) = app_with_crm().await;
    let member = app.member();
    let ann = json!({"firstName": "Zoe", "lastName": "Crm", "occupation": "CTO", "email": "zoe@crm.example"});
    let contact = fake.add("ClientContact", ann);
    let _ = app.admin().put(&format!("{CRM}/settings"), &credentials(&fake)).await.expect(200);
    app.work().await;
    let filters = json!({"provider": "bullhorn", "textSearch": "CTO"});
    let icp = member.post(ICPS, &merged(icp_body(), json!({"crmFilters": filters}))).await.expect(201).id();
    let crm = json!({"provider": "bullhorn", "mirrorAt": "2024-01-25T09:15:00.000Z"});
    let preview = member.post_empty(&format!("/api/v1/operations/icps/{icp}/preview")).await.expect(200);
    assert_eq!((preview.at("/crm"), preview.at("/leads/0/crmId")), (crm.clone(), json!(contact.to_string())));
    let run = member.post_empty(&format!("/api/v1/operations/icps/{icp}/generate")).await.expect(202);
    assert_eq!(run.at("/run/crm"), crm);
    app.work().await;
    let run = member.get(&format!("{RUNS}/{}", run.text_at("/run/id"))).await.expect(200);
    assert_eq!(run.at("/funnel/accepted"), preview.at("/funnel/accepted"));
    let list = member.get(&format!("{LISTS}/{}", run.text_at("/leadListId"))).await.expect(200);
    let shown = list.at("/persons/0/clientContact");
    let expected = json!({
        "provider": "bullhorn", "entity": "ClientContact", "id": contact.to_string(), "name": shown["name"],
        "status": shown["status"], "owner": shown["owner"], "occupation": "CTO", "modifiedAt": shown["modifiedAt"],
        "tasks": [], "tasksAt": null,
    });
    assert_eq!(shown, expected);
}
