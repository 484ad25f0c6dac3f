//! The same sample for every benchmark.

use anyhow::{Context as _, Result};
use sluice_app::system::SystemRandom;
use sluice_catalog::embedded::EmbeddedCatalog;
use sluice_catalog::import::{Counts, ImportOptions, Input, Rejects, import, preview};
use sluice_catalog::sample;
use sluice_model::{Company, EntityKind, Person, Time};
use std::path::Path;
use std::sync::Arc;

/// Where the example companies are.
pub const COMPANIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/companies.csv");

pub fn options(kind: EntityKind) -> ImportOptions {
    let now = Time::from_millis(1_767_225_600_000);
    let mut options = ImportOptions::new(kind, now, Arc::new(SystemRandom));
    options.observed_at = Some(now);
    options
}

/// The companies of a file, with synthetic headcounts, each with the id that its domain gives it nowhere else.
pub fn companies(path: &Path) -> Result<Vec<Company>> {
    let shown = preview(&options(EntityKind::Company), Input::file(path)?, usize::MAX)?;
    let read = |value| serde_json::from_value(value).map(sample::with_synthetic_headcount);
    Ok(shown.records.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// The body of an ICP of a usual size.
pub fn icp(name: &str) -> serde_json::Value {
    serde_json::json!({
        "name": name,
        "description": "C-level and VP-level technology leaders at enterprise companies",
        "leadProviderCriteria": [{"provider": "baseProvider", "type": "person", "filters": {
            "job_titles": ["CTO", "VP Engineering"], "company_size": ["501-1000", "1001-5000"]}}],
        "customFilterCriteria": [{"type": "maxPeoplePerCompany", "value": 5},
            {"type": "matchFieldWithRegex", "field": "company.headcount", "regex": "^(501|1001)-"}]
    })
}

/// Synthetic people of these companies.
pub fn people(companies: &[Company], count: usize) -> impl Iterator<Item = Person> {
    sample::people(companies, count, 1)
}

/// Imports bytes and returns the counts.
pub fn load(catalog: &EmbeddedCatalog, kind: EntityKind, name: &str, bytes: Vec<u8>) -> Result<Counts> {
    let mut writer = catalog.writer()?;
    let input = Input::reader(name, Box::new(std::io::Cursor::new(bytes)));
    let report = import(&mut writer, &options(kind), input, &mut Rejects::discard(), &mut |_| {})?;
    Ok(report.counts)
}

/// Records as NDJSON.
pub fn ndjson<T: serde::Serialize>(records: impl IntoIterator<Item = T>) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for record in records {
        serde_json::to_writer(&mut out, &record).context("cannot write a record")?;
        out.push(b'\n');
    }
    Ok(out)
}
