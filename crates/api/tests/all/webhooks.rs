//! Webhooks over the wire: whole replies, faults with their places, who sees what.

use crate::support::{NOBODY, fault};
use serde_json::{Value, json};
use sluice_connect::ClientOptions;
use sluice_connect::webhook::Sender;
use sluice_fakes::webhook::WebhookFake;
use sluice_fakes::{Fault, Server};
use sluice_testkit::{Caller, TestApp};

pub const WEBHOOKS: &str = "/api/v1/webhooks";
const NOW: &str = "2024-01-25T09:15:00.000Z";

/// Removes all webhooks of the organisation, and makes one that leads nowhere. Returns its id.
pub async fn only_webhook(app: &TestApp) -> String {
    let admin = app.admin();
    let all = admin.get(WEBHOOKS).await.expect(200).json();
    for webhook in all.as_array().expect("webhooks") {
        let _ =
            admin.delete(&format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"))).await.expect(204);
    }
    admin.post(WEBHOOKS, &json!({"url": "https://127.0.0.1/hook"})).await.expect(201).id()
}

/// The id of a message to this webhook.
pub async fn tested(app: &TestApp, webhook: &str) -> String {
    app.admin().post_empty(&format!("{WEBHOOKS}/{webhook}/test")).await.expect(200).id()
}

/// An app that may call this server.
pub async fn app_calling(server: &Server) -> TestApp {
    let options = ClientOptions { allowed: vec![server.address()], ..ClientOptions::default() };
    let sender = Sender::new(&options).expect("a sender");
    TestApp::start_with(|context| context.with_webhooks(sender)).await
}

fn without(mut value: Value, pointers: &[&str]) -> Value {
    for pointer in pointers {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = value.pointer_mut(parent).expect("a parent").as_object_mut().expect("an object");
        parent.shift_remove(key).expect("it was there");
    }
    value
}

#[tokio::test]
async fn a_webhook_is_set_up_changed_and_removed_and_shows_its_secret_once() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let body = json!({"url": "https://hooks.example/x?t=1", "events": ["run.succeeded", "lead.added"],
        "description": "To the warehouse"});
    let made = admin.post(WEBHOOKS, &body).await.expect(201);
    let secret = made.text_at("/secret");
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let mut expected = json!({
        "id": made.id(), "url": "https://hooks.example/x?t=1", "events": ["run.succeeded", "lead.added"],
        "description": "To the warehouse", "enabled": true, "disabledReason": null, "previousSecretUntil": null,
        "createdAt": NOW, "updatedAt": NOW, "createdBy": "user_admin",
    });
    assert_eq!(without(made.json(), &["/secret"]), expected);
    assert_eq!(made.header("etag"), Some("\"1\""));
    let path = format!("{WEBHOOKS}/{}", made.id());
    let got = admin.get(&path).await.expect(200);
    assert_eq!((got.json(), got.header("etag")), (expected.clone(), Some("\"1\"")));
    assert_eq!(admin.get(WEBHOOKS).await.expect(200).json(), json!([expected]));

    app.clock.advance(1_000);
    let patch = json!({"events": null, "description": null, "enabled": false, "id": "ignored"});
    let stale = admin.patch(&path, &patch).header("If-Match", "\"2\"").await.expect(412);
    assert_eq!(stale.text_at("/error/code"), "PRECONDITION_FAILED");
    let changed = admin.patch(&path, &patch).header("If-Match", "\"1\"").await.expect(200);
    for (key, value) in [("events", Value::Null), ("description", Value::Null), ("enabled", json!(false))] {
        expected[key] = value;
    }
    expected["updatedAt"] = json!("2024-01-25T09:15:01.000Z");
    assert_eq!((changed.json(), changed.header("etag")), (expected.clone(), Some("\"2\"")));
    let same = admin.patch(&path, &json!({})).await.expect(200);
    assert_eq!((same.json(), same.header("etag")), (expected.clone(), Some("\"2\"")));

    let rotated = admin.post_empty(&format!("{path}/rotate-secret")).await.expect(200);
    assert_ne!(rotated.text_at("/secret"), secret);
    expected["previousSecretUntil"] = json!("2024-01-26T09:15:01.000Z");
    expected["updatedAt"] = json!("2024-01-25T09:15:01.001Z");
    assert_eq!(without(rotated.json(), &["/secret"]), expected);

    let _ = admin.delete(&path).header("If-Match", "\"1\"").await.expect(412);
    let _ = app.other_organisation().delete(&path).await.expect(404);
    let _ = admin.delete(&path).await.expect(204);
    assert_eq!(admin.get(WEBHOOKS).await.json(), json!([]));
    let gone = admin.get(&path).await.expect(404);
    assert_eq!(gone.text_at("/error/message"), format!("Webhook not found: {}", made.id()));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let app = TestApp::start().await;
    let admin = app.admin();
    let url = "Expected an http(s) URL without user and fragment";
    for (body, path, message) in [
        (json!({}), json!(["url"]), "Required"),
        (json!({"url": "hooks.example"}), json!(["url"]), url),
        (json!({"url": "ftp://hooks.example/"}), json!(["url"]), url),
        (json!({"url": "https://u:p@hooks.example/"}), json!(["url"]), url),
        (json!({"url": 1}), json!(["url"]), "Expected string, received number"),
        (
            json!({"url": "https://x.example", "events": []}),
            json!(["events"]),
            "Array must contain at least 1 element(s)",
        ),
        (json!({"url": "https://x.example", "secret": "x"}), json!(["secret"]), "Unrecognized key: 'secret'"),
    ] {
        let refused = admin.post(WEBHOOKS, &body).await.expect(400);
        assert_eq!(
            (refused.text_at("/error/code"), refused.details()),
            ("BAD_REQUEST".to_owned(), fault(path, message))
        );
    }
    let id = only_webhook(&app).await;
    let path = format!("{WEBHOOKS}/{id}");
    let refused = admin.patch(&path, &json!({"url": null})).await.expect(400);
    assert_eq!(refused.details(), fault(json!(["url"]), "Expected string, received null"));
    let refused = admin.post(&format!("{path}/replay"), &json!({"since": "yesterday"})).await.expect(400);
    assert_eq!(refused.details(), fault(json!(["since"]), "Invalid datetime"));
    for (query, at, message) in [
        (
            "status=lost",
            "status",
            "Invalid enum value. Expected 'pending' | 'delivered' | 'failed', received 'lost'",
        ),
        ("limit=0", "limit", "Number must be greater than or equal to 1"),
        ("cursor=1", "cursor", "Invalid uuid"),
    ] {
        let refused = admin.get(&format!("{path}/deliveries?{query}")).await.expect(400);
        assert_eq!(refused.details(), fault(json!([at]), message));
    }
    for absent in [NOBODY, "x"] {
        let missing = admin.get(&format!("{path}/deliveries/{absent}")).await.expect(404);
        assert_eq!(missing.text_at("/error/message"), format!("Delivery not found: {absent}"));
        let missing = admin.post_empty(&format!("{WEBHOOKS}/{absent}/test")).await.expect(404);
        assert_eq!(missing.text_at("/error/message"), format!("Webhook not found: {absent}"));
    }
    let forbidden = app.member().get(&path).await.expect(403);
    assert_eq!(forbidden.text_at("/error/message"), "Only admins set up webhooks");
}

#[tokio::test]
async fn there_are_twenty_at_most() {
    let app = TestApp::start().await;
    let body = json!({"url": "https://hooks.example/"});
    for _ in 0..20 {
        let _ = app.admin().post(WEBHOOKS, &body).await.expect(201);
    }
    let refused = app.admin().post(WEBHOOKS, &body).await.expect(409);
    assert_eq!(refused.text_at("/error/message"), "An organisation has at most 20 webhooks");
    let _ = app.other_organisation().post(WEBHOOKS, &body).await.expect(201);
}

#[tokio::test]
async fn the_log_shows_what_was_told_and_what_came_back() {
    let fake = WebhookFake::default();
    let server = Server::start(fake.router()).await.expect("a port");
    let app = app_calling(&server).await;
    let admin = app.admin();
    let body = json!({"url": server.url(), "events": ["account.created"]});
    let id = admin.post(WEBHOOKS, &body).await.expect(201).id();
    fake.faults.next(Fault::Status(503, None));
    let made = app.machine().post("/v0/accounts", &json!({"domain": "acme.example"})).await.expect(201);
    app.work().await;
    app.clock.advance(5_000);
    app.work().await;
    let received = fake.received();
    let [told] = &received[..] else { panic!("{received:?}") };
    let log = format!("{WEBHOOKS}/{id}/deliveries");
    let page = admin.get(&log).await.expect(200).json();
    let delivery = page["items"][0]["id"].clone();
    let shown = json!({
        "id": delivery, "webhookId": id, "eventId": told.id, "event": "account.created", "status": "delivered",
        "attemptCount": 2, "responseStatus": 200, "error": null, "createdAt": NOW, "nextAttemptAt": null,
    });
    assert_eq!(
        without(page.clone(), &["/items/0/finishedAt"]),
        json!({"items": [shown], "nextCursor": null})
    );
    let path = format!("{log}/{}", delivery.as_str().expect("an id"));
    let detail = admin.get(&path).await.expect(200).json();
    let payload = json!({
        "type": "account.created", "timestamp": NOW,
        "data": {"accountId": made.at("/accountId"), "domain": "acme.example", "name": null, "createdAt": NOW, "updatedAt": NOW},
    });
    assert_eq!((&detail["payload"], &told.json()), (&payload, &payload));
    let attempts = json!([
        {"at": NOW, "responseStatus": 503, "error": "answered 503", "responseBody": ""},
        {"at": "2024-01-25T09:15:05.000Z", "responseStatus": 200, "error": null, "responseBody": "thanks"},
    ]);
    let timeless = without(detail, &["/attempts/0/durationMs", "/attempts/1/durationMs"]);
    assert_eq!(timeless["attempts"], attempts);
    for (query, count) in [
        ("status=delivered", 1),
        ("status=failed", 0),
        ("event=account.created", 1),
        ("event=log.created", 0),
    ] {
        let page = admin.get(&format!("{log}?{query}")).await.expect(200);
        assert_eq!(page.at("/items").as_array().map(Vec::len), Some(count), "{query}");
    }

    let again = admin.post_empty(&format!("{path}/replay")).await.expect(202).json();
    assert_eq!((&again["status"], &again["attemptCount"]), (&json!("pending"), &json!(0)));
    app.work().await;
    let all = admin.post(&format!("{WEBHOOKS}/{id}/replay"), &json!({"since": "2024-01-25T00:00:00Z"})).await;
    assert_eq!(all.expect(202).json(), json!({"count": 1}));
    app.work().await;
    let ids: Vec<String> = fake.received().into_iter().map(|told| told.id).collect();
    assert_eq!(ids, [told.id.as_str(); 3]);
    let _ = admin.patch(&format!("{WEBHOOKS}/{id}"), &json!({"enabled": false})).await.expect(200);
    let refused = admin.post_empty(&format!("{path}/replay")).await.expect(409);
    assert_eq!(refused.text_at("/error/message"), "This webhook is disabled");
}

#[tokio::test]
async fn a_test_shows_at_once_how_it_went() {
    let fake = WebhookFake::default();
    let server = Server::start(fake.router()).await.expect("a port");
    let app = app_calling(&server).await;
    let admin = app.admin();
    let made = admin.post(WEBHOOKS, &json!({"url": server.url(), "enabled": false})).await.expect(201);
    let told = admin.post_empty(&format!("{WEBHOOKS}/{}/test", made.id())).await.expect(200);
    let payload = json!({
        "type": "webhook.test", "timestamp": NOW, "data": {"webhookId": made.id(), "url": server.url()},
    });
    assert_eq!((told.at("/payload"), told.at("/status")), (payload, json!("delivered")));
    assert_eq!(told.at("/attempts/0/responseBody"), json!("thanks"));
    let _ = admin
        .patch(&format!("{WEBHOOKS}/{}", made.id()), &json!({"url": "http://10.0.0.1/"}))
        .await
        .expect(200);
    let told = admin.post_empty(&format!("{WEBHOOKS}/{}/test", made.id())).await.expect(200);
    assert_eq!(told.at("/error"), json!("not allowed: 10.0.0.1 is an address within"));
}

#[tokio::test]
async fn the_log_comes_in_pages() {
    let app = TestApp::start().await;
    let id = only_webhook(&app).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        app.clock.advance(1_000);
        ids.insert(0, tested(&app, &id).await);
    }
    let mut found = Vec::new();
    let mut path = format!("{WEBHOOKS}/{id}/deliveries?limit=2");
    loop {
        let page = app.admin().get(&path).await.expect(200).json();
        let items = page["items"].as_array().expect("items");
        found.extend(items.iter().map(|one| one["id"].as_str().unwrap_or_default().to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("{WEBHOOKS}/{id}/deliveries?limit=2&cursor={cursor}");
    }
    assert_eq!(found, ids);
}
