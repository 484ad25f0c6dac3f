//! The files that make up a catalog, held open as they are at one commit, for backups; and whether they are all there.

use super::schema::failure;
use crate::CatalogError;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use tantivy::Index;
use tantivy::index::SegmentComponent;

/// What the engine's state and its list of files are called.
const META: &str = "meta.json";
const MANAGED: &str = ".managed.json";
/// The folders of the indexes. People first: the companies and values that they name are then in the others' states, which
/// are the same or later.
pub(super) const INDEXES: [&str; 3] = ["people", "companies", "values"];
/// How often a state is looked at anew when an import came between.
const TRIES: usize = 100;

/// A file of a catalog.
#[derive(Debug)]
pub struct CatalogFile {
    /// Below the catalog's folder.
    pub path: PathBuf,
    pub content: Content,
}

/// What is in it.
#[derive(Debug)]
pub enum Content {
    /// Never changed once it was committed, and to be read even when it was removed since.
    Open(File),
    /// Small, and replaced by each commit.
    Bytes(Vec<u8>),
}

/// Whether a catalog was ever made in this folder.
#[must_use]
pub fn are_there(catalog: &Path) -> bool {
    let [people, ..] = INDEXES;
    catalog.join(people).join(META).exists()
}

/// The files of all indexes as they are now, while an import may go on.
///
/// # Errors
/// When a file cannot be read, or imports commit all the time.
pub fn files(catalog: &Path) -> Result<Vec<CatalogFile>, CatalogError> {
    let mut found = Vec::new();
    for name in INDEXES {
        found.extend(files_of(catalog, name)?);
    }
    Ok(found)
}

fn files_of(catalog: &Path, name: &str) -> Result<Vec<CatalogFile>, CatalogError> {
    let folder = catalog.join(name);
    for _ in 0..TRIES {
        let meta = std::fs::read(folder.join(META))?;
        let mut found = Vec::new();
        for path in listed(&folder)? {
            match File::open(folder.join(&path)) {
                Ok(file) => {
                    let path = Path::new(name).join(path);
                    found.push(CatalogFile { path, content: Content::Open(file) });
                }
                // Removed meanwhile: there is a later state.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        // Files are removed after the next state was written: with the same one, none of its files was missed.
        if std::fs::read(folder.join(META))? != meta {
            continue;
        }
        let bytes = |file: &str, bytes| CatalogFile {
            path: Path::new(name).join(file),
            content: Content::Bytes(bytes),
        };
        let names: Vec<&Path> = found.iter().filter_map(|file| file.path.strip_prefix(name).ok()).collect();
        let managed = serde_json::to_vec(&names).map_err(|error| CatalogError::Corrupt(error.to_string()))?;
        found.push(bytes(MANAGED, managed));
        found.push(bytes(META, meta));
        return Ok(found);
    }
    Err(CatalogError::Unavailable("imports commit all the time: try again".to_owned()))
}

/// The files that belong to the state on the disk.
fn listed(folder: &Path) -> Result<Vec<PathBuf>, CatalogError> {
    let index = Index::open_in_dir(folder).map_err(failure)?;
    let segments = index.searchable_segment_metas().map_err(failure)?;
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        let id = text.split('.').next().unwrap_or_default();
        let Some(segment) = segments.iter().find(|segment| segment.id().uuid_string() == id) else {
            continue;
        };
        let path = PathBuf::from(&name);
        // What was deleted when: each state has its own file, and older ones may still be there.
        let of_another = text.ends_with(".del")
            && !(segment.has_deletes() && path == segment.relative_path(SegmentComponent::Delete));
        if !of_another {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The files of a catalog whose content is not what was written, by the checksums that the engine keeps. Reads all of
/// them.
///
/// # Errors
/// When the catalog cannot be read at all.
pub fn damaged(catalog: &Path) -> Result<Vec<PathBuf>, CatalogError> {
    let mut found = Vec::new();
    for name in INDEXES {
        let index = Index::open_in_dir(catalog.join(name)).map_err(failure)?;
        let damaged = index.validate_checksum().map_err(failure)?;
        found.extend(damaged.into_iter().map(|path| Path::new(name).join(path)));
    }
    found.sort();
    Ok(found)
}
