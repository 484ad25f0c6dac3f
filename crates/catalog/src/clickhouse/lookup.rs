//! What a writer looks up: who carries a key, and records with what belongs to them.

use super::client::Client;
use super::schema::{Table, TableName};
use super::sql::{Sql, some_ids};
use super::wire::Reply;
use crate::CatalogError;
use sluice_model::EntityKind;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Keys, and ids, asked for at once.
const KEYS: usize = 10_000;
const IDS: usize = 2_000;

/// A key as two numbers: hash and check.
pub type KeyNumbers = [u64; 2];

/// A record as it lies in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The insertion that brought it.
    pub version: u64,
    /// Its keys, two numbers each.
    pub keys: Vec<u64>,
    pub record: Vec<u8>,
}

impl Stored {
    /// Whether the record still carries the key.
    pub fn carries(&self, key: KeyNumbers) -> bool {
        self.keys.chunks_exact(2).any(|own| own == key)
    }
}

/// Asks on behalf of a writer.
#[derive(Clone)]
pub struct Lookup {
    pub client: Client,
    /// The condition of the insertions that it sees.
    pub inserted: String,
}

impl Lookup {
    fn table(&self, table: Table) -> TableName<'_> {
        TableName { target: self.client.target(), table }
    }

    /// Who ever carried these keys.
    pub async fn owners(
        &self,
        kind: EntityKind,
        keys: &[KeyNumbers],
    ) -> Result<Vec<(KeyNumbers, Uuid)>, CatalogError> {
        let mut out = Vec::new();
        for keys in keys.chunks(KEYS) {
            let hashes: BTreeSet<u64> = keys.iter().map(|[hash, _]| *hash).collect();
            let hashes: Vec<String> = hashes.iter().map(u64::to_string).collect();
            let sql = format!(
                "SELECT hash, check, id FROM {} WHERE hash IN ({}) AND {} ORDER BY version FORMAT RowBinary",
                self.table(Table::Keys(kind)),
                hashes.join(","),
                self.inserted
            );
            let bytes = self.client.ask(&Sql::of(sql)).await?;
            let mut reply = Reply::new(&bytes);
            while !reply.is_done() {
                out.push(([reply.number()?, reply.number()?], reply.id()?));
            }
        }
        Ok(out)
    }

    /// The newest of each of these records.
    pub async fn records(&self, kind: EntityKind, ids: &[Uuid]) -> Result<Vec<(Uuid, Stored)>, CatalogError> {
        let mut out = Vec::new();
        for ids in ids.chunks(IDS) {
            let bytes = self.newest(kind, "id, version, keys, record", ids).await?;
            let mut reply = Reply::new(&bytes);
            while !reply.is_done() {
                let id = reply.id()?;
                let (version, keys) = (reply.number()?, reply.numbers()?);
                out.push((id, Stored { version, keys, record: reply.bytes()?.to_vec() }));
            }
        }
        Ok(out)
    }

    /// The newest versions of those of these records that are there.
    pub async fn versions(&self, kind: EntityKind, ids: &[Uuid]) -> Result<Vec<(Uuid, u64)>, CatalogError> {
        let mut out = Vec::new();
        for ids in ids.chunks(IDS) {
            let bytes = self.newest(kind, "id, version", ids).await?;
            let mut reply = Reply::new(&bytes);
            while !reply.is_done() {
                out.push((reply.id()?, reply.number()?));
            }
        }
        Ok(out)
    }

    async fn newest(
        &self,
        kind: EntityKind,
        columns: &str,
        ids: &[Uuid],
    ) -> Result<hyper::body::Bytes, CatalogError> {
        let sql = format!(
            "SELECT {columns} FROM {} WHERE id IN ({}) AND {} ORDER BY id, version DESC LIMIT 1 BY id \
             FORMAT RowBinary",
            self.table(Table::Records(kind)),
            some_ids(ids),
            self.inserted
        );
        self.client.ask(&Sql::of(sql)).await
    }

    /// The greatest number of an insertion that left anything, committed or not.
    pub async fn last_insertion(&self) -> Result<u64, CatalogError> {
        let mut last = 0;
        for table in Table::all() {
            let column = match table {
                Table::Replaced(_) => "replaced_by",
                Table::Commit => "last",
                Table::Lease => continue,
                Table::Rows(_) | Table::Records(_) | Table::Keys(_) => "version",
            };
            let sql = format!("SELECT max({column}) FROM {} FORMAT RowBinary", self.table(table));
            let bytes = self.client.ask(&Sql::of(sql)).await?;
            last = last.max(Reply::new(&bytes).number()?);
        }
        Ok(last)
    }
}
