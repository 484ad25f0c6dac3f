//! `leadProviderCriteria`: the searches of an ICP.

use crate::fault::{Faults, Node};
use crate::filter::Filter;
use crate::kind::EntityKind;
use serde_json::Value;
use utoipa::ToSchema;

/// The built-in catalog's name as a lead provider.
pub const BASE_PROVIDER: &str = "baseProvider";
/// The most searches that one ICP may have.
pub const MAX_CRITERIA: usize = 100;

/// One search of an ICP.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadProviderCriterion {
    /// Who searches; [`BASE_PROVIDER`] is the built-in catalog.
    pub provider: String,
    /// What is searched; a criterion without `type` searches people.
    pub kind: EntityKind,
    /// The search itself.
    pub filter: Filter,
}

/// The wire form of one search.
#[derive(ToSchema)]
#[schema(as = LeadProviderCriterion)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct LeadProviderCriterionSchema {
    /// The lead provider; `baseProvider` is the built-in catalog.
    #[schema(example = "baseProvider")]
    provider: String,
    /// What is searched; absent means person.
    #[schema(rename = "type", nullable = false)]
    kind: Option<EntityKind>,
    /// The search, in the filter language.
    #[schema(value_type = Object)]
    filters: Value,
}

/// Reads the whole array; every fault is written to `faults`.
pub fn read_all(node: &Node<'_>, faults: &mut Faults) -> Option<Vec<LeadProviderCriterion>> {
    node.array(faults, MAX_CRITERIA, read_one)
}

fn read_one(node: &Node<'_>, faults: &mut Faults) -> Option<LeadProviderCriterion> {
    // The kind decides how the filters are read, wherever it stands among the keys.
    let kind = node.value().get("type").and_then(Value::as_str).and_then(EntityKind::from_name);
    let kind = kind.unwrap_or(EntityKind::Person);
    let mut provider = None;
    let mut filter = None;
    node.object(faults, &["provider", "filters"], |key, child, faults| {
        match key {
            "provider" => {
                provider = child.one_of(faults, &[BASE_PROVIDER]).map(|_| BASE_PROVIDER.to_owned());
            }
            "type" => drop(child.one_of(faults, &EntityKind::NAMES)),
            "filters" => filter = Filter::read(child, faults, kind),
            _ => return false,
        }
        true
    })?;
    Some(LeadProviderCriterion { provider: provider?, kind, filter: filter? })
}

/// What the searches of stored, valid criteria yield, by position.
#[must_use]
pub fn kinds(criteria: &Value) -> Vec<EntityKind> {
    let kind =
        |criterion: &Value| criterion.get("type").and_then(Value::as_str).and_then(EntityKind::from_name);
    criteria.as_array().into_iter().flatten().map(|c| kind(c).unwrap_or(EntityKind::Person)).collect()
}
