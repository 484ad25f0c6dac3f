//! Completing what is being typed into a filter.

mod classifications;
mod records;

pub use classifications::{
    COMPANY_KEYS, Classification, Group, Metadata, PERSON_KEYS, classifications, person_metadata, schools,
};
pub use records::{CompanySuggestion, LocationSuggestion, PersonSuggestion, companies, locations, people};

use crate::prospects::ResultPage;
use crate::{Context, Result};
use sluice_catalog::{Suggest, Suggestion};

/// What was typed, and which page of what fits is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub text: String,
    /// Zero-based.
    pub page: usize,
    pub size: usize,
}

/// A page of suggestions in the documented envelope.
async fn suggest<T>(
    context: &Context,
    what: Suggest,
    typed: &Typed,
    turn: impl Fn(Suggestion) -> T,
) -> Result<ResultPage<T>> {
    let offset = typed.page * typed.size;
    let page = context.catalog.suggest(what, &typed.text, offset, typed.size).await?;
    let total = page.total.unwrap_or_default();
    Ok(ResultPage::numbered(page.hits.into_iter().map(turn).collect(), total, typed.page, typed.size))
}
