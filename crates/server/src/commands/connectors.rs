//! `sluice connector`.

use crate::cli::{HomeArgs, pair};
use crate::{home, output};
use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde_json::{Map, Value};
use sluice_app::{admin, connectors};
use sluice_model::connector::{ConnectorKind, ConnectorPut};
use sluice_model::{Actor, Node, Role};
use std::fmt::Write as _;

#[derive(Subcommand)]
pub enum ConnectorCommand {
    /// Sets a connector up, or changes it, and prints its name. The key it has stays unless there is a new one.
    Set {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
        /// Its name: that of its kind, unless there may be several (enrichment, leads).
        name: String,
        #[arg(long, value_parser = connector_kind, value_name = "KIND")]
        kind: ConnectorKind,
        /// A setting, such as `baseUrl=https://api.example`. May be repeated.
        #[arg(long, value_parser = pair, value_name = "NAME=VALUE")]
        set: Vec<(String, String)>,
        /// Reads the key from standard input, where no other process can see it.
        #[arg(long)]
        key_stdin: bool,
    },
    /// Prints the connectors that the organisation can use: name, kind, settings and the end of the key, with tabs
    /// between.
    List {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
    },
    /// Removes a connector of the organisation with its key.
    Remove {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
        name: String,
    },
}

pub async fn run(command: ConnectorCommand) -> Result<()> {
    match command {
        ConnectorCommand::Set { data, org, name, kind, set, key_stdin } => {
            let home = home::open(&data).await?;
            let actor = operator(&home.context, org).await?;
            let mut body = Map::new();
            body.insert("kind".to_owned(), kind.name().into());
            body.insert("settings".to_owned(), Value::Object(set.into_iter().map(setting).collect()));
            if key_stdin {
                let key = std::io::read_to_string(std::io::stdin()).context("cannot read the key")?;
                body.insert("apiKey".to_owned(), key.trim().into());
            }
            let body = Value::Object(body);
            let put = ConnectorPut::read(&Node::root(&body)).map_err(sluice_app::Error::Invalid)?;
            let connector = connectors::put(&home.context, &actor, &name, put).await?;
            output::print(&format!("{}\n", connector.name))?;
        }
        ConnectorCommand::List { data, org } => {
            let home = home::open(&data).await?;
            let actor = operator(&home.context, org).await?;
            let mut text = String::new();
            for connector in connectors::list(&home.context, &actor).await? {
                let (name, kind) = (connector.name, connector.kind.name());
                let key = connector.api_key_masked.unwrap_or_default();
                writeln!(text, "{name}\t{kind}\t{}\t{key}", connector.settings.as_str())?;
            }
            output::print(&text)?;
        }
        ConnectorCommand::Remove { data, org, name } => {
            let home = home::open(&data).await?;
            let actor = operator(&home.context, org).await?;
            connectors::remove(&home.context, &actor, &name).await?;
            eprintln!("removed");
        }
    }
    Ok(())
}

/// Who acts for an organisation from the command line.
pub(super) async fn operator(context: &sluice_app::Context, organisation: String) -> Result<Actor> {
    admin::organisation_name(context, &organisation).await?;
    Ok(Actor { organisation, user: "operator".to_owned(), role: Role::Admin })
}

/// A setting as JSON: a number where it reads as one.
fn setting((name, value): (String, String)) -> (String, Value) {
    let number = value.parse::<i64>().ok().map(Value::from);
    (name, number.unwrap_or(Value::String(value)))
}

fn connector_kind(text: &str) -> Result<ConnectorKind, String> {
    ConnectorKind::from_name(text)
        .ok_or_else(|| format!("expected one of {}", ConnectorKind::NAMES.join(", ")))
}
