//! `sluice import`.

mod files;

use crate::cli::ImportArgs;
use crate::engine::Engine;
use anyhow::{Result, bail};
use files::{Found, Gathered};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sluice_app::system::{SystemClock, SystemRandom};
use sluice_catalog::Writer;
use sluice_catalog::import::{
    Counts, ImportError, ImportOptions, ImportReport, Input, Mapping, Preview, Rejects, Warnings,
};
use sluice_model::time::Clock as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Rows that a dry run shows.
const SHOWN: usize = 5;

pub async fn run(args: ImportArgs) -> Result<()> {
    // Importing is blocking work from end to end.
    tokio::task::spawn_blocking(move || import_all(&args)).await?
}

fn import_all(args: &ImportArgs) -> Result<()> {
    let Gathered { files, others } = files::gather(&args.files)?;
    for other in others {
        eprintln!(
            "{} is left out: its name does not end as that of a file that is imported",
            other.display()
        );
    }
    if files.is_empty() {
        bail!("there is nothing to import in {}", files::listed(&args.files));
    }
    let options = options(args);
    if args.dry_run {
        return files.iter().try_for_each(|file| dry_run(&options, file));
    }
    import_files(args, options, &files)
}

fn options(args: &ImportArgs) -> ImportOptions {
    let mut options = ImportOptions::new(args.kind, SystemClock.now(), Arc::new(SystemRandom));
    options.source.clone_from(&args.source);
    options.observed_at = args.observed_at;
    options.map.clone_from(&args.map);
    options.commit_rows = args.commit_rows;
    options.check = !args.no_check;
    options.format = args.format;
    options.encoding = args.encoding;
    options.sheet.clone_from(&args.sheet);
    options
}

/// Imports one file after the other. One that cannot be read is left out and said at the end.
fn import_files(args: &ImportArgs, mut options: ImportOptions, files: &[Found]) -> Result<()> {
    let engine = Engine::open(&args.data.dir, &args.catalog)?;
    // What is copied to be read is as large as the data: it belongs where there is room for that.
    options.scratch = args.data.dir.is_dir().then(|| args.data.dir.clone());
    let mut writer = Some(engine.writer()?);
    let rejects_path = args.rejects.clone().unwrap_or_else(|| default_rejects(args));
    let mut rejects = Rejects::to_file(&rejects_path);
    let (mut total, mut failed) = (Counts::default(), 0_usize);
    let mut mapping = Mapping::default();
    for file in files {
        let begun = Instant::now();
        let mut open_writer = match writer.take() {
            Some(writer) => writer,
            None => engine.writer()?,
        };
        match import_file(open_writer.as_mut(), &options, file, &mut rejects) {
            Ok(report) => {
                print_report(&file.path, &report, begun.elapsed(), &mapping);
                add(&mut total, &report.counts);
                mapping = report.mapping;
                writer = Some(open_writer);
            }
            // Without the writer, what was put and not committed is forgotten.
            Err(error) if error.is_of_the_input() && files.len() > 1 => {
                eprintln!("{}: {error}", file.path.display());
                failed += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    if total.rejected > 0 {
        eprintln!("{} rows were rejected, with line and reason: {}", total.rejected, rejects_path.display());
    }
    println!("{total}");
    if failed > 0 {
        bail!("{failed} of {} files could not be imported", files.len());
    }
    Ok(())
}

fn import_file(
    writer: &mut dyn Writer,
    options: &ImportOptions,
    file: &Found,
    rejects: &mut Rejects,
) -> Result<ImportReport, ImportError> {
    let (input, size) = open(&file.path)?;
    let mut options = options.clone();
    options.source = options.source.or_else(|| file.source.clone());
    let (bar, position) = (bar(size), input.position());
    let mut progress = |counts: &Counts| {
        bar.set_position(position.load(Ordering::Relaxed));
        bar.set_message(counts.to_string());
    };
    if options.check && size.is_some() {
        bar.set_message("reading it through first");
    }
    let result = sluice_catalog::import::import(writer, &options, input, rejects, &mut progress);
    bar.finish_and_clear();
    // The rows that were set aside are kept, also when the file ends in the middle.
    rejects.flush().map_err(ImportError::Rejects)?;
    result
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

/// Opens a file, whose size is known, or standard input.
fn open(path: &Path) -> Result<(Input, Option<u64>), ImportError> {
    if path == Path::new("-") {
        return Ok((Input::reader("-", Box::new(std::io::stdin())), None));
    }
    let input = Input::file(path)?;
    Ok((input, path.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len())))
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

/// Counts, columns unless they are as `before`, and warnings.
fn print_report(file: &Path, report: &ImportReport, took: Duration, before: &Mapping) {
    let counts = &report.counts;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = counts.read as f64 / took.as_secs_f64().max(0.001);
    eprintln!("{}: {counts} in {:.1} s ({rate:.0} rows/s)", file.display(), took.as_secs_f64());
    if counts.companies_created > 0 {
        eprintln!("  companies made for people's employers: {}", counts.companies_created);
    }
    if report.mapping != *before {
        print_mapping(&report.mapping);
    }
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

fn dry_run(options: &ImportOptions, file: &Found) -> Result<()> {
    let (input, _) = open(&file.path)?;
    let mut options = options.clone();
    options.source = options.source.or_else(|| file.source.clone());
    let Preview { mapping, records, rejected, warnings } =
        sluice_catalog::import::preview(&options, input, SHOWN)?;
    eprintln!("{}:", file.path.display());
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
