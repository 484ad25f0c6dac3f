//! `sluice org`, `sluice user`, `sluice token`, and what needs no data folder.

use super::{admin, token};
use crate::http::Client;
use crate::program::{Server, sluice, sluice_reading, sluice_with_data, text};

const LISTS: &str = "/api/v1/entities/leadlists";

#[test]
fn ids_and_tokens_are_printed_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    let org = ["org", "create", "--data", data, "--id", "org_acme", "--name", "Acme"];
    let made = sluice(&org);
    assert_eq!((made.stderr.as_str(), made.stdout.as_str(), made.code), ("", "org_acme\n", Some(0)));
    let error = sluice(&org).fails(1);
    assert_eq!(error, "sluice: organisation 'org_acme' exists already\n");

    let user = |org: &str, id: &str, role: &str, email: &str| {
        sluice(&[
            "user", "create", "--data", data, "--org", org, "--id", id, "--role", role, "--email", email,
        ])
    };
    assert_eq!(user("org_acme", "user_ann", "admin", "ann@example.com").ok(), "user_ann\n");
    for (made, code, part) in [
        (user("org_acme", "user_ann", "admin", "ann@example.com"), 1, "exists already"),
        (user("org_none", "user_ann", "admin", "ann@example.com"), 1, "Organisation not found: org_none"),
        (user("org_acme", "user bob", "member", "bob@example.com"), 1, "id"),
        (user("org_acme", "user_bob", "member", "nobody"), 1, "email"),
        (user("org_acme", "user_bob", "owner", "bob@example.com"), 2, "expected admin or member"),
    ] {
        let error = made.fails(code);
        assert!(error.contains(part), "{error}");
    }
    assert_ne!(token(folder.path()), token(folder.path()));
    let error =
        sluice(&["token", "create", "--data", data, "--org", "org_acme", "--user", "user_bob"]).fails(1);
    assert!(error.contains("User not found: user_bob"), "{error}");
}

#[test]
fn wrong_use_is_told_from_failure() {
    for args in [
        &[][..],
        &["serv"],
        &["serve", "--listen", "nowhere"],
        &["serve", "--lease-seconds", "0"],
        &["org", "create", "--id", "x"],
        &["import", "--kind", "cat", "x.csv"],
        &["import", "--kind", "person"],
        &["import", "--kind", "person", "--map", "email", "x.csv"],
        &["import", "--kind", "person", "--observed-at", "yesterday", "x.csv"],
        &["icp", "run", "--leads", "0", "x.json"],
        &["icp", "run", "--format", "xml", "x.json"],
        &["openapi", "crm"],
    ] {
        let error = sluice(args).fails(2);
        assert!(error.contains("Usage") || error.contains("--help"), "{args:?}: {error}");
    }
    assert!(sluice(&["--version"]).ok().starts_with("sluice "));
    assert!(sluice(&["--help"]).ok().contains("Usage: sluice"));
}

#[test]
fn documents_and_scripts_are_printed_alone() {
    let ended = sluice(&["openapi", "targeting"]);
    assert_eq!(ended.stderr, "");
    let document: serde_json::Value = serde_json::from_str(&ended.ok()).expect("JSON");
    assert!(document["paths"]["/api/v1/entities/icps/{id}"]["patch"].is_object());
    for shell in ["bash", "zsh", "fish"] {
        assert!(sluice(&["completions", shell]).ok().contains("sluice"), "{shell}");
    }
}

#[test]
fn tokens_are_made_and_revoked_beside_a_running_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let client = |token: String| Client { address: server.address.clone(), token };
    assert_eq!(client("sl_pat_none".to_owned()).get(LISTS).expect("a reply").status, 401);
    let first = admin(folder.path());
    let second = token(folder.path());
    for token in [&first, &second] {
        assert_eq!(client(token.clone()).get(LISTS).expect("a reply").status, 200);
    }
    // The folder may come from the environment, the token from a pipe.
    let ended = sluice_with_data(folder.path(), &["token", "revoke", &first]);
    assert_eq!((ended.stderr.as_str(), ended.code), ("revoked\n", Some(0)));
    assert_eq!(ended.stdout, "");
    assert_eq!(client(first.clone()).get(LISTS).expect("a reply").status, 401);
    assert_eq!(client(second.clone()).get(LISTS).expect("a reply").status, 200);
    sluice_reading(&["token", "revoke", "--data", text(folder.path()), "-"], &format!("{second}\n")).ok();
    assert_eq!(client(second).get(LISTS).expect("a reply").status, 401);
    let error = sluice(&["token", "revoke", "--data", text(folder.path()), &first]).fails(1);
    assert_eq!(error, "sluice: No such valid token\n");
    server.stop();
}
