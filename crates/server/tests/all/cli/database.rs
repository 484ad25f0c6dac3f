//! `--database`: records on a server.

use crate::http::Client;
use crate::program::{Server, sluice, text};
use sluice_testdb::Database;

#[test]
fn records_are_where_the_database_is() {
    let database = Database::fresh();
    let (url, folders) = (database.url(), [(); 2].map(|()| tempfile::tempdir().expect("a folder")));
    let [first, second] = folders.each_ref().map(|folder| text(folder.path()));
    let org = |more: &[&str]| {
        sluice(&[&["org", "create", "--id", "org_acme", "--name", "Acme", "--data"], more].concat())
    };
    assert_eq!(org(&[first, "--database", &url]).ok(), "org_acme\n");
    let error = org(&[second, "--database", &url]).fails(1);
    assert_eq!(error, "sluice: organisation 'org_acme' exists already\n");
    assert_eq!(org(&[second]).ok(), "org_acme\n", "the folder's own");

    let user = ["--org", "org_acme", "--database", &url, "--data", second];
    let made = [&["user", "create", "--id", "user_ann", "--role", "admin"], &user[..]].concat();
    assert_eq!(sluice(&made).ok(), "user_ann\n");
    let token = sluice(&[&["token", "create", "--user", "user_ann"], &user[..]].concat()).ok();
    let server = Server::start(folders[0].path(), &["--database", &url]);
    let client = Client { address: server.address.clone(), token: token.trim().to_owned() };
    let lists = client.get("/api/v1/entities/leadlists").expect("a reply");
    assert_eq!(lists.json(200), serde_json::json!([]));
    server.stop();
}

#[test]
fn a_url_that_cannot_be_used_is_named_without_its_password() {
    let folder = tempfile::tempdir().expect("a folder");
    for (url, reason) in [
        ("mysql://u:secret@h/d", "must begin with postgres://"),
        ("postgres://u:secret@h/d?sslmode=always", "sslmode must be disable, prefer, require"),
        ("postgres://u:secret@%2Fnowhere/d", "cannot open the database: store unavailable"),
    ] {
        let args = ["org", "create", "--id", "o", "--name", "O", "--data", text(folder.path()), "--database"];
        let error = sluice(&[&args[..], &[url]].concat()).fails(1);
        assert!(error.contains(reason) && !error.contains("secret"), "{error}");
    }
    let args = ["serve", "--database-replica", "postgres://h/d"];
    assert!(sluice(&args).fails(2).contains("--database <URL>"));
}
