//! The write side: one import at a time puts records and commits them in batches.

use super::document::{self, Maker, Values};
use super::keys::{Key, Keys};
use super::record;
use super::schema::failure;
use super::snapshot::{self, Indexes, Snapshot};
use super::values::Numbering;
use crate::CatalogError;
use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use sluice_model::{Company, EntityKind, Person};
use std::sync::{Arc, OnceLock};
use tantivy::merge_policy::LogMergePolicy;
use tantivy::schema::Field;
use tantivy::{Index, IndexWriter, Searcher, TantivyDocument, Term};
use uuid::Uuid;

/// How much memory indexing takes before it writes a segment, in bytes.
const PEOPLE_MEMORY: usize = 192 << 20;
const COMPANIES_MEMORY: usize = 64 << 20;
const VALUES_MEMORY: usize = 32 << 20;
const THREADS: usize = 2;
/// How many segments of about one size are merged into one: each document is then written again about half as often as
/// with the usual eight.
const MERGED_SEGMENTS: usize = 16;

/// Writes a catalog. Dropping it without [`CatalogWriter::commit`] forgets what was put since the last commit.
///
/// Records put since the last commit are held in memory: commit every hundred thousand or so.
pub struct CatalogWriter {
    indexes: Arc<Indexes>,
    people: Side,
    companies: Side,
    numbering: Numbering,
    maker: Maker,
    /// What is committed, from when it is first needed: nobody else commits.
    committed: OnceLock<Arc<Snapshot>>,
}

/// One of the two indexes.
struct Side {
    writer: IndexWriter,
    id: Field,
    record: Field,
    keys: Keys,
    /// Records put and not committed yet.
    fresh: FxHashMap<Uuid, Vec<u8>>,
}

impl Side {
    fn open(
        index: &Index,
        threads: usize,
        memory: usize,
        fields: &super::schema::CommonFields,
    ) -> Result<Self, CatalogError> {
        let writer = index.writer_with_num_threads(threads, memory).map_err(failure)?;
        let mut merges = LogMergePolicy::default();
        merges.set_min_num_segments(MERGED_SEGMENTS);
        writer.set_merge_policy(Box::new(merges));
        Ok(Self {
            writer,
            id: fields.id,
            record: fields.record,
            keys: Keys::default(),
            fresh: FxHashMap::default(),
        })
    }

    /// The record as last put; `searcher` sees what is committed.
    fn get<T: DeserializeOwned>(&self, searcher: &Searcher, id: Uuid) -> Result<Option<T>, CatalogError> {
        if let Some(bytes) = self.fresh.get(&id) {
            return record::decode(bytes).map(Some);
        }
        if self.keys.slot_of(id).is_none() {
            return Ok(None);
        }
        match snapshot::find(searcher, self.id, id)? {
            Some(address) => snapshot::read(searcher, self.record, address),
            None => Ok(None),
        }
    }

    /// Takes the older version of a record out.
    fn delete(&self, id: Uuid) {
        self.writer.delete_term(Term::from_field_bytes(self.id, id.as_bytes()));
    }

    fn add(&self, document: TantivyDocument) -> Result<(), CatalogError> {
        self.writer.add_document(document).map(drop).map_err(failure)
    }

    fn note(&mut self, slot: u32, keys: &[Key]) {
        for key in keys {
            self.keys.insert(*key, slot);
        }
    }
}

impl CatalogWriter {
    pub(super) fn open(indexes: Arc<Indexes>) -> Result<Self, CatalogError> {
        let mut people = Side::open(&indexes.people, THREADS, PEOPLE_MEMORY, &indexes.person_fields.common)?;
        let mut companies =
            Side::open(&indexes.companies, 1, COMPANIES_MEMORY, &indexes.company_fields.common)?;
        let values = indexes.values.writer_with_num_threads(1, VALUES_MEMORY).map_err(failure)?;
        // With all locks held nobody else commits: this is the last state.
        let now = indexes.snapshot()?;
        people.keys = Keys::load(&now.people, false)?;
        companies.keys = Keys::load(&now.companies, true)?;
        let numbering = Numbering::new(values, &now.values);
        let maker = Maker::default();
        Ok(Self { indexes, people, companies, numbering, maker, committed: OnceLock::from(now) })
    }

    /// The records of `kind` that carry these identity keys, in the order of `keys`: what was put before, the
    /// records put but not committed yet among them. A key is any text that stands for an identity
    /// (`id:…`, `li:…`, `dom:…`, `em:…`); people and companies have keys of their own. A key that two records
    /// carry finds one of them.
    #[must_use]
    pub fn find(&self, kind: EntityKind, keys: &[String]) -> Vec<Option<Uuid>> {
        keys.iter().map(|key| self.owner(kind, Key::of(key))).collect()
    }

    /// The record of `kind` that carries a key, as [`Self::find`] tells.
    pub(crate) fn owner(&self, kind: EntityKind, key: Key) -> Option<Uuid> {
        match kind {
            EntityKind::Person => self.people.keys.find(key),
            EntityKind::Company => self.companies.keys.find(key),
        }
    }

    fn committed(&self) -> Result<Arc<Snapshot>, CatalogError> {
        if let Some(snapshot) = self.committed.get() {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = self.indexes.snapshot()?;
        Ok(Arc::clone(self.committed.get_or_init(|| snapshot)))
    }

    /// The person with this id, as last put.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn get_person(&self, id: Uuid) -> Result<Option<Person>, CatalogError> {
        self.people.get(&self.committed()?.people, id)
    }

    /// The company with this id, as last put.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn get_company(&self, id: Uuid) -> Result<Option<Company>, CatalogError> {
        self.companies.get(&self.committed()?.companies, id)
    }

    /// Puts a person in the place of the one with the same id, if there is one. `keys` are all identity keys of
    /// the record: those that it had before and that are not named again are no longer found after the writer
    /// is opened anew.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn put_person(&mut self, person: &Person, keys: &[String]) -> Result<(), CatalogError> {
        let keys: Vec<Key> = keys.iter().map(|key| Key::of(key)).collect();
        self.store_person(person, &keys)
    }

    /// As [`Self::put_person`].
    pub(crate) fn store_person(&mut self, person: &Person, keys: &[Key]) -> Result<(), CatalogError> {
        let company = person.company_id.map(|id| self.sequence_number(id)).transpose()?;
        let numbers: Vec<u64> = keys.iter().flat_map(|key| key.numbers()).collect();
        let committed = self.committed()?;
        let values = Values {
            numbering: &mut self.numbering,
            committed: &committed.values,
            fields: &self.indexes.value_fields,
        };
        let fields = &self.indexes.person_fields;
        let (document, bytes) = self.maker.person(fields, person, company, &numbers, values)?;
        let known = self.people.keys.slot_of(person.id);
        if known.is_some() {
            self.people.delete(person.id);
        }
        self.people.add(document)?;
        let slot = known.unwrap_or_else(|| self.people.keys.add(person.id));
        self.people.note(slot, keys);
        self.people.fresh.insert(person.id, bytes);
        Ok(())
    }

    /// Puts a company in the place of the one with the same id, if there is one; `keys` as for people.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn put_company(&mut self, company: &Company, keys: &[String]) -> Result<(), CatalogError> {
        let keys: Vec<Key> = keys.iter().map(|key| Key::of(key)).collect();
        self.store_company(company, &keys)
    }

    /// As [`Self::put_company`].
    pub(crate) fn store_company(&mut self, company: &Company, keys: &[Key]) -> Result<(), CatalogError> {
        let numbers: Vec<u64> = keys.iter().flat_map(|key| key.numbers()).collect();
        let known = self.companies.keys.slot_of(company.id);
        if known.is_some() {
            self.companies.delete(company.id);
        }
        let seq = known.unwrap_or_else(|| self.companies.keys.add(company.id));
        let committed = self.committed()?;
        let values = Values {
            numbering: &mut self.numbering,
            committed: &committed.values,
            fields: &self.indexes.value_fields,
        };
        let fields = &self.indexes.company_fields;
        let (document, bytes) = self.maker.company(fields, company, seq, &numbers, values)?;
        self.companies.add(document)?;
        self.companies.note(seq, keys);
        self.companies.fresh.insert(company.id, bytes);
        Ok(())
    }

    /// The number that stands for a company in the documents of its people; a company that is not known yet gets
    /// one now and keeps it.
    fn sequence_number(&mut self, id: Uuid) -> Result<u32, CatalogError> {
        if let Some(seq) = self.companies.keys.slot_of(id) {
            return Ok(seq);
        }
        let seq = self.companies.keys.add(id);
        self.companies.add(document::reserved(&self.indexes.company_fields, id, seq))?;
        Ok(seq)
    }

    /// Makes everything put so far durable and visible to searches, in this process and in others.
    ///
    /// # Errors
    /// When the index cannot be written; what was put since the last commit is then not visible.
    pub fn commit(&mut self) -> Result<(), CatalogError> {
        self.committed.take();
        // Values first, then companies: what is named must be there.
        self.numbering.commit()?;
        self.companies.writer.commit().map_err(failure)?;
        self.people.writer.commit().map_err(failure)?;
        self.companies.fresh.clear();
        self.people.fresh.clear();
        Ok(())
    }

    /// Waits until segments are merged, and closes the writer. What is not committed is forgotten.
    ///
    /// # Errors
    /// When a merge failed.
    pub fn finish(self) -> Result<(), CatalogError> {
        self.people.writer.wait_merging_threads().map_err(failure)?;
        self.companies.writer.wait_merging_threads().map_err(failure)?;
        self.numbering.finish()
    }
}
