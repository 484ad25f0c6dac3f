//! Copies an installation's records from one database to another, whichever each is.

use super::AdminError;
use super::digest::Digest;
use super::tables::{TABLES, Table};
use crate::driver::{Connection, Dialect, Options, Session};
use crate::error::StoreError;
use crate::migrate;
use crate::row::Columns;
use crate::value::params;

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    pub name: &'static str,
    pub rows: u64,
    /// Of the values, the same in both databases.
    pub checksum: String,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub tables: Vec<CopiedTable>,
    /// The tables of the source that were written while they were copied: what was written is not in the target.
    pub changed: Vec<&'static str>,
}

/// Copies every row of one snapshot of `from` into `to`, which must have none. All of it is committed at once, after
/// what was written has been read back and compared; else the target stays as empty as it was. `progress` hears the
/// table at work and the rows done.
///
/// # Errors
/// [`AdminError::Refused`] when the target has rows, or the source's schema is not that of this program;
/// [`AdminError::Store`] when a database fails, or did not keep what it was given.
pub async fn copy(
    from: &Options,
    to: &Options,
    progress: &mut (dyn FnMut(&'static str, u64) + Send),
) -> Result<Copied, AdminError> {
    let mut source = Session::snapshot(from).await?;
    let schema = migrate::look(&mut source.connection()).await?;
    if !schema.pending.is_empty() {
        let text = "the source's schema is older than this program: `sluice migrate up` brings it up to date";
        return Err(AdminError::Refused(text.to_owned()));
    }
    let mut target = Session::writing(to).await?;
    let keys = begin(&mut target.connection()).await?;
    let mut tables = Vec::with_capacity(TABLES.len());
    for name in TABLES {
        tables.push(copy_table(&mut source.connection(), &mut target.connection(), name, progress).await?);
    }
    finish(&mut target.connection(), &keys).await?;
    drop(source);
    let changed = changed_since(from, &tables).await?;
    target.commit().await?;
    let told = |(name, digest): (&'static str, Digest)| CopiedTable {
        name,
        rows: digest.rows,
        checksum: digest.to_string(),
    };
    Ok(Copied { tables: tables.into_iter().map(told).collect(), changed })
}

/// A foreign key that is put back when all rows are there.
struct ForeignKey {
    table: String,
    name: String,
    definition: String,
}

/// Makes sure that the target is empty and stays so for others, and that rows may come in any order: some refer to
/// others of their own table.
async fn begin(target: &mut Connection<'_>) -> Result<Vec<ForeignKey>, AdminError> {
    if target.dialect() == Dialect::Postgres {
        target.execute_script(&format!("LOCK TABLE {}", TABLES.join(","))).await?;
    }
    for name in TABLES {
        if target.query_one(&format!("SELECT 1 FROM {name} LIMIT 1"), &[]).await?.is_some() {
            let text =
                format!("the target is not empty (there are rows in {name}): copy into a new database");
            return Err(AdminError::Refused(text));
        }
    }
    Ok(match target.dialect() {
        Dialect::Sqlite => {
            target.execute_script("PRAGMA defer_foreign_keys = ON").await?;
            Vec::new()
        }
        Dialect::Postgres => drop_foreign_keys(target).await?,
    })
}

/// Checked once for all rows, a foreign key costs a fraction of what it does row by row.
async fn drop_foreign_keys(target: &mut Connection<'_>) -> Result<Vec<ForeignKey>, StoreError> {
    let sql =
        "SELECT conrelid::regclass::TEXT, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
               WHERE contype = 'f' AND conrelid = $1::TEXT::regclass";
    let mut keys = Vec::new();
    for name in TABLES {
        for row in target.query(sql, params![name]).await? {
            let mut row = Columns::of("pg_constraint", row);
            let key = ForeignKey {
                table: row.text("conrelid")?,
                name: row.text("conname")?,
                definition: row.text("definition")?,
            };
            let sql = format!("ALTER TABLE {} DROP CONSTRAINT {}", key.table, key.name);
            target.execute_script(&sql).await?;
            keys.push(key);
        }
    }
    Ok(keys)
}

async fn copy_table(
    source: &mut Connection<'_>,
    target: &mut Connection<'_>,
    name: &'static str,
    progress: &mut (dyn FnMut(&'static str, u64) + Send),
) -> Result<(&'static str, Digest), StoreError> {
    let table = Table::describe(source, name).await?;
    let (mut pages, mut read) = (table.pages(), Digest::default());
    loop {
        let rows = pages.next(source).await?;
        if rows.is_empty() {
            break;
        }
        rows.iter().for_each(|row| read.add(row));
        target.insert_rows(name, &table.columns, &rows).await?;
        progress(name, read.rows);
    }
    let written = digest(target, name).await?;
    if read == written {
        return Ok((name, read));
    }
    let text =
        format!("table {name} was read as {} rows {read}, but is {} {written}", read.rows, written.rows);
    Err(StoreError::Internal(text))
}

/// The checksum of a table.
async fn digest(connection: &mut Connection<'_>, name: &'static str) -> Result<Digest, StoreError> {
    let table = Table::describe(connection, name).await?;
    let (mut pages, mut digest) = (table.pages(), Digest::default());
    loop {
        let rows = pages.next(connection).await?;
        if rows.is_empty() {
            return Ok(digest);
        }
        rows.iter().for_each(|row| digest.add(row));
    }
}

/// Puts the foreign keys back, which checks all rows, and has numbers that the database gives go on behind those that
/// are taken.
async fn finish(target: &mut Connection<'_>, keys: &[ForeignKey]) -> Result<(), StoreError> {
    for ForeignKey { table, name, definition } in keys {
        target.execute_script(&format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")).await?;
    }
    if target.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let sql = "SELECT attname::TEXT FROM pg_attribute
               WHERE attrelid = $1::TEXT::regclass AND attidentity <> '' AND NOT attisdropped";
    for name in TABLES {
        for row in target.query(sql, params![name]).await? {
            let column = Columns::of("pg_attribute", row).text("attname")?;
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence('{name}', '{column}'), last)
                 FROM (SELECT max(\"{column}\") AS last FROM {name}) AS rows WHERE last IS NOT NULL"
            );
            target.query(&sql, &[]).await?;
        }
    }
    target.execute_script(&format!("ANALYZE {}", TABLES.join(","))).await
}

/// The tables that are no longer as they were read.
async fn changed_since(
    from: &Options,
    then: &[(&'static str, Digest)],
) -> Result<Vec<&'static str>, StoreError> {
    let mut session = Session::snapshot(from).await?;
    let mut changed = Vec::new();
    for (name, read) in then {
        if digest(&mut session.connection(), name).await? != *read {
            changed.push(*name);
        }
    }
    Ok(changed)
}
