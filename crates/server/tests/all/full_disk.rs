//! A disk that is full, and one that takes no writes at all.

use crate::http::Client;
use crate::program::{Running, Server, sluice, text};
use serde_json::{Value, json};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

/// Files may not grow beyond this many bytes: as a full disk does, it lets reads and small writes through.
const MOST: u64 = 3 << 20;

fn icp(number: usize) -> Value {
    json!({
        "name": format!("ICP {number}"),
        "description": "x".repeat(9_000),
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}],
    })
}

fn names(client: &Client) -> Vec<String> {
    let listed = client.get("/api/v1/entities/icps").expect("a reply").json(200);
    let mut names: Vec<String> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|icp| icp["name"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn writes_are_refused_while_the_disk_is_full_and_taken_again_after() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    sluice(&["org", "create", "--data", data, "--id", "org_acme", "--name", "Acme"]).ok();
    let user = ["--data", data, "--org", "org_acme"];
    sluice(&[&["user", "create", "--id", "user_ann", "--role", "admin"], &user[..]].concat()).ok();
    let token = sluice(&[&["token", "create", "--user", "user_ann"], &user[..]].concat()).ok();
    let mut server =
        Server::of(Running::limited(&["serve", "--data", data, "--listen", "127.0.0.1:0"], MOST));
    let client = Client { address: server.address.clone(), token: token.trim().to_owned() };

    let mut kept = Vec::new();
    let refused = (0..1_000).find_map(|number| {
        let reply = client.post("/api/v1/entities/icps", &icp(number)).expect("a reply");
        if reply.status == 201 {
            kept.push(format!("ICP {number}"));
            return None;
        }
        Some(reply)
    });
    let refused = refused.expect("the disk is full at last").json(503);
    let message = json!({"code": "UNAVAILABLE", "message": "Try again in a moment"});
    assert_eq!(refused, json!({"error": message}));
    kept.sort();
    assert!(!kept.is_empty());
    assert_eq!(names(&client), kept, "what was answered is there, and nothing of what was refused");
    assert_eq!(client.post("/api/v1/entities/icps", &icp(1_000)).expect("a reply").status, 503);

    let room = ["--pid", &server.running.id().to_string(), "--fsize=unlimited:unlimited"];
    assert!(Command::new("prlimit").args(room).status().expect("prlimit runs").success());
    client.post("/api/v1/entities/icps", &icp(2_000)).expect("a reply").json(201);
    kept.push("ICP 2000".to_owned());
    kept.sort();
    assert_eq!(names(&client), kept);
    server.running.signal("KILL");
    server.running.wait();
    let server = Server::start(folder.path(), &[]);
    assert_eq!(names(&Client { address: server.address.clone(), ..client }), kept, "on the disk");
    server.stop();
}

#[test]
fn a_folder_that_cannot_be_written_is_named_at_the_start() {
    let outer = tempfile::tempdir().expect("a folder");
    let data = outer.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    for (path, mode) in [(outer.path(), 0o755), (&data, 0o555)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions");
    }
    let program = Path::new(env!("CARGO_BIN_EXE_sluice"));
    let mut command = Command::new(program);
    if std::fs::metadata("/proc/self").expect("a process").uid() == 0 {
        // To root every folder is open; and others may not be let to where the program was built.
        let copy = outer.path().join("sluice");
        std::fs::copy(program, &copy).expect("a copy");
        command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", text(&copy)]);
    }
    let output = command.args(["serve", "--listen", "127.0.0.1:0", "--data", text(&data)]).output();
    let output = output.expect("it runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    let expected = format!("sluice: the data folder {} cannot be written: Permission denied", data.display());
    assert!(error.starts_with(&expected), "{error}");
}
