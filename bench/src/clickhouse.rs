//! `bench clickhouse`: imports into a cluster of two shards on this machine, and searches there.

use crate::run::first_hundred;
use crate::{machine, sample};
use anyhow::Result;
use sluice_catalog::import::{Input, Rejects, import};
use sluice_catalog::{Catalog as _, ClickHouseCatalog, Count, Search};
use sluice_model::EntityKind;
use sluice_model::filter::Exclusions;
use sluice_testdb::clickhouse::Cluster;
use std::path::PathBuf;
use std::time::Instant;
use uuid::Uuid;

/// Times of each measurement; the median is shown.
const ROUNDS: usize = 7;
/// As many ids are excluded.
const EXCLUDED: u128 = 100_000;

#[derive(clap::Args)]
pub struct Args {
    /// Synthetic people.
    #[arg(long, default_value_t = 200_000)]
    people: usize,
    /// Companies: CSV or NDJSON.
    #[arg(long, default_value = sample::COMPANIES)]
    companies: PathBuf,
    /// A cluster that is there; default: two shards that go away again.
    #[arg(long, value_name = "URL")]
    catalog: Option<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let cluster = if args.catalog.is_none() { Some(Cluster::start(2)?) } else { None };
    let url = args.catalog.clone().or_else(|| cluster.as_ref().map(|cluster| cluster.url("bench")));
    let catalog = ClickHouseCatalog::new(&url.unwrap_or_default())?;
    runtime.block_on(catalog.init())?;
    println!("{}\n\n| what | rows | seconds | rows/s |\n|---|---:|---:|---:|", machine::line());
    let companies = sample::companies(&args.companies)?;
    load(&catalog, EntityKind::Company, sample::ndjson(&companies)?, "companies")?;
    // In parts: as one text a million people would take more memory than the cluster.
    let mut people = sample::people(&companies, args.people).peekable();
    while people.peek().is_some() {
        let part = sample::ndjson(people.by_ref().take(100_000))?;
        load(&catalog, EntityKind::Person, part, "people")?;
    }
    let again = sample::ndjson(sample::people(&companies, args.people.min(100_000)))?;
    load(&catalog, EntityKind::Person, again, "the first people again")?;
    println!("\n| search, first 100 and exact count | hits | ms |\n|---|---:|---:|");
    for (label, search) in searches() {
        runtime.block_on(measure(&catalog, label, search))?;
    }
    runtime.block_on(facets(&catalog))
}

fn load(catalog: &ClickHouseCatalog, kind: EntityKind, bytes: Vec<u8>, label: &str) -> Result<()> {
    let begun = Instant::now();
    let mut writer = catalog.writer()?;
    let input = Input::reader("rows.ndjson", Box::new(std::io::Cursor::new(bytes)));
    let options = sample::options(kind);
    let report = import(&mut writer, &options, input, &mut Rejects::discard(), &mut |_| {})?;
    let took = begun.elapsed();
    let rate = machine::rate(report.counts.read, took);
    println!("| {label} | {} | {:.1} | {rate} |", report.counts.read, took.as_secs_f64());
    Ok(())
}

fn searches() -> Vec<(&'static str, Search)> {
    let of = |filters: serde_json::Value| {
        first_hundred(&serde_json::json!([{"provider": "baseProvider", "filters": filters}]))
    };
    let title = serde_json::json!({"seniority": ["vp", "manager"], "job_titles": ["Engineering", "Sales"]});
    let five = serde_json::json!({"seniority": ["vp", "director", "manager"],
        "job_titles": ["VP Engineering", "Sales", "Marketing"], "skills": ["leadership", "python"],
        "location": {"country": ["Germany", "US", "France"]}, "company_size": ["501-1000", "1001-5000", "5001+"]});
    let mut excluding = of(five.clone());
    excluding.filter.lists =
        Exclusions { people: (1..=EXCLUDED).map(Uuid::from_u128).collect(), companies: Default::default() };
    vec![
        ("everybody", of(serde_json::json!({}))),
        ("seniority and title", of(title)),
        ("five facets, company's size among them", of(five)),
        ("the same without 100 000 ids", excluding),
    ]
}

async fn measure(catalog: &ClickHouseCatalog, label: &str, search: Search) -> Result<()> {
    let mut times = Vec::new();
    let mut hits = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        hits = catalog.search_people(search.clone()).await?.total.unwrap_or_default();
        times.push(begun.elapsed());
    }
    times.sort();
    println!("| {label} | {hits} | {} |", machine::ms(machine::percentile(&times, 0.5)));
    Ok(())
}

async fn facets(catalog: &ClickHouseCatalog) -> Result<()> {
    let names = sluice_catalog::facts::PERSON_FACETS.map(str::to_owned);
    let search = first_hundred(&serde_json::json!([]));
    let begun = Instant::now();
    let (total, _) = catalog
        .count(Count {
            kind: EntityKind::Person,
            filter: search.filter.clone(),
            now: search.now,
            facets: names.to_vec(),
            top: 10,
        })
        .await?;
    println!("| everybody by all facets | {total} | {} |", machine::ms(begun.elapsed()));
    Ok(())
}
