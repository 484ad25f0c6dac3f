//! Seniority by title, from `data/seniority.tsv`.

use super::tokens::{Profile, record_tokens};
use super::{column, rows};
use std::sync::LazyLock;

static SENIORITY: &str = include_str!("../../data/seniority.tsv");

/// Names, and the tokens that tell them: one of the lists with all its tokens.
type Rules = Vec<(&'static str, Vec<Vec<&'static str>>)>;

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let told_by =
        |tokens: &'static str| tokens.split_whitespace().map(|all| all.split('+').collect()).collect();
    rows(SENIORITY).map(|row| (column(&row, 0), told_by(column(&row, 1)))).collect()
});

/// The seniority that a title tells, one of [`sluice_model::filter::SENIORITIES`]; `None` when the title does
/// not tell ("Software Engineer").
#[must_use]
pub fn seniority_of(title: &str) -> Option<&'static str> {
    let tokens = record_tokens(Profile::Title, title);
    let told = |all: &Vec<&str>| all.iter().all(|wanted| tokens.iter().any(|token| token == wanted));
    RULES.iter().find(|(_, told_by)| told_by.iter().any(told)).map(|(name, _)| *name)
}
