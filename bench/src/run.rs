//! `bench run`: from an ICP to a stored list, and searches, over many people.

use crate::{machine, sample};
use anyhow::{Result, bail};
use serde_json::Value;
use sluice_app::system::{SystemClock, SystemRandom};
use sluice_app::{Context, admin, icps, runs, worker};
use sluice_catalog::embedded::EmbeddedCatalog;
use sluice_catalog::{Catalog as _, Search, Sort, Window};
use sluice_model::icp::criteria;
use sluice_model::run::{GenerateRequest, PreviewRequest};
use sluice_model::{Actor, EntityKind, Faults, IcpCreate, Node, Role, RunStatus, Time};
use sluice_store::{Durability, Options, Store};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Times of each measurement; the median is shown.
const ROUNDS: usize = 7;

#[derive(clap::Args)]
pub struct Args {
    /// Synthetic people.
    #[arg(long, default_value_t = 200_000)]
    people: usize,
    /// Leads wanted.
    #[arg(long, default_value_t = 1_000)]
    leads: i64,
    /// Companies: CSV or NDJSON.
    #[arg(long, default_value = sample::COMPANIES)]
    companies: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(bench(args))
}

async fn bench(args: &Args) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let catalog = Arc::new(EmbeddedCatalog::open(dir.path())?);
    let companies = sample::companies(&args.companies)?;
    sample::load(&catalog, EntityKind::Company, "companies.ndjson", sample::ndjson(&companies)?)?;
    let people = sample::ndjson(sample::people(&companies, args.people))?;
    sample::load(&catalog, EntityKind::Person, "people.ndjson", people)?;
    let catalog_bytes = machine::size(dir.path())?;
    let store =
        Store::open(Options::Sqlite { path: dir.path().join("sluice.db"), durability: Durability::Full })
            .await?;
    let context = Context::new(store, catalog.clone(), Arc::new(SystemClock), Arc::new(SystemRandom));
    admin::create_organisation(&context, "org_bench", "Bench").await?;
    admin::create_user(&context, "org_bench", "user_bench", Role::Admin, None).await?;
    let actor = Actor { organisation: "org_bench".into(), user: "user_bench".into(), role: Role::Admin };
    println!(
        "{}; {} people, {} companies, median of {ROUNDS}.\n",
        machine::line(),
        args.people,
        companies.len()
    );
    println!("| what | considered | accepted | ms |\n|---|---:|---:|---:|");
    let rules = serde_json::json!([
        {"type": "matchFieldWithRegex", "field": "emails", "regex": "@"},
        {"type": "matchFieldWithRegex", "field": "company.headcount", "regex": "^[1-9]"},
        {"type": "minDaysUntilReuse", "value": 0},
        {"type": "maxPeoplePerCompany", "value": 5}
    ]);
    let open = serde_json::json!({});
    let senior = serde_json::json!({"seniority": ["vp", "director", "head", "manager"],
        "job_titles": ["Engineering", "Sales", "Marketing", "Finance", "Operations"]});
    for (label, filters) in [("every person", open), ("seniority and title", senior)] {
        let body = serde_json::json!({"name": label, "leadsPerList": args.leads, "customFilterCriteria": rules,
            "leadProviderCriteria": [{"provider": "baseProvider", "filters": filters}]});
        let Ok(new) = IcpCreate::read(&Node::root(&body)) else { bail!("the benchmark's ICP is invalid") };
        let search = first_hundred(&body["leadProviderCriteria"]);
        let icp = icps::create(&context, &actor, None, new).await?.value;
        let (mut stored, mut previewed, mut searched) = (Vec::new(), Vec::new(), Vec::new());
        let mut funnel = None;
        let mut total = 0;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let run = runs::generate(&context, &actor, None, icp.id, GenerateRequest::default()).await?.value;
            worker::work_once(&context, worker::Options::default(), &|| false).await?;
            let run = runs::get(&context, &actor, run.id).await?.value;
            stored.push(begun.elapsed());
            if run.status != RunStatus::Succeeded {
                bail!("the run {}", run.status.name());
            }
            let begun = Instant::now();
            let preview = runs::preview(&context, &actor, icp.id, PreviewRequest::default()).await?;
            previewed.push(begun.elapsed());
            if preview.funnel != run.funnel {
                bail!("preview and run differ");
            }
            funnel = Some(run.funnel);
            let search = search.clone();
            let begun = Instant::now();
            total = catalog.search_people(search).await?.total.unwrap_or_default();
            searched.push(begun.elapsed());
        }
        let funnel = funnel.unwrap_or_default();
        row(&format!("run, {label}"), funnel.considered, funnel.accepted, &mut stored);
        row(&format!("preview, {label}"), funnel.considered, funnel.accepted, &mut previewed);
        row(&format!("search, first 100 and exact count, {label}"), total, 100.min(total), &mut searched);
    }
    drop((context, catalog));
    println!(
        "\nThe catalog takes {} MiB on disk, {} bytes a person.",
        catalog_bytes >> 20,
        catalog_bytes / args.people.max(1) as u64
    );
    // In a process of its own, whose memory nobody has used for anything else.
    let looked = Command::new(std::env::current_exe()?).arg("memory").arg(dir.path()).status()?;
    if !looked.success() {
        bail!("the catalog cannot be opened again");
    }
    let runs = 2 * ROUNDS as u64;
    let bytes = machine::size(dir.path())?.saturating_sub(catalog_bytes);
    println!(
        "{runs} runs of {} leads take {} MiB of records, {} KiB each.",
        args.leads,
        bytes >> 20,
        (bytes / runs) >> 10
    );
    Ok(())
}

fn row(label: &str, considered: u64, accepted: u64, times: &mut [Duration]) {
    times.sort();
    println!("| {label} | {considered} | {accepted} | {} |", machine::ms(machine::percentile(times, 0.5)));
}

/// The search that the first of these criteria asks for, by rank, with the exact count.
pub fn first_hundred(criteria: &Value) -> Search {
    let criteria = criteria::read_all(&Node::root(criteria), &mut Faults::new());
    let first = criteria.and_then(|all| all.into_iter().next());
    Search {
        filter: first.map(|one| one.filter).unwrap_or_default(),
        ids: None,
        window: Window::Page { offset: 0, limit: 100 },
        count: true,
        sort: Sort::Rank,
        now: Time::from_millis(0),
    }
}

/// Opens the catalog in `dir`, searches everybody, and tells what that took.
///
/// # Errors
/// When it cannot be searched.
pub fn memory(dir: &Path) -> Result<()> {
    let before = machine::memory();
    let begun = Instant::now();
    let catalog = EmbeddedCatalog::open(dir)?;
    let opened = begun.elapsed();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let filter = serde_json::json!([{"provider": "baseProvider", "filters": {"seniority": ["vp", "manager"],
        "job_titles": ["Engineering"], "company_size": ["501-1000", "1001-5000"]}}]);
    let found = runtime.block_on(catalog.search_people(first_hundred(&filter)))?.total.unwrap_or_default();
    println!(
        "A new process opens it in {} ms, finds {found} people by three facets, and holds {} KiB of memory then.",
        machine::ms(opened),
        machine::memory().saturating_sub(before) >> 10
    );
    Ok(())
}
