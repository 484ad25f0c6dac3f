//! What an engine reports, and how questions are timed: alike for all.

use crate::machine;
use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Times a question is asked after the warm-ups; and fewer when it takes longer than [`SLOW`].
pub const ROUNDS: usize = 20;
const SLOW_ROUNDS: usize = 3;
const WARM_UPS: usize = 3;
const SLOW: Duration = Duration::from_secs(1);

/// The answer to a question, the same from every engine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub count: Option<u64>,
    /// The first hundred in the order of rank.
    pub ids: Vec<String>,
    pub facets: BTreeMap<String, BTreeMap<String, u64>>,
}

/// An answer with the milliseconds that each round took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    #[serde(flatten)]
    pub answer: Answer,
    pub ms: Vec<f64>,
}

impl Asked {
    /// The milliseconds below which a share of the rounds lies.
    pub fn percentile(&self, share: f64) -> f64 {
        let mut times: Vec<Duration> =
            self.ms.iter().map(|ms| Duration::from_secs_f64(ms.max(0.0) / 1e3)).collect();
        times.sort();
        machine::percentile(&times, share).as_secs_f64() * 1e3
    }

    pub fn median(&self) -> f64 {
        self.percentile(0.5)
    }
}

/// What an engine has to say. The scripts of `bench/peers` write the same shape.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub version: String,
    /// From the file of people to a store that answers.
    pub build_seconds: f64,
    pub disk_bytes: u64,
    /// What the process held after the questions; absent where the engine is no single process.
    pub memory_bytes: Option<u64>,
    /// From the closed store to one that takes questions.
    pub open_ms: f64,
    /// By the name of the question.
    pub answers: BTreeMap<String, Asked>,
    /// Sentences about what only this engine was asked.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// One way of asking a question.
pub type Way<'w> = Box<dyn Fn() -> Result<Answer> + 'w>;

/// Asks in the fastest of several ways, and returns its answer and times.
///
/// # Errors
/// When a way fails, or the answers differ.
pub fn measure(ways: &[Way<'_>]) -> Result<Asked> {
    let mut best: Option<(Duration, &Way<'_>, Answer)> = None;
    for way in ways {
        way()?;
        let begun = Instant::now();
        let answer = way()?;
        let took = begun.elapsed();
        if let Some((_, _, other)) = &best {
            ensure!(*other == answer, "two ways of asking have two answers");
        }
        if best.as_ref().is_none_or(|(least, ..)| took < *least) {
            best = Some((took, way, answer));
        }
    }
    let Some((took, way, answer)) = best else { bail!("there is no way of asking") };
    let slow = took > SLOW;
    for _ in 0..if slow { 0 } else { WARM_UPS - 1 } {
        way()?;
    }
    let mut ms = Vec::new();
    for _ in 0..if slow { SLOW_ROUNDS } else { ROUNDS } {
        let begun = Instant::now();
        let again = way()?;
        ms.push(begun.elapsed().as_secs_f64() * 1e3);
        ensure!(again == answer, "the same question has two answers");
    }
    Ok(Asked { answer, ms })
}

/// Says in what `theirs` differs from `ours`, if it does.
///
/// # Errors
/// The first difference.
pub fn compare(engine: &str, ours: &Report, theirs: &Report) -> Result<()> {
    for (question, asked) in &ours.answers {
        let Some(other) = theirs.answers.get(question) else { bail!("{engine} does not answer {question}") };
        let (ours, theirs) = (&asked.answer, &other.answer);
        ensure!(
            ours.count == theirs.count,
            "{question}: {engine} counts {:?}, not {:?}",
            theirs.count,
            ours.count
        );
        ensure!(ours.ids == theirs.ids, "{question}: {engine} has other hits on the first page");
        for (facet, values) in &ours.facets {
            // Who has no value is counted by some and not by others.
            let mut counted = theirs.facets.get(facet).cloned().unwrap_or_default();
            counted.remove("");
            ensure!(*values == counted, "{question}: {engine} counts other values of {facet}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Answer, Asked, Report, Way, compare, measure};

    fn report(count: u64, id: &str) -> Report {
        let answer = Answer { count: Some(count), ids: vec![id.to_owned()], ..Answer::default() };
        let mut report = Report::default();
        report.answers.insert("one".to_owned(), Asked { answer, ms: vec![4.0, 1.0, 2.0] });
        report
    }

    #[test]
    fn another_count_and_another_page_are_told() {
        let ours = report(2, "a");
        assert_eq!(ours.answers["one"].median(), 2.0);
        let told =
            |theirs: &Report| compare("X", &ours, theirs).map_err(|error| error.to_string()).unwrap_err();
        assert!(compare("X", &ours, &ours).is_ok());
        assert_eq!(told(&report(3, "a")), "one: X counts Some(3), not Some(2)");
        assert_eq!(told(&report(2, "b")), "one: X has other hits on the first page");
        assert_eq!(told(&Report::default()), "X does not answer one");
    }

    #[test]
    fn ways_that_disagree_are_an_error() {
        let way = |count| -> Way<'static> {
            Box::new(move || Ok(Answer { count: Some(count), ..Answer::default() }))
        };
        assert_eq!(measure(&[way(1), way(1)]).unwrap().ms.len(), super::ROUNDS);
        assert!(measure(&[way(1), way(2)]).is_err());
        assert!(measure(&[]).is_err());
    }
}
