//! Many ids, to be asked whether one is among them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Ids in order, each once. A sorted list rather than a tree: 100 000 of them come with every page of a search,
/// and are read more often than they are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Uuid>", into = "Vec<Uuid>")]
pub struct IdSet(Vec<Uuid>);

impl IdSet {
    /// Whether the id is one of them.
    #[must_use]
    pub fn contains(&self, id: &Uuid) -> bool {
        self.0.binary_search(id).is_ok()
    }

    /// In ascending order.
    pub fn iter(&self) -> std::slice::Iter<'_, Uuid> {
        self.0.iter()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<Uuid>> for IdSet {
    fn from(mut ids: Vec<Uuid>) -> Self {
        // As numbers, which is the same order and compares in one step.
        ids.sort_unstable_by_key(Uuid::as_u128);
        ids.dedup();
        Self(ids)
    }
}

impl From<IdSet> for Vec<Uuid> {
    fn from(ids: IdSet) -> Self {
        ids.0
    }
}

impl FromIterator<Uuid> for IdSet {
    fn from_iter<I: IntoIterator<Item = Uuid>>(ids: I) -> Self {
        ids.into_iter().collect::<Vec<_>>().into()
    }
}

impl<'a> IntoIterator for &'a IdSet {
    type Item = &'a Uuid;
    type IntoIter = std::slice::Iter<'a, Uuid>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
