//! `sluice sample`.

use crate::cli::SampleArgs;
use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use sluice_app::system::SystemClock;
use sluice_app::system::SystemRandom;
use sluice_catalog::import::{ImportOptions, Input};
use sluice_catalog::sample;
use sluice_model::time::Clock as _;
use sluice_model::{Company, EntityKind};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

pub fn run(args: &SampleArgs) -> Result<()> {
    let mut companies = companies(&args.companies)?;
    if companies.is_empty() {
        bail!("{} holds no companies", args.companies.display());
    }
    if let Some(path) = &args.companies_output {
        companies = companies.into_iter().map(sample::with_synthetic_facts).collect();
        write(path, companies.iter())?;
    }
    write(&args.output, sample::people_as_of(&companies, args.people, args.seed, args.as_of))?;
    eprintln!("{} synthetic people at {} companies, seed {}", args.people, companies.len(), args.seed);
    Ok(())
}

/// Writes records as NDJSON into a file, or to standard output for `-`.
fn write(path: &Path, records: impl Iterator<Item = impl Serialize>) -> Result<()> {
    let out: Box<dyn Write> = if path == Path::new("-") {
        Box::new(std::io::stdout())
    } else {
        Box::new(File::create(path).with_context(|| format!("cannot write {}", path.display()))?)
    };
    let mut out = BufWriter::with_capacity(1 << 20, out);
    let mut line = Vec::with_capacity(4096);
    for record in records {
        // A line of its own first: the serialiser writes many small pieces.
        line.clear();
        serde_json::to_writer(&mut line, &record)?;
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(out.flush()?)
}

/// Reads companies as an import would, without a catalog.
fn companies(path: &Path) -> Result<Vec<Company>> {
    let options = ImportOptions::new(EntityKind::Company, SystemClock.now(), Arc::new(SystemRandom));
    let input = Input::file(path)?;
    let preview = sluice_catalog::import::preview(&options, input, usize::MAX)?;
    Ok(preview.records.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?)
}
