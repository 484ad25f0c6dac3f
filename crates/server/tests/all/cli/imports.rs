//! `sluice import` and `sluice sample`.

use super::{COMPANIES, PEOPLE, admin};
use crate::http::Client;
use crate::program::{Server, sluice, sluice_reading, text, write};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

fn count(client: &Client) -> u64 {
    let reply = client.post("/api/v1/operations/prospects/person/count", &json!({})).expect("a reply");
    let reply = reply.json(200);
    reply["totalElements"].as_u64().unwrap_or_else(|| panic!("{reply}"))
}

#[test]
fn counts_are_printed_alone_and_rows_set_aside_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    let companies = write(files.path(), "companies.csv", COMPANIES);
    let people = write(files.path(), "people.csv", &format!("{PEOPLE},,,,,\nDee,Oak,,not an address,,\n"));
    let first = sluice(&["import", "--data", data, "--kind", "company", text(&companies)]);
    assert!(first.stderr.contains("companies.csv"), "{first:?}");
    assert_eq!(first.ok(), "read 2, created 2, updated 0, unchanged 0, rejected 0\n");
    let second = sluice(&["import", "--data", data, "--kind", "company", text(&companies)]).ok();
    assert_eq!(second, "read 2, created 0, updated 0, unchanged 2, rejected 0\n");

    let rejects = files.path().join("set-aside.csv");
    let args = ["import", "--data", data, "--kind", "person", "--rejects", text(&rejects), text(&people)];
    let third = sluice(&args);
    assert!(third.stderr.contains(text(&rejects)), "{third:?}");
    assert_eq!(third.ok(), "read 5, created 4, updated 0, unchanged 0, rejected 1\n");
    let kept = std::fs::read_to_string(&rejects).expect("rejects");
    assert!(kept.contains("no name") && kept.lines().count() == 2, "{kept}");
    // Without a place for them they lie in the data folder, not beside the file.
    sluice(&["import", "--data", data, "--kind", "person", text(&people)]).ok();
    assert!(folder.path().join("people.csv.rejects.csv").exists());
    assert_eq!(std::fs::read_dir(files.path()).expect("a folder").count(), 3);

    let piped = sluice_reading(&["import", "--data", data, "--kind", "person", "-"], PEOPLE).ok();
    assert!(piped.starts_with("read 3, created 0,"), "{piped}");
}

#[test]
fn a_dry_run_shows_rows_and_makes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let people = write(folder.path(), "people.csv", &format!("{PEOPLE},,,,,\n"));
    let args = ["import", "--data", text(&data), "--kind", "person", "--dry-run", text(&people)];
    let ended = sluice(&args);
    assert!(ended.stderr.contains("title→job_title"), "{ended:?}");
    assert!(ended.stderr.contains("line 5 would be rejected: no name"), "{ended:?}");
    let shown = ended.ok();
    let rows: Vec<Value> =
        serde_json::Deserializer::from_str(&shown).into_iter().collect::<Result<_, _>>().expect("JSON");
    assert_eq!(
        rows.iter().map(|row| row["firstName"].as_str()).collect::<Vec<_>>(),
        [Some("Ann"), Some("Bob"), Some("Cid")]
    );
    assert!(!data.exists(), "a dry run makes no data folder");

    let mapped = ["--map", "title=headline", "--map", "email=-"];
    let shown = sluice(&[&args[..], &mapped[..]].concat()).ok();
    assert!(shown.contains("\"headline\": \"CTO\"") && !shown.contains("ann@acme.example"), "{shown}");
    for (map, part) in [
        ("nope=email", "no column \"nope\"; its columns are first_name, last_name"),
        ("title=nope", "no field \"nope\"; the fields are id, first_name"),
    ] {
        let error = sluice(&[&args[..], &["--map", map]].concat()).fails(1);
        assert!(error.contains(part), "{error}");
    }
    let error = sluice(&["import", "--data", text(&data), "--kind", "person", "missing.csv"]).fails(1);
    assert!(error.contains("missing.csv"), "{error}");
}

#[test]
fn an_import_beside_a_server_is_found_soon_and_only_one_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    let server = Server::start(folder.path(), &[]);
    let client = Client { address: server.address.clone(), token: admin(folder.path()) };
    assert_eq!(count(&client), 0);
    let people = write(files.path(), "people.csv", PEOPLE);
    sluice(&["import", "--data", data, "--kind", "person", text(&people)]).ok();
    let begun = Instant::now();
    while count(&client) != 3 {
        assert!(begun.elapsed() < Duration::from_secs(2), "not found after two seconds");
        std::thread::sleep(Duration::from_millis(20));
    }

    // One that waits for more rows holds the catalog. When the short one beside it was first, the waiting one
    // is the one that is turned away: it is begun again.
    let waiting = || {
        std::process::Command::new(env!("CARGO_BIN_EXE_sluice"))
            .args(["import", "--data", data, "--kind", "person", "-"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("an import")
    };
    let mut first = waiting();
    let begun = Instant::now();
    let error = loop {
        let second = sluice(&["import", "--data", data, "--kind", "person", text(&people)]);
        if second.code == Some(1) {
            break second.fails(1);
        }
        if first.try_wait().expect("a state").is_some() {
            first = waiting();
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "two imports at once: {second:?}");
    };
    assert_eq!(error, "sluice: another import is running on this catalog\n");
    drop(first.stdin.take());
    first.wait().expect("the first import ends");
    sluice(&["import", "--data", data, "--kind", "person", text(&people)]).ok();
    server.stop();
}

#[test]
fn a_sample_is_the_same_for_the_same_seed() {
    let folder = tempfile::tempdir().expect("a folder");
    let companies = write(folder.path(), "companies.csv", COMPANIES);
    let sample =
        |seed: &str| sluice(&["sample", "--people", "50", "--companies", text(&companies), "--seed", seed]);
    let first = sample("7");
    assert_eq!(first.stderr, "50 synthetic people at 2 companies, seed 7\n");
    let first = first.ok();
    assert_eq!(first.lines().count(), 50);
    for line in first.lines() {
        let person: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(person["source"], "synthetic");
    }
    assert_eq!(sample("7").ok(), first);
    assert_ne!(sample("8").ok(), first);
    let out = folder.path().join("people.ndjson");
    let args = ["sample", "--people", "50", "--companies", text(&companies), "--seed", "7", "-o", text(&out)];
    assert_eq!(sluice(&args).ok(), "");
    assert_eq!(std::fs::read_to_string(&out).expect("people"), first);
    // And an import takes it.
    let data = folder.path().join("data");
    let printed = sluice(&["import", "--data", text(&data), "--kind", "person", text(&out)]).ok();
    assert!(printed.starts_with("read 50, created 50,"), "{printed}");

    let mut empty = String::new();
    writeln!(empty, "name").expect("text");
    let empty = write(folder.path(), "empty.csv", &empty);
    let error = sluice(&["sample", "--people", "5", "--companies", text(&empty)]).fails(1);
    assert!(error.contains("holds no companies"), "{error}");
}
