//! Departments by name and by title, from `data/departments.tsv`.

use super::places::place_key;
use super::tokens::{Profile, record_tokens};
use super::{column, rows};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

static DEPARTMENTS: &str = include_str!("../../data/departments.tsv");

/// A department, and the tokens of titles that tell it: one of these lists with all its tokens.
struct Department {
    name: &'static str,
    told_by: Vec<Vec<&'static str>>,
}

static TABLE: LazyLock<Vec<Department>> = LazyLock::new(|| {
    rows(DEPARTMENTS)
        .map(|row| Department {
            name: column(&row, 0),
            told_by: column(&row, 2).split_whitespace().map(|tokens| tokens.split('+').collect()).collect(),
        })
        .collect()
});

static NAMES: LazyLock<FxHashMap<String, &'static str>> = LazyLock::new(|| {
    let mut out = FxHashMap::default();
    for row in rows(DEPARTMENTS) {
        for name in std::iter::once(column(&row, 0)).chain(column(&row, 1).split(';')) {
            out.insert(key(name), column(&row, 0));
        }
    }
    out
});

fn key(name: &str) -> String {
    place_key(&name.replace('&', " and "))
}

/// The departments that a title tells, in the order of the table; none when it does not tell ("Manager").
#[must_use]
pub fn departments_of(title: &str) -> Vec<&'static str> {
    let tokens = record_tokens(Profile::Title, title);
    let has = |wanted: &str| tokens.iter().any(|token| token == wanted);
    let told = |all: &Vec<&str>| {
        all.iter().all(|wanted| wanted.strip_prefix('!').map_or_else(|| has(wanted), |other| !has(other)))
    };
    TABLE
        .iter()
        .filter(|department| department.told_by.iter().any(told))
        .map(|department| department.name)
        .collect()
}

/// The canonical names of all departments, in the order of the table.
#[must_use]
pub fn department_names() -> Vec<String> {
    TABLE.iter().map(|department| department.name.to_owned()).collect()
}

/// The canonical name of a department by any of its names; `None` for names that the table does not have.
#[must_use]
pub fn department_named(name: &str) -> Option<&'static str> {
    NAMES.get(&key(name)).copied()
}

#[cfg(test)]
mod tests {
    use super::{DEPARTMENTS, key};
    use crate::text::{column, rows};
    use std::collections::BTreeMap;

    #[test]
    fn no_name_is_of_two_departments() {
        let mut seen = BTreeMap::new();
        for row in rows(DEPARTMENTS) {
            for name in column(&row, 1).split(';') {
                let other = seen.insert(key(name), column(&row, 0));
                assert!(other.is_none_or(|other| other == column(&row, 0)), "{name}");
            }
            assert!(!column(&row, 2).is_empty(), "{} is told by nothing", column(&row, 0));
        }
    }
}
