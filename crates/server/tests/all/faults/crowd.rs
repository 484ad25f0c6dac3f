//! People who write all the time and note what was answered; afterwards the notes are compared with what is there.

use super::rig::{Line, insist};
use crate::http::Reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Prospects that logs are about.
const PROSPECTS: u64 = 5;

/// One who changes an ICP, and what was answered.
struct Patches {
    icp: String,
    sent: u64,
    answered: Vec<u64>,
}

/// One who logs what prospects do: each log by its idempotency key, with its id and its prospect.
struct Logs {
    answered: BTreeMap<String, (String, String)>,
    again: u64,
}

/// One who adds accounts: domain and id.
type Accounts = BTreeMap<String, String>;

/// All of them at work.
pub struct Crowd {
    stop: Arc<AtomicBool>,
    patches: Vec<JoinHandle<Patches>>,
    logs: Vec<JoinHandle<Logs>>,
    accounts: JoinHandle<Accounts>,
}

impl Crowd {
    /// Sets them to work.
    pub fn start(line: &Line) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let patches = (0..2)
            .map(|_| {
                let (line, stop) = (line.clone(), stop.clone());
                std::thread::spawn(move || patch(&line, &stop))
            })
            .collect();
        let logs = (0..2)
            .map(|who| {
                let (line, stop) = (line.clone(), stop.clone());
                std::thread::spawn(move || log(&line, &stop, who))
            })
            .collect();
        let accounts = {
            let (line, stop) = (line.clone(), stop.clone());
            std::thread::spawn(move || add_accounts(&line, &stop))
        };
        Self { stop, patches, logs, accounts }
    }

    /// Lets them finish, compares, and tells how much there was.
    pub fn check(self, line: &Line) -> String {
        self.stop.store(true, Ordering::SeqCst);
        let mut patched = 0;
        for patches in self.patches {
            let patches = patches.join().expect("one who patches");
            patched += patches.answered.len();
            check_patches(line, &patches);
        }
        let logs: Vec<Logs> = self.logs.into_iter().map(|logs| logs.join().expect("one who logs")).collect();
        check_logs(line, &logs);
        let accounts = self.accounts.join().expect("one who adds accounts");
        check_accounts(line, &accounts);
        let logged: usize = logs.iter().map(|logs| logs.answered.len()).sum();
        let again: u64 = logs.iter().map(|logs| logs.again).sum();
        assert!(patched > 0 && logged > 0 && !accounts.is_empty(), "{patched} {logged} {}", accounts.len());
        format!("{patched} patches, {logged} logs ({again} sent again), {} accounts", accounts.len())
    }
}

fn patch(line: &Line, stop: &AtomicBool) -> Patches {
    let body = json!({"name": "Noted", "description": "0", "leadProviderCriteria": []});
    let icp = insist(|| line.targeting().post("/api/v1/entities/icps", &body), |reply| reply.json(201));
    let icp = icp["id"].as_str().expect("an id").to_owned();
    let mut patches = Patches { icp, sent: 0, answered: Vec::new() };
    while !stop.load(Ordering::SeqCst) {
        patches.sent += 1;
        let path = format!("/api/v1/entities/icps/{}", patches.icp);
        match line.targeting().patch(&path, &json!({"description": patches.sent.to_string()})) {
            Ok(reply) if reply.status != 503 => {
                reply.json(200);
                patches.answered.push(patches.sent);
            }
            _ => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    }
    patches
}

/// The ICP's history has each answered patch once, in order, and nothing that was not sent.
fn check_patches(line: &Line, patches: &Patches) {
    let mut found: Vec<u64> = Vec::new();
    let mut before = String::new();
    loop {
        let path = format!("/api/v1/entities/icps/{}/versions?limit=100{before}", patches.icp);
        let page = insist(|| line.targeting().get(&path), |reply| reply.json(200));
        let page = page.as_array().expect("versions");
        let Some(last) = page.last() else { break };
        before = format!("&before={}", last["version"]);
        found.extend(page.iter().map(|version| {
            let text = version["icp"]["description"].as_str().expect("a description");
            text.parse::<u64>().expect("a number")
        }));
    }
    found.reverse();
    assert!(
        found.windows(2).all(|two| two[0] < two[1]),
        "a patch is there twice, or out of order: {found:?}"
    );
    assert!(found.last().is_some_and(|last| *last <= patches.sent), "what nobody sent: {found:?}");
    let lost: Vec<&u64> =
        patches.answered.iter().filter(|patch| found.binary_search(patch).is_err()).collect();
    assert_eq!(lost, Vec::<&u64>::new(), "patches that were answered are lost");
}

/// What was made now, or by the same request before.
fn made(reply: Reply) -> Value {
    let status = if reply.status == 200 { 200 } else { 201 };
    reply.json(status)
}

fn log(line: &Line, stop: &AtomicBool, who: u64) -> Logs {
    let mut logs = Logs { answered: BTreeMap::new(), again: 0 };
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) {
        number += 1;
        let key = format!("log-{who}-{number}");
        // Both write about the same few prospects, so that they get in each other's way.
        let body = json!({"source": "test", "type": "page-view", "payload": {"number": number},
            "email": format!("p{}@acme.example", number % PROSPECTS), "idempotencyKey": key});
        let mut tries = 0;
        let receipt = insist(
            || {
                tries += 1;
                line.accounts().post("/v0/prospect_logs", &body)
            },
            made,
        );
        logs.again += tries - 1;
        let text = |name: &str| receipt[name].as_str().expect("an id").to_owned();
        logs.answered.insert(key, (text("prospectLogId"), text("prospectId")));
    }
    logs
}

/// Each prospect has the logs that were answered, each once, and no others.
fn check_logs(line: &Line, all: &[Logs]) {
    let mut expected: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, prospect) in all.iter().flat_map(|logs| logs.answered.values()) {
        expected.entry(prospect).or_default().push(id);
    }
    assert_eq!(expected.len() as u64, PROSPECTS, "one prospect per address");
    for (prospect, mut ids) in expected {
        let path = format!("/v0/prospects/{prospect}/logs?limit=100");
        let mut found = all_items(line, &path, "prospectLogId");
        ids.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, ids, "logs of {prospect}");
    }
}

fn add_accounts(line: &Line, stop: &AtomicBool) -> Accounts {
    let mut accounts = Accounts::new();
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) {
        number += 1;
        let domain = format!("company-{number}.example");
        let body = json!({"domain": domain, "name": "Company"});
        let account = insist(|| line.accounts().post("/v0/accounts", &body), made);
        accounts.insert(domain, account["accountId"].as_str().expect("an id").to_owned());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    accounts
}

/// There are these accounts, each once, beside those that prospects brought.
fn check_accounts(line: &Line, accounts: &Accounts) {
    let mut found = all_items(line, "/v0/accounts?limit=100", "accountId");
    found.sort_unstable();
    let before = found.len();
    found.dedup();
    assert_eq!(found.len(), before, "an account is listed twice");
    for (domain, id) in accounts {
        assert!(found.binary_search(id).is_ok(), "the account of {domain} is lost");
    }
    assert!(found.len() <= accounts.len() + 1, "{} accounts for {} domains", found.len(), accounts.len() + 1);
}

/// This member of all items of a listing.
fn all_items(line: &Line, path: &str, member: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page: Value = insist(|| line.accounts().get(&format!("{path}{cursor}")), |reply| reply.json(200));
        let items = page["items"].as_array().expect("items");
        found.extend(items.iter().map(|item| item[member].as_str().expect("an id").to_owned()));
        let Some(next) = page["nextCursor"].as_str() else { return found };
        cursor = format!("&cursor={next}");
    }
}
