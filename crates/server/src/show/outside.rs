//! What came of calls outside.

use sluice_app::crm::export::ExportCounts;
use sluice_model::evidence::Evidence;

/// One piece of evidence as a line: which check, where it looked, what it found.
#[must_use]
pub fn evidence(seen: &Evidence) -> String {
    let mut line = format!("{:<14}{:<8}", seen.check.name(), seen.finding.name());
    let place = [seen.url.as_deref(), seen.model.as_deref()];
    for part in place.into_iter().flatten() {
        line.push(' ');
        line.push_str(part);
    }
    if let Some(text) = seen.quote.as_deref().or(seen.excerpt.as_deref()).or(seen.error.as_deref()) {
        line.push_str(": \"");
        line.push_str(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        line.push('"');
    }
    if seen.cached {
        line.push_str(" (known from before)");
    }
    line
}

/// How many records of an export came to which end.
#[must_use]
pub fn outcomes(counts: &ExportCounts) -> String {
    let ExportCounts { created, updated, noop, skipped, ambiguous, failed } = counts;
    format!(
        "{created} created, {updated} updated, {noop} unchanged, {skipped} skipped, {ambiguous} ambiguous, {failed} failed"
    )
}
