//! Why a candidate is out: what was seen, what it was held against, and a sentence for people.

use crate::leads::identifiers::Identifier;
use serde_json::{Value, json};
use sluice_model::crm::CrmMatch;
use sluice_model::fault::shorten;
use sluice_model::{Stage, Suppression, Time, Verdict};
use uuid::Uuid;

/// An objection against a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Objection {
    /// Dropped, or unknown.
    pub verdict: Verdict,
    pub stage: Stage,
    /// By which the funnel groups.
    pub reason: String,
    /// Position of the filter that objects.
    pub filter: Option<usize>,
    pub observed: Value,
    pub threshold: Value,
    pub sentence: String,
}

impl Objection {
    /// The objection of an outside check of the filter at `index`.
    #[must_use]
    pub fn of_check(verdict: Verdict, reason: &str, index: usize, sentence: String) -> Self {
        Self {
            verdict,
            stage: Stage::Evidence,
            reason: reason.to_owned(),
            filter: Some(index),
            observed: Value::Null,
            threshold: Value::Null,
            sentence,
        }
    }

    /// With what was observed, and what it was held against.
    #[must_use]
    pub fn seen(self, observed: Value, threshold: Value) -> Self {
        Self { observed, threshold, ..self }
    }

    pub(super) fn seen_before(identifier: &Identifier, sequence: u64, other: Uuid) -> Self {
        Self {
            verdict: Verdict::Dropped,
            stage: Stage::Identity,
            reason: identifier.kind.reason().to_owned(),
            filter: None,
            observed: json!({"sequence": sequence, "candidateId": other, "value": identifier.value}),
            threshold: Value::Null,
            sentence: format!("Same {} as candidate {sequence}.", identifier.kind.label()),
        }
    }

    pub(super) fn unusable(reason: &str, record: &str) -> Self {
        Self {
            verdict: Verdict::Dropped,
            stage: Stage::Identity,
            reason: "unusable record".to_owned(),
            filter: None,
            observed: json!({"record": record, "reason": reason}),
            threshold: Value::Null,
            sentence: format!("The record of the lead provider cannot be used: {}.", shorten(reason)),
        }
    }

    pub(super) fn suppressed(entry: &Suppression, value: &str) -> Self {
        let why = entry.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        // An erased value must not come back through the record that it matched.
        let shown = if entry.erased_at.is_some() { "(erased)" } else { value };
        Self {
            verdict: Verdict::Dropped,
            stage: Stage::Suppression,
            reason: format!("{} suppressed", entry.kind.name()),
            filter: None,
            observed: json!(shown),
            threshold: json!({"suppressionId": entry.id, "kind": entry.kind}),
            sentence: format!("The {} {shown} is on the suppression list{why}.", entry.kind.name()),
        }
    }

    pub(super) fn no_match(index: usize, field: &str, regex: &str, texts: &[String]) -> Self {
        let sentence = match texts {
            [] => format!("{field} has no value, so it cannot match {regex}."),
            [one] => format!("{field} is \"{}\", which does not match {regex}.", shorten(one)),
            many => format!("None of the {} values of {field} matches {regex}.", many.len()),
        };
        let shown: Vec<String> = texts.iter().take(20).map(|text| shorten(text)).collect();
        Self {
            verdict: Verdict::Dropped,
            stage: Stage::Rules,
            reason: format!("{field} does not match"),
            filter: Some(index),
            observed: json!(shown),
            threshold: json!(regex),
            sentence,
        }
    }

    pub(super) fn reused(index: usize, at: Time, days: i64, least: i64) -> Self {
        Self {
            verdict: Verdict::Dropped,
            stage: Stage::Rules,
            reason: "reused too soon".to_owned(),
            filter: Some(index),
            observed: json!({"lastListedAt": at, "days": days}),
            threshold: json!(least),
            sentence: format!("Last put on a list {days} day(s) ago, less than the {least} required."),
        }
    }

    pub(super) fn company_full(index: usize, company: &str, there: u64, most: u64) -> Self {
        Self {
            verdict: Verdict::Dropped,
            stage: Stage::Caps,
            reason: "company is full".to_owned(),
            filter: Some(index),
            observed: json!(there),
            threshold: json!(most),
            sentence: format!("{there} of {company} are accepted already; the limit is {most}."),
        }
    }

    pub fn crm_full(index: usize, there: u64, most: u64, percent: f64, found: Option<&CrmMatch>) -> Self {
        let place = found.map_or_else(String::new, |found| {
            let name = found.name.as_deref().map(|name| format!(" {}", shorten(name))).unwrap_or_default();
            format!(" as {}{name} ({}), recognised by {}", found.entity, found.id, found.key.label())
        });
        Self {
            verdict: Verdict::Dropped,
            stage: Stage::Caps,
            reason: "enough from the CRM".to_owned(),
            filter: Some(index),
            observed: match found {
                None => json!(there),
                Some(found) => json!({"accepted": there, "crm": found}),
            },
            threshold: json!({"percent": percent, "leads": most}),
            sentence: format!(
                "In the CRM{place}, and {there} such leads are accepted already; {percent} % of the list are {most}."
            ),
        }
    }
}
