//! Makes the checks of one candidate.

use super::budget::{Allotment, Stop};
use super::check::{Check, What};
use super::kept::Place;
use super::look_up::Miss;
use super::subject::Subject;
use crate::connectors::Connected;
use crate::context::Context;
use crate::error::Result;
use crate::pipeline::Objection;
use sluice_model::Verdict;
use sluice_model::evidence::Evidence;
use sluice_model::run::Cost;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// What the checks of one candidate came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    pub outcome: Outcome,
    /// In the order in which it was gathered.
    pub evidence: Vec<Evidence>,
    pub cost: Cost,
}

/// Whether a candidate passes.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Passed,
    Objected(Box<Objection>),
    /// A call could not be paid for, or was not taken: nothing is decided.
    Stopped(Stop),
}

impl Outcome {
    /// A no of the filter at `index`.
    pub(super) fn no(reason: &str, index: usize, sentence: String) -> Objection {
        Objection::of_check(Verdict::Dropped, reason, index, sentence)
    }

    /// A check of the filter at `index` that could not be made.
    pub(super) fn unknown(reason: &str, index: usize, sentence: String) -> Self {
        Self::Objected(Box::new(Objection::of_check(Verdict::Unknown, reason, index, sentence)))
    }
}

impl From<Objection> for Outcome {
    fn from(objection: Objection) -> Self {
        Self::Objected(Box::new(objection))
    }
}

/// Where the checks of one candidate gather what they see.
pub(super) struct Desk<'a> {
    pub subject: &'a Subject,
    pub allotment: Allotment,
    pub evidence: Vec<Evidence>,
}

/// Makes the checks of the candidates of one run.
pub struct Inspector {
    pub(super) context: Context,
    pub(super) organisation: String,
    pub(super) connected: Connected,
    /// The run, or the ICP that is previewed.
    pub(super) reference: Uuid,
    checks: Vec<Check>,
    /// What could not be looked at: not asked for again in the same run.
    misses: Mutex<HashMap<Place, Miss>>,
}

impl Inspector {
    /// An inspector for one run, or for the preview of an ICP.
    #[must_use]
    pub fn new(
        context: &Context,
        organisation: &str,
        connected: Connected,
        reference: Uuid,
        checks: Vec<Check>,
    ) -> Self {
        Self {
            context: context.clone(),
            organisation: organisation.to_owned(),
            connected,
            reference,
            checks,
            misses: Mutex::default(),
        }
    }

    /// What one candidate costs at most.
    #[must_use]
    pub fn most(&self) -> Cost {
        self.checks.iter().fold(Cost::default(), |mut sum, check| {
            sum += check.most(&self.connected);
            sum
        })
    }

    /// Whether checks look at records, beside sites.
    #[must_use]
    pub fn judges_records(&self) -> bool {
        self.checks.iter().any(|check| matches!(check.what, What::Ai { .. }))
    }

    pub(super) fn misses(&self) -> MutexGuard<'_, HashMap<Place, Miss>> {
        // Nothing that could panic is done under the lock.
        self.misses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the checks in their order and stops at the first that does not pass.
    ///
    /// # Errors
    /// The store's. What goes wrong outside makes a check unknown.
    pub async fn inspect(&self, subject: &Subject, allotment: Allotment) -> Result<Inspection> {
        let mut desk = Desk { subject, allotment, evidence: Vec::new() };
        let mut outcome = Outcome::Passed;
        for check in &self.checks {
            outcome = match &check.what {
                What::Strings { pages, include, exclude } => {
                    self.strings(&mut desk, check, pages, include, exclude).await?
                }
                What::Extraction { pages, prompt } => {
                    self.extraction(&mut desk, check, pages, prompt).await?
                }
                What::Ai { entity, prompt } => self.ai(&mut desk, check, *entity, prompt).await?,
                What::Website { provider, prompt } => {
                    self.website(&mut desk, check, provider, prompt).await?
                }
            };
            if outcome != Outcome::Passed {
                break;
            }
        }
        Ok(Inspection { outcome, evidence: desk.evidence, cost: desk.allotment.spent() })
    }
}
