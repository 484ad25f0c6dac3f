//! Which files an import takes: those named, and those in the folders named.

use anyhow::{Context as _, Result};
use sluice_catalog::import::Format;
use std::path::{Path, PathBuf};

/// A file to import.
pub struct Found {
    pub path: PathBuf,
    /// The name of the folder that was given, whose files are one delivery.
    pub source: Option<String>,
}

/// What was found.
pub struct Gathered {
    pub files: Vec<Found>,
    /// Files in folders that are of no kind that is imported.
    pub others: Vec<PathBuf>,
}

/// Finds the files: one that is named whatever its kind, those of a folder in the order of their names, folders in
/// it included, hidden ones left out.
pub fn gather(paths: &[PathBuf]) -> Result<Gathered> {
    let mut gathered = Gathered { files: Vec::new(), others: Vec::new() };
    for path in paths {
        if path.is_dir() {
            let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
            let source = whole.file_name().map(|name| name.to_string_lossy().into_owned());
            walk(path, source.as_deref(), &mut gathered)?;
        } else {
            gathered.files.push(Found { path: path.clone(), source: None });
        }
    }
    Ok(gathered)
}

fn walk(folder: &Path, source: Option<&str>, gathered: &mut Gathered) -> Result<()> {
    let cannot = || format!("cannot read the folder {}", folder.display());
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(cannot)? {
        entries.push(entry.with_context(cannot)?.path());
    }
    entries.sort();
    for path in entries {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with(['.', '_']) {
            continue;
        }
        // A link to a folder may lead back to where it is.
        if path.is_dir() && !path.is_symlink() {
            walk(&path, source, gathered)?;
        } else if path.is_file() && Format::of_name(&name).is_some() {
            gathered.files.push(Found { path, source: source.map(str::to_owned) });
        } else {
            gathered.others.push(path);
        }
    }
    Ok(())
}

/// Paths for a message.
pub fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
