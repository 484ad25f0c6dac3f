//! `sluice import`.

use crate::cli::ImportArgs;
use crate::engine::Engine;
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sluice_app::system::{SystemClock, SystemRandom};
use sluice_catalog::import::{
    Counts, ImportOptions, ImportReport, Input, Mapping, Preview, Rejects, Warnings,
};
use sluice_model::time::Clock as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rows that a dry run shows.
const SHOWN: usize = 5;

pub async fn run(args: ImportArgs) -> Result<()> {
    // Importing is blocking work from end to end.
    tokio::task::spawn_blocking(move || import_all(&args)).await?
}

fn import_all(args: &ImportArgs) -> Result<()> {
    let mut options = ImportOptions::new(args.kind, SystemClock.now(), Arc::new(SystemRandom));
    options.source.clone_from(&args.source);
    options.observed_at = args.observed_at;
    options.map.clone_from(&args.map);
    options.commit_rows = args.commit_rows;
    if args.dry_run {
        return args.files.iter().try_for_each(|file| dry_run(&options, file));
    }
    let mut writer = Engine::open(&args.data.dir, &args.catalog)?.writer()?;
    let rejects_path = args.rejects.clone().unwrap_or_else(|| default_rejects(args));
    let mut rejects = Rejects::to_file(&rejects_path);
    let mut total = Counts::default();
    for file in &args.files {
        let begun = Instant::now();
        let (input, size, read) = open(file)?;
        let bar = bar(size);
        let mut progress = |counts: &Counts| {
            bar.set_position(read.position());
            bar.set_message(counts.to_string());
        };
        let result =
            sluice_catalog::import::import(writer.as_mut(), &options, input, &mut rejects, &mut progress);
        bar.finish_and_clear();
        // The rows that were set aside are kept, also when the file ends in the middle.
        rejects.flush().context("cannot write the rejects")?;
        let report = result?;
        print_report(file, &report, begun.elapsed());
        add(&mut total, &report.counts);
    }
    if total.rejected > 0 {
        eprintln!("{} rows were rejected, with line and reason: {}", total.rejected, rejects_path.display());
    }
    println!("{total}");
    Ok(())
}

/// Beside the data, so that importing a file from a read-only place works; here when there is no data folder.
fn default_rejects(args: &ImportArgs) -> PathBuf {
    let name =
        args.files.first().and_then(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
    let name = format!("{}.rejects.csv", name.unwrap_or_default());
    if args.data.dir.is_dir() { args.data.dir.join(name) } else { PathBuf::from(name) }
}

fn add(total: &mut Counts, counts: &Counts) {
    total.read += counts.read;
    total.created += counts.created;
    total.updated += counts.updated;
    total.unchanged += counts.unchanged;
    total.rejected += counts.rejected;
    total.companies_created += counts.companies_created;
    total.companies_completed += counts.companies_completed;
}

/// Opens a file or standard input, with a bar's position that counts the bytes read.
fn open(path: &Path) -> Result<(Input, Option<u64>, ProgressBar)> {
    let read = ProgressBar::hidden();
    if path == Path::new("-") {
        return Ok((Input::reader("-", Box::new(read.wrap_read(std::io::stdin()))), None, read));
    }
    let mut input = Input::file(path)?;
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let size = file.metadata().ok().map(|metadata| metadata.len());
    let modified = input.modified;
    input = Input::reader(input.name, Box::new(read.wrap_read(file)));
    input.modified = modified;
    Ok((input, size, read))
}

fn bar(size: Option<u64>) -> ProgressBar {
    let target = ProgressDrawTarget::stderr_with_hz(10);
    let bar = match size {
        Some(size) => ProgressBar::with_draw_target(Some(size), target),
        None => ProgressBar::with_draw_target(None, target),
    };
    let template = if size.is_some() {
        "{bar:30} {bytes}/{total_bytes} {elapsed} {msg}"
    } else {
        "{spinner} {bytes} {elapsed} {msg}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn print_report(file: &Path, report: &ImportReport, took: Duration) {
    let counts = &report.counts;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = counts.read as f64 / took.as_secs_f64().max(0.001);
    eprintln!("{}: {counts} in {:.1} s ({rate:.0} rows/s)", file.display(), took.as_secs_f64());
    if counts.companies_created > 0 {
        eprintln!("  companies made for people's employers: {}", counts.companies_created);
    }
    print_mapping(&report.mapping);
    print_warnings(&report.warnings);
}

fn print_mapping(mapping: &Mapping) {
    let mapped: Vec<String> =
        mapping.mapped.iter().map(|(column, field)| format!("{column}→{field}")).collect();
    eprintln!("  columns: {}", mapped.join(", "));
    if !mapping.unmapped.is_empty() {
        eprintln!("  left out: {}", mapping.unmapped.join(", "));
    }
}

fn print_warnings(warnings: &Warnings) {
    for (text, warning) in warnings {
        eprintln!("  {} × {text} (first on line {})", warning.count, warning.first_line);
    }
}

fn dry_run(options: &ImportOptions, file: &Path) -> Result<()> {
    let (input, _, _) = open(file)?;
    let Preview { mapping, records, rejected, warnings } =
        sluice_catalog::import::preview(options, input, SHOWN)?;
    eprintln!("{}:", file.display());
    print_mapping(&mapping);
    print_warnings(&warnings);
    for (line, reason) in &rejected {
        eprintln!("  line {line} would be rejected: {reason}");
    }
    for record in &records {
        println!("{}", serde_json::to_string_pretty(record)?);
    }
    if records.is_empty() {
        bail!("none of the first {SHOWN} rows can be used");
    }
    Ok(())
}
