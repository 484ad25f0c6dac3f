//! `sluice key`, `--key-rate`, and the page of the accounts API.

use super::admin;
use crate::http::Client;
use crate::program::{Server, sluice, sluice_reading, text};
use serde_json::json;

const ACCOUNTS: &str = "/v0/accounts";

#[test]
fn a_key_is_printed_alone_works_at_once_and_is_revoked_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    admin(folder.path());
    let server = Server::start(folder.path(), &["--key-rate", "7"]);
    let create =
        |more: &[&str]| sluice(&[&["key", "create", "--data", data, "--org", "org_acme"], more].concat());
    let key = |more: &[&str]| create(more).ok().strip_suffix('\n').expect("one line").to_owned();
    let client = |key: &str| Client { address: server.address.clone(), token: key.to_owned() };

    let all = key(&[]);
    assert!(all.len() == 47 && all.starts_with("sl_key_"), "{all}");
    let body = json!({"domain": "acme.example"});
    let made = client(&all).post(ACCOUNTS, &body).expect("a reply").json(201);
    assert_eq!(made["domain"], "acme.example");
    let reading = key(&["--user", "user_ann", "--scopes", "accounts:read", "--rate", "1", "--name", "CRM"]);
    let page = client(&reading).get(ACCOUNTS).expect("a reply").json(200);
    assert_eq!(page["items"], json!([made]));
    assert_eq!(client(&reading).get(ACCOUNTS).expect("a reply").json(429)["code"], "RATE_LIMITED");
    for _ in 0..6 {
        client(&all).get(ACCOUNTS).expect("a reply").json(200);
    }
    assert_eq!(
        client(&all).get(ACCOUNTS).expect("a reply").json(429)["message"],
        "More than 7 requests per minute"
    );

    let ended = sluice(&["key", "revoke", "--data", data, &all]);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str(), ended.code), ("", "revoked\n", Some(0)));
    assert_eq!(client(&all).get(ACCOUNTS).expect("a reply").json(401)["code"], "UNAUTHORIZED");
    sluice_reading(&["key", "revoke", "--data", data, "-"], &format!("{reading}\n")).ok();
    assert_eq!(client(&reading).get(ACCOUNTS).expect("a reply").status, 401);

    create(&["--scopes", "accounts:all"]).fails(2);
    create(&["--rate", "0"]).fails(2);
    let error = create(&["--user", "user_bob"]).fails(1);
    assert!(error.contains("user_bob"), "{error}");
    sluice(&["key", "revoke", "--data", data, &all]).fails(1);

    let docs = client(&all).get("/docs/accounts").expect("a reply");
    assert_eq!(docs.status, 200);
    assert!(docs.body.contains("x-api-key: $KEY") && docs.body.contains("/v0/prospect_logs"));
    assert!(client(&all).get("/docs").expect("a reply").body.contains("href=\"/docs/accounts\""));
    let document = client(&all).get("/v0/openapi.json").expect("a reply").json(200);
    let printed: serde_json::Value =
        serde_json::from_str(&sluice(&["openapi", "accounts"]).ok()).expect("JSON");
    assert_eq!(document, printed);
    server.stop();
}
