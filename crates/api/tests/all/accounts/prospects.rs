//! `/v0/prospects`: whole replies.

use super::support::{
    NO_PROSPECT, NOW, PROSPECT_LOGS, PROSPECTS, error, invalid, log, new_prospect, whole_page,
};
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp};

#[tokio::test]
async fn a_prospect_is_made_completed_and_read() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let body = json!({"email": "Ann.Lee@Acme.example", "name": "Ann Lée", "phoneNumber": "+442079460018",
        "linkedinProfileUrl": "linkedin.com/in/Ann-Lee/"});
    let ann = machine.post(PROSPECTS, &body).await.expect(201).json();
    assert_eq!(
        ann,
        json!({
            "prospectId": ann["prospectId"], "tenantId": ann["tenantId"], "name": "Ann Lée", "email": "ann.lee@acme.example",
            "domain": "acme.example", "slug": "ann-lee", "phoneNumber": "+442079460018",
            "linkedinProfileUrl": "https://www.linkedin.com/in/ann-lee", "createdAt": NOW, "updatedAt": NOW
        })
    );
    let path = format!("{PROSPECTS}/{}", ann["prospectId"].as_str().expect("an id"));
    assert_eq!(machine.get(&path).await.expect(200).json(), ann);
    assert_eq!(machine.post(PROSPECTS, &body).await.expect(200).json(), ann);
    let bob = machine.post(PROSPECTS, &json!({"phoneNumber": "+12125550100"})).await.expect(201);
    assert_eq!(bob.at("/slug"), json!("prospect"));
    app.clock.advance(1_000);
    let more = json!({"phoneNumber": "+12125550100", "email": "bob@acme.example", "name": "Bob"});
    let whole = machine.post(PROSPECTS, &more).await.expect(200).json();
    let expected = json!({"email": "bob@acme.example", "domain": "acme.example", "name": "Bob", "updatedAt": whole["updatedAt"]});
    assert_eq!(whole, crate::support::merged(bob.json(), expected), "the slug stays");
    assert_eq!(whole["updatedAt"], json!("2024-01-25T09:15:01.000Z"));
}

#[tokio::test]
async fn slugs_are_unique() {
    let app = TestApp::start().await;
    let machine = app.machine();
    for (number, slug) in ["ann-lee", "ann-lee-2", "ann-lee-3"].into_iter().enumerate() {
        let body = json!({"email": format!("a{number}@acme.example"), "name": "Ann Lee"});
        assert_eq!(machine.post(PROSPECTS, &body).await.expect(201).at("/slug"), json!(slug));
    }
    let local = new_prospect(&machine, "Ann.Lee@globex.example").await;
    assert_eq!(local.at("/slug"), json!("ann-lee-4"));
    let theirs = new_prospect(&app.other_machine(), "ann.lee@globex.example").await;
    assert_eq!(theirs.at("/slug"), json!("ann-lee"));
}

#[tokio::test]
async fn patches_change_clear_and_refuse() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let ann = new_prospect(&machine, "ann@acme.example").await.json();
    let bob = new_prospect(&machine, "bob@acme.example").await.text_at("/prospectId");
    let id = ann["prospectId"].as_str().expect("an id");
    let path = format!("{PROSPECTS}/{id}");
    assert_eq!(
        machine.patch(&path, &json!({})).await.expect(200).json(),
        ann,
        "nothing asked, nothing changed"
    );
    app.clock.advance(1_000);
    let set = json!({"name": "Ann", "phoneNumber": "+442079460018", "domain": "www.globex.example"});
    let changed = machine.patch(&path, &set).await.expect(200).json();
    let expected = json!({"name": "Ann", "phoneNumber": "+442079460018", "domain": "globex.example",
        "updatedAt": "2024-01-25T09:15:01.000Z"});
    assert_eq!(changed, crate::support::merged(ann.clone(), expected));
    let cleared = machine.patch(&path, &json!({"name": null, "phoneNumber": null})).await.expect(200);
    assert_eq!((cleared.at("/name"), cleared.at("/phoneNumber")), (Value::Null, Value::Null));
    let whole = machine.get(&path).await.expect(200).json();
    let taken = machine.patch(&path, &json!({"email": "BOB@acme.example", "name": "x"})).await.expect(409);
    assert_eq!(taken.at("/code"), json!("CONFLICT"));
    let message = taken.text_at("/message");
    assert!(message.contains(id) && message.contains(&bob), "both are named: {message}");
    for (body, faults) in [
        (json!({"email": "x"}), vec![("email", "Invalid email")]),
        (
            json!({"slug": "x", "name": ""}),
            vec![
                ("slug", "Unrecognized key: 'slug'"),
                ("name", "String must contain at least 1 character(s)"),
            ],
        ),
        (json!({"domain": "10.0.0.1"}), vec![("domain", "Invalid domain: expected a registrable domain")]),
    ] {
        assert_eq!(machine.patch(&path, &body).await.expect(400).json(), invalid(&faults), "{body}");
    }
    assert_eq!(machine.get(&path).await.expect(200).json(), whole, "nothing was written");
}

#[tokio::test]
async fn lists_are_filtered() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let body =
        json!({"email": "ann@acme.example", "name": "Änn Lee", "linkedinProfileUrl": "linkedin.com/in/ann"});
    let ann = machine.post(PROSPECTS, &body).await.expect(201).json();
    app.clock.advance(60_000);
    let bob = new_prospect(&machine, "bob@globex.example").await.json();
    for (query, expected) in [
        ("", vec![&bob, &ann]),
        ("email=ANN@acme.example", vec![&ann]),
        ("domain=www.globex.example", vec![&bob]),
        ("linkedinProfileUrl=https://linkedin.com/in/Ann/", vec![&ann]),
        ("search=lee", vec![&ann]),
        ("search=ANN", vec![&ann]),
        ("search=globex", vec![&bob]),
        ("updatedSince=2024-01-25T09:15:30Z", vec![&bob]),
        ("email=ann@acme.example&domain=globex.example", vec![]),
    ] {
        let reply = machine.get(&format!("{PROSPECTS}?{query}")).await.expect(200);
        let expected: Vec<Value> = expected.into_iter().cloned().collect();
        assert_eq!(reply.json(), whole_page(&expected), "{query}");
    }
    for (query, field, reason) in [
        ("email=x", "email", "Invalid email"),
        ("linkedinProfileUrl=x", "linkedinProfileUrl", "Invalid LinkedIn profile URL"),
    ] {
        let reply = machine.get(&format!("{PROSPECTS}?{query}")).await.expect(400);
        assert_eq!(reply.json(), invalid(&[(field, reason)]));
    }
}

#[tokio::test]
async fn a_deleted_prospect_is_hidden_until_restored() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let ann = new_prospect(&machine, "ann@acme.example").await.json();
    let path = format!("{PROSPECTS}/{}", ann["prospectId"].as_str().expect("an id"));
    let restore = format!("{path}/restore");
    assert_eq!(machine.post_empty(&restore).await.expect(200).json(), ann, "of a live one nothing changes");
    let _ = machine.delete(&path).await.expect(204);
    for request in [
        machine.get(&path),
        machine.patch(&path, &json!({"name": "x"})),
        machine.delete(&path),
        machine.get(&format!("{path}/activity")),
        machine.get(&format!("{path}/logs")),
    ] {
        let _ = request.await.expect(404);
    }
    assert_eq!(machine.get(PROSPECTS).await.expect(200).json(), whole_page(&[]));
    let back = machine.post_empty(&restore).await.expect(200).json();
    assert_eq!(crate::support::merged(back.clone(), json!({"updatedAt": NOW})), ann);
    assert_eq!(machine.get(PROSPECTS).await.expect(200).json(), whole_page(&[back]));
    let reply = machine.post_empty(&format!("{PROSPECTS}/{NO_PROSPECT}/restore")).await.expect(404);
    assert_eq!(reply.json(), error("NOT_FOUND", &format!("Prospect not found: {NO_PROSPECT}")));
}

#[tokio::test]
async fn a_merge_brings_logs_along_and_refuses_nonsense() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let told = machine
        .post(PROSPECT_LOGS, &log(json!({"email": "a@acme.example", "name": "Ann"})))
        .await
        .expect(201);
    let from = told.text_at("/prospectId");
    let into = new_prospect(&machine, "b@globex.example").await.text_at("/prospectId");
    let path = format!("{PROSPECTS}/{from}/merge");
    let itself = machine.post(&path, &json!({"into": from})).await.expect(400);
    assert_eq!(itself.at("/details/field"), json!("into"));
    let nobody = machine.post(&path, &json!({"into": NO_PROSPECT})).await.expect(404);
    assert_eq!(nobody.json(), error("NOT_FOUND", &format!("Prospect not found: {NO_PROSPECT}")));
    for (body, field, reason) in [
        (json!({}), "into", "Required"),
        (json!({"into": "x"}), "into", "Invalid prospect id"),
        (json!({"into": null}), "into", "Expected string, received null"),
    ] {
        assert_eq!(machine.post(&path, &body).await.expect(400).json(), invalid(&[(field, reason)]));
    }
    let survivor = machine.post(&path, &json!({"into": into})).await.expect(200);
    assert_eq!(
        (survivor.text_at("/prospectId"), survivor.at("/email"), survivor.at("/name")),
        (into.clone(), json!("b@globex.example"), json!("Ann"))
    );
    assert_eq!(
        machine.post(&path, &json!({"into": into})).await.expect(200).json(),
        survivor.json(),
        "once more is no change"
    );
    let logs = machine.get(&format!("{PROSPECTS}/{into}/logs")).await.expect(200);
    assert_eq!(
        (logs.at("/totalCount"), logs.at("/items/0/prospectLogId")),
        (json!(1), told.at("/prospectLogId"))
    );
    assert_eq!(logs.at("/items/0/prospectId"), json!(into));
    assert_eq!(machine.get(PROSPECTS).await.at("/totalCount"), json!(1));
}
