//! The later names: the same things, told with other keys.

use super::support::{PROSPECT_LOGS, PROSPECTS, invalid, log};
use serde_json::{Value, json};
use sluice_testkit::{Caller, TestApp};

/// A reply with the later names of its keys.
fn later(value: &Value) -> Value {
    let rename = |key: &str| match key {
        "createdProspect" => "createdPerson".to_owned(),
        _ => key.replace("prospect", "person"),
    };
    match value {
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (rename(key), if key == "payload" { value.clone() } else { later(value) }))
            .collect(),
        Value::Array(items) => items.iter().map(later).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn the_replies_of_both_names_tell_the_same() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let body = json!({"source": "s", "payload": {"prospectId": 1, "n": 1.50}, "email": "ann@acme.example"});
    let told = machine.post("/v0/person_logs", &body).await.expect(201).json();
    assert_eq!(
        told,
        json!({"personId": told["personId"], "personLogId": told["personLogId"], "createdAt": told["createdAt"],
            "createdPerson": true, "source": "s", "type": "webhook"})
    );
    let (id, log_id) =
        (told["personId"].as_str().expect("an id"), told["personLogId"].as_str().expect("an id"));
    assert!(id.starts_with("prospect_") && log_id.starts_with("prospectlog_"));
    for rest in [
        "",
        "?email=ann@acme.example",
        &format!("/{id}"),
        &format!("/{id}/logs"),
        &format!("/{id}/logs/{log_id}"),
        &format!("/{id}/activity"),
    ] {
        let prospect = machine.get(&format!("{PROSPECTS}{rest}")).await.expect(200).json();
        let person = machine.get(&format!("/v0/persons{rest}")).await.expect(200).json();
        assert_eq!(person, later(&prospect), "{rest}");
        assert_ne!(person, prospect, "{rest}");
    }
}

#[tokio::test]
async fn the_later_names_do_all_that_the_first_do() {
    let app = TestApp::start().await;
    let machine = app.machine();
    let persons = "/v0/persons";
    let ann =
        machine.post(persons, &json!({"email": "ann@acme.example"})).await.expect(201).text_at("/personId");
    let bob =
        machine.post(persons, &json!({"email": "bob@acme.example"})).await.expect(201).text_at("/personId");
    let path = format!("{persons}/{ann}");
    let renamed = machine.patch(&path, &json!({"name": "Ann"})).await.expect(200);
    assert_eq!((renamed.text_at("/personId"), renamed.at("/name")), (ann.clone(), json!("Ann")));
    let _ = machine.delete(&path).await.expect(204);
    let _ = machine.get(&path).await.expect(404);
    assert_eq!(machine.post_empty(&format!("{path}/restore")).await.expect(200).text_at("/personId"), ann);
    for (route, key) in
        [("/v0/person_logs", "personId"), ("/v0/person_logs", "prospectId"), (PROSPECT_LOGS, "personId")]
    {
        let _ = machine.post(route, &log(json!({key: ann}))).await.expect(201);
    }
    let both = log(json!({"personId": ann, "prospectId": ann}));
    let reason = "personId is another name of prospectId: expected one of them";
    let reply = machine.post("/v0/person_logs", &both).await.expect(400);
    assert_eq!(reply.json(), invalid(&[("prospectId", reason)]));
    let logs = machine.get(&format!("{path}/logs")).await.expect(200);
    assert_eq!(logs.at("/totalCount"), json!(3));
    let _ =
        machine.delete(&format!("{path}/logs/{}", logs.text_at("/items/0/personLogId"))).await.expect(204);
    let merged = machine.post(&format!("{path}/merge"), &json!({"into": bob})).await.expect(200);
    assert_eq!(merged.text_at("/personId"), bob);
    assert_eq!(machine.get(&format!("{persons}/{bob}/activity")).await.at("/totalCount"), json!(2));
}
