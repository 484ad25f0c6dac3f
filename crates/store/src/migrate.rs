//! Brings the schema up to date. Migrations are numbered, run in order, each once, and never edited after
//! a release; a changed one, or a database newer than this program, stops the start.

use crate::driver::{Connection, Dialect};
use crate::error::StoreError;
use crate::tx::Unit;
use crate::value::{Value, params};
use sha2::{Digest, Sha256};

struct Migration {
    number: i64,
    name: &'static str,
    /// Each database has its own text: column types and partial indexes differ by necessity.
    sqlite: &'static str,
    postgres: &'static str,
}

impl Migration {
    const fn text(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }

    fn checksum(&self, dialect: Dialect) -> Vec<u8> {
        Sha256::digest(self.text(dialect)).to_vec()
    }
}

const MIGRATIONS: [Migration; 7] = [
    Migration {
        number: 1,
        name: "records",
        sqlite: include_str!("../migrations/0001_records.sqlite.sql"),
        postgres: include_str!("../migrations/0001_records.postgres.sql"),
    },
    Migration {
        number: 2,
        name: "accounts",
        sqlite: include_str!("../migrations/0002_accounts.sqlite.sql"),
        postgres: include_str!("../migrations/0002_accounts.postgres.sql"),
    },
    Migration {
        number: 3,
        name: "workers",
        sqlite: include_str!("../migrations/0003_workers.sqlite.sql"),
        postgres: include_str!("../migrations/0003_workers.postgres.sql"),
    },
    Migration {
        number: 4,
        name: "evidence",
        sqlite: include_str!("../migrations/0004_evidence.sqlite.sql"),
        postgres: include_str!("../migrations/0004_evidence.postgres.sql"),
    },
    Migration {
        number: 5,
        name: "connectors",
        sqlite: include_str!("../migrations/0005_connectors.sqlite.sql"),
        postgres: include_str!("../migrations/0005_connectors.postgres.sql"),
    },
    Migration {
        number: 6,
        name: "crm",
        sqlite: include_str!("../migrations/0006_crm.sqlite.sql"),
        postgres: include_str!("../migrations/0006_crm.postgres.sql"),
    },
    Migration {
        number: 7,
        name: "webhooks",
        sqlite: include_str!("../migrations/0007_webhooks.sqlite.sql"),
        postgres: include_str!("../migrations/0007_webhooks.postgres.sql"),
    },
];

const fn table(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "CREATE TABLE IF NOT EXISTS schema_migration (
                 number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL) STRICT"
        }
        Dialect::Postgres => {
            "CREATE TABLE IF NOT EXISTS schema_migration (
                 number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum BYTEA NOT NULL)"
        }
    }
}

pub(crate) fn run(mut connection: Connection<'_>) -> Unit<'_, (), StoreError> {
    Box::pin(async move {
        connection.execute_script(table(connection.dialect())).await?;
        let known = known(&mut connection).await?;
        for migration in pending(connection.dialect(), &known)? {
            apply(&mut connection, migration).await?;
        }
        Ok(())
    })
}

/// What is known of a database's schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The number of the last migration that was run; 0 for an empty database.
    pub version: i64,
    /// The number of the last one that this program has.
    pub newest: i64,
    /// Those that are to be run, by number and name.
    pub pending: Vec<(i64, &'static str)>,
}

/// Looks at the schema and leaves it as it is.
///
/// # Errors
/// As those of a start: when it is newer than this program, or was changed.
pub(crate) async fn look(connection: &mut Connection<'_>) -> Result<Schema, StoreError> {
    let dialect = connection.dialect();
    let known = if is_there(connection).await? { known(connection).await? } else { Vec::new() };
    let pending = pending(dialect, &known)?;
    Ok(Schema {
        version: known.last().map_or(0, |(number, _)| *number),
        newest: MIGRATIONS.last().map_or(0, |migration| migration.number),
        pending: pending.iter().map(|migration| (migration.number, migration.name)).collect(),
    })
}

async fn is_there(connection: &mut Connection<'_>) -> Result<bool, StoreError> {
    let sql = match connection.dialect() {
        Dialect::Sqlite => "SELECT 1 FROM sqlite_schema WHERE name = 'schema_migration'",
        Dialect::Postgres => "SELECT 1 WHERE to_regclass('schema_migration') IS NOT NULL",
    };
    Ok(connection.query_one(sql, &[]).await?.is_some())
}

/// The migrations that were run, with their checksums, in order.
async fn known(connection: &mut Connection<'_>) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let sql = "SELECT number, checksum FROM schema_migration ORDER BY number";
    let rows = connection.query(sql, &[]).await?;
    let read = |row| match <[Value; 2]>::try_from(row) {
        Ok([Value::Int(number), Value::Blob(checksum)]) => Some((number, checksum)),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// The migrations that are to be run.
///
/// # Errors
/// [`StoreError::Internal`] when the database is newer than this program, or a migration was changed.
fn pending(dialect: Dialect, known: &[(i64, Vec<u8>)]) -> Result<Vec<&'static Migration>, StoreError> {
    if known.len() > MIGRATIONS.len() {
        let text = "the database was written by a newer version of this program";
        return Err(StoreError::Internal(text.to_owned()));
    }
    let mut found = Vec::new();
    for migration in &MIGRATIONS {
        match known.iter().find(|(number, _)| *number == migration.number) {
            Some((_, stored)) if *stored == migration.checksum(dialect) => {}
            Some(_) => {
                let text = format!("migration {} differs from the one that was run", migration.number);
                return Err(StoreError::Internal(text));
            }
            None => found.push(migration),
        }
    }
    Ok(found)
}

async fn apply(connection: &mut Connection<'_>, migration: &Migration) -> Result<(), StoreError> {
    let dialect = connection.dialect();
    connection.execute_script(migration.text(dialect)).await?;
    connection
        .execute(
            "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)",
            params![migration.number, migration.name, migration.checksum(dialect)],
        )
        .await?;
    Ok(())
}
