//! Runs beside the faults, compared with one that nobody disturbs.

use super::rig::{Line, insist};
use crate::kill::{icp, result};
use serde_json::{Value, json};

/// The list and the decisions of a run.
pub type Outcome = (Vec<String>, Vec<Value>);

/// One ICP, and its runs so far.
pub struct Runs {
    icp: String,
    runs: Vec<String>,
    before: u64,
    /// Faults that came in the middle of a run.
    pub disturbed: usize,
}

impl Runs {
    pub fn new(line: &Line) -> Self {
        let created =
            insist(|| line.targeting().post("/api/v1/entities/icps", &icp()), |reply| reply.json(201));
        let icp = created["id"].as_str().expect("an id").to_owned();
        Self { icp, runs: Vec::new(), before: 0, disturbed: 0 }
    }

    /// Sees that a run is under way, and that it never goes back.
    pub fn look(&mut self, line: &Line) {
        if let Some(run) = self.runs.last() {
            let path = format!("/api/v1/operations/runs/{run}");
            let run = insist(|| line.targeting().get(&path), |reply| reply.json(200));
            let considered = run["progress"]["considered"].as_u64().expect("a number");
            assert!(considered >= self.before, "{considered} after {}: {run}", self.before);
            self.before = considered;
            if matches!(run["status"].as_str(), Some("queued" | "running")) {
                self.disturbed += usize::from(considered > 0);
                return;
            }
        }
        let key = format!("run-{}", self.runs.len());
        let path = format!("/api/v1/operations/icps/{}/generate", self.icp);
        // Sent again after a fault, it is the same run.
        let run = insist(
            || line.targeting().send("POST", &path, Some(&json!({})), &[("Idempotency-Key", &key)]),
            |reply| reply.json(202),
        );
        self.runs.push(run["run"]["id"].as_str().expect("an id").to_owned());
        self.before = 0;
    }

    /// Waits for all runs, and compares them. Returns how many there were.
    pub fn check(&self, line: &Line, undisturbed: &Outcome) -> usize {
        let client = line.targeting();
        for run in &self.runs {
            assert_eq!(&result(&client, run), undisturbed, "run {run}");
        }
        let listed = client.get("/api/v1/operations/runs").expect("a reply").json(200);
        let listed = listed.as_array().expect("runs").len();
        assert_eq!(listed, self.runs.len(), "a run was started twice");
        self.runs.len()
    }
}
