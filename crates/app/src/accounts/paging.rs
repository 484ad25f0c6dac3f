//! Pages that neither repeat nor leave out a row while rows are written: each listing has an anchor, the greatest id
//! that existed when it began. A cursor carries it; for offsets it is remembered here for some minutes.

use crate::context::Context;
use crate::error::{Error, Result};
use sluice_model::accounts::{Cursor, KeyActor, ListKind, Page, PageRequest, Start};
use sluice_model::{Fault, Time};
use sluice_store::Tx;
use sluice_store::ops::activity::{
    LogSlice, Logs, StoredLog, activity_anchor, activity_newer, activity_page,
};
use sluice_store::ops::listing::{
    Begin, Listing, ListingFilter, Place, listing_anchor, listing_page, listing_total,
};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How long the anchor of a listing by offset is remembered.
const KEPT_MS: i64 = 10 * 60 * 1000;
/// The most listings that are remembered.
const MOST: usize = 10_000;

/// The anchors of listings by offset.
#[derive(Debug, Default)]
pub struct Anchors(Mutex<HashMap<String, (Time, String)>>);

impl Anchors {
    fn get(&self, listing: &str, now: Time) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, anchor) = known.get(listing)?;
        (since.plus_millis(KEPT_MS) > now).then(|| anchor.clone())
    }

    fn keep(&self, listing: String, anchor: String, now: Time) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&listing) {
            known.retain(|_, (since, _)| since.plus_millis(KEPT_MS) > now);
            if known.len() >= MOST {
                // More listings at once than are remembered: the oldest half begins anew.
                let mut ages: Vec<Time> = known.values().map(|(since, _)| *since).collect();
                ages.sort();
                let middle = ages.get(ages.len() / 2).copied().unwrap_or(now);
                known.retain(|_, (since, _)| *since > middle);
            }
        }
        known.insert(listing, (now, anchor));
    }
}

/// Where a page begins, with the anchor of its listing when one is known.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    limit: usize,
    list: ListKind,
    at: At,
    /// Under which the anchor of a listing by offset is remembered.
    listing: String,
}

#[derive(Clone, Debug)]
enum At {
    Offset { offset: u64, anchor: Option<String> },
    Cursor(Cursor),
}

impl Request {
    /// Reads where a page begins.
    pub(crate) fn of(context: &Context, key: &KeyActor, list: ListKind, page: PageRequest) -> Result<Self> {
        let listing = format!("{}\n{}\n{}", key.organisation, key.key_id, page.listing);
        let at = match page.start {
            Start::Offset(0) => At::Offset { offset: 0, anchor: None },
            Start::Offset(offset) => {
                At::Offset { offset, anchor: context.anchors.get(&listing, context.now()) }
            }
            Start::Cursor(text) => {
                let cursor = Cursor::parse(&text, list);
                let refused = || Error::Invalid(vec![Fault::new(vec!["cursor".into()], "Invalid cursor")]);
                At::Cursor(cursor.ok_or_else(refused)?)
            }
        };
        Ok(Self { limit: page.limit, list, at, listing })
    }

    fn offset(&self) -> Option<u64> {
        match &self.at {
            At::Offset { offset, .. } => Some(*offset),
            At::Cursor(_) => None,
        }
    }

    fn anchor(&self) -> Option<&String> {
        match &self.at {
            At::Offset { anchor, .. } => anchor.as_ref(),
            At::Cursor(cursor) => Some(&cursor.anchor),
        }
    }

    /// Remembers the anchor of a listing by offset.
    pub(crate) fn remember(self, context: &Context, anchor: String) {
        if let At::Offset { anchor: None, .. } = self.at {
            context.anchors.keep(self.listing, anchor, context.now());
        }
    }
}

/// A page with the anchor of its listing.
pub(crate) struct Anchored<T> {
    pub page: Page<T>,
    pub anchor: String,
}

impl<T> Anchored<T> {
    /// The page of up to one item more than asked for, which tells whether there are more.
    fn of(
        request: &Request,
        mut items: Vec<T>,
        total: u64,
        anchor: String,
        place: impl Fn(&T) -> (String, String),
    ) -> Self {
        let has_more = items.len() > request.limit;
        items.truncate(request.limit);
        let shown = u64::try_from(items.len()).unwrap_or(u64::MAX);
        let next_offset = request.offset().filter(|_| has_more).map(|offset| offset.saturating_add(shown));
        let cursor = items.last().filter(|_| has_more).map(|item| {
            let (latest, id) = place(item);
            Cursor { anchor: anchor.clone(), latest, id }.to_text(request.list)
        });
        let page = Page { items, total_count: total, has_more, next_offset, next_cursor: cursor };
        Self { page, anchor }
    }

    /// The same page with other items.
    pub(crate) fn map<U>(self, change: impl FnOnce(Vec<T>) -> Vec<U>) -> Anchored<U> {
        let Page { items, total_count, has_more, next_offset, next_cursor } = self.page;
        let page = Page { items: change(items), total_count, has_more, next_offset, next_cursor };
        Anchored { page, anchor: self.anchor }
    }
}

/// A page of logs, newest first; `counted` is how many the list has now.
pub(crate) async fn logs(
    tx: &mut Tx<'_>,
    request: &Request,
    logs: &Logs,
    include_deleted: bool,
    counted: i64,
) -> Result<Anchored<StoredLog>> {
    let counted = u64::try_from(counted).unwrap_or_default();
    let (anchor, newer) = match request.anchor() {
        Some(anchor) => (anchor.clone(), activity_newer(tx, logs, include_deleted, anchor).await?),
        None => (activity_anchor(tx, logs).await?, 0),
    };
    let total = counted.saturating_sub(newer);
    let slice = match &request.at {
        At::Offset { offset, .. } => LogSlice::Offset { offset: *offset, total },
        At::Cursor(cursor) => LogSlice::Behind(cursor.id.clone()),
    };
    let items = activity_page(tx, logs, include_deleted, &anchor, &slice, request.limit + 1).await?;
    Ok(Anchored::of(request, items, total, anchor, |log| (String::new(), log.id.clone())))
}

/// A page of places in the list of accounts or prospects.
pub(crate) async fn places(
    tx: &mut Tx<'_>,
    request: &Request,
    listing: Listing,
    filter: &ListingFilter,
) -> Result<Anchored<Place>> {
    let anchor = match request.anchor() {
        Some(anchor) => anchor.clone(),
        None => listing_anchor(tx, listing).await?,
    };
    let begin = match &request.at {
        At::Offset { offset, .. } => Begin::Offset(*offset),
        At::Cursor(cursor) => Begin::Behind(Place { latest: cursor.latest.clone(), id: cursor.id.clone() }),
    };
    let total = listing_total(tx, listing, filter, &anchor).await?;
    let items = listing_page(tx, listing, filter, &anchor, &begin, request.limit + 1).await?;
    Ok(Anchored::of(request, items, total, anchor, |place| (place.latest.clone(), place.id.clone())))
}

#[cfg(test)]
mod tests {
    use super::{Anchors, KEPT_MS, MOST};
    use sluice_model::Time;

    #[test]
    fn an_anchor_is_remembered_for_ten_minutes() {
        let (anchors, start) = (Anchors::default(), Time::from_millis(0));
        anchors.keep("a".to_owned(), "1".to_owned(), start);
        assert_eq!(anchors.get("a", start.plus_millis(KEPT_MS - 1)).as_deref(), Some("1"));
        assert_eq!(anchors.get("a", start.plus_millis(KEPT_MS)), None);
        assert_eq!(anchors.get("b", start), None);
        anchors.keep("a".to_owned(), "2".to_owned(), start);
        assert_eq!(anchors.get("a", start).as_deref(), Some("2"));
    }

    #[test]
    fn when_there_are_too_many_the_older_ones_go() {
        let anchors = Anchors::default();
        for at in 0..=MOST {
            let now = Time::from_millis(i64::try_from(at).expect("small"));
            anchors.keep(at.to_string(), "1".to_owned(), now);
        }
        let now = Time::from_millis(20_000);
        assert_eq!(anchors.get("0", now), None);
        assert_eq!(anchors.get(&MOST.to_string(), now).as_deref(), Some("1"));
        assert_eq!(anchors.get(&(MOST - 1).to_string(), now).as_deref(), Some("1"));
        assert!(anchors.0.lock().expect("unpoisoned").len() <= MOST);
    }
}
