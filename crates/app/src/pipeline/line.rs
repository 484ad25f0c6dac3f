//! Brings candidates to the judge in order, while the evidence of those behind is looked up ahead.

use super::candidate::Candidate;
use super::facts::Facts;
use super::judge::{Judge, Judged, Screened};
use super::plan::Rules;
use crate::connectors::Connected;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::{Check, Inspection, Inspector, Spending, Stop, Subject};
use sluice_model::Verdict;
use sluice_model::run::{Budget, Cost};
use std::collections::{HashMap, VecDeque};
use std::panic::resume_unwind;
use std::sync::Arc;
use tokio::task::{AbortHandle, JoinSet};
use uuid::Uuid;

/// How many candidates a line holds that were looked at, for each that may be looked up ahead: those who need no
/// evidence wait as well behind one whose evidence is slow.
const SLOTS: usize = 16;

/// What a line does next.
#[derive(Debug)]
pub enum Step {
    /// One more candidate is decided.
    Decided(Box<(Candidate, Judged)>),
    /// As many are accepted as were asked for.
    Full,
    /// The next candidate's checks cannot be paid for.
    Stopped(Stop),
    /// More candidates could be looked at.
    Hungry,
    /// The next candidate's evidence is not there yet.
    Waiting,
}

/// What is to be checked outside, and how far ahead.
pub struct Outside {
    pub inspector: Arc<Inspector>,
    pub spending: Arc<Spending>,
    /// Candidates that are looked up at once, or wait for those before them.
    pub look_ahead: usize,
    /// How many candidates are checked at all; the others pass unchecked. None: all.
    pub sample: Option<u64>,
}

impl Outside {
    /// What these rules ask to be checked; none when they ask for nothing. `spent` counts against the budget already.
    #[must_use]
    pub fn of(
        context: &Context,
        organisation: &str,
        rules: &Rules,
        connected: Connected,
        reference: Uuid,
        (budget, spent): (Budget, Cost),
    ) -> Option<Self> {
        let checks = Check::of(&rules.filters);
        if checks.is_empty() {
            return None;
        }
        Some(Self {
            inspector: Arc::new(Inspector::new(context, organisation, connected, reference, checks)),
            spending: Spending::new(budget, spent),
            look_ahead: context.evidence.look_ahead,
            sample: None,
        })
    }
}

/// Candidates in order, up to the one that is to be decided next.
pub struct Line<'r> {
    judge: Judge<'r>,
    outside: Option<Outside>,
    /// Not looked at yet.
    queue: VecDeque<(Candidate, Facts)>,
    /// Looked at, not decided yet.
    slots: VecDeque<Slot>,
    looked_up: JoinSet<(u64, Result<Inspection>)>,
    arrived: HashMap<u64, Inspection>,
    /// Number of the last slot that was looked up.
    last: u64,
    /// How many checked candidates were settled, and how many of them passed.
    checked: u64,
    passed: u64,
}

struct Slot {
    screened: Screened,
    state: State,
}

enum State {
    /// It needs no evidence.
    Ready,
    /// Its evidence is being looked up under this number, or is there.
    LookedUp(u64, AbortHandle),
}

impl<'r> Line<'r> {
    /// An empty line before this judge. Without `outside` nothing is checked.
    #[must_use]
    pub fn new(judge: Judge<'r>, outside: Option<Outside>) -> Self {
        Self {
            judge,
            outside,
            queue: VecDeque::new(),
            slots: VecDeque::new(),
            looked_up: JoinSet::new(),
            arrived: HashMap::new(),
            last: 0,
            checked: 0,
            passed: 0,
        }
    }

    /// Puts candidates at the end.
    pub fn push(&mut self, batch: Vec<Candidate>, facts: Vec<Facts>) {
        self.queue.extend(batch.into_iter().zip(facts));
    }

    /// How many are not decided yet.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.queue.len() + self.slots.len()
    }

    /// Whether as many are accepted as were asked for.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.judge.is_full()
    }

    /// Whether anything is checked outside.
    #[must_use]
    pub fn looks_outside(&self) -> bool {
        self.outside.is_some()
    }

    /// What was spent so far, also for those who are not decided.
    #[must_use]
    pub fn spent(&self) -> Cost {
        self.outside.as_ref().map(|outside| outside.spending.spent()).unwrap_or_default()
    }

    /// Stops looking anything up, and waits until nothing is.
    pub async fn close(&mut self) {
        self.looked_up.shutdown().await;
    }

    /// Does what can be done without waiting, up to the next decision.
    pub fn step(&mut self) -> Step {
        loop {
            if self.judge.is_full() {
                return Step::Full;
            }
            if let Some(slot) = self.slots.pop_front_if(|slot| is_settled(&self.judge, &self.arrived, slot)) {
                return self.settle(slot);
            }
            if !self.may_look_ahead() {
                return Step::Waiting;
            }
            let Some((candidate, facts)) = self.queue.pop_front() else { return Step::Hungry };
            let screened = self.judge.screen(candidate, facts);
            let slot = self.begin(screened);
            self.slots.push_back(slot);
        }
    }

    fn settle(&mut self, slot: Slot) -> Step {
        let inspection = match slot.state {
            State::Ready => None,
            State::LookedUp(number, lookup) => {
                // It may be out without what is still looked up.
                lookup.abort();
                self.arrived.remove(&number)
            }
        };
        let is_checked = inspection.is_some();
        match self.judge.settle(slot.screened, inspection) {
            Err(stop) => Step::Stopped(stop),
            Ok((candidate, judged)) => {
                let accepted = judged.decision.verdict == Verdict::Accepted;
                if is_checked {
                    self.checked += 1;
                    self.passed += u64::from(accepted);
                }
                if accepted {
                    self.call_off();
                }
                Step::Decided(Box::new((candidate, judged)))
            }
        }
    }

    /// Stops looking up those who are out by now.
    fn call_off(&mut self) {
        for slot in &self.slots {
            if let State::LookedUp(_, lookup) = &slot.state
                && self.judge.is_out(&slot.screened)
            {
                lookup.abort();
            }
        }
    }

    /// Whether the next candidate may be looked up already.
    fn may_look_ahead(&self) -> bool {
        let Some(outside) = &self.outside else { return self.slots.is_empty() };
        if self.slots.is_empty() {
            return true;
        }
        if self.slots.len() >= outside.look_ahead.max(1).saturating_mul(SLOTS) {
            return false;
        }
        let ahead = self.slots.iter().filter(|slot| matches!(slot.state, State::LookedUp(..))).count();
        // As many as will be needed by what passed so far: of these at least as many as are still wanted.
        let wanted = self.judge.wanted().saturating_mul(self.checked + 1).div_ceil(self.passed + 1);
        let most = usize::try_from(wanted).unwrap_or(usize::MAX).min(outside.look_ahead);
        ahead < most.max(1) && outside.spending.allows(outside.inspector.most())
    }

    fn begin(&mut self, screened: Screened) -> Slot {
        let outside = self.outside.as_ref().filter(|outside| {
            !self.judge.is_out(&screened) && outside.sample.is_none_or(|sample| self.last < sample)
        });
        let Some(outside) = outside else { return Slot { screened, state: State::Ready } };
        self.last += 1;
        let (number, inspector) = (self.last, outside.inspector.clone());
        let subject = Subject::of(&screened.candidate, inspector.judges_records());
        let allotment = outside.spending.allot(inspector.most());
        let lookup =
            self.looked_up.spawn(async move { (number, inspector.inspect(&subject, allotment).await) });
        Slot { screened, state: State::LookedUp(number, lookup) }
    }

    /// Waits until some evidence has arrived. May be dropped at any time.
    ///
    /// # Errors
    /// The store's.
    pub async fn arrive(&mut self) -> Result<()> {
        match self.looked_up.join_next().await {
            // Nothing is under way: nothing will ever come.
            None => Err(Error::Internal("waiting for evidence that nobody looks up".to_owned())),
            Some(Ok((number, inspection))) => {
                self.arrived.insert(number, inspection?);
                Ok(())
            }
            Some(Err(error)) if error.is_cancelled() => Ok(()),
            Some(Err(error)) => resume_unwind(error.into_panic()),
        }
    }
}

/// Whether a candidate can be decided, all before it being so.
fn is_settled(judge: &Judge<'_>, arrived: &HashMap<u64, Inspection>, slot: &Slot) -> bool {
    match &slot.state {
        State::Ready => true,
        State::LookedUp(number, _) => arrived.contains_key(number) || judge.is_out(&slot.screened),
    }
}
