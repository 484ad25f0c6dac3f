//! What people are made of: the tables of `data/sample`.

use super::random::sums;
use rustc_hash::FxHashMap;
use sluice_model::text;
use std::sync::LazyLock;

/// A name, and how it stands in an address.
pub(super) type Name = (&'static str, &'static str);

/// Given and family names of a group of countries.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub given: Vec<Name>,
    pub family: Vec<Name>,
}

/// How a country's people are called, and what they speak.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nation {
    pub names: usize,
    pub language: &'static str,
}

/// The language of a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tongue {
    English,
    German,
    French,
}

/// A department: its parts, its jobs, what one must know for them.
#[derive(Debug)]
pub(super) struct Department {
    pub name: &'static str,
    pub parts: Vec<&'static str>,
    pub top_titles: Vec<&'static str>,
    pub skills: Vec<&'static str>,
    pub certifications: Vec<&'static str>,
    /// Name and roles by language: English, German, French.
    pub local: [(&'static str, Vec<&'static str>); 3],
}

/// All tables.
#[derive(Debug)]
pub(super) struct Tables {
    pub names: Vec<Names>,
    nations: FxHashMap<&'static str, Nation>,
    pub departments: Vec<Department>,
    pub department_sums: Vec<u64>,
    titles: Vec<(&'static str, Tongue, Vec<&'static str>)>,
}

/// Seniorities with their weights among a thousand, the common ones first.
pub(super) const SENIORITIES: [(&str, u64); 12] = [
    ("mid-level", 340),
    ("senior", 220),
    ("manager", 150),
    ("entry", 120),
    ("director", 58),
    ("vp", 28),
    ("head", 27),
    ("intern", 25),
    ("c_suite", 20),
    ("founder", 5),
    ("partner", 4),
    ("owner", 3),
];

/// The steps of a career upwards, with the years of work that come before one: those who are at the step have
/// worked for so long at least, and hardly for longer than the second number.
pub(super) const STEPS: [(&str, i64, i64); 9] = [
    ("intern", 0, 1),
    ("entry", 0, 3),
    ("mid-level", 2, 14),
    ("senior", 5, 24),
    ("manager", 6, 28),
    ("head", 8, 30),
    ("director", 9, 32),
    ("vp", 11, 34),
    ("c_suite", 13, 38),
];

/// Months that people stay in a position: 64 evenly spaced quantiles of a log-normal distribution with a median of
/// two and a half years. A table, because the last digit of a logarithm differs between machines.
pub(super) const STAYS: [i64; 64] = [
    4, 6, 7, 8, 9, 10, 11, 12, 12, 13, 14, 14, 15, 16, 16, 17, 18, 19, 19, 20, 21, 21, 22, 23, 24, 24, 25,
    26, 27, 28, 29, 30, 30, 31, 32, 33, 35, 36, 37, 38, 39, 41, 42, 44, 45, 47, 49, 50, 52, 55, 57, 60, 62,
    66, 69, 73, 78, 83, 89, 98, 108, 123, 147, 208,
];

impl Tables {
    /// The tables, read once.
    pub fn get() -> &'static Self {
        static TABLES: LazyLock<Tables> = LazyLock::new(Tables::read);
        &TABLES
    }

    fn read() -> Self {
        let mut groups = Vec::new();
        let mut names = Vec::new();
        for row in rows(include_str!("../../data/sample/names.tsv")) {
            groups.push(cell(&row, 0));
            names.push(Names { given: folded(cell(&row, 1)), family: folded(cell(&row, 2)) });
        }
        let mut nations = FxHashMap::default();
        for row in rows(include_str!("../../data/sample/countries.tsv")) {
            let names = groups.iter().position(|group| *group == cell(&row, 1)).unwrap_or(0);
            nations.insert(cell(&row, 0), Nation { names, language: cell(&row, 2) });
        }
        let mut departments = Vec::new();
        let mut weights: Vec<u64> = Vec::new();
        for row in rows(include_str!("../../data/sample/departments.tsv")) {
            weights.push(cell(&row, 1).parse().unwrap_or(1));
            departments.push(Department {
                name: cell(&row, 0),
                parts: list(cell(&row, 2)),
                top_titles: list(cell(&row, 3)),
                skills: list(cell(&row, 5)),
                certifications: list(cell(&row, 10)),
                local: [
                    (cell(&row, 0), list(cell(&row, 4))),
                    (cell(&row, 6), list(cell(&row, 7))),
                    (cell(&row, 8), list(cell(&row, 9))),
                ],
            });
        }
        let titles = rows(include_str!("../../data/sample/titles.tsv"))
            .map(|row| {
                let tongue = match cell(&row, 1) {
                    "de" => Tongue::German,
                    "fr" => Tongue::French,
                    _ => Tongue::English,
                };
                (cell(&row, 0), tongue, list(cell(&row, 2)))
            })
            .collect();
        Self { names, nations, departments, department_sums: sums(weights.into_iter()), titles }
    }

    /// The nation of a country; of an unknown one the first, which is English.
    pub fn nation(&self, country: &str) -> Nation {
        self.nations.get(country).copied().unwrap_or(Nation { names: 0, language: "English" })
    }

    /// Patterns of titles, in English where the language has none of its own.
    pub fn titles(&self, seniority: &str, tongue: Tongue) -> &[&'static str] {
        let find = |tongue| self.titles.iter().find(|(name, own, _)| *name == seniority && *own == tongue);
        find(tongue).or_else(|| find(Tongue::English)).map_or(&[], |(_, _, titles)| titles)
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn cell(row: &[&'static str], at: usize) -> &'static str {
    row.get(at).copied().unwrap_or_default()
}

/// Names with their letters for addresses, which the tables keep for as long as the program runs.
fn folded(cell: &'static str) -> Vec<Name> {
    let letters = |name: &str| text::fold(name).replace([' ', '\'', '.'], "");
    list(cell).into_iter().map(|name| (name, &*Box::leak(letters(name).into_boxed_str()))).collect()
}

fn list(cell: &'static str) -> Vec<&'static str> {
    cell.split(';').collect()
}
