//! The commands, one file per group.

mod accounts;
pub mod backup;
mod catalog;
pub mod connectors;
pub mod credits;
pub mod doctor;
mod icp;
mod import;
mod jobs;
mod keys;
pub mod migrate;
mod sample;
pub mod webhooks;

use crate::cli::{Api, Cli, Command};
use crate::lifecycle::Serving;
use crate::{demo, home, lifecycle, output};
use anyhow::Result;
use clap::CommandFactory as _;
use std::time::Duration;

/// Runs the command of the command line.
pub async fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve(args) => {
            // The port first: when it is in use nothing has been made.
            let listener = lifecycle::bind(args.listen).await?;
            let home = home::open(&args.data).await?;
            let concurrency = if args.no_worker { 0 } else { args.workers };
            let serving = Serving {
                workers: lifecycle::workers(concurrency, args.work),
                key_rate: args.keys.key_rate,
                drain: Duration::from_secs(args.drain_seconds),
            };
            lifecycle::serve(&home, listener, serving).await
        }
        Command::Worker(args) => {
            let health = match args.health_listen {
                Some(address) => Some(lifecycle::bind(address).await?),
                None => None,
            };
            let workers = lifecycle::workers(args.concurrency.into(), args.work);
            lifecycle::work(&home::open(&args.data).await?, health, workers).await
        }
        Command::Jobs { command } => jobs::run(command).await,
        Command::Org { command } => accounts::org(command).await,
        Command::User { command } => accounts::user(command).await,
        Command::Token { command } => accounts::token(command).await,
        Command::Key { command } => keys::run(command).await,
        Command::Connector { command } => connectors::run(command).await,
        Command::Webhooks { command } => webhooks::run(command).await,
        Command::Credits { command } => credits::run(command).await,
        Command::Import(args) => import::run(args).await,
        Command::Catalog { command } => catalog::run(command).await,
        Command::Sample(args) => sample::run(&args),
        Command::Icp { command } => icp::run(command).await,
        Command::Migrate(args) => migrate::run(args).await,
        Command::Backup(args) => backup::make(args).await,
        Command::Restore(args) => backup::restore(args).await,
        Command::Doctor(args) => doctor::run(args).await,
        Command::Openapi { api } => {
            let document = match api {
                Api::Targeting => serde_json::to_string_pretty(&sluice_api::targeting::openapi())?,
                Api::Accounts => serde_json::to_string_pretty(&sluice_api::accounts::openapi())?,
            };
            Ok(output::print(&(document + "\n"))?)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "sluice", &mut script);
            Ok(output::print(&String::from_utf8(script)?)?)
        }
    }
}

/// A secret given as an argument, or on standard input for `-`, where no other process can see it.
fn argument_or_input(argument: String) -> std::io::Result<String> {
    if argument == "-" { std::io::read_to_string(std::io::stdin()) } else { Ok(argument) }
}
