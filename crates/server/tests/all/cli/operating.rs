//! Health, stopping, the queue: what those use who run the program.

use super::serving::{client, start_run, start_run_of, wait_until};
use crate::http::Client;
use crate::program::{PATIENCE, Running, Server, demo_copy, sluice, text};
use serde_json::{Value, json};
use sluice_testdb::Database;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

fn health(address: &str, path: &str) -> (u16, Value) {
    let client = Client { address: address.to_owned(), token: String::new() };
    let reply = client.get(path).expect("a reply");
    (reply.status, serde_json::from_str(&reply.body).expect("JSON"))
}

fn ready(process: &str) -> Value {
    let status = if process == "ok" { "ready" } else { "not ready" };
    json!({"status": status, "parts": {"database": "ok", "catalog": "ok", "process": process}})
}

#[test]
fn readiness_ends_when_a_stop_begins_and_liveness_with_the_process() {
    let folder = demo_copy();
    let mut server = Server::start(folder.path(), &["--no-worker", "--drain-seconds", "3"]);
    assert_eq!(health(&server.address, "/healthz"), (200, json!({"status": "ok"})));
    assert_eq!(health(&server.address, "/readyz"), (200, ready("ok")));
    server.running.signal("TERM");
    let begun = Instant::now();
    while health(&server.address, "/readyz") == (200, ready("ok")) {
        assert!(begun.elapsed() < PATIENCE, "still ready");
    }
    assert_eq!(health(&server.address, "/readyz"), (503, ready("stopping")));
    assert_eq!(health(&server.address, "/healthz"), (200, json!({"status": "ok"})));
    assert_eq!(server.running.wait(), Some(0), "{}", server.running.errors());
}

#[test]
fn a_worker_tells_how_it_does() {
    let folder = demo_copy();
    let args =
        ["worker", "--data", text(folder.path()), "--health-listen", "127.0.0.1:0", "--concurrency", "1"];
    let mut worker = Running::start(&args);
    let begun = Instant::now();
    let address = loop {
        let errors = worker.errors();
        // Only whole lines: the last one may still be written.
        let mut lines = errors.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        if let Some(line) = lines.find_map(|line| line.strip_prefix("health on http://")) {
            break line.to_owned();
        }
        assert!(begun.elapsed() < PATIENCE, "{errors}");
    };
    assert_eq!(health(&address, "/readyz"), (200, ready("ok")));
    assert_eq!(health(&address, "/healthz"), (200, json!({"status": "ok"})));
    worker.signal("TERM");
    assert_eq!(worker.wait(), Some(0), "{}", worker.errors());
}

#[test]
fn a_stream_of_events_ends_with_the_server() {
    let folder = demo_copy();
    let server = Server::start(folder.path(), &["--no-worker"]);
    let client = client(&server, folder.path());
    let run = start_run(&client);
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    let request =
        format!("GET {run}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", client.token);
    stream.write_all(request.as_bytes()).expect("a request");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while !line.starts_with("event: progress") {
        line.clear();
        assert_ne!(reader.read_line(&mut line).expect("a line"), 0, "ended too early");
    }
    server.stop();
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("the end");
    // The last chunk of a body that is whole.
    assert!(rest.ends_with("0\r\n\r\n"), "{rest}");
}

#[test]
fn a_second_signal_stops_hard() {
    let folder = demo_copy();
    let mut server = Server::start(folder.path(), &["--no-worker", "--drain-seconds", "600"]);
    server.running.signal("TERM");
    let begun = Instant::now();
    while health(&server.address, "/readyz").0 == 200 {
        assert!(begun.elapsed() < PATIENCE, "still ready");
    }
    server.running.signal("INT");
    assert_eq!(server.running.wait(), Some(1));
    assert_eq!(server.running.errors(), "sluice: stopped hard by a second signal\n");
}

#[test]
fn the_queue_is_listed_and_a_job_is_not_retried_that_was_not_given_up() {
    let folder = demo_copy();
    let data = text(folder.path());
    assert_eq!(sluice(&["jobs", "list", "--data", data]).ok(), "");
    let server = Server::start(folder.path(), &["--no-worker"]);
    let client = client(&server, folder.path());
    let run = start_run(&client);
    let id = run.rsplit('/').next().unwrap_or_default();
    let listed = sluice(&["jobs", "list", "--state", "ready", "--data", data]).ok();
    let made =
        client.get(&run).expect("a reply").json(200)["createdAt"].as_str().unwrap_or_default().to_owned();
    assert_eq!(listed, format!("{id}\tready\torg_demo\trun\t0\t{made}\t\n"));
    let error = sluice(&["jobs", "retry", id, "--data", data]).fails(1);
    assert_eq!(error, "sluice: This job was not given up: it is ready\n");
    let nobody = "550e8400-e29b-41d4-a716-446655440999";
    let error = sluice(&["jobs", "retry", nobody, "--data", data]).fails(1);
    assert_eq!(error, format!("sluice: Job not found: {nobody}\n"));
    sluice(&["jobs", "list", "--state", "lost", "--data", data]).fails(2);
    let worker = Running::start(&["worker", "--data", data, "--per-organisation", "1", "--lease", "2"]);
    wait_until(&client, &run, |run| run["status"] == "succeeded");
    drop(worker);
    server.stop();
}

#[test]
fn workers_on_one_server_take_over_from_one_that_was_killed() {
    let (folder, database) = (demo_copy(), Database::fresh());
    let (data, url) = (text(folder.path()), database.url());
    let at = |args: &[&str]| sluice(&[args, &["--data", data, "--database", &url]].concat()).ok();
    at(&["demo", "--no-serve"]);
    let server = Server::start(folder.path(), &["--no-worker", "--database", &url]);
    let token = at(&["token", "create", "--org", "org_demo", "--user", "user_admin"]);
    let client = Client { address: server.address.clone(), token: token.trim().to_owned() };
    let run = start_run_of(&client, 3_000);
    let worker = || Running::start(&["worker", "--data", data, "--database", &url, "--lease", "2"]);
    let first = worker();
    let half = wait_until(&client, &run, |run| run["progress"]["considered"].as_u64() > Some(0));
    assert_eq!(half["status"], "running", "too fast to be killed: {half}");
    // Kills it.
    drop(first);
    let others = [worker(), worker()];
    let ended = wait_until(&client, &run, |run| run["status"] != "running");
    assert_eq!((&ended["status"], &ended["progress"]["accepted"]), (&json!("succeeded"), &json!(3_000)));
    for mut other in others {
        other.signal("TERM");
        assert_eq!(other.wait(), Some(0), "{}", other.errors());
    }
    assert_eq!(at(&["jobs", "list"]), "");
    server.stop();
}
