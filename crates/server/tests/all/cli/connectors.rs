//! `sluice connector`, `sluice credits`, the key file and the file of connectors.

use super::admin;
use crate::http::Client;
use crate::program::{Server, sluice, sluice_reading, text};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn connectors_are_set_up_listed_and_removed_beside_a_server_that_knows_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    let token = admin(folder.path());
    let key_file = folder.path().join("secret.key");
    assert_eq!(fs::metadata(&key_file).expect("the key file").permissions().mode() & 0o777, 0o600);
    let file = folder.path().join("connectors.json");
    let shared = json!({"connectors": {
        "panel": {"kind": "leads", "settings": {"baseUrl": "https://panel.example"}, "apiKey": "of the instance"},
    }});
    fs::write(&file, shared.to_string()).expect("written");
    let server = Server::start(folder.path(), &["--connectors", text(&file)]);
    let base = ["--data", data, "--org", "org_acme"];
    let set = |name: &str, more: &[&str], key: &str| {
        sluice_reading(&[&["connector", "set"], &base[..], &[name], more].concat(), key)
    };
    let settings = ["--kind", "enrichment", "--set", "baseUrl=https://finder.example/v1", "--set", "order=2"];
    let with_key = [&settings[..], &["--key-stdin"]].concat();
    assert_eq!(set("finder", &with_key, "key-0123456789-abc1\n").ok(), "finder\n");
    let list = || sluice(&[&["connector", "list"], &base[..]].concat()).ok();
    let line = "finder\tenrichment\t{\"baseUrl\":\"https://finder.example/v1\",\"order\":2}\t********************abc1\n";
    assert_eq!(list(), line);
    let client = Client { address: server.address.clone(), token };
    let shown = client.get("/api/v1/operations/connectors").expect("a reply").json(200);
    assert_eq!((&shown[0]["name"], &shown[0]["updatedBy"]), (&json!("finder"), &json!("operator")));
    assert_eq!((&shown[1]["name"], &shown[1]["owner"]), (&json!("panel"), &json!("instance")));

    let error = set("firecrawl", &["--kind", "firecrawl"], "").fails(1);
    assert_eq!(error, "sluice: invalid\n  apiKey: Required\n");
    let error = set("finder", &["--kind", "enrichment", "--set", "baseUrl=nowhere"], "").fails(1);
    let message = "settings.baseUrl: Expected an http(s) URL without user, query and fragment";
    assert_eq!(error, format!("sluice: invalid\n  {message}\n"));
    set("finder", &["--kind", "telepathy"], "").fails(2);
    let removed = sluice(&[&["connector", "remove"], &base[..], &["finder"]].concat());
    assert_eq!((removed.stdout.as_str(), removed.stderr.as_str(), removed.code), ("", "removed\n", Some(0)));
    assert_eq!(list(), "");
    sluice(&[&["connector", "remove"], &base[..], &["finder"]].concat()).fails(1);
    let error = sluice(&["connector", "list", "--data", data, "--org", "org_none"]).fails(1);
    assert_eq!(error, "sluice: Organisation not found: org_none\n");

    let added =
        sluice(&[&["credits", "add"], &base[..], &["--amount", "500", "--note", "Invoice 17"]].concat()).ok();
    let ledger = client.get("/api/v1/operations/credits/history").expect("a reply").json(200);
    assert_eq!(ledger["transactions"][0]["id"], added.trim());
    assert_eq!(ledger["transactions"][0]["description"], "Invoice 17");
    sluice(&[&["credits", "add"], &base[..], &["--amount", "0"]].concat()).fails(2);
    server.stop();
}

#[test]
fn a_key_file_that_others_may_read_and_a_file_of_connectors_with_faults_stop_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    admin(folder.path());
    let file = folder.path().join("connectors.json");
    fs::write(
        &file,
        r#"{"connectors":{"finder":{"kind":"enrichment","settings":{},"apiKey":{"env":"SLUICE_NO_SUCH"}}}}"#,
    )
    .expect("written");
    let list =
        |more: &[&str]| sluice(&[&["connector", "list", "--data", data, "--org", "org_acme"], more].concat());
    let error = list(&["--connectors", text(&file)]).fails(1);
    let path = file.display();
    assert_eq!(
        error,
        format!(
            "sluice: cannot use {path}:\n  connectors.finder.settings.baseUrl: Required\n  \
             connectors.finder.apiKey: The variable SLUICE_NO_SUCH is not set\n"
        )
    );
    let key = folder.path().join("secret.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("the mode");
    let error = list(&[]).fails(1);
    let text = format!(
        "others than its owner may use the key file {} (mode 644): run chmod 600 on it",
        key.display()
    );
    assert_eq!(error, format!("sluice: {text}\n"));
    let configured = list(&["--secret-key", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="]);
    assert_eq!(configured.ok(), "", "with a key of its own the file is not looked at");
    let error = list(&["--secret-key", "short"]).fails(1);
    assert_eq!(error, "sluice: a secret key must be the base64 of 32 bytes, several with commas between\n");
}
