//! Two servers and four workers on one database.

use super::rig::{ORGANISATION, Rig, wait};
use crate::http::Client;
use crate::program::PATIENCE;
use serde_json::json;
use sluice_testdb::Database;
use std::collections::HashSet;
use std::time::Instant;

/// Runs that one, two and four workers get.
const RUNS: [(usize, usize); 3] = [(1, 200), (2, 300), (4, 500)];

#[test]
fn two_servers_and_four_workers_finish_a_thousand_runs_once_each() {
    let database = Database::fresh();
    // The first of the two servers; the workers come in stages.
    let mut rig = Rig::start(Some(&database.url()), 1);
    let second = rig.serve("0");
    let clients = [rig.line.targeting(), Client { address: second.address.clone(), ..rig.line.targeting() }];
    let icp = json!({"name": "Five", "leadsPerList": 5,
        "leadProviderCriteria": [{"provider": "baseProvider", "filters": {"seniority": ["c_suite"]}}]});
    let icp = clients[0].post("/api/v1/entities/icps", &icp).expect("a reply").json(201);
    let path = format!("/api/v1/operations/icps/{}/generate", icp["id"].as_str().expect("an id"));

    let mut started = HashSet::new();
    for (workers, runs) in RUNS {
        // They wait until all are queued, so that the figure is theirs.
        rig.stop_workers();
        for number in 0..runs {
            let run = clients[number % 2].post(&path, &json!({})).expect("a reply").json(202);
            assert!(started.insert(run["run"]["id"].as_str().expect("an id").to_owned()));
        }
        let begun = Instant::now();
        rig.add_workers(workers);
        let done = format!(
            "SELECT 1 / (CASE WHEN COUNT(*) = {} THEN 1 ELSE 0 END) FROM run WHERE status = 'succeeded'",
            started.len()
        );
        let what = format!("{workers} workers finish {runs} runs");
        wait(PATIENCE * 2, || database.try_run(&done), &what);
        let took = begun.elapsed().as_secs_f64();
        println!("{workers} workers: {runs} runs in {took:.1} s, {:.0} a second", runs as f64 / took);
    }

    // Each run once: one list with five leads, one set of decisions, one job that nobody began twice.
    let total = started.len();
    assert_eq!(total, 1_000);
    for (what, sql) in [
        ("runs", format!("SELECT COUNT(*) = {total} FROM run WHERE organisation_id = '{ORGANISATION}'")),
        (
            "lists",
            format!("SELECT COUNT(DISTINCT lead_list_id) = {total} FROM run WHERE lead_list_id IS NOT NULL"),
        ),
        ("lists besides", format!("SELECT COUNT(*) = {total} FROM lead_list")),
        ("leads", format!("SELECT COUNT(*) = {} FROM lead_list_item", 5 * total)),
        (
            "jobs",
            format!(
                "SELECT COUNT(*) = {total} FROM job WHERE kind = 'run' AND state = 'done' AND attempts = 1"
            ),
        ),
    ] {
        let held = format!("SELECT 1 / (CASE WHEN ({sql}) THEN 1 ELSE 0 END)");
        assert!(database.try_run(&held), "{what}");
    }
    for run in &started {
        let run = clients[0].get(&format!("/api/v1/operations/runs/{run}")).expect("a reply").json(200);
        assert_eq!((&run["status"], &run["funnel"]["accepted"]), (&json!("succeeded"), &json!(5)), "{run}");
    }
    second.stop();
    rig.stop();
}
