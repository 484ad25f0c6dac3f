//! What an organisation knows, kept plainly beside the store: its suppression list, its copies of records.

use crate::oracle::Record;
use sluice_model::suppression::SuppressionKind;
use sluice_model::{EntityKind, Time};
use std::collections::HashMap;
use uuid::Uuid;

/// An entry of the suppression list.
#[derive(Clone, Debug)]
pub struct Entry {
    pub kind: SuppressionKind,
    /// Canonical.
    pub value: String,
    pub expires_at: Option<Time>,
    pub removed: bool,
}

/// A copy of a catalog record.
#[derive(Clone, Debug)]
pub struct Own {
    pub kind: EntityKind,
    /// The organisation's id for it.
    pub id: Option<Uuid>,
    /// The catalog record that it was copied from.
    pub base: Uuid,
    pub listed_at: Option<Time>,
    pub in_crm: bool,
}

/// What the oracle knows of an organisation.
#[derive(Clone, Debug, Default)]
pub struct Organisation {
    pub entries: Vec<Entry>,
    pub own: Vec<Own>,
    keys: HashMap<(EntityKind, String), usize>,
}

impl Organisation {
    /// The copies that are this record: found by catalog id, profile, address or domain.
    pub fn own_of(&self, record: &Record<'_>) -> Vec<usize> {
        let find = |key| self.keys.get(&(record.kind(), key)).copied();
        record.keys().into_iter().filter_map(find).collect()
    }

    /// The organisation's copy of a record; one is made when there is none. People bring their company along.
    pub fn adopt(&mut self, record: &Record<'_>) -> usize {
        if let Record::Person(_, Some(company)) = record {
            self.adopt(&Record::Company(company));
        }
        let at = self.own_of(record).first().copied().unwrap_or_else(|| {
            let own =
                Own { kind: record.kind(), id: None, base: record.id(), listed_at: None, in_crm: false };
            self.own.push(own);
            self.own.len() - 1
        });
        for key in record.keys() {
            self.keys.entry((record.kind(), key)).or_insert(at);
        }
        at
    }

    /// Whether an entry that counts now names this value.
    pub fn suppresses(&self, kind: SuppressionKind, value: &str, now: Time) -> bool {
        self.entries.iter().any(|entry| {
            let counts = !entry.removed && entry.expires_at.is_none_or(|expires| now < expires);
            counts && entry.kind == kind && entry.value == value
        })
    }
}
