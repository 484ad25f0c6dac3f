//! `sluice sample`.

use crate::cli::SampleArgs;
use anyhow::{Context as _, Result, bail};
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
    let companies = companies(&args.companies)?;
    if companies.is_empty() {
        bail!("{} holds no companies", args.companies.display());
    }
    let mut out: BufWriter<Box<dyn Write>> = BufWriter::new(if args.output == Path::new("-") {
        Box::new(std::io::stdout())
    } else {
        let file = File::create(&args.output);
        Box::new(file.with_context(|| format!("cannot write {}", args.output.display()))?)
    });
    for person in sample::people(&companies, args.people, args.seed) {
        serde_json::to_writer(&mut out, &person)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    eprintln!("{} synthetic people at {} companies, seed {}", args.people, companies.len(), args.seed);
    Ok(())
}

/// Reads companies as an import would, without a catalog.
fn companies(path: &Path) -> Result<Vec<Company>> {
    let options = ImportOptions::new(EntityKind::Company, SystemClock.now(), Arc::new(SystemRandom));
    let input = Input::file(path)?;
    let preview = sluice_catalog::import::preview(&options, input, usize::MAX)?;
    Ok(preview.records.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?)
}
