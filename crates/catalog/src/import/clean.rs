//! From what stands in a cell to what a record holds.

use sluice_model::{Time, canon, text};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The value without surrounding space; `None` when it says that there is none.
pub(super) fn present(value: &str) -> Option<&str> {
    let value = trim(value);
    let absent = match value.len() {
        0 => true,
        1..=9 => [
            "n/a",
            "#n/a",
            "null",
            "(null)",
            "\\n",
            "none",
            "undefined",
            "-",
            "--",
            "—",
            "–",
            "k.a.",
            "k. a.",
            "n.a.",
            "?",
        ]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word)),
        _ => false,
    };
    (!absent).then_some(value)
}

/// As [`present`], for people's names: Null and None are surnames, `NULL` and `null` are not.
pub(super) fn present_name(value: &str) -> Option<&str> {
    let value = trim(value);
    if matches!(value, "Null" | "None") { Some(value) } else { present(value) }
}

/// Space of any kind, and marks that are not seen, taken off both ends.
fn trim(value: &str) -> &str {
    value.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
    })
}

/// Adds the parts of `value` that are not there yet; `split`: at `;`.
pub(super) fn extend(list: &mut Vec<String>, value: &str, split: bool) {
    if split {
        value.split(';').filter_map(present).for_each(|part| push(list, part));
    } else {
        push(list, value);
    }
}

/// As [`extend`], for names that hold no comma themselves: split at `;` or `|`, and where there is neither, at `,`.
pub(super) fn extend_names(list: &mut Vec<String>, value: &str, split: bool) {
    if !split {
        push(list, value);
    } else if value.contains([';', '|']) {
        value.split([';', '|']).filter_map(present).for_each(|part| push(list, part));
    } else {
        value.split(',').filter_map(present).for_each(|part| push(list, part));
    }
}

/// Adds a value unless one that only differs in case is there.
pub(super) fn push(list: &mut Vec<String>, value: &str) {
    if !list.iter().any(|old| same_but_case(old, value)) {
        list.push(value.to_owned());
    }
}

fn same_but_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        a.eq_ignore_ascii_case(b)
    } else {
        a.to_lowercase() == b.to_lowercase()
    }
}

/// A number as people write it: `1,234`, `1.234`, `1'234`, `$ 1.5M`, `2,5 Mio`, `12k`. A separator before
/// exactly three last digits divides thousands. `None` for anything else, such as a range.
pub(super) fn number(value: &str) -> Option<f64> {
    let lower = value.to_lowercase();
    let text =
        lower.trim_matches(|c: char| c.is_whitespace() || matches!(c, '$' | '€' | '£' | '¥' | '~' | '+'));
    let text = ["usd", "eur", "gbp", "chf"].iter().fold(text, |text, unit| {
        text.strip_prefix(unit).or_else(|| text.strip_suffix(unit)).unwrap_or(text).trim()
    });
    let digits_end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let factor = match text[digits_end..].trim_matches(|c: char| c.is_whitespace() || c == '.') {
        "" => 1.0,
        "k" | "tsd" | "thousand" => 1e3,
        "m" | "mn" | "mm" | "mio" | "million" | "millionen" | "millions" => 1e6,
        "b" | "bn" | "mrd" | "billion" | "milliarden" | "milliarde" => 1e9,
        _ => return None,
    };
    let digits = &text[..digits_end];
    let mut plain = String::with_capacity(digits.len());
    let last_separator = digits.rfind([',', '.']);
    for (at, c) in digits.char_indices() {
        match c {
            '0'..='9' => plain.push(c),
            ',' | '.' if Some(at) == last_separator => {
                let repeated = digits.matches(c).count() > 1;
                let mixed = digits.contains(if c == ',' { '.' } else { ',' });
                if (digits_end - at - 1 != 3 || (mixed && factor > 1.0)) && !repeated {
                    plain.push('.');
                }
            }
            ',' | '.' | '\'' | '’' | '_' | ' ' | '\u{a0}' | '\u{202f}' => {}
            _ => return None,
        }
    }
    plain.parse::<f64>().ok().map(|number| number * factor).filter(|number| number.is_finite())
}

/// As [`number`], rounded to a whole one.
pub(super) fn whole(value: &str) -> Option<u64> {
    let number = number(value)?.round();
    // The bound is far below 2^53, where every whole number still is itself.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked against both bounds"
    )]
    (0.0..=9e15).contains(&number).then_some(number as u64)
}

/// The band of an exact number of employees, as LinkedIn cuts them.
pub(super) fn band(employees: u64) -> &'static str {
    match employees {
        0..=10 => "1-10",
        11..=50 => "11-50",
        51..=200 => "51-200",
        201..=500 => "201-500",
        501..=1000 => "501-1000",
        1001..=5000 => "1001-5000",
        5001..=10_000 => "5001-10000",
        _ => "10001+",
    }
}

/// Reads a number of employees: the band (`201-500`, `5001+`), and the exact number when there is one.
/// Bands keep the bounds that the source gives.
pub(super) fn headcount(value: &str) -> Option<(String, Option<u64>)> {
    let mut text = value.to_lowercase();
    for word in ["employees", "employee", "mitarbeiter", "beschäftigte", "people", "staff"] {
        text = text.replace(word, "");
    }
    let text = text.trim();
    if matches!(text, "self-employed" | "self employed") {
        return Some(("1-10".to_owned(), None));
    }
    for open in ["more than ", "over ", "mehr als ", "über ", "above ", ">"] {
        if let Some(rest) = text.strip_prefix(open) {
            let least =
                if open == ">" && rest.starts_with('=') { whole(&rest[1..])? } else { whole(rest)? + 1 };
            return Some((format!("{least}+"), None));
        }
    }
    let ends = ["+", "and more", "or more"];
    if let Some(least) = ends.iter().find_map(|end| text.strip_suffix(end)) {
        return Some((format!("{}+", whole(least)?), None));
    }
    for between in [" to ", " bis ", "–", "—", "-", ".."] {
        if let Some((low, high)) = text.split_once(between) {
            let (low, high) = (whole(low)?, whole(high)?);
            return (low <= high).then(|| (format!("{low}-{high}"), None));
        }
    }
    let exact = whole(text)?;
    Some((band(exact).to_owned(), Some(exact)))
}

/// A calendar date: `1958-10-13`, `1958/10/13`, `13.10.1958`, `13/10/1958` when only one reading of it is a date,
/// or the date of a timestamp. `None` for what is none, or could be two.
pub(super) fn date(value: &str) -> Option<String> {
    let day = value.split(['T', ' ']).next()?;
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, month, day) = if a.len() == 4 {
        (*a, *b, *c)
    } else if c.len() != 4 {
        return None;
    } else if day.contains('.') {
        (*c, *b, *a)
    } else {
        match (a.parse::<u8>().ok()?, b.parse::<u8>().ok()?) {
            (first, second) if first == second => (*c, *a, *b),
            (13.., 1..=12) => (*c, *b, *a),
            (1..=12, 13..) => (*c, *a, *b),
            _ => return None,
        }
    };
    let text = format!("{year}-{:02}-{:02}", month.parse::<u8>().ok()?, day.parse::<u8>().ok()?);
    Time::parse(&text).map(|_| text)
}

/// A year between 1000 and 2100, alone or at either end of a date.
pub(super) fn year(value: &str) -> Option<i64> {
    let year = value.split(['-', '/', '.', ' ']).find(|part| part.len() == 4)?.parse().ok()?;
    (1000..=2100).contains(&year).then_some(year)
}

/// A date of which the day, or day and month, may be missing: `2019`, `2019-04`, `04/2019`, or as [`date`].
pub(super) fn day_month_or_year(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split(['-', '/', '.']).map(str::trim).collect();
    let (year, month) = match parts.as_slice() {
        [year] => (*year, None),
        [year, month] if year.len() == 4 => (*year, Some(*month)),
        [month, year] => (*year, Some(*month)),
        _ => return date(value),
    };
    let year = self::year(year)?;
    match month.map(str::parse::<u8>) {
        None => Some(format!("{year:04}")),
        Some(Ok(month @ 1..=12)) => Some(format!("{year:04}-{month:02}")),
        Some(_) => None,
    }
}

/// Whether an end says that there is none yet.
pub(super) fn is_present_day(value: &str) -> bool {
    ["present", "now", "today", "current", "ongoing", "heute", "aktuell", "laufend", "en cours"]
        .iter()
        .any(|word| value.trim().eq_ignore_ascii_case(word))
}

/// When a row was observed: a timestamp or a date.
pub(super) fn observed(value: &str) -> Option<Time> {
    Time::parse(value).or_else(|| Time::parse(&date(value)?))
}

/// The canonical value of a spelling in `data/import/values.tsv`.
fn listed(list: &str, value: &str) -> Option<&'static str> {
    static VALUES: LazyLock<HashMap<String, Vec<(&str, &str)>>> = LazyLock::new(|| {
        let mut values: HashMap<String, Vec<(&str, &str)>> = HashMap::new();
        for line in include_str!("../../data/import/values.tsv").lines().filter(|line| !line.starts_with('#'))
        {
            let mut columns = line.split('\t');
            if let (Some(list), Some(value), Some(spellings)) =
                (columns.next(), columns.next(), columns.next())
            {
                for spelling in std::iter::once(value).chain(spellings.split(';')) {
                    values.entry(squeeze(spelling)).or_default().push((list, value));
                }
            }
        }
        values
    });
    VALUES.get(&squeeze(value))?.iter().find(|(name, _)| *name == list).map(|(_, value)| *value)
}

fn squeeze(value: &str) -> String {
    super::field::squeeze(value)
}

/// One of the seniority names of the filter language.
pub(super) fn seniority(value: &str) -> Option<&'static str> {
    listed("seniority", value)
}

/// One of the company types of the filter language.
pub(super) fn company_type(value: &str) -> Option<&'static str> {
    listed("type", value)
}

fn lines(table: &'static str) -> HashSet<&'static str> {
    table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect()
}

/// Whether many companies have a page or mailbox under this registrable domain, so that it identifies none.
pub(super) fn shared_host(domain: &str) -> bool {
    static HOSTS: LazyLock<HashSet<&str>> =
        LazyLock::new(|| lines(include_str!("../../data/import/shared_hosts.txt")));
    HOSTS.contains(domain) || canon::is_free_mail(domain)
}

/// Whether an office reads this address (`info@…`), so that it identifies nobody.
pub(super) fn role_mailbox(email: &str) -> bool {
    static LOCALS: LazyLock<HashSet<&str>> =
        LazyLock::new(|| lines(include_str!("../../data/import/role_mailboxes.txt")));
    email.split('@').next().is_some_and(|local| LOCALS.contains(local))
}

/// The registrable domain of a web site, unless it is only a page on a shared host. The host's own front page
/// (`www.facebook.com`) keeps its domain.
pub(super) fn own_domain(website: &str) -> Option<String> {
    let domain = canon::domain(website)?;
    if shared_host(&domain) {
        let host = canon::host(website)?;
        let path = website
            .split_once("://")
            .map_or(website, |(_, rest)| rest)
            .split_once('/')
            .map_or("", |(_, p)| p);
        let front = host == domain || host.strip_prefix("www.") == Some(&domain);
        if !front || !path.is_empty() {
            return None;
        }
    }
    Some(domain)
}

/// Whether a URL is the front page of its domain.
pub(super) fn front_page(website: &str, domain: &str) -> bool {
    let rest = website.split_once("://").map_or(website, |(_, rest)| rest).trim_end_matches('/');
    let folded = text::fold(rest);
    folded == domain || folded.strip_prefix("www.") == Some(domain)
}

#[cfg(test)]
mod tests {
    use super::{
        company_type, date, day_month_or_year, headcount, number, observed, own_domain, present,
        present_name, seniority, whole, year,
    };

    #[test]
    fn absent_values() {
        for absent in ["", "  ", "N/A", "null", "NULL", "-", "\u{feff}", "#N/A", "None"] {
            assert_eq!(present(absent), None, "{absent:?}");
        }
        assert_eq!(present("\u{a0} x\t"), Some("x"));
        assert_eq!(present("Na"), Some("Na"));
        assert_eq!((present_name("Null"), present_name("NULL")), (Some("Null"), None));
    }

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("1,234", Some(1234.0)),
            ("1.234", Some(1234.0)),
            ("1'234", Some(1234.0)),
            ("1 234 567", Some(1_234_567.0)),
            ("1.234,5", Some(1234.5)),
            ("1,234.50", Some(1234.5)),
            ("1,234,567", Some(1_234_567.0)),
            ("$1.5M", Some(1_500_000.0)),
            ("2,5 Mio", Some(2_500_000.0)),
            ("EUR 3 Mrd.", Some(3e9)),
            ("12k", Some(12_000.0)),
            ("0.5", Some(0.5)),
            ("10-20", None),
            ("many", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
        assert_eq!(whole("-5"), None);
        assert_eq!(whole("99999999999999999999"), None);
    }

    #[test]
    fn headcounts() {
        for (text, band, exact) in [
            ("201-500", "201-500", None),
            ("201 to 500", "201-500", None),
            ("201 – 500 Mitarbeiter", "201-500", None),
            ("1,001-5,000 employees", "1001-5000", None),
            ("1.001 bis 5.000", "1001-5000", None),
            ("5001+", "5001+", None),
            ("10,001+ employees", "10001+", None),
            (">5000", "5001+", None),
            ("more than 10,000", "10001+", None),
            ("340", "201-500", Some(340)),
            ("12,345", "10001+", Some(12_345)),
            ("0", "1-10", Some(0)),
        ] {
            assert_eq!(headcount(text), Some((band.to_owned(), exact)), "{text}");
        }
        for bad in ["", "some", "500-200", "+"] {
            assert_eq!(headcount(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_and_years() {
        for (text, expected) in [
            ("1958-10-13", Some("1958-10-13")),
            ("13.10.1958", Some("1958-10-13")),
            ("3.1.1958", Some("1958-01-03")),
            ("13/10/1958", Some("1958-10-13")),
            ("10/13/1958", Some("1958-10-13")),
            ("05/05/1958", Some("1958-05-05")),
            ("1958-10-13T00:00:00Z", Some("1958-10-13")),
            ("04/05/1958", None),
            ("1958-13-10", None),
            ("31.02.1958", None),
            ("1958", None),
            ("soon", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
        assert_eq!(
            (year("1988"), year("13.10.1988"), year("88"), year("3000")),
            (Some(1988), Some(1988), None, None)
        );
        for (text, expected) in [
            ("2019", Some("2019")),
            ("2019-4", Some("2019-04")),
            ("04/2019", Some("2019-04")),
            ("13.10.2019", Some("2019-10-13")),
            ("13/2019", None),
            ("19", None),
            ("soon", None),
        ] {
            assert_eq!(day_month_or_year(text).as_deref(), expected, "{text}");
        }
        assert!(observed("2026-01-01").is_some() && observed("2026-01-01T10:00:00Z").is_some());
    }

    #[test]
    fn domains_of_pages_on_shared_hosts() {
        for (website, expected) in [
            ("https://www.acme.de/start", Some("acme.de")),
            ("https://www.facebook.com/acme", None),
            ("acme.blogspot.com", Some("acme.blogspot.com")),
            ("http://www.facebook.com", Some("facebook.com")),
            ("sites.google.com/acme", None),
            ("nothing", None),
        ] {
            assert_eq!(own_domain(website).as_deref(), expected, "{website}");
        }
    }

    #[test]
    fn listed_values() {
        assert_eq!(seniority("C-Level"), Some("c_suite"));
        assert_eq!(seniority("mid-level"), Some("mid-level"));
        assert_eq!(seniority("Geschäftsführung"), Some("c_suite"));
        assert_eq!(seniority("wizard"), None);
        assert_eq!(company_type("Privately Held"), Some("PRIVATELY_HELD"));
        assert_eq!(company_type("NON_PROFIT"), Some("NON_PROFIT"));
    }
}
