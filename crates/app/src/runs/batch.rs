//! What a run brings to one commit.

use crate::accounts::bridge::Synced;
use crate::error::Result;
use crate::evidence::Stop;
use crate::leads::{NewCompany, NewPerson};
use crate::pipeline::{Candidate, Feed, Judged, Line, Recheck, Record, Rules, is_of_outside};
use sluice_model::run::{Cost, RunCost, RunStatus};
use sluice_model::{Run, Verdict};
use sluice_store::ops::decision::NewDecision;

/// Decisions with all that follows from them.
#[derive(Clone)]
pub(super) struct Batch {
    pub run: Run,
    pub cursor: String,
    pub judged: Vec<NewDecision>,
    pub leads: Vec<NewPerson>,
    pub companies: Vec<NewCompany>,
    /// What becomes accounts and prospects, if leads are to.
    pub synced: Option<Vec<Synced>>,
    /// Those who were accepted.
    pub recheck: Recheck,
    /// What its decisions have cost.
    decided: Cost,
}

/// Why a run ends: by default because there are no more candidates.
#[derive(Clone, Debug, Default)]
pub(super) struct End {
    stopped_by: Option<&'static str>,
    error: Option<String>,
}

impl End {
    /// By this.
    pub fn by(name: &'static str) -> Self {
        Self { stopped_by: Some(name), error: None }
    }

    /// Because no further call can be made.
    pub fn of(stop: &Stop) -> Self {
        Self { stopped_by: Some(stop.name()), error: stop.text().map(str::to_owned) }
    }
}

impl Batch {
    /// Without decisions yet.
    pub fn of(run: &Run, sync_accounts: bool, recheck: Recheck) -> Self {
        Self {
            run: run.clone(),
            cursor: String::new(),
            judged: Vec::new(),
            leads: Vec::new(),
            companies: Vec::new(),
            synced: sync_accounts.then(Vec::new),
            recheck,
            decided: Cost::default(),
        }
    }

    /// Whether there is anything to be committed: decisions, or what calls have cost that are under way.
    pub fn has_news(&self, line: &Line<'_>) -> bool {
        let RunCost { credits, calls, .. } = self.run.cost;
        !self.judged.is_empty() || (line.looks_outside() && line.spent() != Cost { credits, calls })
    }

    /// Brings the run up to date: how far it is, what it has cost, and whether it has ended.
    pub fn complete(&mut self, line: &Line<'_>, feed: &Feed<'_>, end: Option<End>) -> Result<()> {
        self.cursor = serde_json::to_string(&feed.decided())?;
        let run = &mut self.run;
        run.progress.considered = run.funnel.considered;
        run.progress.accepted = run.funnel.accepted;
        if line.looks_outside() {
            run.stage = "evidence".to_owned();
            run.cost = cost_of(run.cost, self.decided, line.spent());
        }
        if let Some(End { stopped_by, error }) = end {
            run.status = RunStatus::Succeeded;
            run.stage = "done".to_owned();
            run.stopped_by = stopped_by.map(str::to_owned);
            run.error = error;
        }
        Ok(())
    }

    /// Adds a decision.
    pub fn add(&mut self, rules: &Rules, candidate: Candidate, judged: Judged) -> Result<()> {
        let Judged { decision, trace } = judged;
        let reason = decision.reason.as_deref().unwrap_or_default();
        self.run.funnel.count(decision.verdict, decision.stage, reason);
        self.decided += decision.cost;
        // Whom the catalog does not have cannot be looked up when they are tried again.
        let is_kept = decision.verdict == Verdict::Unknown && is_of_outside(rules, &candidate.sources);
        self.judged.push(match &candidate.record {
            Record::Person(lead) if is_kept => NewDecision::with_record(&decision, trace, lead)?,
            Record::Company(company) if is_kept => NewDecision::with_record(&decision, trace, company)?,
            _ => NewDecision::of(&decision, trace)?,
        });
        if decision.verdict == Verdict::Accepted {
            self.recheck.add(&candidate);
            if let Some(synced) = &mut self.synced {
                synced.push(Synced::of(&candidate.record, &decision));
            }
            match candidate.record {
                Record::Person(lead) => {
                    self.leads.push(NewPerson::of(*lead).taken_from(&candidate.sources));
                }
                Record::Company(company) => self.companies.push(NewCompany::of(*company)),
            }
        }
        Ok(())
    }
}

/// What a run has cost when so much more was decided and `spent` is all that was spent: what came to no decision is, or
/// was so far, not needed.
fn cost_of(before: RunCost, decided: Cost, spent: Cost) -> RunCost {
    let needed = |all: u64, unneeded: u64, more: u64| all.saturating_sub(unneeded).saturating_add(more);
    RunCost {
        calls: spent.calls,
        credits: spent.credits,
        unneeded: Cost {
            calls: spent.calls.saturating_sub(needed(before.calls, before.unneeded.calls, decided.calls)),
            credits: spent.credits.saturating_sub(needed(
                before.credits,
                before.unneeded.credits,
                decided.credits,
            )),
        },
    }
}

/// What a run has cost that ends without the decisions that the cost `last` was reckoned with, after those at `kept`.
pub(super) fn without_decided(last: RunCost, kept: RunCost) -> RunCost {
    cost_of(kept, Cost::default(), Cost { credits: last.credits, calls: last.calls })
}

/// What a run has cost so far, with what was spent since its last commit.
pub(super) fn cost_so_far(run: &Run, line: &Line<'_>) -> RunCost {
    if line.looks_outside() { cost_of(run.cost, Cost::default(), line.spent()) } else { run.cost }
}
