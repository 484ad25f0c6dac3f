//! What people are made of: the tables of `data/sample`.

use super::random::sums;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Given and family names of a group of countries.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub given: Vec<&'static str>,
    pub family: Vec<&'static str>,
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
            names.push(Names { given: list(cell(&row, 1)), family: list(cell(&row, 2)) });
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

fn list(cell: &'static str) -> Vec<&'static str> {
    cell.split(';').collect()
}
