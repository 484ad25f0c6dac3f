//! The results as a picture: a bar for each engine under each question, on a logarithmic scale.

use super::Results;
use super::report::Asked;
use super::table;

/// Ours first; the order is that of the engines.
const COLOURS: [&str; 6] = ["#5ea9f5", "#7bd389", "#f2c14e", "#f78154", "#b79ced", "#8fa3b5"];
const WIDTH: f64 = 960.0;
const LEFT: f64 = 150.0;
/// Room for the figures behind the longest bar.
const RIGHT: f64 = 120.0;
const BAR: f64 = 14.0;
const STEP: f64 = 18.0;
/// Room for a question's name above its bars, and below them.
const TITLE: f64 = 24.0;
const GAP: f64 = 16.0;
const TOP: f64 = 56.0;

/// The scale: from a power of ten of milliseconds on, so many of them.
struct Scale {
    from: f64,
    decades: f64,
}

impl Scale {
    fn of(times: &[f64]) -> Self {
        let least = times.iter().copied().fold(f64::MAX, f64::min).max(1e-3);
        let most = times.iter().copied().fold(1e-3, f64::max);
        // A bar begins a little below the least time, so that each is seen.
        let from = (least / 1.5).log10().floor();
        Self { from, decades: (most.log10().ceil() - from).max(1.0) }
    }

    fn x(&self, ms: f64) -> f64 {
        LEFT + (ms.max(1e-3).log10() - self.from).max(0.0) / self.decades * (WIDTH - LEFT - RIGHT)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn text(x: f64, y: f64, fill: &str, anchor: &str, words: &str) -> String {
    let words = escaped(words);
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{fill}\" text-anchor=\"{anchor}\">{words}</text>\n")
}

/// Lines at each power of ten, from `top` to `bottom`.
fn grid(scale: &Scale, top: f64, bottom: f64) -> String {
    let mut out = String::new();
    let mut decade = scale.from;
    while decade <= scale.from + scale.decades {
        let ms = 10_f64.powf(decade);
        let x = scale.x(ms);
        out.push_str(&format!(
            "<line x1=\"{x:.1}\" y1=\"{top:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" stroke=\"#2b3644\"/>\n"
        ));
        let label = if ms >= 1e3 { format!("{:.0} s", ms / 1e3) } else { format!("{ms} ms") };
        out.push_str(&text(x, bottom + 18.0, "#8fa3b5", "middle", &label));
        decade += 1.0;
    }
    out
}

/// The bars of one question from `y` down, and where they end.
fn bars(scale: &Scale, name: &str, results: &Results, mut y: f64) -> (String, f64) {
    let mut out = String::new();
    for ((engine, report), colour) in results.engines.iter().zip(COLOURS) {
        let Some(ms) = report.answers.get(name).map(Asked::median) else { continue };
        let width = (scale.x(ms) - LEFT).max(1.0);
        out.push_str(&text(LEFT - 10.0, y + 12.0, "#c3cfdb", "end", &table::heading(engine, report)));
        out.push_str(&format!(
            "<rect x=\"{LEFT:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BAR:.1}\" rx=\"2\" fill=\"{colour}\"/>\n"
        ));
        let figure = format!("{} ms", table::ms(ms));
        out.push_str(&text(LEFT + width + 6.0, y + 12.0, "#e4eaf1", "start", &figure));
        y += STEP;
    }
    (out, y)
}

/// The picture.
pub fn svg(people: usize, results: &Results) -> String {
    let reports = results.engines.iter().map(|(_, report)| report);
    let all: Vec<f64> = reports.flat_map(|report| report.answers.values().map(Asked::median)).collect();
    let scale = Scale::of(&all);
    let mut body = String::new();
    let mut y = TOP;
    for (name, label) in table::questions(results) {
        body.push_str(&text(20.0, y + 14.0, "#e4eaf1", "start", &format!("{name}: {label}")));
        let (drawn, end) = bars(&scale, &name, results, y + TITLE);
        body.push_str(&drawn);
        y = end + GAP;
    }
    let height = y + 24.0;
    let people = table::grouped(people as u64);
    let title = format!("{people} people: median time of an answer, less is better (logarithmic)");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" role=\"img\" aria-label=\"{title}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#131a22\"/>\n\
         <g font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\">\n\
         {}{}{body}</g>\n</svg>\n",
        text(20.0, 30.0, "#e4eaf1", "start", &title),
        grid(&scale, TOP - 8.0, y - GAP)
    )
}

#[cfg(test)]
mod tests {
    use super::{LEFT, RIGHT, Scale, WIDTH, escaped};

    #[test]
    fn each_power_of_ten_is_as_wide() {
        let scale = Scale::of(&[0.3, 42.0, 999.0]);
        assert_eq!((scale.from, scale.decades), (-1.0, 4.0));
        assert_eq!(scale.x(0.1), LEFT);
        assert_eq!(scale.x(1_000.0), WIDTH - RIGHT);
        assert!((scale.x(100.0) - scale.x(10.0) - (scale.x(10.0) - scale.x(1.0))).abs() < 1e-6);
        assert_eq!(escaped("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
    }
}
