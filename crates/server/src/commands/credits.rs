//! `sluice credits`.

use crate::cli::HomeArgs;
use crate::{home, output};
use anyhow::Result;
use clap::Subcommand;
use sluice_app::credits;
use sluice_model::credit::{MAX_CREDITS, NewCredits};

#[derive(Subcommand)]
pub enum CreditsCommand {
    /// Adds credits and prints the id of the new line of the ledger. The first ones begin the ledger: from then on
    /// nothing is bought that it does not cover.
    Add {
        #[command(flatten)]
        data: HomeArgs,
        /// The organisation's id.
        #[arg(long)]
        org: String,
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_CREDITS.cast_unsigned()))]
        amount: u64,
        /// Why, for people.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}

pub async fn run(command: CreditsCommand) -> Result<()> {
    let CreditsCommand::Add { data, org, amount, note } = command;
    let home = home::open(&data).await?;
    let added = credits::add_for(&home.context, &org, NewCredits { amount, description: note }).await?;
    output::print(&format!("{}\n", added.id))?;
    Ok(())
}
