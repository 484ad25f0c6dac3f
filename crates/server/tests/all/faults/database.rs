//! The database goes away and comes back.

use super::crowd::Crowd;
use super::rig::{Rig, insist, wait};
use super::runs::Runs;
use crate::kill::{newcomer, undisturbed};
use crate::program::PATIENCE;
use serde_json::json;
use sluice_testdb::{Restart, Server};
use std::time::{Duration, Instant};

const ROUNDS: usize = 12;

#[test]
fn postgres_restarts_and_cut_connections_lose_nothing() {
    let undisturbed = undisturbed(newcomer);
    let begun = Instant::now();
    let postgres = Server::start().expect("a server of its own");
    let url = postgres.database("faults");
    let rig = Rig::start(Some(&url), 2);
    let line = rig.line.clone();
    let crowd = Crowd::start(&line);
    let mut runs = Runs::new(&line);
    for round in 0..ROUNDS {
        runs.look(&line);
        std::thread::sleep(Duration::from_millis(300));
        match round % 3 {
            0 => postgres.run("faults", CUT),
            // As after a crash: the server replays its log.
            1 => postgres.restart(Restart::Immediate),
            _ => postgres.restart(Restart::Fast),
        }
    }
    let wrote = crowd.check(&line);
    let ended = runs.check(&line, &undisturbed);
    println!(
        "PostgreSQL: {ROUNDS} rounds of restarts and cut connections, {ended} runs; {wrote}; {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    rig.stop();
}

/// Cuts all connections but its own.
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
                   AND backend_type = 'client backend'";

#[test]
fn a_replica_that_lags_is_behind_and_loses_nothing() {
    let primary = Server::start().expect("a server of its own");
    let url = primary.database("faults");
    let replica = primary.replica().expect("a replica");
    let rig = Rig::start_with(Some(&url), &["--database-replica", &replica.url("faults")], 1);
    let line = rig.line.clone();
    let create = |name: &str| {
        let body =
            json!({"name": name, "leadProviderCriteria": [{"provider": "baseProvider", "filters": {}}]});
        let icp = insist(|| line.targeting().post("/api/v1/entities/icps", &body), |reply| reply.json(201));
        format!("/api/v1/entities/icps/{}", icp["id"].as_str().expect("an id"))
    };
    let name = |path: &str| insist(|| line.targeting().get(path), |reply| reply.json(200))["name"].clone();
    let icp = create("First");
    wait(
        PATIENCE,
        || line.targeting().get(&icp).is_ok_and(|reply| reply.status == 200),
        "the replica gets the ICP",
    );

    replica.run("postgres", "SELECT pg_wal_replay_pause()");
    let first = line.targeting().patch(&icp, &json!({"name": "Second"})).expect("a reply").json(200);
    assert_eq!(first["name"], "Second", "a write answers what it wrote");
    assert_eq!(name(&icp), "First", "reads are behind");
    // A write builds on what was written, not on what the replica shows.
    let second = line.targeting().patch(&icp, &json!({"leadsPerList": 7})).expect("a reply").json(200);
    assert_eq!((&second["name"], &second["leadsPerList"]), (&json!("Second"), &json!(7)));
    // Work goes on: jobs are claimed and noted on the primary.
    let started =
        line.targeting().post(&format!("{}/generate", icp.replace("entities", "operations")), &json!({}));
    let run = started.expect("a reply").json(202)["run"]["id"].as_str().expect("an id").to_owned();
    let done = format!("SELECT 1 / (SELECT COUNT(*) FROM run WHERE id = '{run}' AND status = 'succeeded')");
    wait(PATIENCE, || primary.try_run("faults", &done), "the run ends while the replica stands still");

    replica.run("postgres", "SELECT pg_wal_replay_resume()");
    wait(PATIENCE, || name(&icp) == "Second", "the replica catches up");
    let run = line.targeting().get(&format!("/api/v1/operations/runs/{run}")).expect("a reply").json(200);
    assert_eq!((&run["status"], &run["funnel"]["accepted"]), (&json!("succeeded"), &json!(7)));
    rig.stop();
}
