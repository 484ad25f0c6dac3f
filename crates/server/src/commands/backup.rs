//! `sluice backup` and `sluice restore`.

use crate::cli::HomeArgs;
use crate::{backup, home};
use anyhow::Result;
use clap::Args;
use sluice_app::system::SystemClock;
use sluice_model::time::Clock as _;
use std::path::PathBuf;

#[derive(Args)]
pub struct BackupArgs {
    #[command(flatten)]
    pub data: HomeArgs,
    /// Reads the backup in `TARGET` and tells whether it is whole, instead of making one.
    #[arg(long)]
    pub verify: bool,
    /// The folder to make.
    #[arg(value_name = "TARGET")]
    pub target: PathBuf,
}

#[derive(Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    pub data: HomeArgs,
    /// The folder that `sluice backup` made.
    #[arg(value_name = "BACKUP")]
    pub backup: PathBuf,
}

pub async fn make(args: BackupArgs) -> Result<()> {
    let done = if args.verify {
        backup::verify(&args.target)?
    } else {
        let dir = &args.data.folder.dir;
        home::ensure_there(dir)?;
        backup::make(dir, &home::options(&args.data)?, &args.target, SystemClock.now()).await?
    };
    tell(&args.target, &done);
    Ok(())
}

pub async fn restore(args: RestoreArgs) -> Result<()> {
    let database = args.data.database.is_some().then(|| home::options(&args.data)).transpose()?;
    let done = backup::restore(&args.backup, &args.data.folder.dir, database.as_ref()).await?;
    tell(&args.backup, &done);
    eprintln!("restored into {}", args.data.folder.dir.display());
    Ok(())
}

fn tell(path: &std::path::Path, manifest: &backup::Manifest) {
    let bytes: u64 = manifest.files.iter().map(|file| file.size).sum();
    eprintln!(
        "{}: made {}, schema {}, {} files, {} KiB, all as they were written",
        path.display(),
        manifest.made_at,
        manifest.schema_version,
        manifest.files.len(),
        bytes >> 10
    );
}
