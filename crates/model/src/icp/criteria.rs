//! `leadProviderCriteria`: the searches of an ICP.

use crate::connector::is_name;
use crate::fault::{Fault, Faults, Node, Place};
use crate::filter::Filter;
use crate::kind::EntityKind;
use serde_json::Value;
use utoipa::ToSchema;

/// The built-in catalog's name as a lead provider.
pub const BASE_PROVIDER: &str = "baseProvider";
/// The most searches that one ICP may have.
pub const MAX_CRITERIA: usize = 100;
/// The most bytes of what is passed on to another provider.
const MAX_PASSED_ON: usize = 64 << 10;
/// The deepest nesting of it.
const MAX_DEPTH: usize = 32;

/// One search of an ICP.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadProviderCriterion {
    /// Who searches; [`BASE_PROVIDER`] is the built-in catalog.
    pub provider: String,
    /// What is searched; a criterion without `type` searches people.
    pub kind: EntityKind,
    /// The search itself; that of another provider than the catalog says nothing here.
    pub filter: Filter,
    /// What another provider than the catalog is asked, as it was sent.
    pub passed_on: Option<Value>,
}

impl LeadProviderCriterion {
    /// Whether the catalog is searched.
    #[must_use]
    pub const fn is_of_catalog(&self) -> bool {
        self.passed_on.is_none()
    }
}

/// The wire form of one search.
#[derive(ToSchema)]
#[schema(as = LeadProviderCriterion)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct LeadProviderCriterionSchema {
    /// The lead provider: `baseProvider`, which is the built-in catalog, or the name of a connector of kind `leads`.
    #[schema(example = "baseProvider")]
    provider: String,
    /// What is searched; absent means person.
    #[schema(rename = "type", nullable = false)]
    kind: Option<EntityKind>,
    /// The search, in the filter language; another provider than the catalog gets any object passed on as it is.
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
    // So does the provider: only the catalog's filters are known here.
    let named = node.value().get("provider").and_then(Value::as_str).unwrap_or(BASE_PROVIDER);
    let of_catalog = named == BASE_PROVIDER || !is_name(named);
    let mut provider = None;
    let mut filter = None;
    let mut passed_on = None;
    node.object(faults, &["provider", "filters"], |key, child, faults| {
        match key {
            "provider" => {
                provider = if of_catalog {
                    child.one_of(faults, &[BASE_PROVIDER]).map(|_| BASE_PROVIDER.to_owned())
                } else {
                    child.string(faults).map(str::to_owned)
                };
            }
            "type" => drop(child.one_of(faults, &EntityKind::NAMES)),
            "filters" if of_catalog => filter = Filter::read(child, faults, kind),
            "filters" => {
                passed_on = read_passed_on(child, faults);
                filter = passed_on.as_ref().map(|_| Filter::default());
            }
            _ => return false,
        }
        true
    })?;
    Some(LeadProviderCriterion { provider: provider?, kind, filter: filter?, passed_on })
}

/// Any object, within bounds.
fn read_passed_on(node: &Node<'_>, faults: &mut Faults) -> Option<Value> {
    node.entries(faults)?;
    let value = node.value();
    if depth(value) > MAX_DEPTH {
        node.fault(faults, format!("Must not be nested deeper than {MAX_DEPTH} levels"));
        return None;
    }
    if value.to_string().len() > MAX_PASSED_ON {
        node.fault(faults, "Must not be larger than 64 KiB");
        return None;
    }
    Some(value.clone())
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// The faults of criteria whose provider is neither the catalog nor one of `known`.
#[must_use]
pub fn unknown_providers(criteria: &Value, known: &[&str]) -> Vec<Fault> {
    let mut faults = Faults::new();
    let names: Vec<&str> = std::iter::once(BASE_PROVIDER).chain(known.iter().copied()).collect();
    let list = Place::Key(&Place::Root, "leadProviderCriteria");
    for (index, criterion) in criteria.as_array().into_iter().flatten().enumerate() {
        let Some(provider) = criterion.get("provider") else { continue };
        let place = Place::Index(&list, index);
        let _ = Node::at(provider, Place::Key(&place, "provider")).one_of(&mut faults, &names);
    }
    faults.into_vec()
}

/// What the searches of stored, valid criteria yield, by position.
#[must_use]
pub fn kinds(criteria: &Value) -> Vec<EntityKind> {
    let kind =
        |criterion: &Value| criterion.get("type").and_then(Value::as_str).and_then(EntityKind::from_name);
    criteria.as_array().into_iter().flatten().map(|c| kind(c).unwrap_or(EntityKind::Person)).collect()
}
