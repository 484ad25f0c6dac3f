//! `sluice icp`: ICPs from files, without a server.

use crate::cli::{Format, IcpArgs, IcpCommand};
use crate::home::{self, Home};
use crate::{output, show};
use anyhow::{Context as _, Result};
use sluice_app::pipeline::Plan;
use sluice_app::{Error, runs};
use sluice_model::run::GenerateRequest;
use sluice_model::time::Clock as _;
use sluice_model::{Actor, Icp, IcpCreate, Node, Role, json};
use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;

/// Who an ICP without organisation runs for: nobody's lists and suppressions are known.
const NOBODY: &str = "org_offline";
/// Leads that a preview shows.
const SHOWN: usize = 10;

pub async fn run(command: IcpCommand) -> Result<()> {
    match command {
        IcpCommand::Validate { file } => {
            let icp = read(&file)?;
            let now = sluice_app::system::SystemClock.now();
            icp.into_icp(uuid::Uuid::nil(), "user_offline", now).map_err(Error::Invalid)?;
            println!("valid");
            Ok(())
        }
        IcpCommand::Preview(args) => apply(args, SHOWN).await,
        IcpCommand::Run(args) => apply(args, usize::MAX).await,
    }
}

async fn apply(args: IcpArgs, shown: usize) -> Result<()> {
    let new = read(&args.file)?;
    let home = home::open(&args.data).await?;
    let actor = actor(&home, args.org.as_deref()).await?;
    let now = home.context.now();
    let icp = new.into_icp(home.context.new_id(), &actor.user, now).map_err(Error::Invalid)?;
    let plan = plan(icp, args.leads, &home)?;
    let connected = home.context.connectors.of(&home.context, &actor.organisation).await?;
    let missing = runs::missing_connectors(&home.context, &actor, &plan, &connected).await?;
    if !missing.is_empty() && shown == usize::MAX {
        return Err(Error::Conflict(format!("Missing connector: {}", missing.join(", "))).into());
    }
    // A run makes all checks; a preview only counts them.
    let sample = (shown == usize::MAX).then_some(u64::MAX);
    // Kept only when they are asked for: there is one for each candidate.
    let (wanted, mut decisions) = (args.decisions.is_some(), Vec::new());
    let keep = |decision| {
        if wanted {
            decisions.push(decision);
        }
    };
    let asked = runs::Wanted { shown, sample, bounds: None };
    let preview = runs::preview_with(&home.context, &actor, &plan, connected, asked, keep).await?;
    if let Some(path) = &args.decisions {
        let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut out = BufWriter::new(file);
        for decision in &decisions {
            serde_json::to_writer(&mut out, decision)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
    }
    eprint!("{}", show::funnel(&preview.funnel));
    for connector in &preview.missing_connectors {
        eprintln!("not connected, so not applied: {connector}");
    }
    let text = match args.format {
        Format::Table => show::table(&preview) + "\n",
        Format::Json => serde_json::to_string_pretty(&preview)? + "\n",
        Format::Csv => show::csv(&preview),
    };
    Ok(output::print(&text)?)
}

fn plan(icp: Icp, leads: Option<i64>, home: &Home) -> Result<Plan> {
    let request = GenerateRequest { leads, ..GenerateRequest::default() };
    Ok(runs::plan(icp, 1, &request, home.context.now())?)
}

async fn actor(home: &Home, organisation: Option<&str>) -> Result<Actor> {
    if let Some(organisation) = organisation {
        sluice_app::admin::organisation_name(&home.context, organisation).await?;
    }
    let organisation = organisation.unwrap_or(NOBODY).to_owned();
    Ok(Actor { organisation, user: "user_offline".to_owned(), role: Role::Admin })
}

/// Reads an ICP with the rules of the API's create.
fn read(path: &Path) -> Result<IcpCreate> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    let value = json::parse(&bytes).map_err(|fault| Error::Invalid(vec![fault]))?;
    Ok(IcpCreate::read(&Node::root(&value)).map_err(Error::Invalid)?)
}
