//! A funnel: one bar per stage.

use sluice_model::funnel::Funnel;
use std::fmt::Write as _;

/// Characters of the longest bar.
const WIDTH: u64 = 40;
/// Reasons shown per stage.
const REASONS: usize = 3;

/// The funnel as lines of text: what each stage let through as a bar, and why it dropped the rest.
pub fn funnel(funnel: &Funnel) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "  {:<12} {} {:>7}",
        "considered",
        bar(funnel.considered, funnel.considered),
        funnel.considered
    );
    for stage in &funnel.stages {
        let mut line =
            format!("  {:<12} {} {:>7}", stage.stage.name(), bar(stage.out, funnel.considered), stage.out);
        let dropped = stage.dropped + stage.unknown;
        if dropped > 0 {
            let mut reasons: Vec<_> = stage.reasons.iter().collect();
            reasons.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
            let mut named: Vec<String> =
                reasons.iter().take(REASONS).map(|(reason, count)| format!("{reason} {count}")).collect();
            if reasons.len() > REASONS {
                named.push("…".to_owned());
            }
            let _ = write!(line, "  −{dropped} ({})", named.join(", "));
        }
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(
        out,
        "  {:<12} {} {:>7}",
        "accepted",
        bar(funnel.accepted, funnel.considered),
        funnel.accepted
    );
    out
}

fn bar(value: u64, whole: u64) -> String {
    let eighths = (value * WIDTH * 8).checked_div(whole).unwrap_or(0);
    // Something is never shown as nothing.
    let eighths = if value > 0 { eighths.max(1) } else { 0 };
    let (full, part) = (eighths / 8, eighths % 8);
    let mut text: String = (0..full).map(|_| '█').collect();
    if part > 0 {
        text.push(['▏', '▎', '▍', '▌', '▋', '▊', '▉'][usize::try_from(part - 1).unwrap_or(0)]);
    }
    let missing = usize::try_from(WIDTH).unwrap_or(40) - text.chars().count();
    text + &" ".repeat(missing)
}

#[cfg(test)]
mod tests {
    use super::{bar, funnel};
    use sluice_model::funnel::{Funnel, Stage, Verdict};

    #[test]
    fn bars_keep_their_width() {
        for (value, whole) in [(0, 0), (0, 5), (1, 1_000_000), (3, 7), (7, 7)] {
            assert_eq!(bar(value, whole).chars().count(), 40, "{value}/{whole}");
        }
        assert!(bar(1, 1_000_000).starts_with('▏'));
    }

    #[test]
    fn a_stage_names_why_it_dropped() {
        let mut counted = Funnel::default();
        counted.count(Verdict::Accepted, Stage::Accept, "");
        counted.count(Verdict::Dropped, Stage::Caps, "company is full");
        let text = funnel(&counted);
        assert!(text.contains("−1 (company is full 1)"), "{text}");
    }
}
