//! Backups: a folder with everything of an installation, and a manifest that says what must be in it.

mod make;
mod manifest;
mod restore;

pub use make::make;
pub use manifest::{Manifest, verify};
pub use restore::{RESTORING, restore};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::fs::{DirBuilder, File};
use std::io::{Read, Write};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// How much is read at once.
const BLOCK: usize = 1 << 20;

/// The size of what is read and its SHA-256; it is written to `out` on its way.
fn digest(mut input: impl Read, mut out: impl Write) -> std::io::Result<(u64, String)> {
    let (mut hash, mut size, mut block) = (Sha256::new(), 0_u64, vec![0; BLOCK]);
    loop {
        let read = input.read(&mut block)?;
        let Some(bytes) = block.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        out.write_all(bytes)?;
        size += u64::try_from(read).unwrap_or_default();
    }
    out.flush()?;
    Ok((size, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// Copies into a new file that is on the disk when this returns. Tells its size and SHA-256.
fn write_file(path: &Path, input: impl Read) -> Result<(u64, String)> {
    let failed = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(failed)?;
    }
    let mut file = File::create_new(path).with_context(failed)?;
    let told = digest(input, &mut file).with_context(failed)?;
    file.sync_all().with_context(failed)?;
    Ok(told)
}

/// Makes the names in a folder, and those in the folders within, last through a power cut.
fn sync_folders(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all().with_context(|| format!("cannot sync {}", folder.display()))
}

/// Makes a folder for its owner alone: what is in it is personal.
fn private_folder(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// As [`private_folder`], with those above it, unless they are there.
pub fn private_folders(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Whether nothing is at this path, or an empty folder.
fn is_vacant(path: &Path) -> Result<bool> {
    match std::fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error).with_context(|| format!("cannot look into {}", path.display())),
    }
}
