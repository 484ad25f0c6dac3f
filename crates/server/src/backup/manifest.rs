//! What must be in a backup, and whether it is.

use super::digest;
use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

/// The file that says it. Written last.
pub const MANIFEST: &str = "manifest.json";
/// Raised when an older program could not restore what a newer one writes.
pub const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    pub format: u32,
    /// The program that wrote it.
    pub program: String,
    pub made_at: String,
    /// Of the records.
    pub schema_version: i64,
    pub files: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Below the backup, with `/` between.
    pub path: String,
    pub size: u64,
    pub sha256: String,
}

/// The format alone: what else a later one says may be otherwise.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Manifest {
    /// Reads that of a backup.
    pub fn read(backup: &Path) -> Result<Self> {
        let path = backup.join(MANIFEST);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} is no whole backup: cannot read {MANIFEST}", backup.display()))?;
        let damaged = || format!("{} is damaged", path.display());
        let Format { format } = serde_json::from_str(&text).with_context(damaged)?;
        ensure!(
            format == FORMAT,
            "{} has format {format}; this program reads format {FORMAT}",
            backup.display()
        );
        let manifest: Self = serde_json::from_str(&text).with_context(damaged)?;
        for entry in &manifest.files {
            // A path that leads out of the target must not be followed.
            let inside = Path::new(&entry.path).components().all(|part| matches!(part, Component::Normal(_)));
            ensure!(inside && !entry.path.is_empty(), "{} is damaged: {:?}", path.display(), entry.path);
        }
        Ok(manifest)
    }
}

/// Reads every file of a backup and compares it with the manifest. All faults are told at once.
///
/// # Errors
/// When anything is missing, damaged or too much.
pub fn verify(backup: &Path) -> Result<Manifest> {
    let manifest = Manifest::read(backup)?;
    let mut faults = Vec::new();
    let mut left = BTreeSet::new();
    present(backup, Path::new(""), &mut left)?;
    left.remove(Path::new(MANIFEST));
    for entry in &manifest.files {
        if !left.remove(Path::new(&entry.path)) {
            faults.push(format!("{} is missing", entry.path));
            continue;
        }
        let file = File::open(backup.join(&entry.path));
        match file.and_then(|file| digest(file, std::io::sink())) {
            Ok((size, _)) if size != entry.size => {
                faults.push(format!("{} has {size} bytes instead of {}", entry.path, entry.size));
            }
            Ok((_, sha256)) if sha256 != entry.sha256 => {
                faults.push(format!("{} is damaged: its checksum differs", entry.path));
            }
            Ok(_) => {}
            Err(error) => faults.push(format!("{} cannot be read: {error}", entry.path)),
        }
    }
    faults.extend(left.iter().map(|path| format!("{} does not belong to it", path.display())));
    if !faults.is_empty() {
        bail!("the backup {} is damaged: {}", backup.display(), faults.join("; "));
    }
    Ok(manifest)
}

/// The files below a folder.
fn present(root: &Path, below: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            present(root, &path, found)?;
        } else {
            found.insert(path);
        }
    }
    Ok(())
}
