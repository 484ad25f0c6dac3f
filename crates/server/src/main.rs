//! The binary: commands, configuration, wiring, lifecycle. What the product does is in the other crates.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks through its output")]

mod backup;
mod cli;
mod commands;
mod demo;
mod doctor;
mod engine;
mod home;
mod lifecycle;
mod output;
mod show;

use clap::Parser;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let filter = EnvFilter::try_new(&cli.log).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let done = runtime.block_on(commands::run(cli));
        // A search that nobody waits for any longer must not keep the process.
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sluice: {}", home::explain(&error));
            ExitCode::FAILURE
        }
    }
}
