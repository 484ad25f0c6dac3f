//! Connectors: set up by admins, used by everybody, their credentials seen by nobody.

use crate::support::fault;
use serde_json::{Value, json};
use sluice_app::connectors::{Stored, Way};
use sluice_connect::{Client, ClientOptions};
use sluice_fakes::Server;
use sluice_fakes::enrichment::EnrichmentFake;
use sluice_fakes::faults::Fault;
use sluice_fakes::people::PeopleFake;
use sluice_model::Node;
use sluice_model::connector::{ApiKey, ConnectorDefault, KeySource};
use sluice_testkit::{Caller, TestApp};
use std::sync::Arc;

pub const CONNECTORS: &str = "/api/v1/operations/connectors";
const KEY: &str = "key-0123456789-abc1";

/// An app whose connectors may call these addresses, with this file of connectors for all organisations.
pub async fn app_with(servers: &[&Server], defaults: Value) -> TestApp {
    let allowed = servers.iter().map(|server| server.address()).collect();
    let client = Client::new(ClientOptions { allowed, retries: 0, ..ClientOptions::default() });
    let resolve = |source| match source {
        KeySource::Here(key) => Ok(key),
        KeySource::Environment(_) | KeySource::File(_) => Ok(ApiKey::from("elsewhere".to_owned())),
    };
    let defaults = ConnectorDefault::read_all(&Node::root(&defaults), resolve).expect("valid");
    let stored = Stored::new(Way::new(client.expect("a client")), defaults);
    TestApp::start_with(|context| context.with_connectors(Arc::new(stored))).await
}

pub fn nothing() -> Value {
    json!({"connectors": {}})
}

#[tokio::test]
async fn a_connector_is_set_up_changed_and_removed_without_its_key_being_shown() {
    let app = app_with(&[], nothing()).await;
    let admin = app.admin();
    let settings = json!({"baseUrl": "https://finder.example/v1", "order": 2});
    let body = json!({"kind": "enrichment", "settings": settings, "apiKey": KEY});
    let made = admin.put(&format!("{CONNECTORS}/finder"), &body).await.expect(200);
    let mut expected = json!({
        "name": "finder", "kind": "enrichment", "owner": "organisation", "settings": settings,
        "apiKeyMasked": "********************abc1", "createdAt": "2024-01-25T09:15:00.000Z",
        "updatedAt": "2024-01-25T09:15:00.000Z", "updatedBy": "user_admin",
    });
    assert_eq!(made.json(), expected);
    assert_eq!(admin.get(CONNECTORS).await.expect(200).json(), json!([expected]));
    assert_eq!(app.other_organisation().get(CONNECTORS).await.expect(200).json(), json!([]));

    app.clock.advance(1_000);
    let settings = json!({"baseUrl": "https://finder.example/v1"});
    let body = json!({"kind": "enrichment", "settings": settings});
    let changed = admin.put(&format!("{CONNECTORS}/finder"), &body).await.expect(200);
    expected["settings"] = settings;
    expected["updatedAt"] = json!("2024-01-25T09:15:01.000Z");
    assert_eq!(changed.json(), expected, "the key is kept");

    let elsewhere = json!({"kind": "enrichment", "settings": {"baseUrl": "https://eve.example"}});
    let refused = admin.put(&format!("{CONNECTORS}/finder"), &elsewhere).await.expect(400);
    let message = "Required: a key is kept only while it goes to the same place";
    assert_eq!(refused.details(), fault(json!(["apiKey"]), message));
    let without =
        json!({"kind": "enrichment", "settings": {"baseUrl": "https://eve.example"}, "apiKey": null});
    let changed = admin.put(&format!("{CONNECTORS}/finder"), &without).await.expect(200);
    assert_eq!(changed.at("/apiKeyMasked"), Value::Null);

    let _ = app.other_organisation().delete(&format!("{CONNECTORS}/finder")).await.expect(404);
    let _ = admin.delete(&format!("{CONNECTORS}/finder")).await.expect(204);
    assert_eq!(admin.get(CONNECTORS).await.expect(200).json(), json!([]));
    let gone = admin.delete(&format!("{CONNECTORS}/finder")).await.expect(404);
    assert_eq!(gone.text_at("/error/message"), "Connector not found: finder");
}

#[tokio::test]
async fn what_is_wrong_with_a_connector_is_told_with_its_place() {
    let app = app_with(&[], nothing()).await;
    let good = json!({"kind": "firecrawl", "settings": {}, "apiKey": "k"});
    for (name, body, path, message) in [
        ("crawler", good.clone(), json!(["kind"]), "A connector of this kind has the name 'firecrawl'"),
        ("firecrawl", json!({"kind": "firecrawl", "settings": {}}), json!(["apiKey"]), "Required"),
        (
            "model",
            json!({"kind": "leads", "settings": {"baseUrl": "https://x.example"}}),
            json!(["kind"]),
            "'model' cannot be the name of one of several",
        ),
        (
            "baseProvider",
            json!({"kind": "leads", "settings": {"baseUrl": "https://x.example"}}),
            json!(["kind"]),
            "'baseProvider' cannot be the name of one of several",
        ),
        (
            "firecrawl",
            json!({"kind": "firecrawl", "settings": 1}),
            json!(["settings"]),
            "Expected object, received number",
        ),
        (
            "crm",
            json!({"kind": "crm", "settings": {"provider": "close"}, "apiKey": "k"}),
            json!(["kind"]),
            "A CRM is connected by PUT /api/v1/operations/crm/settings",
        ),
        (
            "model",
            json!({"kind": "model", "settings": {"dialect": "anthropic", "model": "m"}}),
            json!(["apiKey"]),
            "Required: this dialect needs one",
        ),
        (
            "model",
            json!({"kind": "model", "settings": {"dialect": "ollama", "model": "m", "concurrency": 17}}),
            json!(["settings", "concurrency"]),
            "Number must be less than or equal to 16",
        ),
        ("x", json!({"settings": {}}), json!(["kind"]), "Required"),
        ("x", json!({"kind": "leads", "settings": {}}), json!(["settings", "baseUrl"]), "Required"),
    ] {
        let reply = app.admin().put(&format!("{CONNECTORS}/{name}"), &body).await.expect(400);
        assert_eq!(reply.details(), fault(path, message), "{body}");
    }
    let reply = app.admin().put(&format!("{CONNECTORS}/a.b"), &good).await.expect(404);
    assert_eq!(reply.text_at("/error/message"), "Connector not found: a.b");
    let refused = app.admin().delete(&format!("{CONNECTORS}/crm")).await.expect(409);
    let message = "A CRM is disconnected by DELETE /api/v1/operations/crm/settings";
    assert_eq!(refused.text_at("/error/message"), message);
    assert_eq!(app.admin().get(CONNECTORS).await.json(), json!([]), "nothing was written");
}

#[tokio::test]
async fn connectors_of_the_installation_are_listed_without_settings_and_hidden_by_the_own() {
    let (fake, finder) = (EnrichmentFake::default(), EnrichmentFake::default());
    let server = Server::start(fake.router()).await.expect("a port");
    let own = Server::start(finder.router()).await.expect("a port");
    let settings = json!({"baseUrl": server.url()});
    let defaults = json!({"connectors": {
        "finder": {"kind": "enrichment", "settings": settings, "apiKey": {"env": "FINDER"}},
        "people": {"kind": "leads", "settings": settings},
    }});
    let app = app_with(&[&server, &own], defaults).await;
    let shown = |name: &str, kind: &str| {
        json!({
            "name": name, "kind": kind, "owner": "instance", "settings": {}, "apiKeyMasked": null,
            "createdAt": null, "updatedAt": null, "updatedBy": null,
        })
    };
    let both = json!([shown("finder", "enrichment"), shown("people", "leads")]);
    assert_eq!(app.admin().get(CONNECTORS).await.expect(200).json(), both);
    fake.expect_key("elsewhere");
    let test = || app.admin().post_empty(&format!("{CONNECTORS}/finder/test"));
    assert_eq!(test().await.expect(200).json(), json!({"success": true}));
    assert_eq!((fake.faults.requests(), finder.faults.requests()), (1, 0));

    let body = json!({"kind": "enrichment", "settings": {"baseUrl": own.url()}});
    let _ = app.admin().put(&format!("{CONNECTORS}/finder"), &body).await.expect(200);
    let listed = app.admin().get(CONNECTORS).await.expect(200);
    assert_eq!((listed.at("/0/owner"), listed.at("/1")), (json!("organisation"), shown("people", "leads")));
    assert_eq!(test().await.expect(200).json(), json!({"success": true}));
    assert_eq!((fake.faults.requests(), finder.faults.requests()), (1, 1), "the organisation's own wins");
    let theirs = app.other_organisation().post_empty(&format!("{CONNECTORS}/finder/test"));
    assert_eq!(theirs.await.expect(200).json(), json!({"success": true}));
    assert_eq!((fake.faults.requests(), finder.faults.requests()), (2, 1), "others go on as before");
}

#[tokio::test]
async fn a_test_tells_what_the_service_says() {
    let fake = PeopleFake::default();
    let server = Server::start(fake.router()).await.expect("a port");
    let app = app_with(&[&server], nothing()).await;
    let put = async |key: &str| {
        let body = json!({"kind": "leads", "settings": {"baseUrl": server.url()}, "apiKey": key});
        app.admin().put(&format!("{CONNECTORS}/people"), &body).await.expect(200)
    };
    let test = || app.admin().post_empty(&format!("{CONNECTORS}/people/test"));
    fake.expect_key(KEY);
    let _ = put("another").await;
    let refused = json!({"success": false, "error": "not authorised: 127.0.0.1"});
    assert_eq!(test().await.expect(200).json(), refused);
    let _ = put(KEY).await;
    assert_eq!(test().await.expect(200).json(), json!({"success": true}));
    fake.faults.next(Fault::Status(503, None));
    let down = json!({"success": false, "error": "unavailable: 127.0.0.1 answered 503"});
    assert_eq!(test().await.expect(200).json(), down);
    let absent = app.admin().post_empty(&format!("{CONNECTORS}/nobody/test")).await.expect(404);
    assert_eq!(absent.text_at("/error/message"), "Connector not found: nobody");
}
