//! Evidence: the outside checks of a candidate that passed all free stages.
//!
//! [`Inspector`] makes the checks of one candidate, cheapest first, and stops at the first no. What it looks up is kept
//! for the whole organisation, and looked up once however many ask at once. It decides nothing: the pipeline takes its
//! [`Inspection`]s in the order of the candidates, whatever the order in which they come.

mod answers;
mod budget;
mod check;
mod inspector;
mod kept;
mod look_up;
mod pages;
mod purse;
mod strings;
mod subject;

pub use budget::{Allotment, Spending, Stop};
pub use check::{Check, missing};
pub use inspector::{Inspection, Inspector, Outcome};
pub use kept::Flights;
pub use purse::{Charge, Purse};
pub use subject::Subject;

use sluice_model::run::Budget;

/// How the evidence of runs is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Candidates of one run that are looked up at once, or wait for those before them; one at least.
    pub look_ahead: usize,
    /// What a run may spend when its request does not say.
    pub budget: Budget,
}

/// Calls that a run may make when neither its request nor the operator says.
pub const RUN_CALLS: u64 = 10_000;
/// Credits that it may spend then.
pub const RUN_CREDITS: u64 = 10_000;

impl Default for Options {
    fn default() -> Self {
        Self { look_ahead: 32, budget: Budget { calls: Some(RUN_CALLS), credits: Some(RUN_CREDITS) } }
    }
}
