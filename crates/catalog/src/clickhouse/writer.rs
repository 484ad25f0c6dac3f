//! The write side: records are gathered, sent as one insertion, and count once they are committed.

use super::bridge::Bridge;
use super::client::Client;
use super::columns::Maker;
use super::lease::Lease;
use super::lookup::{KeyNumbers, Lookup, Stored};
use super::schema::{Table, TableName};
use super::snapshot::Snapshot;
use super::target::Target;
use super::wire::Rows;
use crate::embedded::{ANALYSIS, Key, record};
use crate::{CatalogError, Writer};
use rustc_hash::FxHashMap;
use sluice_model::{Company, EntityKind, Person};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Bytes of rows that are gathered before they are sent.
const GATHERED: usize = 48 << 20;
/// Answers that are remembered at most.
const REMEMBERED: usize = 200_000;

/// Writes a catalog in a ClickHouse cluster, by blocking its thread.
pub struct ClickHouseWriter {
    bridge: Bridge,
    client: Client,
    lease: Lease,
    committed: Snapshot,
    /// The number of the next insertion, and of the first that is not committed.
    next: u64,
    open: u64,
    maker: Maker,
    people: Side,
    companies: Side,
    /// An insertion failed: what has arrived is not known, so nothing more is committed.
    failed: bool,
}

/// The records of one kind.
#[derive(Default)]
struct Side {
    /// Put and not sent yet.
    fresh: FxHashMap<Uuid, Fresh>,
    claims: FxHashMap<KeyNumbers, Uuid>,
    gathered: usize,
    /// What the cluster answered: `None` is an answer, too.
    known: FxHashMap<Uuid, Option<Stored>>,
    owners: FxHashMap<KeyNumbers, Option<Uuid>>,
    /// Rows replaced since the last commit.
    replaced: u64,
}

struct Fresh {
    /// For the table that filters look at.
    row: Vec<u8>,
    stored: Stored,
    replaces: Replaces,
}

#[derive(Clone, Copy)]
enum Replaces {
    Nothing,
    Version(u64),
    /// Nobody asked whether the record is there.
    Unknown,
}

/// What goes into one table.
struct Insertion {
    sql: String,
    rows: Vec<u8>,
}

impl Side {
    fn put(&mut self, id: Uuid, row: Vec<u8>, record: Vec<u8>, keys: &[Key], version: u64) {
        let replaces = match (self.fresh.get(&id), self.known.get(&id)) {
            (Some(fresh), _) => fresh.replaces,
            (None, Some(Some(stored))) => Replaces::Version(stored.version),
            (None, Some(None)) => Replaces::Nothing,
            (None, None) => Replaces::Unknown,
        };
        self.claims.extend(keys.iter().map(|key| (key.numbers(), id)));
        self.gathered += row.len() + record.len();
        let keys = keys.iter().flat_map(|key| key.numbers()).collect();
        self.fresh.insert(id, Fresh { row, stored: Stored { version, keys, record }, replaces });
    }

    fn get(&self, id: Uuid) -> Option<Option<&Stored>> {
        let fresh = self.fresh.get(&id).map(|fresh| Some(&fresh.stored));
        fresh.or_else(|| self.known.get(&id).map(Option::as_ref))
    }

    /// Who of these carries a key still; the one that came last.
    fn carrier(&self, key: KeyNumbers, owners: &[Uuid]) -> Option<Uuid> {
        let carries = |id: &&Uuid| self.get(**id).flatten().is_some_and(|stored| stored.carries(key));
        owners.iter().rev().find(carries).copied()
    }

    /// What was sent is known now.
    fn sent(&mut self) {
        self.gathered = 0;
        let fresh = std::mem::take(&mut self.fresh);
        self.known.extend(fresh.into_iter().map(|(id, fresh)| (id, Some(fresh.stored))));
        self.owners.extend(self.claims.drain().map(|(key, id)| (key, Some(id))));
    }
}

impl ClickHouseWriter {
    pub(super) fn open(target: Target) -> Result<Self, CatalogError> {
        let bridge = Bridge::new()?;
        let client = Client::new(target);
        let asked = client.clone();
        let (lease, committed, last) = bridge.wait(async move {
            let lease = Lease::take(asked.clone()).await?;
            let state = async {
                let committed = Snapshot::load(&asked).await?;
                let lookup = Lookup { client: asked.clone(), inserted: String::new() };
                Ok((committed, lookup.last_insertion().await?))
            };
            match state.await {
                Ok((committed, last)) => Ok((lease, committed, last)),
                Err(error) => Err(lease.given_up(error).await),
            }
        })?;
        let next = last.saturating_add(1);
        let (people, companies) = (Side::default(), Side::default());
        Ok(Self {
            bridge,
            client,
            lease,
            committed,
            next,
            open: next,
            maker: Maker::default(),
            people,
            companies,
            failed: false,
        })
    }

    fn side(&self, kind: EntityKind) -> &Side {
        match kind {
            EntityKind::Person => &self.people,
            EntityKind::Company => &self.companies,
        }
    }

    fn side_mut(&mut self, kind: EntityKind) -> &mut Side {
        match kind {
            EntityKind::Person => &mut self.people,
            EntityKind::Company => &mut self.companies,
        }
    }

    /// Sees what is committed and what this writer sent.
    fn lookup(&self) -> Lookup {
        let mut seen = self.committed.clone();
        if self.next > self.open {
            seen.add(self.open, self.next - 1);
        }
        Lookup { client: self.client.clone(), inserted: seen.inserted() }
    }

    /// The record with this id, as last put.
    fn stored(&self, kind: EntityKind, id: Uuid) -> Result<Option<Stored>, CatalogError> {
        if let Some(known) = self.side(kind).get(id) {
            return Ok(known.cloned());
        }
        let lookup = self.lookup();
        let found = self.bridge.wait(async move { lookup.records(kind, &[id]).await })?;
        Ok(found.into_iter().next().map(|(_, stored)| stored))
    }

    /// Learns who carries keys, and the records of those and of `ids`.
    fn learn(&mut self, kind: EntityKind, keys: Vec<KeyNumbers>, ids: &[Uuid]) -> Result<(), CatalogError> {
        let (lookup, asked) = (self.lookup(), keys.clone());
        let owners = self.bridge.wait(async move { lookup.owners(kind, &asked).await })?;
        let side = self.side(kind);
        let named = owners.iter().map(|(_, id)| id).chain(ids);
        let missing: BTreeSet<Uuid> = named.copied().filter(|id| side.get(*id).is_none()).collect();
        let missing: Vec<Uuid> = missing.into_iter().collect();
        let (lookup, asked) = (self.lookup(), missing.clone());
        let found = self.bridge.wait(async move { lookup.records(kind, &asked).await })?;
        let side = self.side_mut(kind);
        side.known.extend(missing.into_iter().map(|id| (id, None)));
        side.known.extend(found.into_iter().map(|(id, stored)| (id, Some(stored))));
        let mut by_key: FxHashMap<KeyNumbers, Vec<Uuid>> = FxHashMap::default();
        for (key, id) in owners {
            by_key.entry(key).or_default().push(id);
        }
        for key in keys {
            let owner = by_key.get(&key).and_then(|owners| side.carrier(key, owners));
            side.owners.insert(key, owner);
        }
        Ok(())
    }

    /// Sends what was gathered as one insertion.
    fn send(&mut self) -> Result<(), CatalogError> {
        if self.failed {
            return Err(CatalogError::Unavailable("an insertion failed before".to_owned()));
        }
        self.hold()?;
        let mut insertions = Vec::new();
        for kind in [EntityKind::Company, EntityKind::Person] {
            self.find_replaced(kind)?;
            insertions.extend(self.insertions(kind));
        }
        if insertions.is_empty() {
            return Ok(());
        }
        let client = self.client.clone();
        self.failed = true;
        self.bridge.wait(async move {
            let mut running = tokio::task::JoinSet::new();
            for Insertion { sql, rows } in insertions {
                let client = client.clone();
                running.spawn(async move { client.insert(&sql, rows).await });
            }
            while let Some(done) = running.join_next().await {
                done.map_err(|error| CatalogError::Unavailable(error.to_string()))??;
            }
            Ok(())
        })?;
        self.failed = false;
        self.next += 1;
        self.people.sent();
        self.companies.sent();
        Ok(())
    }

    /// Holds the catalog on. Once the hold has ended another may have come and gone: then there is more than this
    /// writer sent.
    fn hold(&mut self) -> Result<(), CatalogError> {
        if !self.lease.is_old() {
            return Ok(());
        }
        let (mut lease, expected) = (self.lease.clone(), self.next - 1);
        let lookup = Lookup { client: self.client.clone(), inserted: String::new() };
        self.lease = self.bridge.wait(async move {
            let ended = lease.has_ended();
            lease.renew().await?;
            if ended && lookup.last_insertion().await? > expected {
                return Err(CatalogError::Locked);
            }
            Ok(lease)
        })?;
        Ok(())
    }

    /// Looks up the versions that put records replace, where nobody asked for the record before.
    fn find_replaced(&mut self, kind: EntityKind) -> Result<(), CatalogError> {
        let side = self.side(kind);
        let unknown = side.fresh.iter().filter(|(_, fresh)| matches!(fresh.replaces, Replaces::Unknown));
        let ids: Vec<Uuid> = unknown.map(|(id, _)| *id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let (lookup, asked) = (self.lookup(), ids.clone());
        let found = self.bridge.wait(async move { lookup.versions(kind, &asked).await })?;
        let found: FxHashMap<Uuid, u64> = found.into_iter().collect();
        for id in ids {
            if let Some(fresh) = self.side_mut(kind).fresh.get_mut(&id) {
                fresh.replaces =
                    found.get(&id).map_or(Replaces::Nothing, |version| Replaces::Version(*version));
            }
        }
        Ok(())
    }

    /// The rows of one kind, by table.
    fn insertions(&mut self, kind: EntityKind) -> Vec<Insertion> {
        let version = self.next;
        let target = self.client.target().clone();
        let side = self.side_mut(kind);
        let [mut rows, mut records, mut keys, mut replaced] = <[Rows; 4]>::default();
        for (id, Fresh { row, stored, replaces }) in &side.fresh {
            rows.bytes.extend_from_slice(row);
            records.id(*id).number(version).numbers(&stored.keys).text(&stored.record);
            for key in stored.keys.chunks_exact(2) {
                for number in key {
                    keys.number(*number);
                }
                keys.id(*id).number(version);
            }
            if let Replaces::Version(old) = replaces {
                replaced.id(*id).number(*old).number(version);
                side.replaced += 1;
            }
        }
        [
            (Table::Rows(kind), rows),
            (Table::Records(kind), records),
            (Table::Keys(kind), keys),
            (Table::Replaced(kind), replaced),
        ]
        .into_iter()
        .filter(|(_, rows)| !rows.bytes.is_empty())
        .map(|(table, rows)| Insertion {
            sql: format!("INSERT INTO {} FORMAT RowBinary", TableName { target: &target, table }),
            rows: rows.bytes,
        })
        .collect()
    }

    fn send_if_full(&mut self) -> Result<(), CatalogError> {
        if self.people.gathered + self.companies.gathered < GATHERED { Ok(()) } else { self.send() }
    }
}

impl Writer for ClickHouseWriter {
    fn looks_ahead(&self) -> bool {
        true
    }

    fn prepare(&mut self, kind: EntityKind, keys: &[Key], ids: &[Uuid]) -> Result<(), CatalogError> {
        self.hold()?;
        let side = self.side_mut(kind);
        if side.known.len() + side.owners.len() > REMEMBERED {
            side.known.clear();
            side.owners.clear();
        }
        let mut keys: Vec<KeyNumbers> = keys
            .iter()
            .map(|key| key.numbers())
            .filter(|key| !side.claims.contains_key(key) && !side.owners.contains_key(key))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        self.learn(kind, keys, ids)
    }

    fn owner(&self, kind: EntityKind, key: Key) -> Result<Option<Uuid>, CatalogError> {
        let (side, key) = (self.side(kind), key.numbers());
        if let Some(id) = side.claims.get(&key) {
            return Ok(Some(*id));
        }
        if let Some(owner) = side.owners.get(&key) {
            return Ok(*owner);
        }
        let lookup = self.lookup();
        let owners = self.bridge.wait(async move { lookup.owners(kind, &[key]).await })?;
        for (own, id) in owners.into_iter().rev() {
            if own == key && self.stored(kind, id)?.is_some_and(|stored| stored.carries(key)) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn person(&self, id: Uuid) -> Result<Option<Person>, CatalogError> {
        self.stored(EntityKind::Person, id)?.map(|stored| record::decode(&stored.record)).transpose()
    }

    fn company(&self, id: Uuid) -> Result<Option<Company>, CatalogError> {
        self.stored(EntityKind::Company, id)?.map(|stored| record::decode(&stored.record)).transpose()
    }

    fn store_person(&mut self, person: &Person, keys: &[Key]) -> Result<(), CatalogError> {
        let mut row = Rows::default();
        self.maker.person(person, self.next, &mut row);
        self.people.put(person.id, row.bytes, record::encode(person)?, keys, self.next);
        self.send_if_full()
    }

    fn store_company(&mut self, company: &Company, keys: &[Key]) -> Result<(), CatalogError> {
        let mut row = Rows::default();
        self.maker.company(company, self.next, &mut row);
        self.companies.put(company.id, row.bytes, record::encode(company)?, keys, self.next);
        self.send_if_full()
    }

    fn commit(&mut self) -> Result<(), CatalogError> {
        self.send()?;
        let (first, last) = (self.open, self.next - 1);
        if last < first {
            return Ok(());
        }
        self.hold()?;
        let mut rows = Rows::default();
        rows.number(first).number(last).number(self.people.replaced).number(self.companies.replaced);
        rows.text(ANALYSIS.as_bytes());
        let table = TableName { target: self.client.target(), table: Table::Commit };
        let sql = format!("INSERT INTO {table} FORMAT RowBinary");
        let client = self.client.clone();
        self.bridge.wait(async move { client.insert(&sql, rows.bytes).await })?;
        self.committed.add(first, last);
        self.open = self.next;
        (self.people.replaced, self.companies.replaced) = (0, 0);
        Ok(())
    }
}

impl Drop for ClickHouseWriter {
    fn drop(&mut self) {
        let mut lease = self.lease.clone();
        let ended = self.bridge.wait(async move {
            lease.end().await;
            Ok(())
        });
        if let Err(error) = ended {
            tracing::warn!(%error, "the catalog stays taken for up to a minute");
        }
    }
}
