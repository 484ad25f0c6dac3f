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
}

const MIGRATIONS: [Migration; 3] = [
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
        let dialect = connection.dialect();
        connection.execute_script(table(dialect)).await?;
        let rows =
            connection.query("SELECT number, checksum FROM schema_migration ORDER BY number", &[]).await?;
        let known: Vec<(i64, Vec<u8>)> = rows
            .into_iter()
            .filter_map(|row| match <[Value; 2]>::try_from(row) {
                Ok([Value::Int(number), Value::Blob(checksum)]) => Some((number, checksum)),
                _ => None,
            })
            .collect();
        if known.len() > MIGRATIONS.len() {
            let text = "the database was written by a newer version of this program";
            return Err(StoreError::Internal(text.to_owned()));
        }
        for migration in &MIGRATIONS {
            let checksum = Sha256::digest(migration.text(dialect)).to_vec();
            match known.iter().find(|(number, _)| *number == migration.number) {
                Some((_, stored)) if *stored == checksum => {}
                Some(_) => {
                    let text = format!("migration {} differs from the one that was run", migration.number);
                    return Err(StoreError::Internal(text));
                }
                None => apply(&mut connection, migration, checksum).await?,
            }
        }
        Ok(())
    })
}

async fn apply(
    connection: &mut Connection<'_>,
    migration: &Migration,
    checksum: Vec<u8>,
) -> Result<(), StoreError> {
    connection.execute_script(migration.text(connection.dialect())).await?;
    connection
        .execute(
            "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)",
            params![migration.number, migration.name, checksum],
        )
        .await?;
    Ok(())
}
