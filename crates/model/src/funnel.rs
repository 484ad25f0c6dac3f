//! The funnel of a run: how many candidates each stage saw, dropped and let through.

use crate::names::names;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The stages of the pipeline, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Is it somebody already considered?
    Identity,
    /// Is it on the suppression list?
    Suppression,
    /// Does it follow the rules on single records?
    Rules,
    /// Would accepting it break a limit of the list?
    Caps,
    /// Do outside checks agree?
    Evidence,
    /// It is a lead.
    Accept,
}

names!(Stage {
    Identity = "identity",
    Suppression = "suppression",
    Rules = "rules",
    Caps = "caps",
    Evidence = "evidence",
    Accept = "accept",
});

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is a lead.
    Accepted,
    /// A rule says no.
    Dropped,
    /// A check could not be made. Unknown is never a pass.
    Unknown,
}

names!(Verdict { Accepted = "accepted", Dropped = "dropped", Unknown = "unknown" });

/// One stage's numbers: `in = dropped + unknown + out`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StageCount {
    pub stage: Stage,
    #[serde(rename = "in")]
    pub entered: u64,
    pub dropped: u64,
    pub unknown: u64,
    pub out: u64,
    /// The dropped and unknown by reason.
    pub reasons: BTreeMap<String, u64>,
}

/// The whole funnel: `considered = accepted + dropped + unknown`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Funnel {
    pub considered: u64,
    pub accepted: u64,
    pub dropped: u64,
    pub unknown: u64,
    /// The stages that can drop, in their order.
    pub stages: Vec<StageCount>,
}

impl Default for Funnel {
    fn default() -> Self {
        let stages = Stage::ALL[..5]
            .iter()
            .map(|&stage| StageCount {
                stage,
                entered: 0,
                dropped: 0,
                unknown: 0,
                out: 0,
                reasons: BTreeMap::new(),
            })
            .collect();
        Self { considered: 0, accepted: 0, dropped: 0, unknown: 0, stages }
    }
}

impl Funnel {
    /// Counts one decision. `reason` is the short name under which drops are grouped.
    pub fn count(&mut self, verdict: Verdict, stage: Stage, reason: &str) {
        self.considered += 1;
        match verdict {
            Verdict::Accepted => self.accepted += 1,
            Verdict::Dropped => self.dropped += 1,
            Verdict::Unknown => self.unknown += 1,
        }
        for count in &mut self.stages {
            if count.stage > stage {
                break;
            }
            count.entered += 1;
            if count.stage == stage && verdict != Verdict::Accepted {
                if verdict == Verdict::Dropped {
                    count.dropped += 1;
                } else {
                    count.unknown += 1;
                }
                *count.reasons.entry(reason.to_owned()).or_default() += 1;
            } else {
                count.out += 1;
            }
        }
    }

    /// Whether all the sums hold.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let mut entering = self.considered;
        let stages = self.stages.iter().all(|stage| {
            let fits = stage.entered == entering
                && stage.entered == stage.dropped + stage.unknown + stage.out
                && stage.reasons.values().sum::<u64>() == stage.dropped + stage.unknown;
            entering = stage.out;
            fits
        });
        stages && entering == self.accepted && self.considered == self.accepted + self.dropped + self.unknown
    }
}

#[cfg(test)]
mod tests {
    use super::{Funnel, Stage, Verdict};

    #[test]
    fn sums_hold_after_any_decisions() {
        let mut funnel = Funnel::default();
        assert!(funnel.adds_up());
        for (verdict, stage) in [
            (Verdict::Dropped, Stage::Identity),
            (Verdict::Accepted, Stage::Accept),
            (Verdict::Unknown, Stage::Evidence),
            (Verdict::Dropped, Stage::Caps),
        ] {
            funnel.count(verdict, stage, "reason");
            assert!(funnel.adds_up(), "{funnel:?}");
        }
        assert_eq!(funnel.stages[3].entered, 3);
        assert_eq!(funnel.stages[3].out, 2);
    }
}
