//! `crmFilters`: which contacts of the CRM are candidates.

use crate::fault::{Faults, Node};
use utoipa::ToSchema;

/// The CRM providers whose contacts can be filtered.
pub const CRM_PROVIDERS: [&str; 1] = ["bullhorn"];
/// The most conditions of one ICP, and the most values of one `in` condition.
pub const MAX_CONDITIONS: usize = 100;
/// The most values of one `in` condition.
pub const MAX_VALUES: usize = 2_000;

/// The CRM filters of an ICP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmFilters {
    pub provider: String,
    /// Matched against the occupation, with `OR`, `AND`, `NOT`, quotes and trailing `*`.
    pub text_search: Option<String>,
    /// The legacy raw query, passed on to the CRM.
    pub query: Option<String>,
    /// Conditions that must all hold.
    pub filters: Vec<CrmCondition>,
}

/// One condition on a field of the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmCondition {
    /// Field path in dot notation, `address.zip`.
    pub path: String,
    pub mode: CrmMatch,
    /// Whether contacts that match are left out instead.
    pub exclude: bool,
}

/// How a condition compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrmMatch {
    Equals(String),
    In(Vec<String>),
    StartsWith(String),
}

/// The wire form of the CRM filters.
#[derive(ToSchema)]
#[schema(as = CrmFilters, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CrmFiltersSchema {
    /// The CRM provider (currently only `bullhorn`).
    #[schema(example = "bullhorn")]
    provider: String,
    /// Free-text search of the occupation, e.g. `Head OR Leit* OR Direktor`.
    text_search: Option<String>,
    /// Legacy query, kept for older clients.
    query: Option<String>,
    #[schema(nullable = false)]
    filters: Option<Vec<CrmConditionSchema>>,
}

/// The wire form of one condition.
#[derive(ToSchema)]
#[schema(as = CrmCondition)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CrmConditionSchema {
    /// Field path in dot notation, e.g. `address.zip`.
    path: String,
    /// `equals`, `in` or `startsWith`.
    #[schema(pattern = "^(equals|in|startsWith)$")]
    mode: String,
    /// A string for `equals` and `startsWith`, an array of strings for `in`.
    value: StringOrStrings,
    /// Whether contacts that match are left out instead; default false.
    #[schema(nullable = false)]
    exclude: Option<bool>,
}

/// One string, or several.
#[derive(ToSchema)]
#[schema(as = StringOrStrings)]
#[serde(untagged)]
pub enum StringOrStrings {
    #[schema(title = "one")]
    One(String),
    #[schema(title = "several")]
    Several(Vec<String>),
}

/// Reads the object; every fault is written to `faults`.
pub fn read(node: &Node<'_>, faults: &mut Faults) -> Option<CrmFilters> {
    let mut provider = None;
    let mut text_search = None;
    let mut query = None;
    let mut filters = Some(Vec::new());
    node.object(faults, &["provider"], |key, child, faults| {
        match key {
            "provider" => {
                provider = child.one_of(faults, &CRM_PROVIDERS).map(|at| CRM_PROVIDERS[at].to_owned())
            }
            "textSearch" => text_search = child.nullable(faults, text).flatten(),
            "query" => query = child.nullable(faults, text).flatten(),
            "filters" => filters = child.array(faults, MAX_CONDITIONS, condition),
            _ => return false,
        }
        true
    })?;
    Some(CrmFilters { provider: provider?, text_search, query, filters: filters? })
}

fn text(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    node.text(faults, 0, 10_000).map(str::to_owned)
}

fn condition(node: &Node<'_>, faults: &mut Faults) -> Option<CrmCondition> {
    // The mode decides the type of the value, wherever it stands among the keys.
    let takes_array = node.value().get("mode").and_then(serde_json::Value::as_str) == Some("in");
    let (mut path, mut mode, mut exclude) = (None, None, Some(false));
    let (mut one, mut several) = (None, None);
    node.object(faults, &["path", "mode", "value"], |key, child, faults| {
        match key {
            "path" => path = read_path(child, faults),
            "mode" => mode = child.one_of(faults, &["equals", "in", "startsWith"]),
            "value" if takes_array => {
                several = child.array(faults, MAX_VALUES, |item, faults| {
                    item.text(faults, 0, 10_000).map(str::to_owned)
                });
            }
            "value" => one = child.text(faults, 0, 10_000).map(str::to_owned),
            "exclude" => exclude = child.boolean(faults),
            _ => return false,
        }
        true
    })?;
    let mode = match mode? {
        0 => CrmMatch::Equals(one?),
        1 => CrmMatch::In(several?),
        _ => CrmMatch::StartsWith(one?),
    };
    Some(CrmCondition { path: path?, mode, exclude: exclude? })
}

/// A dotted path of names: letters, digits and underscores. Anything else could change the meaning of
/// a query that is built from it.
fn read_path(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let path = node.text(faults, 1, 200)?;
    let name = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !path.split('.').all(name) {
        node.fault(faults, "Invalid field path: expected names joined by dots, such as 'address.zip'");
        return None;
    }
    Some(path.to_owned())
}
