//! The results as Markdown.

use super::Results;
use super::report::{Asked, Report};
use crate::machine;
use std::time::Duration;

/// The names and labels of the questions, in order.
pub fn questions(results: &Results) -> Vec<(String, String)> {
    let after = super::questions::After { rank: 0, place: 0 };
    let known = super::questions::all(after).questions.into_iter().map(|one| (one.name, one.label));
    let ours = results.engines.first().map(|(_, report)| report);
    known.filter(|(name, _)| ours.is_some_and(|ours| ours.answers.contains_key(name))).collect()
}

/// The engine with its version: major and minor number.
pub fn heading(label: &str, report: &Report) -> String {
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let version: Vec<&str> = report
        .version
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(|part| part.trim_start_matches('v'))
        .filter(number)
        .take(2)
        .collect();
    format!("{label} {}", version.join(".")).trim().to_owned()
}

/// Milliseconds, as exact as is of use.
pub fn ms(ms: f64) -> String {
    match ms {
        ms if ms < 10.0 => format!("{ms:.2}"),
        ms if ms < 100.0 => format!("{ms:.1}"),
        ms => format!("{ms:.0}"),
    }
}

fn cells(label: &str, hits: &str, results: &Results, mut cell: impl FnMut(&Report) -> String) -> String {
    let values: Vec<String> = results.engines.iter().map(|(_, report)| cell(report)).collect();
    format!("| {label} | {hits} | {} |\n", values.join(" | "))
}

/// A number with its thousands apart.
pub fn grouped(count: u64) -> String {
    machine::rate(count, Duration::from_secs(1))
}

/// The times of one question, those of the others with how many times ours they are.
fn question_row(name: &str, label: &str, results: &Results) -> String {
    let asked = |report: &Report| report.answers.get(name).cloned();
    let ours = results.engines.first().and_then(|(_, report)| asked(report));
    let hits = ours.as_ref().and_then(|ours| ours.answer.count).map_or_else(|| "–".to_owned(), grouped);
    let least = ours.as_ref().map_or(0.0, Asked::median).max(1e-3);
    let mut first = true;
    cells(&format!("{name}: {label}"), &hits, results, |report| {
        let is_ours = std::mem::take(&mut first);
        let Some(asked) = asked(report) else { return "–".to_owned() };
        let times = format!("{} / {}", ms(asked.median()), ms(asked.percentile(0.95)));
        if is_ours { times } else { format!("{times} ({:.1}×)", asked.median() / least) }
    })
}

/// The whole part between the markers.
pub fn markdown(people: usize, results: &Results) -> String {
    let mut out = format!("{}\n\n", results.head);
    out.push_str("Median / 95th percentile of 20 rounds in milliseconds (of 3 where a round takes over a second), and ");
    out.push_str("how many times ours the median is.\n\n");
    let headings: Vec<String> =
        results.engines.iter().map(|(label, report)| heading(label, report)).collect();
    out.push_str(&format!("| {} people | hits | {} |\n", grouped(people as u64), headings.join(" | ")));
    out.push_str(&format!("|---|---:|{}\n", "---:|".repeat(headings.len())));
    for (name, label) in questions(results) {
        out.push_str(&question_row(&name, &label, results));
    }
    out.push_str(&cells("people/s into the store", "", results, |report| {
        machine::rate(people as u64, Duration::from_secs_f64(report.build_seconds))
    }));
    out.push_str(&cells("store, MiB", "", results, |report| (report.disk_bytes >> 20).to_string()));
    out.push_str(&cells("memory after the questions, MiB", "", results, |report| {
        report.memory_bytes.map_or_else(|| "–".to_owned(), |bytes| (bytes >> 20).to_string())
    }));
    out.push_str(&cells("opening the store, ms", "", results, |report| ms(report.open_ms)));
    let notes = results.engines.iter().flat_map(|(_, report)| &report.notes);
    for note in notes.chain(&results.left_out) {
        out.push_str(&format!("\n{note}\n"));
    }
    out.push_str("\n![The same figures as bars on a logarithmic scale](images/catalog.svg)\n");
    out
}

#[cfg(test)]
mod tests {
    use super::{heading, ms};
    use crate::catalog::report::Report;

    #[test]
    fn versions_and_times_are_short() {
        for (version, shown) in [
            ("v2.0.0", "X 2.0"),
            ("15.9 (Debian 15.9-0+deb12u1)", "X 15.9"),
            ("tantivy v0.27.0, index_format v7", "X 0.27"),
            ("", "X"),
        ] {
            assert_eq!(heading("X", &Report { version: version.to_owned(), ..Report::default() }), shown);
        }
        assert_eq!([ms(1.234), ms(12.34), ms(123.4)], ["1.23", "12.3", "123"]);
    }
}
