//! The values of facets that have a form of their own.

use super::bands::Band;
use super::terms;
use super::tree::{Circle, Days, Graduation, NETWORKS};
use crate::fault::{Faults, Node};
use crate::time::Time;

/// The most days that `updatedWithinDays` looks back: a hundred years.
pub(super) const MAX_DAYS: i64 = 36_500;
/// The most years of a duration.
const MAX_YEARS: i64 = 100;
/// The largest radius: half the way round the Earth, and a little.
pub(super) const MAX_RADIUS_KM: f64 = 20_100.0;
/// The same in whole miles.
const MAX_RADIUS_MILES: f64 = 12_489.0;
const METRES_IN_KM: f64 = 1_000.0;
const METRES_IN_MILE: f64 = 1_609.344;
/// The units of a radius.
pub(super) const UNITS: [&str; 2] = ["km", "mi"];

/// Reads `{"min":{"year":1,"month":6},"max":{…}}` as months.
pub(super) fn months(node: &Node<'_>, faults: &mut Faults) -> Option<Band> {
    let mut band = Band::default();
    let mut sound = true;
    node.object(faults, &[], |key, child, faults| {
        let bound = match key {
            "min" => &mut band.start,
            "max" => &mut band.end,
            _ => return false,
        };
        match child.nullable(faults, span) {
            Some(months) => *bound = months,
            None => sound = false,
        }
        true
    })?;
    if !sound {
        return None;
    }
    match (band.start, band.end) {
        (None, None) => node.fault(faults, "Expected 'min' or 'max'"),
        (Some(min), Some(max)) if min > max => {
            node.fault(faults, "'min' must not be greater than 'max'");
        }
        _ => return Some(band),
    }
    None
}

/// Reads `{"year":1,"month":6}` as months.
fn span(node: &Node<'_>, faults: &mut Faults) -> Option<u64> {
    let (mut years, mut months) = (Some(None), Some(None));
    node.object(faults, &[], |key, child, faults| {
        match key {
            "year" => years = child.nullable(faults, |child, faults| child.integer(faults, 0, MAX_YEARS)),
            "month" => {
                months = child.nullable(faults, |child, faults| child.integer(faults, 0, MAX_YEARS * 12));
            }
            _ => return false,
        }
        true
    })?;
    let (years, months) = (years?, months?);
    if years.is_none() && months.is_none() {
        node.fault(faults, "Expected 'year' or 'month'");
        return None;
    }
    u64::try_from(years.unwrap_or(0) * 12 + months.unwrap_or(0)).ok()
}

/// Reads `{"start":2010,"end":"2014-06","present":true}`; without any of them it is not given.
pub(super) fn years(node: &Node<'_>, faults: &mut Faults) -> Option<Graduation> {
    let mut years = Graduation::default();
    let mut sound = true;
    node.object(faults, &[], |key, child, faults| {
        let read = match key {
            "start" => child.nullable(faults, year).map(|year| years.start = year),
            "end" => child.nullable(faults, year).map(|year| years.end = year),
            "present" => child.boolean(faults).map(|present| years.present = present),
            _ => return false,
        };
        sound &= read.is_some();
        true
    })?;
    let in_order = ordered(node, faults, years.start, years.end);
    (sound && in_order && years != Graduation::default()).then_some(years)
}

/// Writes a fault when the end lies before the start.
fn ordered<T: PartialOrd>(node: &Node<'_>, faults: &mut Faults, start: Option<T>, end: Option<T>) -> bool {
    let wrong = start.zip(end).is_some_and(|(start, end)| start > end);
    if wrong {
        node.fault(faults, "'start' must not be greater than 'end'");
    }
    !wrong
}

/// Reads a year: a number, or a text that begins with it.
fn year(node: &Node<'_>, faults: &mut Faults) -> Option<u16> {
    if node.value().is_number() {
        return node.integer(faults, 1, 9_999).and_then(|year| u16::try_from(year).ok());
    }
    let text = node.string(faults)?;
    let date = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    // The year is that of the text, whatever day it is in UTC.
    let year = Time::parse(&date).and_then(|_| text.get(..4)?.parse().ok()).filter(|year| *year > 0);
    if year.is_none() {
        node.fault(faults, "Invalid year. Expected a form like 2014, '2014-06' or '2014-06-30'");
    }
    year
}

/// Reads `{"start":"2023-01-01","end":"2024-06-30"}`; without any of them it is not given.
pub(super) fn days(node: &Node<'_>, faults: &mut Faults) -> Option<Days> {
    let mut days = Days::default();
    let mut sound = true;
    node.object(faults, &[], |key, child, faults| {
        let bound = match key {
            "start" => &mut days.start,
            "end" => &mut days.end,
            _ => return false,
        };
        match child.nullable(faults, day) {
            Some(day) => *bound = day,
            None => sound = false,
        }
        true
    })?;
    let in_order = ordered(node, faults, days.start, days.end);
    (sound && in_order && days != Days::default()).then_some(days)
}

fn day(node: &Node<'_>, faults: &mut Faults) -> Option<i32> {
    let text = node.string(faults)?;
    // The day is that of the text, whatever day it is in UTC.
    let day = Time::parse(text).and_then(|_| Time::parse(text.get(..10)?));
    let day = day.and_then(|day| i32::try_from(day.day()).ok());
    if day.is_none() {
        node.fault(faults, "Invalid date. Expected a form like '2024-01-31'");
    }
    day
}

/// Reads `{"position":{"lat":48.1,"lng":11.6},"radius":50,"unit":"km"}`.
pub(super) fn circle(node: &Node<'_>, faults: &mut Faults) -> Option<Circle> {
    let in_miles = node.value().get("unit").is_some_and(|unit| unit == "mi");
    let (mut position, mut metres, mut unit) = (None, None, Some(0));
    node.object(faults, &["position", "radius"], |key, child, faults| {
        match key {
            "position" => position = point(child, faults),
            "radius" => metres = radius(child, faults, in_miles),
            "unit" => unit = child.one_of(faults, &UNITS),
            _ => return false,
        }
        true
    })?;
    unit?;
    let (lat, lng) = position?;
    Some(Circle { lat, lng, radius: metres? })
}

fn point(node: &Node<'_>, faults: &mut Faults) -> Option<(i32, i32)> {
    let (mut lat, mut lng) = (None, None);
    node.object(faults, &["lat", "lng"], |key, child, faults| {
        match key {
            "lat" => lat = child.number(faults, -90.0, 90.0).map(millionths),
            "lng" => lng = child.number(faults, -180.0, 180.0).map(millionths),
            _ => return false,
        }
        true
    })?;
    Some((lat?, lng?))
}

#[expect(clippy::cast_possible_truncation, reason = "180 million at most")]
fn millionths(degrees: f64) -> i32 {
    (degrees * 1e6).round() as i32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positive, and the Earth is small"
)]
fn radius(node: &Node<'_>, faults: &mut Faults, in_miles: bool) -> Option<u32> {
    let (max, metres) =
        if in_miles { (MAX_RADIUS_MILES, METRES_IN_MILE) } else { (MAX_RADIUS_KM, METRES_IN_KM) };
    let radius = node.number(faults, f64::MIN, max)?;
    if radius <= 0.0 {
        node.fault(faults, "Number must be greater than 0");
        return None;
    }
    Some((radius * metres).round().max(1.0) as u32)
}

/// Reads the name of a network in any letter case; `X` is Twitter's new name.
pub(super) fn network(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let name = node.string(faults)?.to_ascii_uppercase();
    let name = if name == "X" { "TWITTER" } else { name.as_str() };
    match NETWORKS.iter().find(|known| **known == name) {
        Some(known) => Some((*known).to_owned()),
        // For its fault.
        None => node.one_of(faults, &NETWORKS).map(|_| name.to_owned()),
    }
}

/// Reads a code of two to six digits.
pub(super) fn naics(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let code = node.text(faults, 1, terms::MAX_VALUE_CHARS)?;
    let sound = (2..=6).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    if !sound {
        node.fault(faults, "Expected 2 to 6 digits");
    }
    sound.then(|| code.to_owned())
}
