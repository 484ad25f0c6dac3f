//! `sluice doctor`: a line for each check, beside a running server.

use super::admin;
use crate::program::{Server, sluice, text};
use serde_json::Value;
use sluice_testdb::Database;
use std::path::Path;

/// The level of each check, by its name.
fn levels(data: &Path, more: &[&str]) -> (Option<i32>, Vec<(String, String)>) {
    let done = sluice(&[&["doctor", "--format", "json", "--data", text(data)], more].concat());
    let told: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{error}: {done:?}"));
    let part = |check: &Value, name: &str| check[name].as_str().expect("a text").to_owned();
    let checks = told.as_array().expect("a list");
    (done.code, checks.iter().map(|check| (part(check, "name"), part(check, "level"))).collect())
}

fn level<'a>(found: &'a [(String, String)], name: &str) -> Option<&'a str> {
    found.iter().find(|(known, _)| known == name).map(|(_, level)| level.as_str())
}

#[test]
fn a_sound_installation_is_told_so_beside_its_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    admin(&data);
    let server = Server::start(&data, &[]);
    let (code, found) = levels(&data, &[]);
    assert_eq!(code, Some(0), "{found:?}");
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["folder", "permissions", "space", "database", "integrity", "journal", "schema", "jobs", "catalog"];
    assert_eq!(names, expected);
    for name in ["permissions", "database", "integrity", "journal", "schema", "jobs"] {
        assert_eq!(level(&found, name), Some("ok"), "{name}");
    }
    let lines = sluice(&["doctor", "--data", text(&data)]).ok();
    assert_eq!(lines.lines().count(), expected.len(), "{lines}");
    server.stop();
}

#[test]
fn a_server_of_records_is_looked_at_too() {
    let (folder, database) = (tempfile::tempdir().expect("a folder"), Database::fresh());
    let (data, url) = (text(folder.path()), database.url());
    sluice(&["org", "create", "--data", data, "--id", "o", "--name", "O", "--database", &url]).ok();
    let more = ["--database", &url, "--database-replica", &url];
    let (code, found) = levels(folder.path(), &more);
    assert_eq!(code, Some(0), "{found:?}");
    for (name, expected) in [
        ("database", "ok"),
        ("connections", "ok"),
        ("encryption", "ok"),
        ("clock", "ok"),
        ("replica", "warn"),
        ("schema", "ok"),
        ("jobs", "ok"),
    ] {
        assert_eq!(level(&found, name), Some(expected), "{name}");
    }
    database.run("INSERT INTO job (id, organisation_id, kind, payload, state, run_at, attempts, created_at, lease_until)
                  VALUES ('a', 'o', 'run', '{}', 'dead', 0, 3, 0, NULL), ('b', 'o', 'run', '{}', 'running', 0, 1, 0, 1)");
    assert_eq!(level(&levels(folder.path(), &more).1, "jobs"), Some("warn"));
    let lines = sluice(&["doctor", "--data", data, "--database", &url]).ok();
    assert!(lines.contains("1 given up, 1 left by a worker that died"), "{lines}");
}

#[test]
fn what_is_broken_fails_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let absent = folder.path().join("absent");
    let (code, found) = levels(&absent, &[]);
    assert_eq!((code, found), (Some(1), vec![("folder".to_owned(), "fail".to_owned())]));
    assert!(!absent.exists(), "looking makes nothing");

    admin(folder.path());
    // A restored file has everything in it, and nothing in a log.
    let (backup, restored) = (folder.path().join("backup"), folder.path().join("restored"));
    sluice(&["backup", "--data", text(folder.path()), text(&backup)]).ok();
    sluice(&["restore", text(&backup), "--data", text(&restored)]).ok();
    assert_eq!(levels(&restored, &[]).0, Some(0));
    let path = restored.join("sluice.db");
    let whole = std::fs::read(&path).expect("a file");
    // Each of the last pages in turn; the first ones have the schema, without which nothing can be read at all.
    let mut named = Vec::new();
    for page in 1..=8 {
        let mut torn = whole.clone();
        let from = torn.len() - page * 4096;
        torn[from..from + 4096].fill(0xAA);
        std::fs::write(&path, torn).expect("a file");
        let (code, found) = levels(&restored, &[]);
        assert_eq!(code, Some(1), "{page}: {found:?}");
        named.extend(level(&found, "integrity").map(str::to_owned));
    }
    assert!(named.contains(&"fail".to_owned()), "{named:?}");
    std::fs::write(&path, "not a database ".repeat(1_000)).expect("a file");
    let (code, found) = levels(&restored, &[]);
    assert_eq!((code, level(&found, "database")), (Some(1), Some("fail")), "{found:?}");
    let gone = ["--database", "postgres://u:secret@%2Fnowhere/d"];
    let done = sluice(&[&["doctor", "--data", text(folder.path())], &gone[..]].concat());
    assert_eq!(done.code, Some(1));
    assert!(done.stdout.contains("fail  database") && !done.stdout.contains("secret"), "{done:?}");
}
