//! Bands of numbers as people write them, in English, German and French.

use super::Band;

/// What is counted; says nothing.
const COUNTED: [&str; 17] = [
    "employees",
    "employee",
    "people",
    "persons",
    "staff",
    "ftes",
    "fte",
    "workers",
    "mitarbeiter",
    "mitarbeitende",
    "mitarbeitenden",
    "beschäftigte",
    "angestellte",
    "salariés",
    "employés",
    "personnes",
    "collaborateurs",
];
/// Words before a number that change nothing.
const ABOUT: [&str; 14] = [
    "about",
    "approximately",
    "approx.",
    "approx",
    "around",
    "circa",
    "ca.",
    "ca",
    "~",
    "≈",
    "rund",
    "etwa",
    "environ",
    "env.",
];
/// Words before the least number.
const FROM: [&str; 8] = [">=", "≥", "at least", "from", "mindestens", "ab", "au moins", "min."];
/// Words before a number that is itself too small.
const ABOVE: [&str; 7] = [">", "more than", "greater than", "over", "über", "mehr als", "plus de"];
/// Words before the greatest number.
const UP_TO: [&str; 9] = ["<=", "≤", "up to", "at most", "bis zu", "bis", "jusqu'à", "maximal", "max."];
/// Words before a number that is itself too great.
const BELOW: [&str; 7] = ["<", "less than", "fewer than", "under", "unter", "weniger als", "moins de"];
/// Words behind the least number.
const AND_MORE: [&str; 6] = ["+", "or more", "and more", "and above", "oder mehr", "ou plus"];
/// What stands between two bounds; a word has spaces round it.
const BETWEEN: [&str; 7] = ["-", " to ", " bis ", " à ", " and ", " und ", " et "];
/// What may stand before two bounds.
const BOTH: [&str; 3] = ["between ", "zwischen ", "entre "];

/// Reads a band; `None` for what is none, and when the end lies before the start.
pub(super) fn read(text: &str) -> Option<Band> {
    let text = text.trim().to_lowercase();
    let text: String =
        text.chars().map(|c| if matches!(c, '–' | '—' | '‐' | '‑' | '−') { '-' } else { c }).collect();
    let text = COUNTED.iter().find_map(|word| text.strip_suffix(word)).unwrap_or(&text).trim();
    let text = after(&ABOUT, text).unwrap_or(text);
    if let Some(start) = after(&FROM, text).and_then(number) {
        return Some(Band { start: Some(start), end: None });
    }
    if let Some(start) = after(&ABOVE, text).and_then(number) {
        return Some(Band { start: Some(start.checked_add(1)?), end: None });
    }
    if let Some(end) = after(&UP_TO, text).and_then(number) {
        return Some(Band { start: None, end: Some(end) });
    }
    if let Some(end) = after(&BELOW, text).and_then(number) {
        return Some(Band { start: None, end: Some(end.checked_sub(1)?) });
    }
    if let Some(start) = AND_MORE.iter().find_map(|word| text.strip_suffix(word)) {
        return Some(Band { start: Some(number(start)?), end: None });
    }
    let bounds = BOTH.iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text);
    let (start, end) = match BETWEEN.iter().find_map(|between| bounds.split_once(between)) {
        Some((start, end)) => (number(start)?, number(end)?),
        None => (number(text)?, number(text)?),
    };
    (start <= end).then_some(Band { start: Some(start), end: Some(end) })
}

/// What follows one of the words, which stands at the start.
fn after<'t>(words: &[&str], text: &'t str) -> Option<&'t str> {
    words.iter().find_map(|word| text.strip_prefix(word)).map(str::trim_start)
}

/// A number: `1,001`, `10 000`, `1.5k`, `2m`.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    for (unit, factor) in [("tsd.", 1000), ("k", 1000), ("mio.", 1_000_000), ("m", 1_000_000)] {
        if let Some(count) = text.strip_suffix(unit) {
            return scaled(count.trim(), factor);
        }
    }
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | '.' | '\'' | '’' | '_');
    let digits: String = text.chars().filter(|c| !separator(*c)).collect();
    digits_of(&digits)
}

/// A number in units of `factor`, with a fraction or without.
fn scaled(text: &str, factor: u64) -> Option<u64> {
    let text = text.replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let unit = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = digits_of(fraction)?.checked_mul(factor)?.checked_div(unit)?;
    digits_of(whole)?.checked_mul(factor)?.checked_add(part)
}

fn digits_of(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
