//! Bodies of the prospect searches.

use crate::fault::{Fault, Faults, Node};
use crate::filter::Filter;
use crate::kind::EntityKind;
use serde_json::{Map, Value};

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
    /// Sites or LinkedIn pages to look up (company searches).
    pub urls: Vec<String>,
    /// Whether text score decides the order.
    pub by_relevance: bool,
    pub filter: Filter,
}

/// A count of prospects.
#[derive(Clone, Debug, PartialEq)]
pub struct CountBody {
    pub filter: Filter,
    /// Facets whose values are counted as well.
    pub facets: Vec<String>,
}

impl SearchBody {
    /// Reads `{page,size,sort,contact,account,…}`; company searches also take `url[]`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>, kind: EntityKind) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let body = Self::read_parts(node, kind, &mut faults);
        faults.finish(body)
    }

    fn read_parts(node: &Node<'_>, kind: EntityKind, faults: &mut Faults) -> Option<Self> {
        let (mut page, mut size, mut urls, mut sort) =
            (Some(0), Some(DEFAULT_SIZE), Some(Vec::new()), Some(0));
        let filter = read_around(node, faults, kind, |key, child, faults| {
            match key {
                "page" => page = child.integer(faults, 0, 1_000_000_000),
                "size" => size = child.integer(faults, 0, MAX_SIZE),
                "sort" => sort = child.one_of(faults, &["rank", "relevance"]),
                "url" if kind == EntityKind::Company => {
                    urls = child
                        .array(faults, 1_000, |url, faults| url.text(faults, 1, 2_048).map(str::to_owned));
                }
                _ => return false,
            }
            true
        });
        let (page, size) = (page?, size?);
        if page * size > MAX_REACH {
            let path = vec!["page".into()];
            faults.push(Fault::new(path, format!("page × size must not be more than {MAX_REACH}")));
        }
        Some(Self {
            page: usize::try_from(page).ok()?,
            size: usize::try_from(size).ok()?,
            urls: urls?,
            by_relevance: sort? == 1,
            filter: filter?,
        })
    }
}

impl CountBody {
    /// Reads `{contact,account,…,facets[]}`. `page` and `size` are accepted and ignored, so that a
    /// search body can be counted as it is.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>, kind: EntityKind, known_facets: &[&str]) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut facets = Some(Vec::new());
        let filter = read_around(node, &mut faults, kind, |key, child, faults| {
            match key {
                "page" | "size" | "sort" => {}
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

/// Reads the keys that `own` knows, in document order, and the rest of the object as a filter.
fn read_around(
    node: &Node<'_>,
    faults: &mut Faults,
    kind: EntityKind,
    mut own: impl FnMut(&str, &Node<'_>, &mut Faults) -> bool,
) -> Option<Filter> {
    node.entries(faults)?;
    let mut rest = Map::new();
    node.object(faults, &[], |key, child, faults| {
        if !own(key, child, faults) {
            rest.insert(key.to_owned(), child.value().clone());
        }
        true
    })?;
    let rest = Value::Object(rest);
    Filter::read(&Node::at(&rest, *node.place()), faults, kind)
}
