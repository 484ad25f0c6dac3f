//! What one search sees: both indexes at one point in time.

use super::record;
use super::schema::{CompanyFields, PersonFields, column, failure};
use crate::CatalogError;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::SystemTime;
use tantivy::schema::{Field, Value};
use tantivy::{DocAddress, Index, IndexReader, ReloadPolicy, Searcher, TantivyDocument, Term};
use uuid::Uuid;

/// The searchers of both indexes, and what is derived from them when it is first needed.
pub(super) struct Snapshot {
    pub people: Searcher,
    pub companies: Searcher,
    /// By sequence number: where the company's record lies.
    addresses: OnceLock<Vec<Option<DocAddress>>>,
}

impl Snapshot {
    /// By sequence number where each company's document lies, those that only reserve a number among them.
    pub fn addresses(&self) -> Result<&[Option<DocAddress>], CatalogError> {
        if let Some(addresses) = self.addresses.get() {
            return Ok(addresses);
        }
        let mut addresses = Vec::new();
        for (ord, segment) in (0..).zip(self.companies.segment_readers()) {
            let seq = segment.fast_fields().u64(column::SEQ).map_err(failure)?.first_or_default_col(0);
            for doc in segment.doc_ids_alive() {
                let at = usize::try_from(seq.get_val(doc)).unwrap_or(usize::MAX);
                if addresses.len() <= at {
                    addresses.resize(at + 1, None);
                }
                if let Some(place) = addresses.get_mut(at) {
                    *place = Some(DocAddress::new(ord, doc));
                }
            }
        }
        Ok(self.addresses.get_or_init(|| addresses))
    }
}

/// Where the record with this id lies.
pub(super) fn find(searcher: &Searcher, field: Field, id: Uuid) -> Result<Option<DocAddress>, CatalogError> {
    let term = Term::from_field_bytes(field, id.as_bytes());
    for (ord, segment) in (0..).zip(searcher.segment_readers()) {
        let index = segment.inverted_index(field).map_err(failure)?;
        let Some(postings) = index.read_block_postings(&term, tantivy::schema::IndexRecordOption::Basic)?
        else {
            continue;
        };
        // Several versions of a record can lie in one segment until it is merged; one of them is alive.
        let mut postings = postings;
        while postings.block_len() > 0 {
            if let Some(doc) = postings.docs().iter().find(|doc| !segment.is_deleted(**doc)) {
                return Ok(Some(DocAddress::new(ord, *doc)));
            }
            postings.advance();
        }
    }
    Ok(None)
}

/// Reads a record; `None` for a document without one.
pub(super) fn read<T: DeserializeOwned>(
    searcher: &Searcher,
    field: Field,
    address: DocAddress,
) -> Result<Option<T>, CatalogError> {
    let document: TantivyDocument = searcher.doc(address).map_err(failure)?;
    match document.get_first(field).and_then(|value| value.as_bytes()) {
        Some(bytes) => record::decode(bytes).map(Some),
        None => Ok(None),
    }
}

/// What tells one commit of an index from another: its meta file is replaced by each.
type Stamp = [Option<(SystemTime, u64, u64)>; 2];

/// Both indexes, opened for reading.
pub(super) struct Indexes {
    pub people: Index,
    pub companies: Index,
    pub person_fields: PersonFields,
    pub company_fields: CompanyFields,
    people_reader: IndexReader,
    companies_reader: IndexReader,
    metas: [PathBuf; 2],
    current: RwLock<(Stamp, Arc<Snapshot>)>,
    reloading: Mutex<()>,
}

impl Indexes {
    pub fn open(dir: &Path) -> Result<Self, CatalogError> {
        let (people_dir, companies_dir) = (dir.join("people"), dir.join("companies"));
        let (schema, person_fields) = super::schema::people();
        let people = super::schema::open(&people_dir, schema)?;
        let (schema, company_fields) = super::schema::companies();
        let companies = super::schema::open(&companies_dir, schema)?;
        let reader = |index: &Index| {
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failure)
        };
        let metas = [people_dir.join("meta.json"), companies_dir.join("meta.json")];
        let stamp = stamp(&metas);
        // People first: a company they name is then in the companies' state, which is the same or a later one.
        let people_reader: IndexReader = reader(&people)?;
        let companies_reader: IndexReader = reader(&companies)?;
        let snapshot = taken(&people_reader, &companies_reader);
        Ok(Self {
            people,
            companies,
            person_fields,
            company_fields,
            people_reader,
            companies_reader,
            metas,
            current: RwLock::new((stamp, snapshot)),
            reloading: Mutex::new(()),
        })
    }

    /// The state of the last commit, by whichever process.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, CatalogError> {
        let known = || {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            (current.0, Arc::clone(&current.1))
        };
        let now = stamp(&self.metas);
        let (then, snapshot) = known();
        if then == now {
            return Ok(snapshot);
        }
        let _guard = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamp(&self.metas);
        let (then, snapshot) = known();
        if then == now {
            return Ok(snapshot);
        }
        self.people_reader.reload().map_err(failure)?;
        self.companies_reader.reload().map_err(failure)?;
        let snapshot = taken(&self.people_reader, &self.companies_reader);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (now, Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

fn taken(people: &IndexReader, companies: &IndexReader) -> Arc<Snapshot> {
    Arc::new(Snapshot {
        people: people.searcher(),
        companies: companies.searcher(),
        addresses: OnceLock::new(),
    })
}

fn stamp(metas: &[PathBuf; 2]) -> Stamp {
    let of = |path: &PathBuf| {
        let meta = std::fs::metadata(path).ok()?;
        Some((meta.modified().ok()?, meta.len(), inode(&meta)))
    };
    [of(&metas[0]), of(&metas[1])]
}

#[cfg(unix)]
fn inode(meta: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}
