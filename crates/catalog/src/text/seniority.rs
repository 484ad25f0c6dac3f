//! Seniority by title, from `data/seniority.tsv`.

use super::tokens::{Profile, record_tokens};
use super::{column, rows};
use std::sync::LazyLock;

static SENIORITY: &str = include_str!("../../data/seniority.tsv");

static RULES: LazyLock<Vec<(&'static str, Vec<&'static str>)>> = LazyLock::new(|| {
    rows(SENIORITY).map(|row| (column(&row, 0), column(&row, 1).split_whitespace().collect())).collect()
});

/// The seniority that a title tells, one of [`sluice_model::filter::SENIORITIES`]; `None` when the title does
/// not tell ("Software Engineer").
#[must_use]
pub fn seniority_of(title: &str) -> Option<&'static str> {
    let tokens = record_tokens(Profile::Title, title);
    RULES
        .iter()
        .find(|(_, wanted)| wanted.iter().any(|wanted| tokens.iter().any(|token| token == wanted)))
        .map(|(name, _)| *name)
}
