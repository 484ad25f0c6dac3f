//! Advanced Filtering: queries as JSON.

use super::State;
use crate::tokens::{holds, tokens};
use serde_json::{Map, Value};
use sluice_model::Time;
use std::collections::BTreeSet;

/// The kind of object that a query asks for.
pub(super) fn kind_of(query: &Value) -> Option<&str> {
    match text(query, "type")? {
        "object_type" => text(query, "object_type"),
        "and" => clauses(query).iter().find_map(kind_of),
        _ => None,
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn clauses(query: &Value) -> &[Value] {
    query.get("queries").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn is_negated(query: &Value) -> bool {
    query.get("negate").and_then(Value::as_bool) == Some(true)
}

impl State {
    /// The objects for which a query holds. `None` when it is none.
    pub(super) fn find(&self, kind: &str, query: &Value) -> Option<Vec<u64>> {
        let objects = self.objects(kind)?;
        let holds = |id: u64| self.holds(kind, objects.get(&id)?, query);
        let mut found = Vec::new();
        let candidates: Vec<u64> = match self.narrowed(kind, query) {
            Some(ids) => ids.into_iter().collect(),
            // A query that is none is one for every object.
            None => objects.keys().copied().collect(),
        };
        for id in candidates {
            if objects.contains_key(&id) && holds(id)? {
                found.push(id);
            }
        }
        Some(found)
    }

    /// Some objects, among them all for which it holds; none when the index does not help.
    fn narrowed(&self, kind: &str, query: &Value) -> Option<BTreeSet<u64>> {
        if is_negated(query) {
            return None;
        }
        match text(query, "type")? {
            "and" => clauses(query)
                .iter()
                .filter_map(|clause| self.narrowed(kind, clause))
                .min_by_key(BTreeSet::len),
            "or" => {
                let all: Option<Vec<_>> =
                    clauses(query).iter().map(|clause| self.narrowed(kind, clause)).collect();
                Some(all?.into_iter().flatten().collect())
            }
            "has_related" if kind == "contact" => self.narrowed(kind, query.get("related_query")?),
            "field_condition" => {
                let (field, condition) = (query.get("field")?, query.get("condition")?);
                let name = text(field, "field_name").or_else(|| text(field, "custom_field_id"))?;
                let value = text(condition, "value")?;
                (text(condition, "type")? == "text")
                    .then(|| self.index.with(&[kind, ".", name].concat(), &tokens(value)))
            }
            _ => None,
        }
    }

    fn holds(&self, kind: &str, object: &Map<String, Value>, query: &Value) -> Option<bool> {
        let found = match text(query, "type")? {
            "object_type" => text(query, "object_type")? == kind,
            "and" => {
                let all: Option<Vec<bool>> =
                    clauses(query).iter().map(|clause| self.holds(kind, object, clause)).collect();
                all?.iter().all(|holds| *holds)
            }
            "or" => {
                let all: Option<Vec<bool>> =
                    clauses(query).iter().map(|clause| self.holds(kind, object, clause)).collect();
                all?.iter().any(|holds| *holds)
            }
            "has_related" if text(query, "this_object_type")? == kind => {
                let related = text(query, "related_object_type")?;
                let inner = query.get("related_query")?;
                let objects = self.related(kind, object, related)?;
                let all: Option<Vec<bool>> =
                    objects.iter().map(|object| self.holds(related, object, inner)).collect();
                all?.iter().any(|holds| *holds)
            }
            "field_condition" => condition_holds(kind, object, query)?,
            _ => return None,
        };
        Some(found != is_negated(query))
    }

    fn related(
        &self,
        kind: &str,
        object: &Map<String, Value>,
        related: &str,
    ) -> Option<Vec<Map<String, Value>>> {
        let list = match (kind, related) {
            ("contact", "contact_email") => "emails",
            ("contact", "contact_phone") => "phones",
            ("contact", "contact_url") => "urls",
            ("lead", "contact") => {
                let theirs = self.contacts_of.get(object.get("id")?.as_str()?);
                let contacts = theirs.into_iter().flatten().filter_map(|id| self.contacts.get(id).cloned());
                return Some(contacts.collect());
            }
            _ => return None,
        };
        let entries = object.get(list).and_then(Value::as_array);
        Some(entries.into_iter().flatten().filter_map(|entry| entry.as_object().cloned()).collect())
    }
}

fn condition_holds(kind: &str, object: &Map<String, Value>, query: &Value) -> Option<bool> {
    let (field, condition) = (query.get("field")?, query.get("condition")?);
    let value = match text(field, "type")? {
        "regular_field" if text(field, "object_type")? == kind => object.get(text(field, "field_name")?),
        "custom_field" => object.get(&["custom.", text(field, "custom_field_id")?].concat()),
        _ => return None,
    };
    let value = value.and_then(Value::as_str);
    match text(condition, "type")? {
        "text" => {
            let wanted = text(condition, "value")?;
            Some(match text(condition, "mode")? {
                "exact_value" => value.is_some_and(|value| value.to_lowercase() == wanted.to_lowercase()),
                "phrase" => value.is_some_and(|value| holds(value, &tokens(wanted))),
                "full_words" => value.is_some_and(|value| {
                    let known = tokens(value);
                    tokens(wanted).iter().all(|word| known.contains(word))
                }),
                _ => return None,
            })
        }
        "moment_range" => {
            let moment = |name: &str| match condition.get(name) {
                None | Some(Value::Null) => Some(None),
                Some(moment) => (text(moment, "type")? == "fixed_utc")
                    .then(|| Time::parse(text(moment, "value")?))
                    .map(Some),
            };
            let (from, before) = (moment("on_or_after")?, moment("before")?);
            let time = value.and_then(Time::parse)?;
            let after = from.is_none_or(|from| from.is_some_and(|from| time >= from));
            Some(after && before.is_none_or(|before| before.is_some_and(|before| time < before)))
        }
        _ => None,
    }
}
