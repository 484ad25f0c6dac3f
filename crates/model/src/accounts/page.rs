//! Pages of lists that are written to while they are read.

use super::ulid;
use serde::Serialize;

/// Items of a page when the request does not say.
pub const DEFAULT_LIMIT: usize = 20;
/// The most items of a page.
pub const MAX_LIMIT: usize = 100;
/// What a cursor of this format begins with.
const VERSION: &str = "v1";

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Items of the whole listing.
    pub total_count: u64,
    pub has_more: bool,
    /// Where the next page begins; null on the last.
    pub next_offset: Option<u64>,
    /// The same as an opaque text that goes on exactly behind this page.
    pub next_cursor: Option<String>,
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// 1 to [`MAX_LIMIT`].
    pub limit: usize,
    pub start: Start,
    /// What tells this listing from others of the same caller: path and query without limit, offset and cursor.
    pub listing: String,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: DEFAULT_LIMIT, start: Start::Offset(0), listing: String::new() }
    }
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Behind so many items.
    Offset(u64),
    /// Behind the item that the text of a [`Cursor`] names.
    Cursor(String),
}

/// The lists that have pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    Accounts,
    Prospects,
    /// Activities and logs, which are ordered by their ids.
    Activity,
}

impl ListKind {
    const fn tag(self) -> &'static str {
        match self {
            Self::Accounts => "a",
            Self::Prospects => "p",
            Self::Activity => "l",
        }
    }
}

/// The place of an item in a listing, and the moment at which that listing began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The greatest id that existed when the listing began.
    pub anchor: String,
    /// The newest log that the item had then; empty when it had none, and in lists of logs.
    pub latest: String,
    /// The item.
    pub id: String,
}

impl Cursor {
    /// The cursor as a text that is safe in a URL.
    #[must_use]
    pub fn to_text(&self, list: ListKind) -> String {
        [VERSION, list.tag(), &self.anchor, &self.id, &self.latest].concat()
    }

    /// Reads a cursor of this list.
    #[must_use]
    pub fn parse(text: &str, list: ListKind) -> Option<Self> {
        let rest = text.strip_prefix(VERSION)?.strip_prefix(list.tag())?;
        let (anchor, rest) = rest.split_at_checked(ulid::LENGTH)?;
        let (id, latest) = rest.split_at_checked(ulid::LENGTH)?;
        let sound = [anchor, id].into_iter().all(ulid::is_bare)
            && (latest.is_empty() || (ulid::is_bare(latest) && list != ListKind::Activity));
        sound.then(|| Self { anchor: anchor.to_owned(), latest: latest.to_owned(), id: id.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, ListKind};

    #[test]
    fn a_cursor_comes_back_for_its_own_list_alone() {
        let id = |last: char| format!("01hmzydch0000000000000000{last}");
        for latest in [String::new(), id('3')] {
            let cursor = Cursor { anchor: id('1'), latest, id: id('2') };
            let text = cursor.to_text(ListKind::Accounts);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
            assert_eq!(Cursor::parse(&text, ListKind::Accounts), Some(cursor));
            assert_eq!(Cursor::parse(&text, ListKind::Prospects), None);
            assert_eq!(Cursor::parse(&text, ListKind::Activity), None);
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let id = "01hmzydch00000000000000001";
        let logs = |text: &str| Cursor::parse(text, ListKind::Activity);
        assert!(logs(&format!("v1l{id}{id}")).is_some());
        for text in [
            "",
            "v1l",
            "v1",
            &format!("v1l{id}"),
            &format!("v2l{id}{id}"),
            &format!("v1l{id}{id}{id}"),
            &format!("v1l{id}{id}x"),
            &format!("v1lé{id}{id}"),
            &format!("v1l{}{id}", id.to_uppercase()),
        ] {
            assert_eq!(logs(text), None, "{text}");
        }
    }
}
