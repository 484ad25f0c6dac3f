//! Credentials are planted in every kind of connector, and then looked for: in replies, in logs, in the database, in what
//! errors and panics say.

use crate::connectors::{CONNECTORS, app_with};
use crate::support::icp_body;
use crate::webhooks::{WEBHOOKS, app_calling};
use serde_json::{Value, json};
use sluice_connect::SecretString;
use sluice_fakes::enrichment::EnrichmentFake;
use sluice_fakes::people::PeopleFake;
use sluice_fakes::webhook::WebhookFake;
use sluice_fakes::{Fault, Server};
use sluice_model::Node;
use sluice_model::connector::ConnectorPut;
use sluice_testkit::records::person_id;
use sluice_testkit::{Caller, TestApp};
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

/// What every planted credential has in it.
const NEEDLE: &str = "n33dle";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything that is logged from now on, by any thread of this process.
fn listen() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    let begin = || {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
        log
    };
    LOG.get_or_init(begin).clone()
}

fn key(kind: &str) -> String {
    format!("{kind}-{NEEDLE}-0123456789-abc1")
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(NEEDLE.len()).any(|window| window.eq_ignore_ascii_case(NEEDLE.as_bytes()))
}

/// The settings of each kind that is set up here, and the name.
fn planted(finder: &Server, source: &Server) -> [(&'static str, Value); 5] {
    [
        ("firecrawl", json!({"kind": "firecrawl", "settings": {}})),
        ("browserUse", json!({"kind": "browserUse", "settings": {}})),
        ("model", json!({"kind": "model", "settings": {"dialect": "openai", "model": "m"}})),
        ("finder", json!({"kind": "enrichment", "settings": {"baseUrl": finder.url()}})),
        ("source", json!({"kind": "leads", "settings": {"baseUrl": source.url()}})),
    ]
}

#[tokio::test]
async fn no_credential_is_ever_seen_again() {
    let log = listen();
    let (finder, source) = (EnrichmentFake::default(), PeopleFake::default());
    let finder_server = Server::start(finder.router()).await.expect("a port");
    let source_server = Server::start(source.router()).await.expect("a port");
    let defaults = json!({"connectors": {
        "shared": {"kind": "enrichment", "settings": {"baseUrl": finder_server.url()}, "apiKey": key("shared")},
    }});
    let app = app_with(&[&finder_server, &source_server], defaults).await;
    let mut replies = Vec::new();
    for (name, mut body) in planted(&finder_server, &source_server) {
        body["apiKey"] = json!(key(name));
        let path = format!("{CONNECTORS}/{name}");
        let reply = app.admin().put(&path, &body).await.expect(200);
        assert_eq!(reply.at("/apiKeyMasked"), json!("********************abc1"));
        replies.push(reply);
        // Refused, with the key in the body that is refused.
        body["settings"]["nonsense"] = json!({});
        replies.push(app.admin().put(&path, &body).await.expect(400));
        replies.push(app.admin().put(&format!("{path}x"), &body).await.expect(400));
        for caller in ["member", "other"] {
            let reply = match caller {
                "member" => app.member().put(&path, &body).await,
                _ => app.other_organisation().put(&path, &body).await,
            };
            replies.push(reply);
        }
    }
    replies.push(app.admin().get(CONNECTORS).await.expect(200));
    for (name, _) in planted(&finder_server, &source_server) {
        for status in [401, 403, 500] {
            finder.faults.next(Fault::Status(status, None));
            source.faults.next(Fault::Status(status, None));
            replies.push(app.admin().post_empty(&format!("{CONNECTORS}/{name}/test")).await);
            finder.faults.clear();
            source.faults.clear();
        }
    }
    // Used, refused, and failing, with what is kept of that.
    finder.expect_key("another");
    source.expect_key("another");
    let enrich = format!("/api/v1/operations/enrichment/{}?field=phones", person_id(1));
    replies.push(app.member().post_empty(&enrich).await.expect(201));
    let mut icp = icp_body();
    icp["leadProviderCriteria"] = json!([{"provider": "source", "filters": {}}]);
    let icp = app.member().post("/api/v1/entities/icps", &icp).await.expect(201);
    let operations = format!("/api/v1/operations/icps/{}", icp.id());
    replies.push(app.member().post_empty(&format!("{operations}/preview")).await.expect(503));
    replies.push(app.member().post_empty(&format!("{operations}/generate")).await.expect(202));
    for _ in 0..8 {
        app.work().await;
        app.clock.advance(60_000);
    }
    replies.push(app.member().get(&enrich).await.expect(200));
    replies.push(app.member().get("/api/v1/operations/runs").await.expect(200));
    replies.push(app.admin().get("/api/v1/operations/jobs").await.expect(200));
    let failed = "finder: not authorised: 127.0.0.1; shared: not authorised: 127.0.0.1";
    assert_eq!(app.member().get(&enrich).await.text_at("/error"), failed);
    app.leave_jobs();
    for reply in &replies {
        assert!(!holds(&reply.bytes), "{} {}: {}", reply.method, reply.path, reply.text());
        let headers = format!("{:?}", reply.headers);
        assert!(!holds(headers.as_bytes()), "{headers}");
    }
    let log = log.0.lock().expect("the log").clone();
    assert!(String::from_utf8_lossy(&log).contains("job failed"), "nothing was heard");
    let at = log.windows(NEEDLE.len()).position(|window| window == NEEDLE.as_bytes());
    let near = at
        .map(|at| String::from_utf8_lossy(&log[at.saturating_sub(200)..log.len().min(at + 50)]).into_owned());
    assert_eq!(near, None, "a credential was logged");
    assert_database_holds_no_key(&app);
}

/// The files of the database, as a thief would have them.
fn assert_database_holds_no_key(app: &TestApp) {
    let Some(bytes) = app.database_files() else { return };
    let masked = b"********************abc1".as_slice();
    assert!(bytes.windows(masked.len()).any(|window| window == masked), "the connectors are somewhere else");
    assert!(!holds(&bytes), "a credential is in the database");
}

#[tokio::test]
async fn no_secret_of_a_webhook_is_seen_after_it_was_made() {
    let log = listen();
    let fake = WebhookFake::default();
    let server = Server::start(fake.router()).await.expect("a port");
    let app = app_calling(&server).await;
    let admin = app.admin();
    let made = admin.post(WEBHOOKS, &json!({"url": server.url()})).await.expect(201);
    let path = format!("{WEBHOOKS}/{}", made.id());
    let mut secrets = vec![made.text_at("/secret")];
    let first = admin.post_empty(&format!("{path}/rotate-secret")).await.expect(200);
    secrets.push(first.text_at("/secret"));
    let mut replies = Vec::new();
    for status in [200, 401, 410, 500] {
        fake.faults.next(Fault::Status(status, None));
        replies.push(admin.post_empty(&format!("{path}/test")).await.expect(200));
    }
    fake.faults.next(Fault::Status(410, None));
    let _ = app.machine().post("/v0/accounts", &json!({"domain": "acme.example"})).await.expect(201);
    app.work().await;
    replies.push(admin.get(&path).await.expect(200));
    replies.push(admin.get(WEBHOOKS).await.expect(200));
    replies.push(admin.get(&format!("{path}/deliveries")).await.expect(200));
    replies.push(admin.patch(&path, &json!({"secret": secrets[0]})).await.expect(400));
    replies.push(admin.patch(&path, &json!({"description": "x"})).await.expect(200));
    replies.push(admin.get("/api/v1/operations/jobs?state=done").await.expect(200));
    let log = log.0.lock().expect("the log").clone();
    assert!(String::from_utf8_lossy(&log).contains("a webhook is gone"), "nothing was heard");
    for secret in secrets {
        let key = secret.strip_prefix("whsec_").expect("a prefix").as_bytes();
        let holds = |bytes: &[u8]| bytes.windows(key.len()).any(|window| window == key);
        for reply in &replies {
            assert!(!holds(&reply.bytes), "{} {}: {}", reply.method, reply.path, reply.text());
        }
        assert!(!holds(&log), "a secret was logged");
        if let Some(bytes) = app.database_files() {
            let id = made.id();
            assert!(bytes.windows(id.len()).any(|window| window == id.as_bytes()), "webhooks are elsewhere");
            assert!(!holds(&bytes), "a secret is in the database");
        }
    }
}

#[test]
fn what_is_printed_for_the_curious_hides_keys() {
    let body = json!({"kind": "firecrawl", "settings": {}, "apiKey": key("firecrawl")});
    let put = ConnectorPut::read(&Node::root(&body)).expect("valid");
    let secret = SecretString::from(key("x"));
    let text = format!("{put:?} {put:#?} {secret:?}");
    assert!(!holds(text.as_bytes()), "{text}");
    let panicked = std::panic::catch_unwind(|| panic!("{put:?}"));
    let said = panicked.expect_err("it panicked").downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(said.starts_with("ConnectorPut") && !holds(said.as_bytes()), "{said}");
}
