//! `bench titles`: how well SMART finds titles, on the labelled pairs of `bench/data/titles.tsv`.

use crate::machine;
use anyhow::{Context as _, Result, bail};
use sluice_catalog::reference::text_matches;
use sluice_catalog::text::{Profile, departments_of, record_tokens, seniority_of};
use sluice_model::filter::Mode;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Args {
    /// Print the pairs that are answered wrongly.
    #[arg(long)]
    wrong: bool,
    /// The labelled pairs; default: those of the project.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Milliseconds per measurement of speed.
    #[arg(long, default_value_t = 500)]
    millis: u64,
}

struct Pair<'a> {
    query: &'a str,
    record: &'a str,
    fits: bool,
}

/// The pairs of one part of the file.
struct Part<'a> {
    name: &'a str,
    pairs: Vec<Pair<'a>>,
}

/// How the answers to pairs compare with their labels.
#[derive(Clone, Copy, Default)]
struct Counts {
    /// Found, and rightly.
    hits: u32,
    /// Found, though it should not be.
    false_hits: u32,
    /// Not found, though it should be.
    misses: u32,
    /// Not found, and rightly.
    rejections: u32,
}

impl Counts {
    fn add(&mut self, fits: bool, found: bool) {
        let count = match (fits, found) {
            (true, true) => &mut self.hits,
            (false, true) => &mut self.false_hits,
            (true, false) => &mut self.misses,
            (false, false) => &mut self.rejections,
        };
        *count += 1;
    }

    fn row(self, name: &str) -> String {
        let share = |of: u32, all: u32| f64::from(of) / f64::from(all.max(1));
        format!(
            "| {name} | {} | {} | {} | {} | {:.3} | {:.3} |",
            self.hits + self.misses,
            self.false_hits + self.rejections,
            self.false_hits,
            self.misses,
            share(self.hits, self.hits + self.false_hits),
            share(self.hits, self.hits + self.misses),
        )
    }
}

pub fn run(args: &Args) -> Result<()> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/data/titles.tsv");
    let path = args.file.clone().unwrap_or_else(|| own.into());
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let parts = read(&text)?;
    println!("| part | labelled yes | labelled no | found wrongly | missed | precision | recall |");
    println!("|---|---|---|---|---|---|---|");
    let mut all = Counts::default();
    let mut wrong = Vec::new();
    for part in &parts {
        let mut counts = Counts::default();
        for pair in &part.pairs {
            let found = text_matches(Mode::Smart, Profile::Title, pair.query, pair.record);
            counts.add(pair.fits, found);
            all.add(pair.fits, found);
            if found != pair.fits {
                let fault = if found { "found wrongly" } else { "missed" };
                wrong.push(format!("{}: {fault}: {} | {}", part.name, pair.query, pair.record));
            }
        }
        println!("{}", counts.row(part.name));
    }
    println!("{}", all.row("together"));
    if args.wrong {
        println!("\n{}", wrong.join("\n"));
    }
    speed(&parts, Duration::from_millis(args.millis));
    Ok(())
}

fn read(text: &str) -> Result<Vec<Part<'_>>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            parts.push(Part { name, pairs: Vec::new() });
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        match (fields.as_slice(), parts.last_mut()) {
            (&[query, record, label @ ("yes" | "no")], Some(part)) => {
                part.pairs.push(Pair { query, record, fits: label == "yes" });
            }
            _ => bail!("line {number} is no pair of a part: {line}"),
        }
    }
    Ok(parts)
}

fn speed(parts: &[Part<'_>], time: Duration) {
    let titles: Vec<&str> = parts.iter().flat_map(|part| &part.pairs).map(|pair| pair.record).collect();
    let per_second = |read: &dyn Fn(&str) -> usize| {
        let (begun, mut count, mut tokens) = (Instant::now(), 0_u32, 0);
        while begun.elapsed() < time {
            tokens += titles.iter().map(|title| read(title)).sum::<usize>();
            count += u32::try_from(titles.len()).unwrap_or(u32::MAX);
        }
        std::hint::black_box(tokens);
        f64::from(count) / begun.elapsed().as_secs_f64()
    };
    println!("\n{}; titles a second on one core:", machine::line());
    println!("tokens {:.0}", per_second(&|title| record_tokens(Profile::Title, title).len()));
    println!("seniority {:.0}", per_second(&|title| usize::from(seniority_of(title).is_some())));
    println!("departments {:.0}", per_second(&|title| departments_of(title).len()));
}
