//! `sluice backup` and `sluice restore`: whole, or not at all.

use super::{COMPANIES, PEOPLE, admin};
use crate::http::Client;
use crate::program::{Server, copy_folder, sluice, text, write};
use serde_json::{Value, json};
use sluice_testdb::Database;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// What happens to a file of a backup.
type Damage<'a> = &'a dyn Fn(&Path);

/// A data folder with an admin, two companies and three people; the admin's token.
fn installation() -> (TempDir, String) {
    let (folder, files) = [(); 2].map(|()| tempfile::tempdir().expect("a folder")).into();
    let data = text(folder.path()).to_owned();
    let token = admin(folder.path());
    for (kind, content) in [("company", COMPANIES), ("person", PEOPLE)] {
        let file = write(files.path(), kind, content);
        let csv = files.path().join(format!("{kind}.csv"));
        std::fs::rename(file, &csv).expect("a name");
        sluice(&["import", "--data", &data, "--kind", kind, text(&csv)]).ok();
    }
    (folder, token)
}

fn icp(name: &str) -> Value {
    json!({"name": name, "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}]})
}

/// What an installation answers: its ICPs' names and how many people it finds.
fn seen(data: &Path, token: &str, more: &[&str]) -> (Vec<String>, u64) {
    let server = Server::start(data, more);
    let client = Client { address: server.address.clone(), token: token.to_owned() };
    let listed = client.get("/api/v1/entities/icps").expect("a reply").json(200);
    let names = listed.as_array().expect("a list").iter().map(|icp| icp["name"].to_string()).collect();
    let count = client.post("/api/v1/operations/prospects/person/count", &json!({})).expect("a reply");
    let people = count.json(200)["totalElements"].as_u64().expect("a number");
    server.stop();
    (names, people)
}

#[test]
fn a_backup_beside_a_server_that_writes_is_restored_whole() {
    let (folder, token) = installation();
    let server = Server::start(folder.path(), &[]);
    let client = Client { address: server.address.clone(), token: token.clone() };
    let places = tempfile::tempdir().expect("a folder");
    let backup = places.path().join("monday");
    let stop = AtomicBool::new(false);
    let (before, written) = std::thread::scope(|scope| {
        let mut before = 0;
        let writer = scope.spawn(|| {
            let mut written = 0_usize;
            while !stop.load(Ordering::SeqCst) {
                client.post("/api/v1/entities/icps", &icp("one more")).expect("a reply").json(201);
                written += 1;
            }
            written
        });
        while before == 0 {
            let listed = client.get("/api/v1/entities/icps").expect("a reply").json(200);
            before = listed.as_array().expect("a list").len();
        }
        let made = sluice(&["backup", "--data", text(folder.path()), text(&backup)]);
        stop.store(true, Ordering::SeqCst);
        assert!(made.ok().is_empty());
        (before, writer.join().expect("the writer"))
    });
    server.stop();
    assert!(sluice(&["backup", "--verify", text(&backup)]).ok().is_empty());

    let restored = places.path().join("restored");
    sluice(&["restore", text(&backup), "--data", text(&restored)]).ok();
    let (names, people) = seen(&restored, &token, &[]);
    assert!((before..=written).contains(&names.len()), "{before} <= {} <= {written}", names.len());
    assert_eq!(people, 3);
    // An import goes on where the saved one ended.
    let more =
        write(places.path(), "more.csv", &PEOPLE.replace("ann@", "eve@").replace("Ann,Lee", "Eve,Ash"));
    sluice(&["import", "--data", text(&restored), "--kind", "person", text(&more)]).ok();
    assert_eq!(seen(&restored, &token, &[]).1, 4);
}

#[test]
fn records_of_a_server_are_restored_to_a_file_and_to_another_server() {
    let (folder, places) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let token = admin(folder.path());
    let [first, second] = [(); 2].map(|()| Database::fresh());
    let records = format!("sqlite:{}/sluice.db", text(folder.path()));
    sluice(&["migrate", "copy", "--from", &records, "--to", &first.url()]).ok();
    let backup = places.path().join("backup");
    let data = text(folder.path());
    sluice(&["backup", "--data", data, "--database", &first.url(), text(&backup)]).ok();
    let (file, server) = (places.path().join("file"), places.path().join("server"));
    sluice(&["restore", text(&backup), "--data", text(&file)]).ok();
    let url = second.url();
    sluice(&["restore", text(&backup), "--data", text(&server), "--database", &url]).ok();
    assert_eq!(seen(&file, &token, &[]), (Vec::new(), 0));
    assert!(!server.join("sluice.db").exists());
    assert_eq!(seen(&server, &token, &["--database", &url]), (Vec::new(), 0));
    // The target has rows by now, and keeps them; the folder is not made.
    let third = places.path().join("third");
    let error = sluice(&["restore", text(&backup), "--data", text(&third), "--database", &url]).fails(1);
    assert!(error.contains("the target is not empty"), "{error}");
    assert!(!third.exists());
}

#[test]
fn a_damaged_backup_is_named_and_the_target_untouched() {
    let (folder, _) = installation();
    let places = tempfile::tempdir().expect("a folder");
    let whole = places.path().join("whole");
    sluice(&["backup", "--data", text(folder.path()), text(&whole)]).ok();
    let segment = std::fs::read_dir(whole.join("catalog/people")).expect("a folder");
    let segment = segment
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|end| end == "store"));
    let segment = segment.expect("a segment").strip_prefix(&whole).expect("below").to_owned();
    let segment = text(&segment);
    let flip = |path: &Path| {
        let mut bytes = std::fs::read(path).expect("a file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).expect("a file");
    };
    let cut = |path: &Path| {
        let bytes = std::fs::read(path).expect("a file");
        std::fs::write(path, &bytes[..bytes.len() - 1]).expect("a file");
    };
    let remove = |path: &Path| std::fs::remove_file(path).expect("a file");
    let newer = |path: &Path| {
        let text = std::fs::read_to_string(path).expect("a file");
        std::fs::write(path, text.replace("\"format\": 1", "\"format\": 2")).expect("a file");
    };
    let foreign = |path: &Path| std::fs::write(path, "x").expect("a file");
    let cases: [(&str, Damage<'_>, &str); 9] = [
        ("sluice.db", &flip, "sluice.db is damaged: its checksum differs"),
        ("sluice.db", &cut, "sluice.db has "),
        ("sluice.db", &remove, "sluice.db is missing"),
        (segment, &flip, "is damaged: its checksum differs"),
        (segment, &remove, "is missing"),
        ("notes.txt", &foreign, "notes.txt does not belong to it"),
        ("manifest.json", &remove, "is no whole backup: cannot read manifest.json"),
        ("manifest.json", &cut, "manifest.json is damaged"),
        ("manifest.json", &newer, "has format 2; this program reads format 1"),
    ];
    for (at, (name, damage, reason)) in cases.into_iter().enumerate() {
        let backup = places.path().join(format!("damaged-{at}"));
        copy_folder(&whole, &backup);
        damage(&backup.join(name));
        let target = places.path().join(format!("target-{at}"));
        // A closing brace is the last byte but one of the manifest, which may miss its end of line.
        if (name, reason) == ("manifest.json", "manifest.json is damaged") {
            damage(&backup.join(name));
        }
        for args in
            [&["restore", text(&backup), "--data", text(&target)][..], &["backup", "--verify", text(&backup)]]
        {
            let error = sluice(args).fails(1);
            assert!(error.contains(reason), "{error}");
            assert!(name == "manifest.json" || error.contains(name), "{error}");
        }
        assert!(!target.exists());
    }
}

#[test]
fn nothing_is_written_over_and_a_killed_backup_is_none() {
    let (folder, token) = installation();
    let places = tempfile::tempdir().expect("a folder");
    let (data, backup) = (text(folder.path()), places.path().join("backup"));
    sluice(&["backup", "--data", data, text(&backup)]).ok();
    let error = sluice(&["backup", "--data", data, text(&backup)]).fails(1);
    assert_eq!(error, format!("sluice: {} is there already\n", backup.display()));
    let error = sluice(&["restore", text(&backup), "--data", data]).fails(1);
    assert!(error.contains("is not empty: restore into a new one"), "{error}");
    assert_eq!(seen(folder.path(), &token, &[]).1, 3);
    // As after a kill: what is not whole has another name, and no manifest.
    let partial = places.path().join("later.partial");
    std::fs::create_dir(&partial).expect("a folder");
    std::fs::copy(backup.join("sluice.db"), partial.join("sluice.db")).expect("a copy");
    let (later, target) = (places.path().join("later"), places.path().join("target"));
    for from in [&later, &partial] {
        let error = sluice(&["restore", text(from), "--data", text(&target)]).fails(1);
        assert!(error.contains("is no whole backup"), "{error}");
    }
    let error = sluice(&["backup", "--data", data, text(&later)]).fails(1);
    assert!(error.contains("left by a backup that was killed? remove it"), "{error}");
    // And after a restore that was killed, no program takes the folder for a whole one.
    std::fs::create_dir_all(target.join(".restoring")).expect("a folder");
    let error = sluice(&["serve", "--listen", "127.0.0.1:0", "--data", text(&target)]).fails(1);
    assert!(error.contains("did not finish"), "{error}");
    let mode = Command::new("stat").args(["-c", "%a", text(&backup)]).output().expect("stat runs");
    assert_eq!(String::from_utf8_lossy(&mode.stdout), "700\n");
}
