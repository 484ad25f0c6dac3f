//! `sluice jobs`.

use crate::cli::JobsCommand;
use crate::{home, output};
use anyhow::Result;
use sluice_app::jobs;
use std::fmt::Write as _;

pub async fn run(command: JobsCommand) -> Result<()> {
    match command {
        JobsCommand::List { data, state, limit } => {
            let home = home::open(&data).await?;
            let mut text = String::new();
            for job in jobs::list_all(&home.context, state, limit).await? {
                // An error may have several lines, and tabs.
                let error = job.error.unwrap_or_default();
                let error = error.split_whitespace().collect::<Vec<_>>().join(" ");
                let (id, state, organisation) = (job.id, job.state.name(), job.organisation);
                let (kind, attempts, made) = (job.kind, job.attempts, job.created_at);
                writeln!(text, "{id}\t{state}\t{organisation}\t{kind}\t{attempts}\t{made}\t{error}")?;
            }
            output::print(&text)?;
        }
        JobsCommand::Retry { data, id } => {
            let home = home::open(&data).await?;
            let job = jobs::retry_any(&home.context, id).await?;
            output::print(&format!("{}\n", job.id))?;
        }
    }
    Ok(())
}
