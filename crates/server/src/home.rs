//! The data folder and what lives in it.

use crate::backup::{RESTORING, private_folders};
use crate::cli::HomeArgs;
use crate::engine::Engine;
use anyhow::{Context as _, Result, anyhow, ensure};
use sluice_app::connectors::{Stored, Way};
use sluice_app::credits::Ledger;
use sluice_app::system::{SystemClock, SystemRandom};
use sluice_app::vault::Vault;
use sluice_app::{Context, Error, evidence};
use sluice_catalog::Catalog;
use sluice_connect::webhook::Sender;
use sluice_connect::{Client, ClientOptions, SecretString};
use sluice_model::connector::{ApiKey, ConnectorDefault, KeySource};
use sluice_model::run::Budget;
use sluice_model::{Node, json};
use sluice_store::{Durability, Options, Store};
use std::path::Path;
use std::sync::Arc;

/// The records in a data folder, and in a backup.
pub const RECORDS: &str = "sluice.db";
/// The catalog's folder, there and in a backup.
pub const CATALOG: &str = "catalog";

/// The file with what credentials are sealed with. No backup has it.
pub const SECRET_KEY: &str = "secret.key";

/// An opened data folder.
pub struct Home {
    pub context: Context,
    pub catalog: Arc<dyn Catalog>,
    pub engine: Engine,
}

/// Opens the data folder and makes it when it is absent, and the database beside it or elsewhere. Works beside a
/// running server.
pub async fn open(args: &HomeArgs) -> Result<Home> {
    open_with(
        args,
        way(ClientOptions {
            allow_private_hosts: args.outside.allow_private_hosts,
            allowed: args.outside.allow_host.clone(),
            ..ClientOptions::default()
        })?,
    )
    .await
}

/// How outside services are called.
pub fn way(options: ClientOptions) -> Result<Way> {
    Ok(Way::new(Client::new(options).context("cannot call outside services")?))
}

/// As [`open`], with outside services called this way.
pub async fn open_with(args: &HomeArgs, way: Way) -> Result<Home> {
    let dir = &args.folder.dir;
    make_folder(dir)?;
    let options = options(args)?;
    let place = match &options {
        Options::Sqlite { path, .. } => path.display().to_string(),
        // Its URL may have a password in it.
        Options::Postgres { .. } => "the database".to_owned(),
    };
    let store = Store::open(options).await.with_context(|| format!("cannot open {place}"))?;
    let engine = Engine::open(dir, &args.catalog)?;
    let catalog = engine.searched();
    let context = Context::new(store, catalog.clone(), Arc::new(SystemClock), Arc::new(SystemRandom));
    let context = context.with_webhooks(Sender::new(way.client.options()).context("cannot send webhooks")?);
    let stored = Stored::new(way, connectors(args)?);
    let context = context.with_vault(vault(args)?);
    let context = context.with_connectors(Arc::new(stored)).with_purse(Arc::new(Ledger));
    let context = context.with_evidence(evidence_options(args));
    Ok(Home { context, catalog, engine })
}

/// How evidence is looked up, and what a run may spend on it.
fn evidence_options(args: &HomeArgs) -> evidence::Options {
    let most = |number: u64| (number > 0).then_some(number);
    let (calls, credits) = (args.outside.run_max_calls, args.outside.run_max_credits);
    let budget = Budget { calls: most(calls), credits: most(credits) };
    evidence::Options { budget, ..evidence::Options::default() }
}

/// What credentials are sealed with.
fn vault(args: &HomeArgs) -> Result<Vault> {
    let vault = match &args.outside.secret_key {
        Some(keys) => Vault::parse(&SecretString::from(keys.as_str())),
        None => Vault::of_file(&args.folder.dir.join(SECRET_KEY), &SystemRandom),
    };
    Ok(vault?)
}

/// The connectors of the whole installation.
fn connectors(args: &HomeArgs) -> Result<Vec<ConnectorDefault>> {
    let Some(path) = &args.outside.connectors else { return Ok(Vec::new()) };
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let value = json::parse(&bytes).map_err(|fault| vec![fault]);
    let read = value.and_then(|value| ConnectorDefault::read_all(&Node::root(&value), key));
    read.map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
        anyhow!("cannot use {}:\n{}", path.display(), faults.join("\n"))
    })
}

/// A credential, from where the file of connectors says that it is.
fn key(source: KeySource) -> std::result::Result<ApiKey, String> {
    let text = match source {
        KeySource::Here(key) => return Ok(key),
        KeySource::Environment(name) => {
            #[expect(clippy::disallowed_methods, reason = "its name is only known here")]
            let value = std::env::var(&name);
            value.map_err(|_| format!("The variable {name} is not set"))?
        }
        KeySource::File(path) => {
            std::fs::read_to_string(&path).map_err(|error| format!("Cannot read {path}: {error}"))?
        }
    };
    let text = text.trim();
    if text.is_empty() { Err("There is no key".to_owned()) } else { Ok(ApiKey::from(text.to_owned())) }
}

/// Makes the data folder when it is absent, for its owner alone, and makes sure that it can be used.
fn make_folder(dir: &Path) -> Result<()> {
    private_folders(dir).with_context(|| format!("cannot make the data folder {}", dir.display()))?;
    ensure!(
        !dir.join(RESTORING).exists(),
        "a restore into {} did not finish: remove what is in it and restore again",
        dir.display()
    );
    probe(dir).with_context(|| format!("the data folder {} cannot be written", dir.display()))
}

/// Whether files can be made in a folder: its permissions do not tell, as on a disk that is mounted read-only.
pub fn probe(dir: &Path) -> std::io::Result<()> {
    let path = dir.join(format!(".probe-{}", std::process::id()));
    std::fs::File::create(&path)?;
    std::fs::remove_file(path)
}

/// Where the records are.
pub fn options(args: &HomeArgs) -> Result<Options> {
    let Some(url) = args.database.clone() else {
        return Ok(Options::Sqlite { path: args.folder.dir.join(RECORDS), durability: Durability::Full });
    };
    // Not by clap, which would show the URL with its password.
    let replica = args.database_replica.clone();
    ensure!(
        is_postgres(&url) && replica.as_deref().is_none_or(is_postgres),
        "the database's URL must begin with postgres://"
    );
    Ok(Options::Postgres { url, replica })
}

/// Whether this is the URL of a PostgreSQL server.
pub fn is_postgres(url: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
}

/// Fails unless there is a data folder, for commands that make none.
pub fn ensure_there(dir: &Path) -> Result<()> {
    ensure!(dir.is_dir(), "there is no data folder {}", dir.display());
    Ok(())
}

/// An error for the person at the terminal: faults one a line, causes in brackets.
pub fn explain(error: &anyhow::Error) -> String {
    if let Some(Error::Invalid(faults)) = error.downcast_ref::<Error>() {
        let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
        return format!("invalid\n{}", lines.join("\n"));
    }
    format!("{error:#}")
}

#[cfg(test)]
mod tests {
    use super::evidence_options;
    use crate::cli::HomeArgs;
    use clap::Parser;
    use sluice_model::run::Budget;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        home: HomeArgs,
    }

    #[test]
    fn a_run_is_capped_unless_the_operator_says_otherwise() {
        for (args, calls, credits) in [
            (&["sluice"][..], Some(10_000), Some(10_000)),
            (&["sluice", "--run-max-calls", "50"][..], Some(50), Some(10_000)),
            (&["sluice", "--run-max-calls", "0", "--run-max-credits", "0"][..], None, None),
        ] {
            let only = Only::parse_from(args.iter().copied());
            assert_eq!(evidence_options(&only.home).budget, Budget { calls, credits });
        }
    }
}
