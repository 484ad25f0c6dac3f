//! `sluice serve` and `sluice worker`: how they begin and how they end.

use crate::http::Client;
use crate::program::{PATIENCE, Running, Server, demo_copy, sluice, text};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

pub(super) fn client(server: &Server, data: &Path) -> Client {
    let args = ["token", "create", "--data", text(data), "--org", "org_demo", "--user", "user_admin"];
    Client { address: server.address.clone(), token: sluice(&args).ok().trim().to_owned() }
}

/// Starts a run that looks at everybody, and gives its path.
pub(super) fn start_run(client: &Client) -> String {
    start_run_of(client, 10_000)
}

/// As [`start_run`], for so many leads.
pub(super) fn start_run_of(client: &Client, leads: u32) -> String {
    let icp = json!({
        "name": "Everybody",
        "leadsPerList": leads,
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
    });
    let icp = client.post("/api/v1/entities/icps", &icp).expect("a reply").json(201);
    let path = format!("/api/v1/operations/icps/{}/generate", icp["id"].as_str().expect("an id"));
    let run = client.post(&path, &json!({})).expect("a reply").json(202);
    format!("/api/v1/operations/runs/{}", run["run"]["id"].as_str().expect("an id"))
}

pub(super) fn wait_until(client: &Client, run: &str, what: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let value = client.get(run).expect("a reply").json(200);
        if what(&value) {
            return value;
        }
        assert!(begun.elapsed() < PATIENCE, "{value}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_stopped_server_hands_its_run_back_and_the_next_one_finishes_it() {
    let folder = demo_copy();
    let server = Server::start(folder.path(), &[]);
    let before = client(&server, folder.path());
    let run = start_run(&before);
    let at_stop = wait_until(&before, &run, |run| run["progress"]["considered"].as_u64() > Some(0));
    assert_eq!(at_stop["status"], "running", "too fast to be stopped: {at_stop}");
    let stopping = Instant::now();
    server.stop();
    assert!(stopping.elapsed() < Duration::from_secs(5), "{:?}", stopping.elapsed());

    // Handed back, so the next one does not wait for the lease to run out.
    let server = Server::start(folder.path(), &["--lease-seconds", "600"]);
    let after = Client { address: server.address.clone(), ..before };
    let ended = wait_until(&after, &run, |run| run["status"] != "running" && run["status"] != "queued");
    assert_eq!((&ended["status"], &ended["progress"]["accepted"]), (&json!("succeeded"), &json!(10_000)));
    server.stop();
}

#[test]
fn a_worker_of_its_own_does_the_runs_of_a_server_without() {
    let folder = demo_copy();
    let server = Server::start(folder.path(), &["--workers", "0"]);
    let client = client(&server, folder.path());
    let run = start_run(&client);
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(client.get(&run).expect("a reply").json(200)["status"], "queued");
    let mut worker = Running::start(&["worker", "--data", text(folder.path())]);
    wait_until(&client, &run, |run| run["progress"]["considered"].as_u64() > Some(0));
    worker.signal("INT");
    assert_eq!(worker.wait(), Some(0), "{}", worker.errors());
    assert_eq!(worker.line(), None, "a worker prints nothing");
    let again = Running::start(&["worker", "--data", text(folder.path())]);
    wait_until(&client, &run, |run| run["status"] == "succeeded");
    drop(again);
    server.stop();
}

#[test]
fn a_port_in_use_is_told_before_anything_is_made() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    for command in ["serve", "demo"] {
        let error = sluice(&[command, "--data", text(&data), "--listen", &address]).fails(1);
        assert!(error.starts_with(&format!("sluice: cannot listen on {address}")), "{command}: {error}");
        assert_eq!(error.lines().count(), 1, "{command}: {error}");
        assert!(!data.exists(), "{command} made the data folder");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = crate::program::write(folder.path(), "file", "");
    let data = file.join("data");
    for args in
        [&["serve", "--listen", "127.0.0.1:0"][..], &["org", "create", "--id", "org_acme", "--name", "Acme"]]
    {
        let error = sluice(&[args, &["--data", text(&data)]].concat()).fails(1);
        assert!(error.contains(text(&data)), "{error}");
    }
}
