//! What `sluice doctor` looks at: the folder, the disk, the catalog, and what the store tells of the database.

use crate::home::CATALOG;
use sluice_catalog::Catalog as _;
use sluice_catalog::embedded::{EmbeddedCatalog, files};
use sluice_model::Time;
use sluice_store::Options;
use sluice_store::admin::{Check, check};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// With less room than this an import or a busy hour may fill the disk; with less than the other, the next write.
const LITTLE: u64 = 2 << 30;
const NEXT_TO_NOTHING: u64 = 64 << 20;
/// An answered write waits for the disk: this long is long.
const SLOW: Duration = Duration::from_millis(100);

/// Looks at an installation and changes nothing that stays.
pub async fn examine(data: &Path, records: &Options, now: Time) -> Vec<Check> {
    if !data.is_dir() {
        let text = format!("{} is not there: give --data, or start the server to make it", data.display());
        return vec![Check::fail("folder", text)];
    }
    let mut found = vec![folder(data), permissions(data), space(data)];
    found.extend(check(records, now).await);
    found.push(catalog(&data.join(CATALOG)).await);
    found
}

/// Writes a block as a commit does, and takes it away.
fn folder(data: &Path) -> Check {
    let path = data.join(format!(".doctor-{}", std::process::id()));
    let begun = Instant::now();
    let written = File::create(&path)
        .and_then(|mut file| file.write_all(&[0; 4096]).and_then(|()| file.sync_all()))
        .map(|()| begun.elapsed());
    let _ = std::fs::remove_file(&path);
    match written {
        Err(error) => Check::fail("folder", format!("{} cannot be written: {error}", data.display())),
        Ok(time) if time > SLOW => {
            let text = format!("the disk takes {} ms to keep a block: writes wait for it", time.as_millis());
            Check::warn("folder", text)
        }
        Ok(time) => Check::ok("folder", format!("{} is written in {} µs", data.display(), time.as_micros())),
    }
}

/// Secrets are kept as hashes, but people are personal.
fn permissions(data: &Path) -> Check {
    let open = |path: &Path| std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o007 != 0);
    if open(data) {
        let text = format!("every user of this machine may look into it: chmod 700 {}", data.display());
        Check::warn("permissions", text)
    } else {
        Check::ok("permissions", "for its owner")
    }
}

fn space(data: &Path) -> Check {
    let told = match rustix::fs::statvfs(data) {
        Ok(told) => told,
        Err(error) => return Check::warn("space", format!("not to be told: {error}")),
    };
    let free = told.f_bavail.saturating_mul(told.f_frsize);
    let text = format!("{} MiB free", free >> 20);
    if free < NEXT_TO_NOTHING {
        Check::fail("space", format!("{text}: writes are about to be refused; make room"))
    } else if free < LITTLE {
        Check::warn("space", format!("{text}: make room before an import"))
    } else {
        Check::ok("space", text)
    }
}

async fn catalog(path: &Path) -> Check {
    if !files::are_there(path) {
        return Check::warn("catalog", "empty: `sluice import` fills it");
    }
    let folder = path.to_owned();
    let looked = tokio::task::spawn_blocking(move || {
        Ok::<_, sluice_catalog::CatalogError>((files::damaged(&folder)?, EmbeddedCatalog::open(&folder)?))
    });
    let (damaged, catalog) = match looked.await {
        Ok(Ok(looked)) => looked,
        Ok(Err(error)) => {
            return Check::fail("catalog", format!("{error}; restore a backup, or import anew"));
        }
        Err(error) => return Check::fail("catalog", error.to_string()),
    };
    if !damaged.is_empty() {
        let names: Vec<String> = damaged.iter().map(|path| path.display().to_string()).collect();
        let text = format!("damaged: {}; restore a backup, or import anew", names.join(", "));
        return Check::fail("catalog", text);
    }
    match catalog.size().await {
        Ok((people, companies)) => {
            Check::ok("catalog", format!("{companies} companies, {people} people, all files as written"))
        }
        Err(error) => Check::fail("catalog", error.to_string()),
    }
}
