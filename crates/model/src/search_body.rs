//! Bodies of the prospect searches.

use crate::fault::{Fault, Faults, Node};
use crate::filter::Filter;
use crate::kind::EntityKind;
use std::fmt;
use uuid::Uuid;

/// Records per page when a body does not say.
pub const DEFAULT_SIZE: i64 = 10;
/// The largest page.
pub const MAX_SIZE: i64 = 100;
/// The last record that can be reached by page number; beyond it go by cursor.
pub const MAX_REACH: i64 = 10_000;

/// A prospect search.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchBody {
    /// Zero-based.
    pub page: usize,
    /// 0 to [`MAX_SIZE`]; 0 only counts.
    pub size: usize,
    /// After which record to go on, in place of a page.
    pub cursor: Option<Cursor>,
    /// Sites or LinkedIn pages to look up (company searches).
    pub urls: Vec<String>,
    /// Whether text score decides the order.
    pub by_relevance: bool,
    pub filter: Filter,
}

/// The last record of a page. Its id tells it apart from another of the same rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub rank: u64,
    pub id: Uuid,
}

/// A count of prospects.
#[derive(Clone, Debug, PartialEq)]
pub struct CountBody {
    pub filter: Filter,
    /// Facets whose values are counted as well.
    pub facets: Vec<String>,
}

impl SearchBody {
    /// Reads `{page,size,cursor,sort,contact,account,…}`; company searches also take `url[]`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>, kind: EntityKind) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let body = Self::read_parts(node, kind, &mut faults);
        faults.finish(body)
    }

    fn read_parts(node: &Node<'_>, kind: EntityKind, faults: &mut Faults) -> Option<Self> {
        let (mut page, mut size, mut urls, mut sort, mut cursor) =
            (Some(0), Some(DEFAULT_SIZE), Some(Vec::new()), Some(0), Some(None));
        let filter = Filter::read_around(node, faults, kind, |key, child, faults| {
            match key {
                "page" => page = child.integer(faults, 0, 1_000_000_000),
                "size" => size = child.integer(faults, 0, MAX_SIZE),
                "sort" => sort = child.one_of(faults, &["rank", "relevance"]),
                "cursor" => cursor = child.nullable(faults, Cursor::read),
                "url" if kind == EntityKind::Company => {
                    urls = child
                        .array(faults, 1_000, |url, faults| url.text(faults, 1, 2_048).map(str::to_owned));
                }
                _ => return false,
            }
            true
        });
        let by_relevance = sort == Some(1);
        check_pages(page.zip(size), cursor.flatten().is_some(), by_relevance, faults);
        sort?;
        Some(Self {
            page: usize::try_from(page?).ok()?,
            size: usize::try_from(size?).ok()?,
            cursor: cursor?,
            urls: urls?,
            by_relevance,
            filter: filter?,
        })
    }
}

/// Writes what the keys that choose a page do not allow each other.
fn check_pages(page: Option<(i64, i64)>, has_cursor: bool, by_relevance: bool, faults: &mut Faults) {
    let mut fault = |key: &str, message: String| faults.push(Fault::new(vec![key.into()], message));
    if page.is_some_and(|(page, size)| page * size > MAX_REACH) {
        fault(
            "page",
            format!("page × size must not be more than {MAX_REACH}; use a cursor for what lies beyond"),
        );
    }
    if has_cursor && page.is_some_and(|(page, _)| page > 0) {
        fault("cursor", "'cursor' and 'page' exclude each other".to_owned());
    }
    if has_cursor && by_relevance {
        fault("cursor", "A cursor goes in the order of rank".to_owned());
    }
}

impl Cursor {
    fn read(node: &Node<'_>, faults: &mut Faults) -> Option<Self> {
        let text = node.string(faults)?;
        let cursor = Self::parse(text);
        if cursor.is_none() {
            node.fault(faults, "Invalid cursor. Expected the 'nextCursor' of a reply");
        }
        cursor
    }

    fn parse(text: &str) -> Option<Self> {
        let sound = text.len() == 48 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (rank, id) = text.split_at_checked(16).filter(|_| sound)?;
        Some(Self { rank: u64::from_str_radix(rank, 16).ok()?, id: Uuid::try_parse(id).ok()? })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{}", self.rank, self.id.simple())
    }
}

impl CountBody {
    /// Reads `{contact,account,…,facets[]}`. What pages a search is accepted and ignored, so that a
    /// search body can be counted as it is.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>, kind: EntityKind, known_facets: &[&str]) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut facets = Some(Vec::new());
        let filter = Filter::read_around(node, &mut faults, kind, |key, child, faults| {
            match key {
                "page" | "size" | "sort" | "cursor" => {}
                "facets" => {
                    facets = child.array(faults, 20, |name, faults| {
                        name.one_of(faults, known_facets).map(|at| known_facets[at].to_owned())
                    });
                }
                _ => return false,
            }
            true
        });
        let body = filter.and_then(|filter| Some(Self { filter, facets: facets? }));
        faults.finish(body)
    }
}
