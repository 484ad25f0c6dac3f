//! `sluice demo`, and that what it prints can be followed to the letter.

use crate::http::Client;
use crate::program::{Running, Server, sluice, text};
use serde_json::{Value, json};

/// A line `curl … <url> … -d '<json>'` of what the demo prints: the path and the body.
fn curl<'t>(printed: &'t str, method: &str, address: &str) -> (&'t str, Value) {
    let command = format!("curl -X {method} http://{address}");
    let rest = printed.split(command.as_str()).nth(1).unwrap_or_else(|| panic!("no {command} in {printed}"));
    let path = rest.split_whitespace().next().expect("a path");
    let body = rest.split("-d '").nth(1).and_then(|rest| rest.split('\'').next()).expect("a body");
    (path, serde_json::from_str(body).expect("JSON"))
}

#[test]
fn what_the_demo_prints_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let server =
        Server::of(Running::start(&["demo", "--data", text(folder.path()), "--listen", "127.0.0.1:0"]));
    let printed = server.running.errors();
    let token = printed.split("export TOKEN=").nth(1).and_then(|rest| rest.split_whitespace().next());
    let client = Client { address: server.address.clone(), token: token.expect("a token").to_owned() };

    let (path, body) = curl(&printed, "PATCH", &server.address);
    let icp = client.patch(path, &body).expect("a reply").json(200);
    for (key, value) in body.as_object().expect("an object") {
        assert_eq!(&icp[key], value, "{key}");
    }
    // The one line that is whole: the address, the key, the body.
    let line = printed.lines().find(|line| line.contains("/v0/")).expect("a request to the accounts API");
    let key = line.split("x-api-key: ").nth(1).and_then(|rest| rest.split('\'').next()).expect("a key");
    let machine = Client { address: server.address.clone(), token: key.to_owned() };
    let (path, body) = curl(line, "POST", &server.address);
    let told = machine.post(path, &body).expect("a reply").json(201);
    assert_eq!((&told["createdProspect"], &told["source"]), (&json!(true), &json!("webinar")));

    let (path, body) = curl(&printed, "POST", &server.address);
    let run = client.post(path, &body).expect("a reply").json(202);
    let run = run["run"]["id"].as_str().expect("an id").to_owned();
    let ended = loop {
        let run = client.get(&format!("/api/v1/operations/runs/{run}")).expect("a reply").json(200);
        if run["status"] != "running" && run["status"] != "queued" {
            break run;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert!(ended["funnel"]["accepted"].as_u64() > Some(0), "{ended}");
    let runs = client.get("/api/v1/operations/runs").expect("a reply").json(200);
    assert!(runs.to_string().contains(&run));
    assert_eq!(client.get("/docs").expect("a reply").status, 200);
    server.stop();
}

#[test]
fn a_second_demo_adds_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = || sluice(&["demo", "--no-serve", "--data", text(folder.path())]);
    let icps = |printed: &str| -> Vec<String> {
        let id = |line: &str| {
            let id = line.split_whitespace().next()?;
            (id.len() == 36 && id.matches('-').count() == 4).then(|| id.to_owned())
        };
        printed.lines().filter_map(id).collect()
    };
    let first = demo();
    assert_eq!((first.code, first.stdout.as_str()), (Some(0), ""), "{first:?}");
    let second = demo();
    assert_eq!((second.code, second.stdout.as_str()), (Some(0), ""), "{second:?}");
    assert!(second.stderr.contains("there already"), "{second:?}");
    let made = icps(&first.stderr);
    assert_eq!(made.len(), 4, "{}", first.stderr);
    assert_eq!(made, icps(&second.stderr));

    let server = Server::start(folder.path(), &[]);
    let args =
        ["token", "create", "--data", text(folder.path()), "--org", "org_demo", "--user", "user_admin"];
    let client = Client { address: server.address.clone(), token: sluice(&args).ok().trim().to_owned() };
    let all = client.get("/api/v1/entities/icps?all=true").expect("a reply").json(200);
    assert_eq!(all.as_array().map(Vec::len), Some(4), "{all}");
    let body = json!({});
    let people = client.post("/api/v1/operations/prospects/person/count", &body).expect("a reply").json(200);
    assert!(people.to_string().contains("20000"), "{people}");
    server.stop();
}
