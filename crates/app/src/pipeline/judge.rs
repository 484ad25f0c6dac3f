//! Decides on candidates one by one, in order. Pure: the same candidates, facts and inspections give the same decisions.
//!
//! A candidate is screened when its turn to be looked at comes, and settled when all before it are: what screening finds
//! depends on who came before, but not on what became of them. Only the caps do, and these are looked at when a
//! candidate is settled. So candidates may be screened ahead, and their evidence looked up, without changing anything.

use super::candidate::{Candidate, Record, short_hash};
use super::facts::Facts;
use super::plan::Rules;
use super::reasons::Objection;
use crate::evidence::{Inspection, Outcome, Stop};
use serde_json::Value;
use sluice_model::icp::CustomFilter;
use sluice_model::lead::field_texts;
use sluice_model::run::Cost;
use sluice_model::time::DAY_MS;
use sluice_model::{Decision, EntityKind, Stage, Verdict};
use sluice_store::ops::decision::DecisionTrace;
use std::collections::HashMap;
use uuid::Uuid;

/// The bytes of a trace before its identifiers: whether it is in the CRM, and its company.
const TRACE_HEAD: usize = 9;

/// A decision and what has to be kept to go on after a restart.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub decision: Decision,
    pub trace: Vec<u8>,
}

/// A candidate that was looked at, with all that those before it have to do with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Screened {
    pub candidate: Candidate,
    sequence: u64,
    facts: Facts,
    hashes: Vec<u64>,
    company: u64,
    /// Of the stages before the caps.
    objection: Option<Objection>,
}

/// The state of the pipeline: whom it has seen, and how full the caps are.
#[derive(Debug)]
pub struct Judge<'r> {
    rules: &'r Rules,
    sequence: u64,
    accepted: u64,
    /// Sequence number and id of the first candidate that had an identifier.
    seen: HashMap<u64, (u64, Uuid)>,
    /// Accepted so far, by company.
    by_company: HashMap<u64, u64>,
    /// Accepted so far that are in the CRM.
    from_crm: u64,
}

impl<'r> Judge<'r> {
    /// A judge who has seen nobody yet.
    #[must_use]
    pub fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            sequence: 0,
            accepted: 0,
            seen: HashMap::new(),
            by_company: HashMap::new(),
            from_crm: 0,
        }
    }

    /// How many are accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted
    }

    /// How many more are wanted.
    #[must_use]
    pub fn wanted(&self) -> u64 {
        self.rules.target.saturating_sub(self.accepted)
    }

    /// Whether as many are accepted as were asked for.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.accepted >= self.rules.target
    }

    /// Takes in a decision that was made before a restart.
    pub fn remember(&mut self, trace: &DecisionTrace) {
        self.sequence = trace.sequence;
        let word = |bytes: &[u8]| bytes.iter().fold(0, |hash: u64, byte| (hash << 8) | u64::from(*byte));
        if let Some((head, identifiers)) = trace.keys.split_at_checked(TRACE_HEAD) {
            for hash in identifiers.chunks_exact(8) {
                self.seen.entry(word(hash)).or_insert((trace.sequence, trace.candidate));
            }
            if trace.accepted {
                self.count_accepted(word(&head[1..]), head[0] == 1);
            }
        }
    }

    fn count_accepted(&mut self, company: u64, in_crm: bool) {
        self.accepted += 1;
        if company != 0 {
            *self.by_company.entry(company).or_default() += 1;
        }
        self.from_crm += u64::from(in_crm);
    }

    /// Looks at the next candidate: identity, suppression, and the rules on single records.
    pub fn screen(&mut self, candidate: Candidate, facts: Facts) -> Screened {
        let hashes: Vec<u64> =
            candidate.identifiers.iter().map(|identifier| short_hash(&identifier.key())).collect();
        let company = candidate.company_key.as_deref().map_or(0, short_hash);
        let unusable = candidate.unusable.as_ref();
        let objection = unusable
            .map(|(reason, record)| Objection::unusable(reason, record))
            .or_else(|| self.identity(&candidate, &hashes))
            .or_else(|| {
                facts.suppressed_by.as_ref().map(|(entry, value)| Objection::suppressed(entry, value))
            })
            .or_else(|| self.single_rules(&candidate, &facts));
        self.sequence += 1;
        for hash in &hashes {
            self.seen.entry(*hash).or_insert((self.sequence, candidate.id));
        }
        Screened { candidate, sequence: self.sequence, facts, hashes, company, objection }
    }

    /// Whether it is settled without evidence, by what is known now. What is full stays full.
    #[must_use]
    pub fn is_out(&self, screened: &Screened) -> bool {
        screened.objection.is_some()
            || self.caps(&screened.candidate, &screened.facts, screened.company).is_some()
    }

    /// Decides on a candidate when all before it are decided. `inspection` is what the outside checks came to: none
    /// when there are none to be made, or when it is out without.
    ///
    /// # Errors
    /// [`Stop`] when its checks could not be paid for: it is not decided.
    pub fn settle(
        &mut self,
        screened: Screened,
        inspection: Option<Inspection>,
    ) -> Result<(Candidate, Judged), Stop> {
        let Screened { candidate, sequence, facts, hashes, company, objection } = screened;
        let mut objection = objection.or_else(|| self.caps(&candidate, &facts, company));
        let (mut evidence, mut cost) = (Vec::new(), Cost::default());
        if let Some(inspection) = inspection.filter(|_| objection.is_none()) {
            objection = match inspection.outcome {
                Outcome::Passed => None,
                Outcome::Objected(objection) => Some(*objection),
                Outcome::Stopped(stop) => return Err(stop),
            };
            (evidence, cost) = (inspection.evidence, inspection.cost);
        }
        if objection.is_none() {
            self.count_accepted(company, facts.in_crm);
        }
        let mut trace = vec![u8::from(facts.in_crm)];
        trace.extend(company.to_be_bytes());
        trace.extend(hashes.iter().flat_map(|hash| hash.to_be_bytes()));
        let crm_match = facts.crm.clone();
        let decision =
            Decision { evidence, cost, crm_match, ..self.decision(&candidate, sequence, objection) };
        Ok((candidate, Judged { decision, trace }))
    }

    fn decision(&self, candidate: &Candidate, sequence: u64, objection: Option<Objection>) -> Decision {
        let verdict = objection.as_ref().map_or(Verdict::Accepted, |objection| objection.verdict);
        let objection = objection.unwrap_or_else(|| Objection {
            verdict,
            stage: Stage::Accept,
            reason: String::new(),
            filter: None,
            observed: Value::Null,
            threshold: Value::Null,
            sentence: format!("Accepted as lead {} of {}.", self.accepted, self.rules.target),
        });
        let filter_type = objection.filter.and_then(|at| self.rules.filters.get(at));
        Decision {
            sequence,
            candidate: candidate.reference(),
            sources: candidate.sources.clone(),
            verdict,
            stage: objection.stage,
            reason: (verdict != Verdict::Accepted).then_some(objection.reason),
            filter_index: objection.filter,
            filter_type: filter_type.map(|filter| filter.type_name().to_owned()),
            icp_version: self.rules.icp_version,
            observed: Some(objection.observed).filter(|value| !value.is_null()),
            threshold: Some(objection.threshold).filter(|value| !value.is_null()),
            sentence: objection.sentence,
            evidence: Vec::new(),
            cost: Cost::default(),
            crm_match: None,
        }
    }

    fn identity(&self, candidate: &Candidate, hashes: &[u64]) -> Option<Objection> {
        // Identifiers come strongest first, so the first hit is the strongest.
        candidate.identifiers.iter().zip(hashes).find_map(|(identifier, hash)| {
            self.seen.get(hash).map(|(sequence, other)| Objection::seen_before(identifier, *sequence, *other))
        })
    }

    fn single_rules(&self, candidate: &Candidate, facts: &Facts) -> Option<Objection> {
        for (index, filter) in self.rules.filters.iter().enumerate() {
            let objection = match filter {
                CustomFilter::MatchFieldWithRegex { field, regex } => {
                    let texts = match &candidate.record {
                        Record::Person(lead) => field_texts(EntityKind::Person, lead, field),
                        Record::Company(company) => field_texts(EntityKind::Company, company, field),
                    };
                    let pattern = self.rules.patterns.get(index).and_then(Option::as_ref);
                    let matches =
                        pattern.is_some_and(|pattern| texts.iter().any(|text| pattern.is_match(text)));
                    (!matches).then(|| Objection::no_match(index, field, regex, &texts))
                }
                CustomFilter::MinDaysUntilReuse { value } => {
                    let listed = facts.last_listed;
                    let days = listed.map(|at| (self.rules.as_of.millis() - at.millis()).max(0) / DAY_MS);
                    match (listed, days) {
                        (Some(at), Some(days)) if days < *value => {
                            Some(Objection::reused(index, at, days, *value))
                        }
                        _ => None,
                    }
                }
                _ => None,
            };
            if objection.is_some() {
                return objection;
            }
        }
        None
    }

    fn caps(&self, candidate: &Candidate, facts: &Facts, company: u64) -> Option<Objection> {
        for (index, filter) in self.rules.filters.iter().enumerate() {
            let objection = match filter {
                CustomFilter::MaxPeoplePerCompany { value } if company != 0 => {
                    let there = self.by_company.get(&company).copied().unwrap_or_default();
                    (there >= *value)
                        .then(|| Objection::company_full(index, &candidate.company_name(), there, *value))
                }
                CustomFilter::MaxPercentFromCrm { value } if facts.in_crm => {
                    let most = most_from_crm(*value, self.rules.target);
                    (self.from_crm >= most)
                        .then(|| Objection::crm_full(index, self.from_crm, most, *value, facts.crm.as_ref()))
                }
                _ => None,
            };
            if objection.is_some() {
                return objection;
            }
        }
        None
    }
}

/// floor(percent × target / 100), of the decimal number that was written: 0.57 % of 10 000 are 57, although the nearest
/// binary fraction is a little less.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "percent is 0 to 100 and the target at most 10 000"
)]
fn most_from_crm(percent: f64, target: u64) -> u64 {
    (percent * target as f64 / 100.0 + 1e-9).floor() as u64
}
