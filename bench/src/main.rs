//! Benchmarks: `cargo xtask bench NAME`. Each prints a Markdown table with the machine named.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark speaks through its output")]

mod api;
mod catalog;
mod clickhouse;
mod import;
mod load;
mod logs;
mod machine;
mod run;
mod sample;
mod store;
mod titles;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sluice's benchmarks.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// PATCH and GET of ICPs over HTTP at 1, 8, 64 and 256 clients, every write synced to disk.
    Api(api::Args),
    /// Imports into a ClickHouse cluster of two shards, and searches there.
    Clickhouse(clickhouse::Args),
    /// The catalog beside DuckDB, chdb, PostgreSQL, SQLite and plain tantivy, on the same people.
    Catalog(catalog::Args),
    /// A part of `catalog`, in a process of its own.
    #[command(hide = true)]
    CatalogStep(catalog::Step),
    /// Companies and people from CSV and NDJSON into an empty catalog, and once more.
    Import(import::Args),
    /// New logs of prospects over HTTP, and pages of the activity of an account with many logs.
    Logs(logs::Args),
    /// Runs with rules and caps, and previews, over many people.
    Run(run::Args),
    /// What a catalog takes that was made before: a part of `run`, in a process of its own.
    #[command(hide = true)]
    Memory { dir: std::path::PathBuf },
    /// The store's operations beside the bare driver with the same statements, on both databases.
    Store(store::Args),
    /// How well titles are found: labelled pairs of bench/data/titles.tsv.
    Titles(titles::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().bench {
        Bench::Api(args) => api::run(&args),
        Bench::Clickhouse(args) => clickhouse::run(&args),
        Bench::Catalog(args) => catalog::run(&args),
        Bench::CatalogStep(step) => catalog::run_step(&step),
        Bench::Import(args) => import::run(&args),
        Bench::Logs(args) => logs::run(&args),
        Bench::Run(args) => run::run(&args),
        Bench::Memory { dir } => run::memory(&dir),
        Bench::Store(args) => store::run(&args),
        Bench::Titles(args) => titles::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
