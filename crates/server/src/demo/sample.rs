//! The demo's catalog: listed companies and synthetic people.

use crate::home::Home;
use anyhow::Result;
use sluice_catalog::import::{ImportOptions, Input, Rejects};
use sluice_catalog::{Search, Sort, Window, sample};
use sluice_model::filter::Filter;
use sluice_model::{Company, EntityKind, Time};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Instant;

const PEOPLE: usize = 20_000;
const SEED: u64 = 1;
/// The sample never changes, so that importing it again changes nothing.
const OBSERVED: &str = "2026-01-01T00:00:00Z";
const COMPANIES: &str = include_str!("../../../../examples/companies.csv");

/// Imports the sample unless it is there.
pub async fn fill_catalog(home: &Home) -> Result<()> {
    let (people, companies) = home.catalog.size().await?;
    if people > 0 {
        eprintln!("catalog: {companies} companies, {people} people (there already)");
        return Ok(());
    }
    let begun = Instant::now();
    let observed = Time::parse(OBSERVED);
    let engine = home.engine.clone();
    let (now, random) = (home.context.now(), home.context.random.clone());
    let import = move |kind, source: &str, bytes: Vec<u8>| -> Result<()> {
        let mut options = ImportOptions::new(kind, now, random.clone());
        options.source = Some(source.to_owned());
        options.observed_at = observed;
        let mut writer = engine.writer()?;
        let input = Input::reader(format!("{source}.ndjson"), Box::new(Cursor::new(bytes)));
        sluice_catalog::import::import(
            writer.as_mut(),
            &options,
            input,
            &mut Rejects::discard(),
            &mut |_| {},
        )?;
        Ok(())
    };
    let import = Arc::new(import);
    let step = import.clone();
    tokio::task::spawn_blocking(move || -> Result<()> {
        let options =
            ImportOptions::new(EntityKind::Company, now, Arc::new(sluice_app::system::SystemRandom));
        let input = Input::reader("companies.csv", Box::new(Cursor::new(COMPANIES)));
        let parsed = sluice_catalog::import::preview(&options, input, usize::MAX)?;
        let mut lines = Vec::new();
        for record in parsed.records {
            let company: Company = serde_json::from_value(record)?;
            serde_json::to_writer(&mut lines, &sample::with_synthetic_headcount(company))?;
            lines.push(b'\n');
        }
        step(EntityKind::Company, "FinanceDatabase", lines)
    })
    .await??;
    let companies = all_companies(home).await?;
    tokio::task::spawn_blocking(move || -> Result<()> {
        let mut lines = Vec::new();
        for person in sample::people(&companies, PEOPLE, SEED) {
            serde_json::to_writer(&mut lines, &person)?;
            lines.push(b'\n');
        }
        import(EntityKind::Person, sample::SOURCE, lines)
    })
    .await??;
    let (people, companies) = home.catalog.size().await?;
    eprintln!(
        "catalog: {companies} companies (FinanceDatabase, MIT), {people} synthetic people, in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

async fn all_companies(home: &Home) -> Result<Vec<Company>> {
    let search = Search {
        filter: Filter::default(),
        ids: None,
        window: Window::Below { rank: None, limit: 100_000 },
        count: false,
        sort: Sort::Rank,
        now: Time::from_millis(0),
    };
    let page = home.catalog.search_companies(search).await?;
    let mut companies: Vec<Company> = page.hits.into_iter().map(|hit| hit.company).collect();
    // Ids are new in each data folder: by name the same people are made everywhere.
    companies.sort_by(|a, b| (&a.name, &a.domain).cmp(&(&b.name, &b.domain)));
    Ok(companies)
}
