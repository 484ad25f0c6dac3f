//! From the documents that fit to the hits of one window, in order.

use super::bits::Bits;
use super::docs::Docs;
use super::schema::{column, failure};
use crate::{CatalogError, Rank, Search, Sort, Window};
use std::cmp::Ordering;
use std::sync::Arc;
use tantivy::columnar::ColumnValues;
use tantivy::{DocAddress, Searcher, SegmentReader};
use uuid::Uuid;

/// What a segment has to say about a search.
pub(super) struct Answer<'a> {
    pub fits: Bits,
    /// For each value wanted by any.include the documents that have it, when relevance is asked for.
    pub seen: Vec<Arc<Docs>>,
    /// What must hold besides; not yet applied to `fits`.
    pub besides: Option<Box<dyn Fn(u32) -> bool + 'a>>,
}

impl Answer<'_> {
    /// Applies what must hold besides.
    pub fn settle(&mut self) {
        if let Some(besides) = self.besides.take() {
            self.fits.retain(besides);
        }
    }
}

/// One hit, by what decides on its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub score: u32,
    pub rank: Rank,
    pub address: DocAddress,
}

/// Columns that tell the order of hits.
pub(super) struct Order {
    ranks: Arc<dyn ColumnValues<u64>>,
    high: Arc<dyn ColumnValues<u64>>,
    low: Arc<dyn ColumnValues<u64>>,
}

impl Order {
    pub fn of(reader: &SegmentReader) -> Result<Self, CatalogError> {
        let columns = reader.fast_fields();
        let number =
            |name: &str| columns.u64(name).map(|column| column.first_or_default_col(0)).map_err(failure);
        Ok(Self {
            ranks: number(column::RANK)?,
            high: number(column::ID_HIGH)?,
            low: number(column::ID_LOW)?,
        })
    }

    pub fn rank(&self, doc: u32) -> Rank {
        Rank(self.ranks.get_val(doc))
    }

    pub fn id(&self, doc: u32) -> Uuid {
        Uuid::from_u64_pair(self.high.get_val(doc), self.low.get_val(doc))
    }

    /// The first document with a rank below this one: documents lie in descending order of rank.
    fn below(&self, rank: Rank, len: u32) -> u32 {
        let (mut from, mut to) = (0, len);
        while from < to {
            let middle = from + (to - from) / 2;
            if self.rank(middle) < rank {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        from
    }
}

/// The orders of all segments.
pub(super) fn orders(searcher: &Searcher) -> Result<Vec<Order>, CatalogError> {
    searcher.segment_readers().iter().map(Order::of).collect()
}

/// How many of a segment's best hits can be in the window.
fn most(search: &Search) -> usize {
    match search.window {
        Window::Page { limit: 0, .. } => 0,
        Window::Page { offset, limit } => offset.saturating_add(limit),
        Window::Below { limit, .. } => limit,
    }
}

/// The hits of one segment that can be in the window, and how many there are in all if that is asked for.
pub(super) fn of_segment(
    search: &Search,
    ord: u32,
    len: u32,
    order: &Order,
    mut answer: Answer<'_>,
) -> (Vec<Found>, u64) {
    let relevance = search.sort == Sort::Relevance && matches!(search.window, Window::Page { .. });
    let mut total = 0;
    if search.count || relevance {
        answer.settle();
        total = answer.fits.count();
    }
    let most = most(search);
    let mut found = Vec::new();
    if most == 0 {
        return (found, total);
    }
    let hit =
        |score: u32, doc: u32| Found { score, rank: order.rank(doc), address: DocAddress::new(ord, doc) };
    if relevance {
        for doc in answer.fits.iter() {
            let score = answer.seen.iter().filter(|docs| docs.contains(doc)).count();
            found.push(hit(u32::try_from(score).unwrap_or(u32::MAX), doc));
            if found.len() >= 2 * most.max(50_000) {
                found.sort_by(|a, b| compare(a, b, |doc| order.id(doc.doc_id)));
                found.truncate(most);
            }
        }
        return (found, total);
    }
    let start = match search.window {
        Window::Below { rank: Some(rank), .. } => order.below(rank, len),
        _ => 0,
    };
    for doc in answer.fits.iter_from(start) {
        if answer.besides.as_ref().is_some_and(|besides| !besides(doc)) {
            continue;
        }
        let next = hit(0, doc);
        // Hits of the same rank as the last one stay together: their ids decide later.
        if found.len() >= most && found.last().is_some_and(|last: &Found| last.rank != next.rank) {
            break;
        }
        found.push(next);
    }
    (found, total)
}

/// The hits of the window out of those of all segments.
pub(super) fn window(search: &Search, orders: &[Order], mut found: Vec<Found>) -> Vec<Found> {
    let id = |address: DocAddress| {
        orders.get(address.segment_ord as usize).map_or(Uuid::nil(), |order| order.id(address.doc_id))
    };
    found.sort_by(|a, b| compare(a, b, id));
    match search.window {
        Window::Page { offset, limit } => found.into_iter().skip(offset).take(limit).collect(),
        Window::Below { limit, .. } => {
            let last = limit.checked_sub(1).and_then(|last| found.get(last)).map(|found| found.rank);
            if let Some(last) = last {
                found.retain(|found| found.rank >= last);
            }
            found
        }
    }
}

/// The better score first, then the higher rank, then the lower id.
fn compare(a: &Found, b: &Found, id: impl Fn(DocAddress) -> Uuid) -> Ordering {
    (b.score, b.rank).cmp(&(a.score, a.rank)).then_with(|| id(a.address).cmp(&id(b.address)))
}
