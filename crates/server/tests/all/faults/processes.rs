//! Servers and workers are killed.

use super::crowd::Crowd;
use super::rig::Rig;
use super::runs::Runs;
use crate::kill::{Chance, newcomer, undisturbed};
use sluice_testdb::Database;
use std::time::{Duration, Instant};

const ROUNDS: usize = 40;

#[test]
fn on_sqlite_a_server_and_its_worker_survive_forty_kills() {
    survive("SQLite", None, 1);
}

#[test]
fn on_postgres_a_server_and_its_workers_survive_forty_kills() {
    let database = Database::fresh();
    survive("PostgreSQL", Some(&database.url()), 2);
}

fn survive(name: &str, database: Option<&str>, workers: usize) {
    let undisturbed = undisturbed(newcomer);
    let begun = Instant::now();
    let mut rig = Rig::start(database, workers);
    let line = rig.line.clone();
    let crowd = Crowd::start(&line);
    let mut runs = Runs::new(&line);
    let mut chance = Chance(0x5eed);
    for _ in 0..ROUNDS {
        runs.look(&line);
        std::thread::sleep(Duration::from_millis(50 + chance.below(500)));
        let processes = rig.processes() as u64;
        rig.kill(usize::try_from(chance.below(processes)).expect("a small number"));
    }
    let wrote = crowd.check(&line);
    let ended = runs.check(&line, &undisturbed);
    println!(
        "{name}: {ROUNDS} rounds of kill -9, {} in the middle of one of {ended} runs; {wrote}; {:.1} s",
        runs.disturbed,
        begun.elapsed().as_secs_f64()
    );
    assert!(runs.disturbed >= ROUNDS / 4, "{} kills in the middle of a run prove little", runs.disturbed);
    rig.stop();
}
