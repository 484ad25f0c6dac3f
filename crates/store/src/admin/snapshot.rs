//! A database as one file, which either database can be restored from.

use super::{AdminError, Copied, copy};
use crate::driver::{BUSY_TIMEOUT, Durability, Options};
use crate::error::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

fn read_only(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Writes one consistent state of a database into a new SQLite file, while others go on writing. `progress` as for
/// [`copy`]. Blocks while it reads SQLite.
///
/// # Errors
/// As [`copy`].
pub async fn snapshot(
    from: &Options,
    file: &Path,
    progress: &mut (dyn FnMut(&'static str, u64) + Send),
) -> Result<Option<Copied>, AdminError> {
    let copied = match from {
        Options::Sqlite { path, .. } => {
            // Its own SQL rather than page by page: a writer does not make it start anew.
            let target =
                file.to_str().ok_or_else(|| AdminError::Refused("a path must be UTF-8".to_owned()))?;
            let connection = read_only(path)?;
            connection.execute("VACUUM INTO $1", [target]).map_err(StoreError::from)?;
            None
        }
        Options::Postgres { .. } => {
            let to = Options::Sqlite { path: file.to_owned(), durability: Durability::Process };
            Some(copy(from, &to, progress).await?)
        }
    };
    // With a write-ahead log even readers would put files beside it.
    let connection = Connection::open(file).map_err(StoreError::from)?;
    connection.pragma_update(None, "journal_mode", "DELETE").map_err(StoreError::from)?;
    Ok(copied)
}

/// What SQLite finds wrong in a file: pages that do not fit together, rows that refer to none. Blocks, and reads the
/// whole file.
///
/// # Errors
/// [`StoreError`] when the file cannot be read at all.
pub fn integrity(file: &Path) -> Result<Vec<String>, StoreError> {
    let connection = read_only(file)?;
    let mut found = Vec::new();
    let mut pages = connection.prepare("PRAGMA quick_check(10)")?;
    let mut rows = pages.query([])?;
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if line != "ok" {
            found.push(line);
        }
    }
    let mut keys =
        connection.prepare("SELECT \"table\", count(*) FROM pragma_foreign_key_check GROUP BY 1")?;
    let mut rows = keys.query([])?;
    while let Some(row) = rows.next()? {
        let (table, count): (String, i64) = (row.get(0)?, row.get(1)?);
        found.push(format!("{count} rows of {table} refer to rows that are not there"));
    }
    Ok(found)
}
