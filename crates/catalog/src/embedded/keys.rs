//! Which record has which identity key, in memory while a writer is open.
//!
//! A key is kept as 96 bits of its SHA-256: a 64-bit hash and a 32-bit check. Two different keys among thirty
//! million would be mistaken for one another with a probability of about one in 10^14.

use super::schema::{column, failure};
use crate::CatalogError;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use tantivy::Searcher;
use uuid::Uuid;

/// An identity key: its hash and check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    hash: u64,
    check: u32,
}

impl Key {
    /// The key of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::hashed(0, text.as_bytes())
    }

    /// The key of a record's own id, which no text has.
    fn id(id: Uuid) -> Self {
        Self::hashed(1, id.as_bytes())
    }

    fn hashed(space: u8, bytes: &[u8]) -> Self {
        let digest = Sha256::new().chain_update([space]).chain_update(bytes).finalize();
        let number = |bytes: std::ops::Range<usize>| {
            digest.get(bytes).into_iter().flatten().fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        Self { hash: number(0..8), check: number(8..12) as u32 }
    }

    /// As two numbers of a column.
    #[must_use]
    pub fn numbers(self) -> [u64; 2] {
        [self.hash, u64::from(self.check)]
    }
}

/// The records by their keys. A record's slot is its place in this table, for companies the sequence number.
#[derive(Default)]
pub(super) struct Keys {
    slots: FxHashMap<u64, (u32, u32)>,
    ids: Vec<Uuid>,
}

impl Keys {
    /// Loads the keys of all records; `numbered` says whether the index has a column with their slots.
    pub fn load(searcher: &Searcher, numbered: bool) -> Result<Self, CatalogError> {
        let mut keys = Self::default();
        let total = usize::try_from(searcher.num_docs()).unwrap_or(0);
        keys.ids.reserve(total);
        keys.slots.reserve(total * 3);
        for segment in searcher.segment_readers() {
            let columns = segment.fast_fields();
            let high = columns.u64(column::ID_HIGH).map_err(failure)?.first_or_default_col(0);
            let low = columns.u64(column::ID_LOW).map_err(failure)?.first_or_default_col(0);
            let own = columns.u64(column::KEYS).map_err(failure)?;
            let seq = if numbered { Some(columns.u64(column::SEQ).map_err(failure)?) } else { None };
            for doc in segment.doc_ids_alive() {
                let id = Uuid::from_u64_pair(high.get_val(doc), low.get_val(doc));
                let slot =
                    match seq.as_ref().and_then(|seq| seq.first(doc)).and_then(|seq| u32::try_from(seq).ok())
                    {
                        Some(seq) => keys.place(id, seq),
                        None => keys.add(id),
                    };
                let mut numbers = own.values_for_doc(doc);
                while let (Some(hash), Some(check)) = (numbers.next(), numbers.next()) {
                    keys.slots.insert(hash, (slot, check as u32));
                }
            }
        }
        Ok(keys)
    }

    /// Gives a record a slot of its own.
    pub fn add(&mut self, id: Uuid) -> u32 {
        self.place(id, u32::try_from(self.ids.len()).unwrap_or(u32::MAX))
    }

    fn place(&mut self, id: Uuid, slot: u32) -> u32 {
        let at = slot as usize;
        if self.ids.len() <= at {
            self.ids.resize(at + 1, Uuid::nil());
        }
        if let Some(place) = self.ids.get_mut(at) {
            *place = id;
        }
        self.insert(Key::id(id), slot);
        slot
    }

    /// Notes that the record in `slot` has this key.
    pub fn insert(&mut self, key: Key, slot: u32) {
        self.slots.insert(key.hash, (slot, key.check));
    }

    fn slot(&self, key: Key) -> Option<u32> {
        self.slots.get(&key.hash).filter(|(_, check)| *check == key.check).map(|(slot, _)| *slot)
    }

    /// The slot of the record with this id.
    pub fn slot_of(&self, id: Uuid) -> Option<u32> {
        self.slot(Key::id(id))
    }

    /// The id of the record that has this key.
    pub fn find(&self, key: Key) -> Option<Uuid> {
        self.slot(key).and_then(|slot| self.ids.get(slot as usize)).copied()
    }
}
