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
fn a_folder_is_imported_in_order_and_a_broken_file_stops_only_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = tempfile::tempdir().expect("a folder");
    let (data, delivery) = (folder.path().join("data"), files.path().join("delivery"));
    std::fs::create_dir_all(delivery.join("more")).expect("folders");
    for (name, content) in [
        ("b.csv", "first_name,last_name,email\nBob,Ray,bob@example.com\n"),
        ("a.tsv", "Vorname\tNachname\tE-Mail\nAnn\tLee\tann@example.com\n"),
        ("more/c.jsonl", "{\"name\":\"Cid Oak\",\"email\":\"cid@example.com\"}\n"),
        ("c.parquet", "PAR1 and no more"),
        ("notes.md", "no data"),
        (".hidden.csv", "first_name\n"),
    ] {
        write(&delivery, name, content);
    }
    let import = ["import", "--data", text(&data), "--kind", "person"];
    let all = sluice(&[&import[..], &[text(&delivery)]].concat());
    assert_eq!(all.code, Some(1));
    assert_eq!(all.stdout, "read 3, created 3, updated 0, unchanged 0, rejected 0\n");
    let at = |name: &str| all.stderr.find(name).unwrap_or_else(|| panic!("{name}: {}", all.stderr));
    assert!(at("a.tsv: read 1") < at("b.csv: read 1") && at("b.csv: read 1") < at("c.jsonl: read 1"));
    at("notes.md is left out: its name does not end as that of a file that is imported\n");
    at("c.parquet: c.parquet cannot be read to its end: ");
    assert!(all.stderr.ends_with("sluice: 1 of 4 files could not be imported\n"), "{}", all.stderr);
    assert!(!all.stderr.contains(".hidden"), "{}", all.stderr);

    // The files of a folder are of one source, so that their ids may meet.
    let rows = sluice(&[&import[..], &["--dry-run", text(&delivery.join("b.csv"))]].concat()).ok();
    assert!(rows.contains("\"source\": \"b\""), "{rows}");
    std::fs::remove_file(delivery.join("c.parquet")).expect("a file");
    let rows = sluice(&[&import[..], &["--dry-run", text(&delivery)]].concat()).ok();
    assert_eq!(rows.matches("\"source\": \"delivery\"").count(), 3, "{rows}");
    let again = sluice(&[&import[..], &[text(&delivery), text(&delivery.join("b.csv"))]].concat()).ok();
    assert_eq!(again, "read 4, created 0, updated 0, unchanged 4, rejected 0\n");

    let alone = write(files.path(), "alone.parquet", "PAR1 and no more");
    let error = sluice(&[&import[..], &[text(&alone)]].concat()).fails(1);
    assert!(error.starts_with("sluice: alone.parquet cannot be read to its end: "), "{error}");
    let empty = files.path().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let error = sluice(&[&import[..], &[text(&empty)]].concat()).fails(1);
    assert_eq!(error, format!("sluice: there is nothing to import in {}\n", text(&empty)));
}

#[test]
fn encoding_and_format_can_be_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = text(folder.path());
    let path = folder.path().join("people.dat");
    std::fs::write(&path, b"first_name,last_name\nJ\xfcrgen,M\xc3\xbcller\n").expect("a file");
    let import = ["import", "--data", data, "--kind", "person", "--dry-run", text(&path)];
    let error = sluice(&[&import[..], &["--format", "doc"]].concat()).fails(2);
    assert!(error.contains("expected csv, ndjson, parquet or xlsx"), "{error}");
    let error = sluice(&[&import[..], &["--encoding", "ascii"]].concat()).fails(2);
    assert!(error.contains("expected one of utf-8, utf-16le, utf-16be, windows-1252"), "{error}");
    let shown = sluice(&[&import[..], &["--format", "csv", "--encoding", "windows-1252"]].concat()).ok();
    assert!(shown.contains("Jürgen") && shown.contains("MÃ¼ller"), "{shown}");
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
    // Another day moves all of it; companies can be written with the sizes that they were given.
    let companies_out = folder.path().join("companies.ndjson");
    let more = ["--as-of", "2020-01-01", "--companies-output", text(&companies_out)];
    let earlier = sluice(&[&args[..], &more[..]].concat()).ok();
    assert_eq!(earlier, "");
    let people = std::fs::read_to_string(&out).expect("people");
    assert!(people.lines().count() == 50 && !people.contains("\"observedAt\":\"202"), "{people}");
    let sized = std::fs::read_to_string(&companies_out).expect("companies");
    assert_eq!(
        (sized.lines().count(), sized.matches("\"foundedYear\":{\"source\":\"synthetic\"").count()),
        (2, 2)
    );
    sluice(&args).ok();
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
