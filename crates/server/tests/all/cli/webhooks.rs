//! `sluice webhooks`.

use super::admin;
use crate::http::Client;
use crate::program::{Server, sluice, text};
use serde_json::{Value, json};

#[test]
fn webhooks_are_set_up_listed_and_replayed_beside_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    let token = admin(folder.path());
    let server = Server::start(folder.path(), &[]);
    let base = ["--data", data, "--org", "org_acme"];
    let webhooks = |command: &str, more: &[&str]| sluice(&[&["webhooks", command], &base[..], more].concat());
    let events = ["--event", "run.succeeded", "--event", "lead.added", "--description", "Two"];
    let added = webhooks("add", &[&["https://hooks.example/x"], &events[..]].concat()).ok();
    let (id, secret) = added.trim_end().split_once('\t').expect("an id and a secret");
    assert!(secret.starts_with("whsec_"), "{secret}");
    let other = webhooks("add", &["https://hooks.example/all"]).ok();
    let other = other.split('\t').next().expect("an id").to_owned();
    let listed = format!(
        "{id}\thttps://hooks.example/x\tenabled\trun.succeeded,lead.added\n{other}\thttps://hooks.example/all\tenabled\t*\n"
    );
    assert_eq!(webhooks("list", &[]).ok(), listed);
    let client = Client { address: server.address.clone(), token };
    let shown = client.get(&format!("/api/v1/webhooks/{id}")).expect("a reply").json(200);
    assert_eq!((&shown["description"], &shown["createdBy"]), (&json!("Two"), &json!("operator")));
    assert_eq!(shown.get("secret"), None::<&Value>);
    assert_eq!(webhooks("replay", &[id, "--since", "2026-01-01"]).ok(), "0\n");

    let error = webhooks("add", &["nowhere", "--event", "sunrise"]).fails(1);
    assert!(error.contains("url: Expected an http(s) URL without user and fragment"), "{error}");
    assert!(error.contains("events[0]: Invalid enum value."), "{error}");
    let error = webhooks("replay", &[id, "--since", "soon"]).fails(1);
    assert_eq!(error, "sluice: invalid\n  since: Invalid datetime\n");
    let error =
        webhooks("replay", &["018d3fe6-b220-7000-8000-000000000001", "--since", "2026-01-01"]).fails(1);
    assert_eq!(error, "sluice: Webhook not found: 018d3fe6-b220-7000-8000-000000000001\n");
    server.stop();
}
