//! What one search sees: both indexes at one point in time.

use super::cache::Cache;
use super::dictionary::Dictionary;
use super::record;
use super::schema::{CompanyFields, PersonFields, ValueFields, column, failure};
use super::suggest::Dictionaries;
use crate::CatalogError;
use crate::facts::Needle;
use crate::search::Suggest;
use crate::text::Profile;
use lru::LruCache;
use rustc_hash::FxHashSet;
use serde::de::DeserializeOwned;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::SystemTime;
use tantivy::index::SegmentId;
use tantivy::schema::{Field, Value};
use tantivy::{DocAddress, Index, IndexReader, ReloadPolicy, Searcher, TantivyDocument, Term};
use uuid::Uuid;

/// What remembered answers may take in memory.
const CACHE_BYTES: usize = 256 << 20;
/// How many needles are remembered with their values.
const LIKE_KEPT: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

/// By profile and needle the numbers of values.
type Like = LruCache<(Profile, Needle), Arc<Vec<u32>>>;

/// The searchers of all indexes, and what is derived from them when it is first needed.
pub(super) struct Snapshot {
    pub people: Searcher,
    pub companies: Searcher,
    pub values: Searcher,
    /// Tells this state from others that this process has seen.
    pub number: u64,
    value_fields: Arc<ValueFields>,
    /// The numbers of the values that are like a needle, as far as it was asked.
    like: Mutex<Like>,
    dictionaries: Mutex<Dictionaries>,
    /// By sequence number: how many people a company has.
    staff: OnceLock<Vec<u32>>,
    /// By sequence number: where the company's record lies.
    addresses: OnceLock<Vec<Option<DocAddress>>>,
}

impl Snapshot {
    /// The numbers of the common values that are like the needle.
    pub fn values_like(&self, profile: Profile, needle: &Needle) -> Result<Arc<Vec<u32>>, CatalogError> {
        let key = (profile, needle.clone());
        if let Some(found) = self.like.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(found));
        }
        let found = Arc::new(super::values::like(&self.values, &self.value_fields, profile, needle)?);
        self.like.lock().unwrap_or_else(PoisonError::into_inner).put(key, Arc::clone(&found));
        Ok(found)
    }

    /// The values of a kind, from memory or as `make` finds them.
    pub fn dictionary(
        &self,
        what: Suggest,
        make: impl FnOnce() -> Result<Dictionary, CatalogError>,
    ) -> Result<Arc<Dictionary>, CatalogError> {
        let place = {
            let mut known = self.dictionaries.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(what).or_default())
        };
        // Whoever asks for the same meanwhile waits for this one; the other kinds do not.
        let mut known = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dictionary) = known.as_ref() {
            return Ok(Arc::clone(dictionary));
        }
        let dictionary = Arc::new(make()?);
        *known = Some(Arc::clone(&dictionary));
        Ok(dictionary)
    }

    /// By sequence number how many people each company has.
    pub fn staff(&self) -> Result<&[u32], CatalogError> {
        if let Some(staff) = self.staff.get() {
            return Ok(staff);
        }
        let mut staff: Vec<u32> = vec![0; self.addresses()?.len()];
        for reader in self.people.segment_readers() {
            let companies =
                reader.fast_fields().u64(column::COMPANY).map_err(failure)?.first_or_default_col(0);
            super::tester::blocks(companies.as_ref(), |first, numbers| {
                for (doc, company) in (first..).zip(numbers) {
                    let at = company.checked_sub(1).and_then(|seq| usize::try_from(seq).ok());
                    if let Some(count) =
                        at.and_then(|at| staff.get_mut(at)).filter(|_| !reader.is_deleted(doc))
                    {
                        *count += 1;
                    }
                }
            });
        }
        Ok(self.staff.get_or_init(|| staff))
    }

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
type Stamp = [Option<(SystemTime, u64, u64)>; 3];

/// All indexes, opened for reading.
pub(super) struct Indexes {
    pub people: Index,
    pub companies: Index,
    pub values: Index,
    pub person_fields: PersonFields,
    pub company_fields: CompanyFields,
    pub value_fields: Arc<ValueFields>,
    pub cache: Cache,
    readers: [IndexReader; 3],
    metas: [PathBuf; 3],
    current: RwLock<(Stamp, Arc<Snapshot>)>,
    reloading: Mutex<()>,
}

impl Indexes {
    pub fn open(dir: &Path) -> Result<Self, CatalogError> {
        let dirs = super::files::INDEXES.map(|name| dir.join(name));
        let [people_dir, companies_dir, values_dir] = &dirs;
        let (schema, person_fields) = super::schema::people();
        let people = super::schema::open(people_dir, schema, true)?;
        let (schema, company_fields) = super::schema::companies();
        let companies = super::schema::open(companies_dir, schema, true)?;
        let (schema, value_fields) = super::schema::values();
        let values = super::schema::open(values_dir, schema, false)?;
        let value_fields = Arc::new(value_fields);
        let reader = |index: &Index| {
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failure)
        };
        let metas = dirs.map(|dir| dir.join("meta.json"));
        let stamp = stamp(&metas);
        // People first: what they name is then in the state of the others, which is the same or a later one.
        let readers: [IndexReader; 3] = [reader(&people)?, reader(&companies)?, reader(&values)?];
        let snapshot = taken(&readers, &value_fields, 0);
        Ok(Self {
            people,
            companies,
            values,
            person_fields,
            company_fields,
            value_fields,
            cache: Cache::new(CACHE_BYTES),
            readers,
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
        for reader in &self.readers {
            reader.reload().map_err(failure)?;
        }
        let snapshot = taken(&self.readers, &self.value_fields, snapshot.number + 1);
        let searchers = [&snapshot.people, &snapshot.companies];
        let segments: FxHashSet<SegmentId> = searchers
            .into_iter()
            .flat_map(|searcher| searcher.segment_readers().iter().map(|reader| reader.segment_id()))
            .collect();
        self.cache.keep(|id| segments.contains(&id));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (now, Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

fn taken(readers: &[IndexReader; 3], value_fields: &Arc<ValueFields>, number: u64) -> Arc<Snapshot> {
    let [people, companies, values] = readers;
    Arc::new(Snapshot {
        people: people.searcher(),
        companies: companies.searcher(),
        values: values.searcher(),
        number,
        value_fields: Arc::clone(value_fields),
        like: Mutex::new(LruCache::new(LIKE_KEPT)),
        dictionaries: Mutex::default(),
        staff: OnceLock::new(),
        addresses: OnceLock::new(),
    })
}

fn stamp(metas: &[PathBuf; 3]) -> Stamp {
    let of = |path: &PathBuf| {
        let meta = std::fs::metadata(path).ok()?;
        Some((meta.modified().ok()?, meta.len(), inode(&meta)))
    };
    metas.each_ref().map(of)
}

#[cfg(unix)]
fn inode(meta: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}
