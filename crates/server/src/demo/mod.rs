//! `sluice demo`: everything at once, over a sample.

mod sample;
mod stand_ins;

use crate::cli::DemoArgs;
use crate::home::Home;
use crate::lifecycle::Serving;
use crate::{lifecycle, show};
use anyhow::{Result, bail};
use sluice_app::accounts::keys;
use sluice_app::crm::export::{self, Started};
use sluice_app::leads::ListRecords;
use sluice_app::runs::DecisionFilter;
use sluice_app::{Error, admin, icps, runs, suppressions, worker};
use sluice_model::accounts::{NewApiKey, Scopes};
use sluice_model::crm::{CrmProvider, Duplicates, ExportOf, ExportRequest};
use sluice_model::run::{GenerateRequest, PreviewRequest};
use sluice_model::suppression::{NewSuppression, SuppressionKind};
use sluice_model::{Actor, Icp, IcpCreate, Lead, Node, Role, Run, RunStatus, Stage, Verdict};
use stand_ins::StandIns;
use std::path::Path;
use std::time::{Duration, Instant};

const ORGANISATION: &str = "org_demo";
const ADMIN: &str = "user_admin";
const MEMBER: &str = "user_member";
/// The example whose run is shown: the one that uses most of what there is.
const SHOWN_ICP: usize = 3;
/// How many of the people whom it would take the CRM has already.
const IN_CRM: usize = 6;
/// The stages of which one decision each is shown, to tell why somebody is out.
const STAGES: [Stage; 5] = [Stage::Identity, Stage::Suppression, Stage::Rules, Stage::Caps, Stage::Evidence];

const ICPS: [&str; 4] = [
    include_str!("../../../../examples/icps/technology-leaders.json"),
    include_str!("../../../../examples/icps/commercial-leaders-europe.json"),
    include_str!("../../../../examples/icps/european-biotech-companies.json"),
    include_str!("../../../../examples/icps/checked-sales-leaders.json"),
];

pub async fn run(args: DemoArgs) -> Result<()> {
    // The port first: a demo that cannot serve should say so before it begins.
    let listener = if args.no_serve { None } else { Some(lifecycle::bind(args.listen).await?) };
    let stand_ins = StandIns::start().await?;
    let home = stand_ins.home(&args.data).await?;
    sample::fill_catalog(&home).await?;
    let secrets = accounts(&home).await?;
    stand_ins.connect(&home.context).await?;
    let icps = profiles(&home).await?;
    let Some(shown) = icps.get(SHOWN_ICP) else { bail!("the demo has no ICP") };
    let likely = runs::preview(&home.context, &actor(), shown.id, PreviewRequest::default()).await?.leads;
    suppress_some(&home, &likely).await?;
    stand_ins.connect_crm(&home.context, likely.get(..IN_CRM).unwrap_or_default()).await?;
    let run = first_run(&home, shown).await?;
    show_run(&home, &run).await?;
    show_export(&home, &run).await?;
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
async fn suppress_some(home: &Home, likely: &[Lead]) -> Result<()> {
    let listed = suppressions::list(&home.context, &actor(), true, 1, 0).await?;
    if listed.total_count > 0 {
        return Ok(());
    }
    let customer = likely.last().and_then(|lead| lead.company.as_ref()?.domain.clone());
    let person = likely.get(IN_CRM).and_then(|lead| lead.person.emails.first().cloned());
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
    eprintln!("\nOutside services were asked {} times, for {} credits.", run.cost.calls, run.cost.credits);
    let accepted = Some(Verdict::Accepted);
    let filter = DecisionFilter { verdict: accepted, ..DecisionFilter::default() };
    let Some(one) =
        runs::decisions(&home.context, &actor(), run.id, filter, 1).await?.items.into_iter().next()
    else {
        return Ok(());
    };
    eprintln!("What was seen for {}:", one.candidate.name);
    for seen in &one.evidence {
        eprintln!("  {}", show::evidence(seen));
    }
    Ok(())
}

/// Exports the list of a run to the CRM, and shows what became of it.
async fn show_export(home: &Home, run: &Run) -> Result<()> {
    let Some(list) = run.lead_list_id else { bail!("the first run made no list") };
    let (provider, duplicates) = (CrmProvider::Bullhorn, Duplicates::FillEmpty);
    let request = ExportRequest { of: ExportOf::List(list), provider, duplicates };
    let started = export::start(&home.context, &actor(), None, request, true).await?;
    let Started::GoesOn(started) = started else { return Ok(()) };
    loop {
        worker::work_once(&home.context, worker::Options::default(), &|| false).await?;
        let now = export::get(&home.context, &actor(), started.id).await?;
        if now.export.finished_at.is_some() {
            eprintln!("\nExported to the CRM: {}", show::outcomes(&now.outcomes));
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
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
