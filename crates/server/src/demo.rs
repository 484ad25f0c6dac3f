//! `sluice demo`: everything at once, over a sample.

use crate::cli::DemoArgs;
use crate::home::{self, Home};
use crate::lifecycle::Serving;
use crate::{lifecycle, show};
use anyhow::{Result, bail};
use sluice_app::accounts::keys;
use sluice_app::leads::ListRecords;
use sluice_app::runs::DecisionFilter;
use sluice_app::{Error, admin, icps, runs, suppressions, worker};
use sluice_catalog::import::{ImportOptions, Input, Rejects};
use sluice_catalog::{Search, Sort, Window, sample};
use sluice_model::accounts::{NewApiKey, Scopes};
use sluice_model::filter::Filter;
use sluice_model::run::{GenerateRequest, PreviewRequest};
use sluice_model::suppression::{NewSuppression, SuppressionKind};
use sluice_model::{
    Actor, Company, EntityKind, Icp, IcpCreate, Lead, Node, Role, Run, RunStatus, Stage, Time,
};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ORGANISATION: &str = "org_demo";
const ADMIN: &str = "user_admin";
const MEMBER: &str = "user_member";
const PEOPLE: usize = 20_000;
const SEED: u64 = 1;
/// The sample never changes, so that importing it again changes nothing.
const OBSERVED: &str = "2026-01-01T00:00:00Z";
/// The example whose run is shown: the one that uses most of what there is.
const SHOWN_ICP: usize = 1;
/// The stages of which one decision each is shown, to tell why somebody is out.
const STAGES: [Stage; 4] = [Stage::Identity, Stage::Suppression, Stage::Rules, Stage::Caps];

const COMPANIES: &str = include_str!("../../../examples/companies.csv");
const ICPS: [&str; 3] = [
    include_str!("../../../examples/icps/technology-leaders.json"),
    include_str!("../../../examples/icps/commercial-leaders-europe.json"),
    include_str!("../../../examples/icps/european-biotech-companies.json"),
];

pub async fn run(args: DemoArgs) -> Result<()> {
    // The port first: a demo that cannot serve should say so before it begins.
    let listener = if args.no_serve { None } else { Some(lifecycle::bind(args.listen).await?) };
    let home = home::open(&args.data).await?;
    fill_catalog(&home).await?;
    let secrets = accounts(&home).await?;
    let icps = profiles(&home).await?;
    let Some(shown) = icps.get(SHOWN_ICP) else { bail!("the demo has no ICP") };
    suppress_some(&home, shown).await?;
    let run = first_run(&home, shown).await?;
    show_run(&home, &run).await?;
    print_next(
        &args.data.folder.dir,
        &icps,
        &secrets,
        listener.as_ref().map(|l| l.local_addr()).transpose()?,
    );
    match listener {
        Some(listener) => {
            let workers = worker::Options::default();
            let serving = Serving { workers, key_rate: args.keys.key_rate, drain: Duration::ZERO };
            lifecycle::serve(&home, listener, serving).await
        }
        None => Ok(()),
    }
}

/// Imports the sample unless it is there.
async fn fill_catalog(home: &Home) -> Result<()> {
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

/// Makes the organisation and its users unless they are there, and a fresh token for each user.
async fn accounts(home: &Home) -> Result<Secrets> {
    let context = &home.context;
    allow_existing(admin::create_organisation(context, ORGANISATION, "Demo").await)?;
    allow_existing(
        admin::create_user(context, ORGANISATION, ADMIN, Role::Admin, Some("admin@example.com")).await,
    )?;
    allow_existing(
        admin::create_user(context, ORGANISATION, MEMBER, Role::Member, Some("member@example.com")).await,
    )?;
    let key = NewApiKey { name: Some("demo".to_owned()), scopes: Scopes::ALL, rate_per_minute: None };
    Ok(Secrets {
        admin: admin::create_token(context, ORGANISATION, ADMIN).await?,
        member: admin::create_token(context, ORGANISATION, MEMBER).await?,
        key: keys::create_for(context, ORGANISATION, Some(ADMIN), key).await?.key,
    })
}

/// What lets somebody in, shown once.
struct Secrets {
    admin: String,
    member: String,
    /// Of the admin's, for the accounts API.
    key: String,
}

fn allow_existing(result: sluice_app::Result<()>) -> Result<()> {
    match result {
        Ok(()) | Err(Error::Conflict(_)) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

fn actor() -> Actor {
    Actor { organisation: ORGANISATION.to_owned(), user: ADMIN.to_owned(), role: Role::Admin }
}

/// Makes the example ICPs unless they are there. In the order of the examples.
async fn profiles(home: &Home) -> Result<Vec<Icp>> {
    let known = icps::list(&home.context, &actor(), true).await?;
    let mut out = Vec::new();
    for text in ICPS {
        let mut value =
            sluice_model::json::parse(text.as_bytes()).map_err(|fault| Error::Invalid(vec![fault]))?;
        if let Some(icp) = known.iter().find(|icp| value["name"] == icp.name.as_str()) {
            out.push(icp.clone());
            continue;
        }
        value["userIds"] = serde_json::json!([ADMIN, MEMBER]);
        let new = IcpCreate::read(&Node::root(&value)).map_err(Error::Invalid)?;
        out.push(icps::create(&home.context, &actor(), None, new).await?.value);
    }
    Ok(out)
}

/// Runs an ICP as the API does: a job, and a worker that does it.
async fn first_run(home: &Home, icp: &Icp) -> Result<Run> {
    let context = &home.context;
    let started = runs::generate(context, &actor(), None, icp.id, GenerateRequest::default()).await?.value;
    let begun = Instant::now();
    loop {
        worker::work_once(context, worker::Options::default(), &|| false).await?;
        let run = runs::get(context, &actor(), started.id).await?.value;
        if run.status.is_final() {
            eprintln!("run of \"{}\": {} in {} ms", icp.name, run.status.name(), begun.elapsed().as_millis());
            return Ok(run);
        }
        // A worker of another process beside this one may have taken it.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Puts a customer and somebody who asked for it on the suppression list, out of those that the run would take.
async fn suppress_some(home: &Home, icp: &Icp) -> Result<()> {
    let listed = suppressions::list(&home.context, &actor(), true, 1, 0).await?;
    if listed.total_count > 0 {
        return Ok(());
    }
    let preview = runs::preview(&home.context, &actor(), icp.id, PreviewRequest::default()).await?;
    let customer = preview.leads.first().and_then(|lead| lead.company.as_ref()?.domain.clone());
    let person = preview.leads.get(4).and_then(|lead| lead.person.emails.first().cloned());
    let entry = |kind, value, reason: &str| {
        let reason = Some(reason.to_owned());
        NewSuppression { kind, value, reason, expires_at: None }
    };
    let entries: Vec<NewSuppression> = customer
        .map(|domain| entry(SuppressionKind::Domain, domain, "a customer already"))
        .into_iter()
        .chain(person.map(|email| entry(SuppressionKind::Email, email, "asked not to be contacted")))
        .collect();
    suppressions::add(&home.context, &actor(), None, entries).await?;
    Ok(())
}

async fn show_run(home: &Home, run: &Run) -> Result<()> {
    if run.status != RunStatus::Succeeded {
        bail!("the first run {}", run.status.name());
    }
    eprintln!();
    eprint!("{}", show::funnel(&run.funnel));
    let Some(list) = run.lead_list_id else { bail!("the first run made no list") };
    if let ListRecords::People(leads) = sluice_app::leads::by_list(&home.context, &actor(), list).await? {
        let first: Vec<Lead> = leads.into_iter().take(10).collect();
        eprintln!("\nThe first ten leads (synthetic people, not real ones):\n{}", show::leads(&first));
    }
    eprintln!("\nWhy others are out, for instance:");
    for stage in STAGES {
        let filter = DecisionFilter { stage: Some(stage), ..DecisionFilter::default() };
        for decision in runs::decisions(&home.context, &actor(), run.id, filter, 1).await?.items {
            eprintln!("  {:<12} {}: {}", stage.name(), decision.candidate.name, decision.sentence);
        }
    }
    Ok(())
}

fn print_next(dir: &Path, icps: &[Icp], secrets: &Secrets, address: Option<std::net::SocketAddr>) {
    let Secrets { admin, member, key } = secrets;
    eprintln!("\nExample ICPs:");
    for icp in icps {
        eprintln!("  {}  {}", icp.id, icp.name);
    }
    eprintln!("\nTokens of organisation {ORGANISATION} (shown this once):");
    eprintln!("  {ADMIN:<12} {admin}\n  {MEMBER:<12} {member}");
    eprintln!("Key for the accounts API (shown this once):\n  {key}");
    let Some(first) = icps.first() else { return };
    match address {
        Some(address) => {
            let base = format!("http://{address}");
            eprintln!("\nTry it:\n");
            eprintln!("  export TOKEN={admin}\n");
            eprintln!(
                "  curl -X PATCH {base}/api/v1/entities/icps/{} \\\n    -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n    -d '{{\"name\":\"Updated ICP Name\",\"leadsPerList\":50,\"customFilterCriteria\":[{{\"type\":\"maxPeoplePerCompany\",\"value\":5}}]}}'\n",
                first.id
            );
            eprintln!(
                "  curl -X POST {base}/api/v1/operations/icps/{}/generate \\\n    -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d '{{\"leads\":20}}'\n",
                first.id
            );
            eprintln!("  curl -H \"Authorization: Bearer $TOKEN\" {base}/api/v1/operations/runs\n");
            eprintln!(
                "  curl -X POST {base}/v0/prospect_logs -H 'x-api-key: {key}' -H 'Content-Type: application/json' -d '{{\"source\":\"webinar\",\"email\":\"ann@acme.example\",\"name\":\"Ann Lee\",\"payload\":{{\"attended\":true}}}}'\n"
            );
            eprintln!("The API for people: {base}/docs\n");
        }
        None => eprintln!("\nServe it: sluice serve --data {}", dir.display()),
    }
}
