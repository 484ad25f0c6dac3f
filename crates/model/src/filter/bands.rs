//! Ranges of numbers.

use super::{band_text, terms};
use crate::fault::{Faults, Node};
use serde::{Deserialize, Serialize};

/// The largest number a band can start or end with: what a JSON number of a browser holds exactly.
const MAX_NUMBER: i64 = 9_007_199_254_740_991;

/// The types of a range.
pub(super) const TYPES: [&str; 3] = ["RANGE", "ALL", "NONE"];

/// Which numbers are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// A number that lies in one of the bands. A record that only knows a band itself fits when the two overlap.
    Bands(Vec<Band>),
    /// Any number: the record has a value.
    Present,
    /// No number: the record has no value.
    Absent,
}

/// Numbers from `start` to `end`, both included; an absent bound is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub start: Option<u64>,
    pub end: Option<u64>,
}

impl Band {
    /// Reads a band as it is written in text: `501-1000`, `10,001+`, `1`, `1K-5K`, `51 to 200`, `> 1000`, `bis 50`,
    /// `about 200 employees`. White space, thousands separators and the kind of dash do not matter. `None` for
    /// anything else, and when the end lies before the start.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        band_text::read(text)
    }

    /// Whether the two bands have a number in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start.unwrap_or(0) <= other.end.unwrap_or(u64::MAX)
            && other.start.unwrap_or(0) <= self.end.unwrap_or(u64::MAX)
    }
}

/// Reads `{"type":"RANGE|ALL|NONE","range":[{"start":n,"end":n}]}`, or one band alone. The outer `None` is a
/// fault, the inner one a range without a bound, which is not given.
pub(super) fn read(node: &Node<'_>, faults: &mut Faults) -> Option<Option<Range>> {
    if node.value().get("type").is_none() && node.value().get("range").is_none() {
        let band = band(node, faults)?;
        return Some((band != Band::default()).then(|| Range::Bands(vec![band])));
    }
    let mut kind = None;
    let mut bands = None;
    node.object(faults, &["type"], |key, child, faults| {
        match key {
            "type" => kind = child.one_of(faults, &TYPES),
            "range" => bands = child.array(faults, terms::MAX_VALUES, band),
            _ => return false,
        }
        true
    })?;
    match kind? {
        0 if node.value().get("range").is_none() => {
            terms::required(node, "range", faults);
            None
        }
        0 => bands.map(|bands| (!bands.is_empty()).then_some(Range::Bands(bands))),
        1 => Some(Some(Range::Present)),
        _ => Some(Some(Range::Absent)),
    }
}

fn band(node: &Node<'_>, faults: &mut Faults) -> Option<Band> {
    pair(node, faults, "start", "end")
}

/// Reads the two bounds of a band under the names that the dialect has for them.
pub(super) fn pair(node: &Node<'_>, faults: &mut Faults, start: &str, end: &str) -> Option<Band> {
    let mut band = Band::default();
    let mut sound = true;
    node.object(faults, &[], |key, child, faults| {
        let bound = if key == start {
            &mut band.start
        } else if key == end {
            &mut band.end
        } else {
            return false;
        };
        match child.nullable(faults, |child, faults| child.integer(faults, 0, MAX_NUMBER)) {
            Some(number) => *bound = number.and_then(|number| u64::try_from(number).ok()),
            None => sound = false,
        }
        true
    })?;
    if let (Some(first), Some(last)) = (band.start, band.end)
        && first > last
    {
        node.fault(faults, format!("'{start}' must not be greater than '{end}'"));
        return None;
    }
    sound.then_some(band)
}

/// Reads a band written as text.
pub(super) fn text(node: &Node<'_>, faults: &mut Faults) -> Option<Band> {
    let text = node.text(faults, 1, terms::MAX_VALUE_CHARS)?;
    let band = Band::parse(text);
    if band.is_none() {
        node.fault(faults, "Invalid range. Expected a form like '501-1000' or '5001+'");
    }
    band
}
