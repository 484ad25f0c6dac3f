//! Our analysis of text, the same at import and at query and for every engine: what a value of a record
//! says ([`record_tokens`]), what a value of a filter asks for ([`query_tokens`]), places, seniority.
//!
//! The knowledge itself lies in the text files of the crate's folder `data`.

mod departments;
mod industries;
mod places;
mod roles;
mod seniority;
mod titles;
mod tokens;
mod told;
mod words;

pub use departments::{department_named, department_names, departments_of};
pub use places::{Address, PlaceQuery, country_code, place_key, place_query, place_tokens, region_names};
pub use seniority::seniority_of;
pub use sluice_model::text::{fold, words, words_of};
pub use tokens::{Profile, query_tokens, record_tokens};
pub use told::{Told, told_by};

/// The lines of a data file without comments and blank ones, split at tabs.
fn rows(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    file.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| line.split('\t').collect())
}

/// A column of a row; absent ones are empty, as is `-`.
fn column(row: &[&'static str], index: usize) -> &'static str {
    row.get(index).copied().filter(|text| *text != "-").unwrap_or_default()
}
