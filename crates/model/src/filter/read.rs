//! From JSON to the tree: the top of a filter, and the limits that hold everywhere.

use super::ids::IdSet;
use super::tree::Filter;
use super::{long, short};
use crate::fault::{Faults, Node, Place};
use crate::kind::EntityKind;
use serde_json::Value;

pub use super::terms::{MAX_IDS, MAX_VALUE_CHARS, MAX_VALUES};

/// The most levels of objects and arrays below a filter. The longest paths of the language need them all.
pub const MAX_DEPTH: usize = 8;

impl Filter {
    /// Reads the `filters` object of a criterion (`{contact, account, lists}` and the short dialect). All faults are
    /// written, each at its path; facets that the catalog does not know are faults too, never ignored.
    /// A search for companies knows nothing of persons: there `contact` is a fault, as are the keys of the short
    /// dialect that mean a person. Returns `None` when anything is wrong.
    pub fn read(node: &Node<'_>, faults: &mut Faults, kind: EntityKind) -> Option<Self> {
        Self::read_around(node, faults, kind, |_, _, _| false)
    }

    /// Reads a filter whose object has other keys beside its own: those that `own` knows.
    pub(crate) fn read_around(
        node: &Node<'_>,
        faults: &mut Faults,
        kind: EntityKind,
        mut own: impl FnMut(&str, &Node<'_>, &mut Faults) -> bool,
    ) -> Option<Self> {
        let mut found = Faults::new();
        let mut filter = Self::default();
        node.object(&mut found, &[], |key, child, faults| {
            own(key, child, faults)
                || too_deep(child.value(), child.place(), 1, faults)
                || filter.read_key(key, child, faults, kind)
        });
        give(found, faults, filter)
    }

    /// Reads one key of a filter, and returns whether there is such a key.
    fn read_key(&mut self, key: &str, node: &Node<'_>, faults: &mut Faults, kind: EntityKind) -> bool {
        let person = kind == EntityKind::Person;
        match key {
            "contact" if !person => node.fault(faults, "A search for companies takes no 'contact' part"),
            "contact" => long::contact(node, faults, &mut self.contact),
            "account" => long::account(node, faults, &mut self.account),
            "lists" => lists(node, faults, self, person),
            _ => return short::field(key, node, faults, self, kind),
        }
        true
    }
}

/// Hands the faults of this filter over to those of the whole body.
fn give(found: Faults, faults: &mut Faults, filter: Filter) -> Option<Filter> {
    let sound = found.is_empty();
    for fault in found.into_vec() {
        faults.push(fault);
    }
    sound.then_some(filter)
}

/// Writes a fault at each container below the deepest level allowed. Lists of strings are not walked.
fn too_deep(value: &Value, place: &Place<'_>, level: usize, faults: &mut Faults) -> bool {
    if !value.is_object() && !value.is_array() {
        return false;
    }
    if level > MAX_DEPTH {
        Node::at(value, *place).fault(faults, format!("Nested deeper than {MAX_DEPTH} levels"));
        return true;
    }
    let mut found = false;
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                found |= too_deep(value, &Place::Key(place, key), level + 1, faults);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                found |= too_deep(value, &Place::Index(place, index), level + 1, faults);
            }
        }
        _ => {}
    }
    found
}

/// Reads `{"person_id":{"exclude":[…]},"company_id":{"exclude":[…]}}`.
fn lists(node: &Node<'_>, faults: &mut Faults, filter: &mut Filter, person: bool) {
    node.object(faults, &[], |key, child, faults| {
        let ids = match key {
            "person_id" if person => &mut filter.lists.people,
            "company_id" => &mut filter.lists.companies,
            _ => return false,
        };
        child.object(faults, &[], |key, child, faults| {
            if key == "exclude" {
                *ids = read_ids(child, faults);
            }
            key == "exclude"
        });
        true
    });
}

fn read_ids(node: &Node<'_>, faults: &mut Faults) -> IdSet {
    node.array(faults, MAX_IDS, |item, faults| item.uuid(faults)).unwrap_or_default().into()
}
