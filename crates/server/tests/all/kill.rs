//! The server is killed twenty times in the middle of its work, and nothing is lost or done twice.

use crate::http::Client;
use crate::program::{PATIENCE, Server, demo_copy, sluice, text};
use serde_json::{Value, json};
use sluice_store::ops::job::{JobCounts, job_counts};
use sluice_store::{Durability, Options, Store, StoreError};
use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

const KILLS: usize = 20;
/// The lease of a dead worker must run out before its run goes on.
const LEASE: [&str; 2] = ["--lease-seconds", "1"];

/// Looks at everybody and takes about half: some twenty thousand decisions, two hundred and fifty at a time.
pub fn icp() -> Value {
    json!({
        "name": "Everybody",
        "leadsPerList": 10_000,
        "leadProviderCriteria": [
            {"provider": "baseProvider", "filters": {"seniority": ["c_suite", "vp", "director"]}},
            {"provider": "baseProvider", "filters": {"company_size": ["1-10", "11-50", "51-200", "201-500"]}},
            {"provider": "baseProvider", "filters": {}},
        ],
        "customFilterCriteria": [
            {"type": "matchFieldWithRegex", "field": "firstName", "regex": "^[A-M]"},
            {"type": "maxPeoplePerCompany", "value": 200},
        ],
    })
}

#[test]
fn runs_survive_twenty_kills() {
    let begun = Instant::now();
    let undisturbed = undisturbed(token);
    println!("an undisturbed run: {} decisions, {:.1} s", undisturbed.1.len(), begun.elapsed().as_secs_f64());

    let folder = demo_copy();
    let data = folder.path();
    let (token, done_before) = (token(data), jobs(data).done);
    let mut chance = Chance(0x5eed);
    let (mut ours, mut runs): (Option<(String, String)>, Vec<String>) = (None, Vec::new());
    let (mut sent, mut acknowledged, mut in_the_middle) = (0, 0, 0);
    let mut before = 0;
    for kill in 0..KILLS {
        let server = Server::start(data, &LEASE);
        let client = Client { address: server.address.clone(), token: token.clone() };
        let (icp, noted) =
            ours.get_or_insert_with(|| (create(&client, &icp()), create(&client, &icp()))).clone();
        // What was answered is there, and at most the one that was not answered besides.
        let found = description(&client, &noted);
        assert!(
            (acknowledged..=sent).contains(&found),
            "answered {acknowledged}, sent {sent}, found {found}"
        );
        if runs.last().is_none_or(|run| status(&client, run).0 != "running") {
            runs.push(generate(&client, &icp));
            before = 0;
        }
        // Kills from the side, so that requests are under way.
        let process = server.running.id();
        let wait = Duration::from_millis(300 + chance.below(1_900));
        let killer = std::thread::spawn(move || {
            std::thread::sleep(wait);
            crate::program::signal(process, "KILL");
        });
        let run = runs.last().expect("a run").clone();
        loop {
            sent += 1;
            let body = json!({"description": sent.to_string()});
            match client.patch(&format!("/api/v1/entities/icps/{noted}"), &body) {
                Ok(reply) => {
                    reply.json(200);
                    acknowledged = sent;
                }
                Err(_) => break,
            }
            let path = format!("/api/v1/operations/runs/{run}");
            let Ok(reply) = client.get(&path) else { break };
            let considered = reply.json(200)["progress"]["considered"].as_u64().expect("a number");
            assert!(considered >= before, "kill {kill}: {considered} after {before}");
            before = considered;
        }
        killer.join().expect("the killer");
        in_the_middle += usize::from(before > 0 && before < undisturbed.1.len() as u64);
    }

    let server = Server::start(data, &LEASE);
    let client = Client { address: server.address.clone(), token };
    for run in &runs {
        assert_eq!(result(&client, run), undisturbed, "run {run}");
    }
    let (_, noted) = ours.expect("the ICPs");
    let found = description(&client, &noted);
    assert!((acknowledged..=sent).contains(&found), "answered {acknowledged}, sent {sent}, found {found}");
    server.stop();
    let done = runs.len() as u64 + done_before;
    assert_eq!(jobs(data), JobCounts { done, ..JobCounts::default() });
    println!(
        "{KILLS} kills, {in_the_middle} in the middle of one of {} runs; {acknowledged} patches answered; {:.1} s",
        runs.len(),
        begun.elapsed().as_secs_f64()
    );
    assert!(in_the_middle >= KILLS / 2, "{in_the_middle} kills in the middle of a run prove little");
}

/// The list and the decisions of a run that nobody disturbs; `token` tells for whom it is made.
pub fn undisturbed(token: fn(&Path) -> String) -> (Vec<String>, Vec<Value>) {
    let folder = demo_copy();
    let server = Server::start(folder.path(), &LEASE);
    let client = Client { address: server.address.clone(), token: token(folder.path()) };
    let icp = create(&client, &icp());
    let run = generate(&client, &icp);
    let result = result(&client, &run);
    server.stop();
    result
}

/// A token of an organisation that has nothing on its suppression list, as the demo's has.
pub fn newcomer(data: &Path) -> String {
    let run = |args: &[&str]| sluice(&[args, &["--data", text(data), "--org", "org_new"]].concat()).ok();
    sluice(&["org", "create", "--data", text(data), "--id", "org_new", "--name", "New"]).ok();
    run(&["user", "create", "--id", "user_new", "--role", "admin"]);
    run(&["token", "create", "--user", "user_new"]).trim().to_owned()
}

fn token(data: &Path) -> String {
    let args = ["token", "create", "--data", text(data), "--org", "org_demo", "--user", "user_admin"];
    sluice(&args).ok().trim().to_owned()
}

fn create(client: &Client, icp: &Value) -> String {
    let mut icp = icp.clone();
    icp["description"] = json!("0");
    let created = client.post("/api/v1/entities/icps", &icp).expect("a reply").json(201);
    created["id"].as_str().expect("an id").to_owned()
}

fn generate(client: &Client, icp: &str) -> String {
    let path = format!("/api/v1/operations/icps/{icp}/generate");
    let run = client.post(&path, &json!({})).expect("a reply").json(202);
    run["run"]["id"].as_str().or_else(|| run["id"].as_str()).expect("an id").to_owned()
}

fn description(client: &Client, icp: &str) -> u64 {
    let icp = client.get(&format!("/api/v1/entities/icps/{icp}")).expect("a reply").json(200);
    icp["description"].as_str().and_then(|text| text.parse().ok()).expect("a number")
}

pub fn status(client: &Client, run: &str) -> (String, Value) {
    let run = client.get(&format!("/api/v1/operations/runs/{run}")).expect("a reply").json(200);
    (run["status"].as_str().expect("a status").to_owned(), run)
}

/// Waits for the end of a run: the catalog ids on its list in their order, and all decisions.
pub fn result(client: &Client, run: &str) -> (Vec<String>, Vec<Value>) {
    let begun = Instant::now();
    let ended = loop {
        let (status, value) = status(client, run);
        if status != "running" && status != "queued" {
            assert_eq!(status, "succeeded", "{value}");
            break value;
        }
        assert!(begun.elapsed() < PATIENCE, "{value}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let list = ended["leadListId"].as_str().expect("a list");
    let leads = client.get(&format!("/api/v1/entities/leads/list/{list}")).expect("a reply").json(200);
    let leads = leads.as_array().expect("an array");
    let base = |lead: &Value| lead["baseProviderId"].as_str().expect("a catalog id").to_owned();
    let bases: Vec<String> = leads.iter().map(base).collect();
    assert_eq!(bases.iter().collect::<HashSet<_>>().len(), bases.len(), "somebody is on the list twice");
    assert_eq!(ended["funnel"]["accepted"].as_u64(), Some(bases.len() as u64));

    let mut decisions: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/operations/runs/{run}/decisions?limit=1000{cursor}");
        let page = client.get(&path).expect("a reply").json(200);
        decisions.extend(page["items"].as_array().expect("an array").iter().cloned());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(ended["funnel"]["considered"].as_u64(), Some(decisions.len() as u64));
    (bases, decisions)
}

/// The queue as the database has it.
fn jobs(data: &Path) -> JobCounts {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let options = Options::Sqlite { path: data.join("sluice.db"), durability: Durability::Full };
        let store = Store::open(options).await.expect("the database");
        let counts =
            store.read_system::<_, StoreError, _>(|tx| Box::pin(async move { job_counts(tx).await }));
        counts.await.expect("the queue")
    })
}

/// Chance that is the same at each run of the tests.
pub struct Chance(pub u64);

impl Chance {
    /// Less than `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
