//! `sluice icp`.

use super::{COMPANIES, PEOPLE, admin};
use crate::http::Client;
use crate::program::{Ended, Server, sluice, sluice_reading, text, write};
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const ICP: &str = r#"{
    "name": "Technology leaders",
    "leadsPerList": 5,
    "leadProviderCriteria": [{"provider": "baseProvider", "filters": {"job_titles": ["CTO", "Head of Sales"]}}],
    "customFilterCriteria": [{"type": "maxPeoplePerCompany", "value": 1}]
}"#;

struct Lab {
    folder: TempDir,
    files: TempDir,
    icp: String,
}

impl Lab {
    fn new() -> Self {
        let (folder, files) =
            (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        for (kind, rows) in [("company", COMPANIES), ("person", PEOPLE)] {
            let file = write(files.path(), &format!("{kind}.csv"), rows);
            sluice(&["import", "--data", text(folder.path()), "--kind", kind, text(&file)]).ok();
        }
        let icp = text(&write(files.path(), "icp.json", ICP)).to_owned();
        Self { folder, files, icp }
    }

    fn icp(&self, command: &str, more: &[&str]) -> Ended {
        let args = ["icp", command, "--data", text(self.folder.path()), &self.icp];
        sluice(&[&args[..], more].concat())
    }
}

#[test]
fn validate_names_every_fault_with_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = write(folder.path(), "good.json", ICP);
    let ended = sluice(&["icp", "validate", text(&good)]);
    assert_eq!((ended.stderr.as_str(), ended.stdout.as_str(), ended.code), ("", "valid\n", Some(0)));
    assert_eq!(sluice_reading(&["icp", "validate", "-"], ICP).ok(), "valid\n");

    let faulty = json!({
        "name": "",
        "leadsPerList": 0,
        "leadProviderCriteria": [
            {"provider": "baseProvider", "filters": {"job_title": 5}},
        ],
        "customFilterCriteria": [
            {"type": "matchFieldWithRegex", "field": "firstName", "regex": "(?=x)"},
            {"type": "maxPercentFromCRM", "value": 101},
            {"type": "wish"},
        ],
        "colour": "red",
    });
    let faulty = write(folder.path(), "faulty.json", &faulty.to_string());
    let error = sluice(&["icp", "validate", text(&faulty)]).fails(1);
    for path in [
        "name",
        "leadsPerList",
        "leadProviderCriteria[0].filters.job_title",
        "customFilterCriteria[0].regex",
        "customFilterCriteria[1].value",
        "customFilterCriteria[2].type",
        "colour",
    ] {
        assert!(error.lines().any(|line| line.trim_start().starts_with(path)), "{path}: {error}");
    }
    assert_eq!(error.lines().next(), Some("sluice: invalid"));

    let mixed = json!({"name": "Mixed", "leadProviderCriteria": [
        {"provider": "baseProvider", "type": "person", "filters": {}},
        {"provider": "baseProvider", "type": "company", "filters": {}},
    ]});
    let error = sluice_reading(&["icp", "validate", "-"], &mixed.to_string()).fails(1);
    assert!(error.contains("either people or companies"), "{error}");
    for (input, part) in [("{", "JSON"), ("", "JSON"), (r#"{"name": "a", "name": "b"}"#, "name")] {
        let error = sluice_reading(&["icp", "validate", "-"], input).fails(1);
        assert!(error.contains(part), "{input}: {error}");
    }
    assert!(sluice(&["icp", "validate", "missing.json"]).fails(1).contains("missing.json"));
}

#[test]
fn leads_are_printed_alone_in_each_form() {
    let lab = Lab::new();
    let table = lab.icp("run", &[]);
    assert!(table.stderr.contains("considered") && table.stderr.contains("company is full"), "{table:?}");
    let table = table.ok();
    assert!(table.contains("Bob Ray") && !table.contains("considered"), "{table}");

    let run: Value = serde_json::from_str(&lab.icp("run", &["--format", "json"]).ok()).expect("JSON");
    let leads = run["leads"].as_array().expect("leads");
    assert_eq!((leads.len(), run["funnel"]["considered"].as_u64()), (2, Some(3)));
    let preview: Value = serde_json::from_str(&lab.icp("preview", &["--format", "json"]).ok()).expect("JSON");
    assert_eq!((&preview["funnel"], &preview["leads"]), (&run["funnel"], &run["leads"]));

    let printed = lab.icp("run", &["--format", "csv"]).ok();
    let mut rows = csv::Reader::from_reader(printed.as_bytes());
    let names = rows.headers().expect("a header").clone();
    assert_eq!(names.iter().take(3).collect::<Vec<_>>(), ["id", "firstName", "lastName"]);
    let rows: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>().expect("rows");
    let ids: Vec<&str> = leads.iter().map(|lead| lead["baseProviderId"].as_str().expect("an id")).collect();
    assert_eq!(rows.iter().map(|row| &row[0]).collect::<Vec<_>>(), ids);

    let one: Value =
        serde_json::from_str(&lab.icp("run", &["--format", "json", "--leads", "1"]).ok()).expect("JSON");
    assert_eq!((one["target"].as_u64(), one["leads"].as_array().map(Vec::len)), (Some(1), Some(1)));
}

#[test]
fn decisions_are_written_one_a_line() {
    let lab = Lab::new();
    let file = lab.files.path().join("decisions.ndjson");
    lab.icp("run", &["--decisions", text(&file)]).ok();
    let decisions: Vec<Value> = std::fs::read_to_string(&file)
        .expect("decisions")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let seen: Vec<_> = decisions
        .iter()
        .map(|one| (one["sequence"].as_u64(), one["verdict"].as_str(), one["reason"].as_str()))
        .collect();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().zip(1..).all(|(one, at)| one.0 == Some(at)), "{seen:?}");
    assert_eq!(seen.iter().filter(|one| one.1 == Some("accepted")).count(), 2);
    assert!(seen.iter().any(|one| one.1 == Some("dropped") && one.2 == Some("company is full")), "{seen:?}");
}

#[test]
fn an_organisation_brings_its_suppression_list() {
    let lab = Lab::new();
    let data = lab.folder.path();
    let error = lab.icp("run", &["--org", "org_acme"]).fails(1);
    assert_eq!(error, "sluice: Organisation not found: org_acme\n");
    let token = admin(data);
    let server = Server::start(data, &[]);
    let client = Client { address: server.address.clone(), token };
    let entry = json!({"kind": "domain", "value": "acme.example", "reason": "a customer"});
    assert_eq!(client.post("/api/v1/operations/suppressions", &entry).expect("a reply").status / 100, 2);
    // Beside the server, and without writing anything.
    let count = |more: &[&str]| {
        let printed = lab.icp("run", &[&["--format", "json"], more].concat()).ok();
        let run: Value = serde_json::from_str(&printed).expect("JSON");
        run["funnel"]["accepted"].as_u64()
    };
    assert_eq!(count(&["--org", "org_acme"]), Some(1));
    assert_eq!(count(&[]), Some(2));
    let lists = client.get("/api/v1/entities/leadlists").expect("a reply").json(200);
    assert_eq!(lists, json!([]));
    server.stop();
}

#[test]
fn what_is_not_connected_fails_a_run_and_is_told_by_a_preview() {
    let mut lab = Lab::new();
    let mut icp: Value = serde_json::from_str(ICP).expect("JSON");
    icp["customFilterCriteria"] =
        json!([{"type": "ai", "entityType": "person", "prompt": "Is this a person?"}]);
    lab.icp = text(&write(lab.files.path(), "paid.json", &icp.to_string())).to_owned();
    let error = lab.icp("run", &[]).fails(1);
    assert_eq!(error, "sluice: Missing connector: ai model (for ai)\n");
    let preview = lab.icp("preview", &["--format", "json"]);
    assert!(preview.stderr.contains("not connected, so not applied: ai model (for ai)"), "{preview:?}");
    let preview: Value = serde_json::from_str(&preview.ok()).expect("JSON");
    assert_eq!(preview["estimate"]["calls"].as_u64(), Some(3));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let lab = Lab::new();
    for args in [
        vec!["openapi", "targeting"],
        vec!["completions", "bash"],
        vec!["icp", "run", "--format", "json", "--data", text(lab.folder.path()), &lab.icp],
    ] {
        let error = ended_without_reader(&args);
        assert!(!error.contains("panicked"), "{args:?}: {error}");
    }
}

/// Runs a command whose standard output nobody reads.
fn ended_without_reader(args: &[&str]) -> String {
    let mut child = Command::new(Path::new(env!("CARGO_BIN_EXE_sluice")))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let mut error = String::new();
    child.stderr.take().expect("its errors").read_to_string(&mut error).expect("text");
    assert_eq!(child.wait().expect("an end").code(), Some(0), "{args:?}: {error}");
    error
}
