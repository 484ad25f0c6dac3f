//! Making a backup, beside whatever else goes on.

use super::manifest::{Entry, FORMAT, MANIFEST, Manifest};
use super::{digest, is_vacant, private_folder, sync_folders, write_file};
use crate::home::{CATALOG, RECORDS};
use anyhow::{Context as _, Result, ensure};
use sluice_catalog::embedded::files::{self, CatalogFile, Content};
use sluice_model::Time;
use sluice_store::{Options, admin};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Writes a backup of the records and of the catalog of a data folder to `target`, which must be vacant. It gets its
/// name when it is whole; until then it has another, which ends in `.partial`.
///
/// # Errors
/// When anything cannot be read or written; nothing is left then.
pub async fn make(data: &Path, records: &Options, target: &Path, now: Time) -> Result<Manifest> {
    ensure!(is_vacant(target)?, "{} is there already", target.display());
    let partial = partial(target)?;
    private_folder(&partial).with_context(|| {
        format!("cannot make {} (left by a backup that was killed? remove it)", partial.display())
    })?;
    let made = fill(data, records, &partial, now).await.and_then(|manifest| {
        std::fs::rename(&partial, target).with_context(|| format!("cannot make {}", target.display()))?;
        let parent = target.parent().filter(|parent| *parent != Path::new(""));
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(manifest)
    });
    if made.is_err() {
        let _ = std::fs::remove_dir_all(&partial);
    }
    made
}

fn partial(target: &Path) -> Result<PathBuf> {
    let name = target.file_name().with_context(|| format!("{} is no name", target.display()))?;
    let mut name = name.to_owned();
    name.push(".partial");
    Ok(target.with_file_name(name))
}

async fn fill(data: &Path, records: &Options, partial: &Path, now: Time) -> Result<Manifest> {
    // Records first: what they took from the catalog is in it, then and later.
    let path = partial.join(RECORDS);
    let mut progress = |table: &'static str, rows: u64| tracing::info!(table, rows, "saving records");
    admin::snapshot(records, &path, &mut progress).await.context("cannot save the records")?;
    let only = Options::Sqlite { path: path.clone(), durability: sluice_store::Durability::Full };
    let schema = admin::schema(&only).await?;
    let file = File::open(&path)?;
    file.sync_all()?;
    let mut entries = vec![entry(PathBuf::from(RECORDS), digest(file, std::io::sink())?)];
    let catalog = data.join(CATALOG);
    if files::are_there(&catalog) {
        let files = files::files(&catalog).context("cannot save the catalog")?;
        eprintln!("saving {} files of the catalog", files.len());
        for CatalogFile { path, content } in files {
            let path = Path::new(CATALOG).join(path);
            let to = partial.join(&path);
            let told = match content {
                Content::Open(file) => write_file(&to, file)?,
                Content::Bytes(bytes) => write_file(&to, bytes.as_slice())?,
            };
            entries.push(entry(path, told));
        }
    }
    let manifest = Manifest {
        format: FORMAT,
        program: format!("sluice {}", env!("CARGO_PKG_VERSION")),
        made_at: now.to_string(),
        schema_version: schema.version,
        files: entries,
    };
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    write_file(&partial.join(MANIFEST), text.as_bytes())?;
    sync_folders(partial)?;
    Ok(manifest)
}

fn entry(path: PathBuf, (size, sha256): (u64, String)) -> Entry {
    Entry { path: path.to_string_lossy().into_owned(), size, sha256 }
}
