//! `crmFilters`: which contacts of the CRM are candidates.

use super::text_search::TextSearch;
use crate::fault::{Faults, Node};
use crate::pick;
use crate::text::fold;
use serde_json::{Map, Value};
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
    /// Matched against the occupation.
    pub text_search: Option<TextSearch>,
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

impl CrmFilters {
    /// Whether a contact with this occupation and these fields is a candidate. What `query` asks for is the CRM's own
    /// business.
    #[must_use]
    pub fn matches(&self, occupation: Option<&str>, fields: &Map<String, Value>) -> bool {
        self.text_search.as_ref().is_none_or(|search| search.matches(occupation.unwrap_or_default()))
            && self.filters.iter().all(|condition| condition.holds(fields))
    }
}

impl CrmCondition {
    /// Whether the fields of a contact meet the condition: one value at its path is enough. Case and accents do not
    /// matter, numbers are compared as they are written.
    fn holds(&self, fields: &Map<String, Value>) -> bool {
        let found = pick::texts(fields, &self.path);
        let any = found.iter().any(|text| {
            let text = fold(text);
            match &self.mode {
                CrmMatch::Equals(value) => text == fold(value),
                CrmMatch::In(values) => values.iter().any(|value| text == fold(value)),
                CrmMatch::StartsWith(value) => text.starts_with(&fold(value)),
            }
        });
        any != self.exclude
    }
}

/// The wire form of the CRM filters.
#[derive(ToSchema)]
#[schema(as = CrmFilters, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct CrmFiltersSchema {
    /// The CRM provider (currently only `bullhorn`).
    #[schema(example = "bullhorn")]
    provider: String,
    /// Free-text search of the occupation, e.g. `Head OR Leit* OR Direktor`. `OR` (also between words without an
    /// operator), `AND`, `NOT`, parentheses, quotes, and `*` at the end of a word.
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
            "textSearch" => text_search = child.nullable(faults, read_search).flatten(),
            "query" => query = child.nullable(faults, text).flatten(),
            "filters" => filters = child.array(faults, MAX_CONDITIONS, condition),
            _ => return false,
        }
        true
    })?;
    Some(CrmFilters { provider: provider?, text_search, query, filters: filters? })
}

fn read_search(node: &Node<'_>, faults: &mut Faults) -> Option<TextSearch> {
    let search = TextSearch::parse(node.text(faults, 0, 10_000)?);
    search.map_err(|error| node.fault(faults, format!("Invalid search: {error}"))).ok()
}

fn text(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    node.text(faults, 0, 10_000).map(str::to_owned)
}

fn condition(node: &Node<'_>, faults: &mut Faults) -> Option<CrmCondition> {
    // The mode decides the type of the value, wherever it stands among the keys.
    let takes_array = node.value().get("mode").and_then(Value::as_str) == Some("in");
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

#[cfg(test)]
mod tests {
    use super::read;
    use crate::fault::{Faults, Node};
    use serde_json::{Value, json};

    fn faults_of(filters: &Value) -> Value {
        let mut faults = Faults::new();
        let _ = read(&Node::root(filters), &mut faults);
        json!(faults.into_vec())
    }

    #[test]
    fn a_search_that_cannot_be_read_is_told_with_its_place() {
        let filters = json!({"provider": "bullhorn", "textSearch": "Head AND", "filters": [{"path": "a b"}]});
        let expected = json!([
            {"path": ["textSearch"], "message": "Invalid search: Expected a word after AND"},
            {"path": ["filters", 0, "path"],
             "message": "Invalid field path: expected names joined by dots, such as 'address.zip'"},
            {"path": ["filters", 0, "mode"], "message": "Required"},
            {"path": ["filters", 0, "value"], "message": "Required"},
        ]);
        assert_eq!(faults_of(&filters), expected);
        assert_eq!(faults_of(&json!({"provider": "bullhorn", "textSearch": null})), json!([]));
    }

    #[test]
    fn conditions_look_at_the_fields_of_a_contact() {
        let fields = json!({
            "status": "Active", "address": {"zip": "8001", "city": "Zürich"}, "owner": {"id": 7},
            "categories": [{"name": "IT"}, {"name": "Sales"}], "none": null,
        });
        let Value::Object(fields) = fields else { unreachable!() };
        for (condition, holds) in [
            (json!({"path": "status", "mode": "equals", "value": "ACTIVE"}), true),
            (json!({"path": "status", "mode": "equals", "value": "Activ"}), false),
            (json!({"path": "address.city", "mode": "equals", "value": "zurich"}), true),
            (json!({"path": "address.zip", "mode": "startsWith", "value": "80"}), true),
            (json!({"path": "address.zip", "mode": "in", "value": ["9000", "8001"]}), true),
            (json!({"path": "address.zip", "mode": "in", "value": []}), false),
            (json!({"path": "owner.id", "mode": "equals", "value": "7"}), true),
            (json!({"path": "categories.name", "mode": "equals", "value": "sales"}), true),
            (json!({"path": "categories.name", "mode": "equals", "value": "sales", "exclude": true}), false),
            (json!({"path": "missing", "mode": "equals", "value": ""}), false),
            (json!({"path": "none", "mode": "startsWith", "value": ""}), false),
            (json!({"path": "missing", "mode": "equals", "value": "x", "exclude": true}), true),
        ] {
            let filters = json!({"provider": "bullhorn", "filters": [condition]});
            let mut faults = Faults::new();
            let read = read(&Node::root(&filters), &mut faults).unwrap_or_else(|| panic!("{faults:?}"));
            assert_eq!(read.matches(None, &fields), holds, "{condition}");
        }
    }
}
