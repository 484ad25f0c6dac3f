//! `sluice migrate`.

use crate::cli::{DataArgs, HomeArgs};
use crate::{home, output};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use sluice_store::{Durability, Options, admin};
use std::io::IsTerminal as _;
use std::path::PathBuf;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct MigrateArgs {
    #[command(flatten)]
    pub data: HomeArgs,
    #[command(subcommand)]
    pub command: Option<MigrateCommand>,
}

#[derive(Subcommand)]
pub enum MigrateCommand {
    /// Shows the version of the schema and what is to be done; the same as no command.
    Status {
        #[command(flatten)]
        data: HomeArgs,
    },
    /// Brings the schema up to date, as each start of the server does.
    Up {
        #[command(flatten)]
        data: HomeArgs,
    },
    /// Copies all records into an empty database. What is written meanwhile is not copied: tables that changed are
    /// named at the end.
    Copy {
        /// Where they are: `sqlite:FILE` or `postgres://user:password@host/name`.
        #[arg(long, env = "SLUICE_COPY_FROM", hide_env_values = true, value_name = "URL")]
        from: String,
        /// Where they go: as `--from`.
        #[arg(long, env = "SLUICE_COPY_TO", hide_env_values = true, value_name = "URL")]
        to: String,
    },
}

pub async fn run(args: MigrateArgs) -> Result<()> {
    match args.command {
        None => status(&args.data).await,
        Some(MigrateCommand::Status { data }) => status(&data).await,
        Some(MigrateCommand::Up { data }) => {
            let options = home::options(&data)?;
            ensure_folder(&data.folder, &options)?;
            admin::migrate(&options).await.context("cannot migrate")?;
            status(&data).await
        }
        Some(MigrateCommand::Copy { from, to }) => copy(&place(&from)?, &place(&to)?).await,
    }
}

fn ensure_folder(folder: &DataArgs, options: &Options) -> Result<()> {
    match options {
        Options::Sqlite { .. } => home::ensure_there(&folder.dir),
        Options::Postgres { .. } => Ok(()),
    }
}

async fn status(data: &HomeArgs) -> Result<()> {
    let options = home::options(data)?;
    ensure_folder(&data.folder, &options)?;
    let schema = admin::schema(&options).await.context("cannot read the schema")?;
    let mut text = format!("version {} of {}\n", schema.version, schema.newest);
    for (number, name) in schema.pending {
        text.push_str(&format!("pending {number} {name}\n"));
    }
    Ok(output::print(&text)?)
}

/// A database by its URL. An error must not show it: it may have a password in it.
fn place(url: &str) -> Result<Options> {
    if let Some(path) = url.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
        return Ok(Options::Sqlite { path: PathBuf::from(path), durability: Durability::Full });
    }
    if home::is_postgres(url) {
        return Ok(Options::Postgres { url: url.to_owned(), replica: None });
    }
    bail!("a database is given as sqlite:FILE or postgres://user:password@host/name")
}

async fn copy(from: &Options, to: &Options) -> Result<()> {
    let at_terminal = std::io::stderr().is_terminal();
    let mut last = "";
    let mut progress = |table: &'static str, rows: u64| {
        if at_terminal {
            eprint!("\r{table}: {rows}\x1b[K");
        } else if last != table {
            last = table;
            eprintln!("{table}");
        }
    };
    let copied = admin::copy(from, to, &mut progress).await;
    if at_terminal {
        eprintln!();
    }
    let copied = copied.context("nothing was copied")?;
    let mut text = String::new();
    for table in &copied.tables {
        text.push_str(&format!("{}\t{}\t{}\n", table.name, table.rows, table.checksum));
    }
    output::print(&text)?;
    let rows: u64 = copied.tables.iter().map(|table| table.rows).sum();
    eprintln!("copied {rows} rows; read back, they are the same");
    if !copied.changed.is_empty() {
        eprintln!(
            "the source was written meanwhile, in {}: that is not in the copy. Stop its servers and copy anew \
             into an empty database",
            copied.changed.join(", ")
        );
    }
    Ok(())
}
