//! Putting a backup back.

use super::manifest::{Manifest, verify};
use super::{is_vacant, private_folder, private_folders, sync_folders, write_file};
use crate::home::{CATALOG, RECORDS};
use anyhow::{Context as _, Result, ensure};
use sluice_store::{Durability, Options, admin};
use std::fs::File;
use std::path::Path;

/// The folder in which a restore makes everything ready. Found later, it tells that one did not finish.
pub const RESTORING: &str = ".restoring";

/// Restores a backup into a data folder, which must be vacant, and its records into `database` if that is given,
/// which must be empty.
///
/// # Errors
/// When the backup is damaged or newer than this program, or a target is not empty; the targets are then as they were.
pub async fn restore(backup: &Path, data: &Path, database: Option<&Options>) -> Result<Manifest> {
    let manifest = verify(backup)?;
    ensure!(
        is_vacant(data)?,
        "the data folder {} is not empty: restore into a new one, or move its content away",
        data.display()
    );
    let made = !data.exists();
    private_folders(data).with_context(|| format!("cannot make {}", data.display()))?;
    let staged = data.join(RESTORING);
    let done = match stage(backup, &manifest, &staged, database).await {
        Ok(()) => put_in_place(&staged, data, database.is_none()),
        Err(error) => {
            let _ = std::fs::remove_dir_all(&staged);
            if made {
                let _ = std::fs::remove_dir(data);
            }
            Err(error)
        }
    };
    done.map(|()| manifest)
}

/// Copies everything, and brings the records up to date.
async fn stage(backup: &Path, manifest: &Manifest, staged: &Path, database: Option<&Options>) -> Result<()> {
    private_folder(staged).with_context(|| format!("cannot make {}", staged.display()))?;
    for entry in &manifest.files {
        let from = backup.join(&entry.path);
        let file = File::open(&from).with_context(|| format!("cannot read {}", from.display()))?;
        let (size, sha256) = write_file(&staged.join(&entry.path), file)?;
        let same = size == entry.size && sha256 == entry.sha256;
        ensure!(same, "the backup {} was changed meanwhile: {}", backup.display(), entry.path);
    }
    let path = staged.join(RECORDS);
    let records = Options::Sqlite { path: path.clone(), durability: Durability::Full };
    // Before it is migrated: a newer schema is refused here.
    admin::schema(&records).await.context("cannot restore the records")?;
    let faults = admin::integrity(&path)?;
    ensure!(faults.is_empty(), "the records of the backup do not fit together: {}", faults.join("; "));
    if let Some(database) = database {
        admin::migrate(&records).await?;
        let mut progress = |table: &'static str, rows: u64| tracing::info!(table, rows, "restoring records");
        let copied = admin::copy(&records, database, &mut progress).await;
        copied.context("cannot restore the records into the database")?;
    }
    sync_folders(staged)
}

/// Moves what is ready to its place, the records last: without them no program takes the folder for a whole one.
fn put_in_place(staged: &Path, data: &Path, records: bool) -> Result<()> {
    let names: &[&str] = if records { &[CATALOG, RECORDS] } else { &[CATALOG] };
    for name in names {
        let from = staged.join(name);
        if from.exists() {
            std::fs::rename(&from, data.join(name))
                .with_context(|| format!("cannot move {name} into place"))?;
        }
    }
    std::fs::remove_dir_all(staged).with_context(|| format!("cannot remove {}", staged.display()))?;
    sync_folders(data)
}
