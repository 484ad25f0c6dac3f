//! Records of one entity.

use crate::tokens::TokenIndex;
use serde_json::{Map, Value};
use sluice_model::Time;
use std::collections::BTreeMap;

pub(super) const ENTITIES: [&str; 4] = ["Candidate", "ClientContact", "Lead", "ClientCorporation"];

/// Fields that are no texts, or that are not looked for by their words.
const NO_TEXT: [&str; 10] = [
    "id",
    "isDeleted",
    "massMailOptOut",
    "dateAdded",
    "dateLastModified",
    "owner",
    "address",
    "clientCorporation",
    "numEmployees",
    "category",
];

/// Text fields of people, and how long they may be.
const PEOPLE: [(&str, usize); 17] = [
    ("firstName", 50),
    ("lastName", 50),
    ("name", 100),
    ("occupation", 100),
    ("email", 100),
    ("email2", 100),
    ("email3", 100),
    ("phone", 20),
    ("phone2", 20),
    ("phone3", 20),
    ("mobile", 20),
    ("fax", 20),
    ("status", 100),
    ("type", 100),
    ("namePrefix", 5),
    ("comments", 1_000_000),
    ("description", 1_000_000),
];

/// How long a text of this field may be; none for a field that the entity does not have.
pub(super) fn longest(entity: &str, field: &str) -> Option<usize> {
    if NO_TEXT.contains(&field) {
        let company = matches!(field, "clientCorporation" | "category");
        let lacks = match entity {
            "Candidate" => field == "clientCorporation",
            "ClientCorporation" => company || matches!(field, "isDeleted" | "massMailOptOut"),
            _ => false,
        };
        return (!lacks).then_some(usize::MAX);
    }
    if let Some(number) = field.strip_prefix("customText").and_then(|number| number.parse::<u32>().ok()) {
        let most = if entity == "Candidate" { 40 } else { 20 };
        return (1..=most).contains(&number).then_some(100);
    }
    let own: &[(&str, usize)] = match entity {
        "Candidate" => &[
            ("workPhone", 20),
            ("source", 200),
            ("externalID", 50),
            ("companyName", 100),
            ("companyURL", 100),
        ],
        "ClientContact" => &[("source", 200), ("externalID", 30)],
        "Lead" => &[("leadSource", 15), ("companyName", 100), ("companyURL", 100)],
        _ => {
            let fields: &[(&str, usize)] = &[
                ("name", 100),
                ("companyURL", 100),
                ("phone", 20),
                ("fax", 20),
                ("status", 30),
                ("externalID", 30),
                ("industryList", 1_000_000),
                ("notes", 1_000_000),
            ];
            return fields.iter().find(|(name, _)| *name == field).map(|(_, most)| *most);
        }
    };
    let short = [("ClientContact", "email", 60), ("Lead", "occupation", 50), ("ClientContact", "status", 30)];
    if let Some((.., most)) = short.iter().find(|(of, name, _)| *of == entity && *name == field) {
        return Some(*most);
    }
    PEOPLE.iter().chain(own).find(|(name, _)| *name == field).map(|(_, most)| *most)
}

#[derive(Debug, Default)]
pub(super) struct Table {
    records: BTreeMap<u64, Map<String, Value>>,
    pub(super) index: TokenIndex,
    /// By how many milliseconds the index's clock is behind UTC.
    pub(super) index_behind: i64,
}

impl Table {
    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        self.records.keys().copied()
    }

    pub(super) fn get(&self, id: u64) -> Option<&Map<String, Value>> {
        self.records.get(&id)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.records.values()
    }

    /// Keeps a record, its fields laid over those it has.
    pub(super) fn put(&mut self, id: u64, fields: Map<String, Value>) {
        let mut record = self.records.remove(&id).unwrap_or_default();
        for (name, value) in &record {
            if let Value::String(text) = value {
                self.index.remove(id, name, text);
            }
        }
        record.extend(fields);
        for (name, value) in &record {
            if let Value::String(text) = value {
                self.index.insert(id, name, text);
            }
        }
        self.records.insert(id, record);
    }

    /// Whether the words of a field are in the index.
    pub(super) fn is_text(&self, field: &str) -> bool {
        !NO_TEXT.contains(&field)
    }

    /// What is searched of a record: one field, or every text when none is named.
    pub(super) fn texts<'a>(&'a self, id: u64, field: &'a str) -> impl Iterator<Item = String> + 'a {
        let record = self.records.get(&id);
        let fields =
            record.into_iter().flatten().filter(move |(name, _)| field.is_empty() || name.as_str() == field);
        fields.filter_map(|(_, value)| match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(set) => Some(u8::from(*set).to_string()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    pub(super) fn is_between(&self, id: u64, field: &str, from: Option<&str>, to: Option<&str>) -> bool {
        let Some(value) = self.records.get(&id).and_then(|record| record.get(field)) else { return false };
        match value {
            Value::Number(number) if field.starts_with("date") => {
                let local = number.as_i64().unwrap_or_default() - self.index_behind;
                let text: String = Time::from_millis(local)
                    .to_string()
                    .chars()
                    .filter(char::is_ascii_digit)
                    .take(14)
                    .collect();
                from.is_none_or(|from| text.as_str() >= from) && to.is_none_or(|to| text.as_str() <= to)
            }
            Value::Number(number) => {
                let (number, end) = (number.as_i64(), |text: &str| text.parse::<i64>().ok());
                from.is_none_or(|from| end(from).is_some_and(|from| number >= Some(from)))
                    && to.is_none_or(|to| end(to).is_some_and(|to| number <= Some(to)))
            }
            Value::String(text) => {
                from.is_none_or(|from| text.as_str() >= from) && to.is_none_or(|to| text.as_str() <= to)
            }
            _ => false,
        }
    }
}
