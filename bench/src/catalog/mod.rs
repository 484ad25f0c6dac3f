//! `bench catalog`: the catalog and its peers on the same people, side by side.
//!
//! Each engine runs in a process of its own, one after the other, and writes a report into the benchmark's folder. What
//! a folder holds already is not made again. All answers are compared before anything is printed.

mod chart;
mod data;
mod ours;
mod page;
mod plain;
mod postgres;
mod python;
mod questions;
mod report;
mod sqlite;
mod table;

use crate::{machine, sample};
use anyhow::{Context as _, Result, bail, ensure};
use data::Plan;
use report::Report;
use sluice_app::system::SystemClock;
use sluice_model::time::Clock as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An engine, and the files that it leaves in the folder.
struct Engine {
    key: &'static str,
    label: &'static str,
    files: &'static [&'static str],
}

/// Ours first: the others are held against it.
const ENGINES: [Engine; 6] = [
    Engine { key: "ours", label: "Sluice", files: &[ours::CATALOG, ours::IMPORTED] },
    Engine { key: "tantivy", label: "tantivy", files: &[plain::STORE, "people.tantivy.seconds"] },
    Engine { key: "duckdb", label: "DuckDB", files: &["people.duckdb", "people.duckdb.seconds"] },
    Engine { key: "chdb", label: "chdb", files: &["people.chdb", "people.chdb.seconds"] },
    Engine { key: "postgres", label: "PostgreSQL", files: &[] },
    Engine { key: "sqlite", label: "SQLite FTS5", files: &[sqlite::STORE, "people.sqlite.seconds"] },
];

#[derive(clap::Args)]
pub struct Args {
    /// Synthetic people.
    #[arg(long, default_value_t = 1_000_000)]
    people: usize,
    /// Companies: CSV or NDJSON.
    #[arg(long, default_value = sample::COMPANIES)]
    companies: PathBuf,
    /// The folder for people, stores and reports. A run goes on from what it holds: remove it to begin anew.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Engines to measure, with commas between: ours, tantivy, duckdb, chdb, postgres, sqlite. Reports of the others
    /// are taken from the folder. Without it, all that have no report yet.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Keep the people in NDJSON and the stores when they have served.
    #[arg(long)]
    keep: bool,
    /// Print the table only; leave the documentation as it is.
    #[arg(long)]
    print: bool,
}

/// A part of the benchmark in a process of its own.
#[derive(clap::Args)]
pub struct Step {
    name: String,
    dir: PathBuf,
}

/// What is shown: the engines that have a report, and why others have none.
struct Results {
    engines: Vec<(&'static str, Report)>,
    left_out: Vec<String>,
    head: String,
}

/// Makes what is missing, asks all engines, compares, and shows.
///
/// # Errors
/// When ours fails, or any engine has another answer.
pub fn run(args: &Args) -> Result<()> {
    let target = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench"));
    let dir = args.dir.clone().unwrap_or_else(|| target.join(format!("catalog-{}", args.people)));
    let plan = Plan { people: args.people, companies: std::path::absolute(&args.companies)? };
    let plan = plan.settle(&dir)?;
    let dir = std::path::absolute(dir)?;
    if let Some(other) = args.only.iter().find(|key| ENGINES.iter().all(|engine| engine.key != **key)) {
        bail!("there is no engine {other}");
    }
    let named = |engine: &Engine| args.only.iter().any(|key| key == engine.key);
    let missing = |engine: &Engine| args.only.is_empty() && !report_file(&dir, engine).exists();
    let wanted: Vec<&Engine> = ENGINES.iter().filter(|engine| named(engine) || missing(engine)).collect();
    prepare(&plan, &dir, wanted.iter().any(|engine| engine.key == "ours"), args.keep)?;
    let mut left_out = Vec::new();
    for engine in wanted {
        eprintln!("{}: asking", engine.label);
        data::remove(&report_file(&dir, engine))?;
        if let Err(error) = ask(engine, &dir, target) {
            ensure!(engine.key != "ours", "{error:#}");
            left_out.push(format!("{} is left out: {error:#}.", engine.label));
        }
        for file in engine.files.iter().filter(|_| !args.keep) {
            data::remove(&dir.join(file))?;
        }
    }
    show(args, &results(args, &dir, left_out)?)
}

fn report_file(dir: &Path, engine: &Engine) -> PathBuf {
    dir.join(format!("report-{}.json", engine.key))
}

/// Sees to the people's files and, when ours is asked, to the catalog.
fn prepare(plan: &Plan, dir: &Path, ours: bool, keep: bool) -> Result<()> {
    let flat = dir.join(data::PEOPLE_TSV).exists();
    if (ours || !flat) && !dir.join(ours::IMPORTED).exists() {
        eprintln!("making {} people", plan.people);
        data::make_people(plan, dir)?;
        eprintln!("importing them");
        step("import", dir)?;
        if !keep {
            data::remove(&dir.join(data::PEOPLE_NDJSON))?;
        }
    }
    if !flat {
        eprintln!("writing the flat file");
        step("flat", dir)?;
    }
    Ok(())
}

fn step(name: &str, dir: &Path) -> Result<()> {
    finish(Command::new(std::env::current_exe()?).arg("catalog-step").arg(name).arg(dir))?;
    Ok(())
}

/// Runs a program to its end and returns what it printed.
///
/// # Errors
/// When it fails: the last line of its complaint.
fn finish(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.stderr(Stdio::piped()).output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last = complaint.trim_end().lines().last().unwrap_or("it failed without a word");
    ensure!(output.status.success(), "{}", last.trim_start_matches("bench: ").trim_end_matches('.'));
    Ok(output.stdout)
}

fn ask(engine: &Engine, dir: &Path, target: &Path) -> Result<()> {
    match engine.key {
        "duckdb" | "chdb" => {
            std::fs::write(report_file(dir, engine), python::report(engine.key, dir, target)?)?;
        }
        key => step(key, dir)?,
    }
    Ok(())
}

/// Does one step.
///
/// # Errors
/// When it fails.
pub fn run_step(step: &Step) -> Result<()> {
    let dir = &step.dir;
    let plan = Plan::read(dir)?;
    let report = match step.name.as_str() {
        "import" => return ours::import_all(&plan, dir),
        "flat" => return ours::flatten(&plan, dir),
        "ours" => ours::report(&plan, dir)?,
        "tantivy" => plain::report(dir)?,
        "postgres" => postgres::report(dir)?,
        "sqlite" => sqlite::report(dir)?,
        other => bail!("there is no step {other}"),
    };
    data::write_json(&dir.join(format!("report-{}.json", step.name)), &report)
}

/// All reports of the folder, compared with ours.
fn results(args: &Args, dir: &Path, left_out: Vec<String>) -> Result<Results> {
    let mut engines: Vec<(&'static str, Report)> = Vec::new();
    for engine in &ENGINES {
        let file = report_file(dir, engine);
        if !file.exists() {
            continue;
        }
        let report: Report = data::read_json(&file)?;
        if let Some((_, ours)) = engines.first() {
            report::compare(engine.label, ours, &report)?;
        }
        engines.push((engine.label, report));
    }
    let first = engines.first().context("there is no report")?;
    ensure!(first.0 == ENGINES[0].label, "there is no report of ours to hold the others against");
    let head = format!(
        "`cargo xtask bench catalog --people {}`, {}. {}{}.",
        args.people,
        SystemClock.now().date(),
        machine::line(),
        if cfg!(debug_assertions) { "; a build for development, not to be shown" } else { "" }
    );
    Ok(Results { engines, left_out, head })
}

fn show(args: &Args, results: &Results) -> Result<()> {
    let table = table::markdown(args.people, results);
    println!("{table}");
    if !args.print {
        let docs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs"));
        std::fs::write(docs.join("images/catalog.svg"), chart::svg(args.people, results))?;
        page::replace(&docs.join("benchmarks.md"), &table)?;
    }
    Ok(())
}
