//! `sluice migrate`: the schema, and the way from one database to another.

use super::admin;
use crate::http::Client;
use crate::program::{Server, sluice, sluice_with_data, text, write};
use serde_json::json;
use sluice_testdb::Database;

#[test]
fn the_schema_is_told_without_being_changed_and_brought_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    let absent = folder.path().join("absent");
    let error = sluice(&["migrate", "up", "--data", text(&absent)]).fails(1);
    assert_eq!(error, format!("sluice: there is no data folder {}\n", absent.display()));
    assert!(sluice(&["migrate", "--data", data]).fails(1).contains("cannot read the schema"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is made by looking");
    let told = sluice(&["migrate", "up", "--data", data]).ok();
    let version = told.strip_prefix("version ").and_then(|rest| rest.split(' ').next()).expect("a version");
    assert_eq!(told, format!("version {version} of {version}\n"));
    for args in [&["migrate", "--data", data][..], &["migrate", "status", "--data", data]] {
        assert_eq!(sluice(args).ok(), told);
    }
    assert_eq!(sluice_with_data(folder.path(), &["migrate", "status"]).ok(), told);
    let database = Database::fresh();
    let status = sluice(&["migrate", "--data", data, "--database", &database.url()]).ok();
    assert!(status.starts_with(&format!("version 0 of {version}\npending 1 records\n")), "{status}");
}

#[test]
fn an_installation_moves_to_a_server_and_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = admin(folder.path());
    let server = Server::start(folder.path(), &[]);
    let client = |server: &Server| Client { address: server.address.clone(), token: token.clone() };
    let body =
        json!({"name": "Moved", "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}]});
    let made = client(&server).post("/api/v1/entities/icps", &body).expect("a reply").json(201);
    let database = Database::fresh();
    let (first, url) = (format!("sqlite:{}/sluice.db", text(folder.path())), database.url());
    // Beside the server, which wrote nothing meanwhile.
    let there = sluice(&["migrate", "copy", "--from", &first, "--to", &url]);
    assert!(there.stderr.ends_with(" rows; read back, they are the same\n"), "{there:?}");
    let there = there.ok();
    assert!(there.lines().any(|line| line.starts_with("icp\t1\t")), "{there}");
    server.stop();

    let moved = Server::start(folder.path(), &["--database", &url]);
    let listed = client(&moved).get("/api/v1/entities/icps").expect("a reply").json(200);
    assert_eq!(listed, json!([made]));
    moved.stop();
    let back = tempfile::tempdir().expect("a folder");
    let last = format!("sqlite:{}/sluice.db", text(back.path()));
    assert_eq!(sluice(&["migrate", "copy", "--from", &url, "--to", &last]).ok(), there);
    let again = sluice(&["migrate", "copy", "--from", &url, "--to", &last]).fails(1);
    assert!(again.contains("sluice: nothing was copied: the target is not empty"), "{again}");
}

#[test]
fn a_place_that_is_none_is_not_repeated_in_the_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let notes = write(folder.path(), "notes.db", &"somebody's notes ".repeat(100));
    let from = format!("sqlite:{}", text(&notes));
    for (from, to) in
        [("mysql://u:secret@h/d", "sqlite:x"), ("sqlite:", "sqlite:x"), (from.as_str(), "secret")]
    {
        let error = sluice(&["migrate", "copy", "--from", from, "--to", to]).fails(1);
        assert!(error.contains("sqlite:FILE or postgres://") && !error.contains("secret"), "{error}");
    }
    let error = sluice(&["migrate", "copy", "--from", &from, "--to", "sqlite:/nowhere/x.db"]).fails(1);
    assert!(error.contains("not a database"), "{error}");
}
