//! The tokens of SMART comparison.

use super::industries::industry_tokens;
use super::titles::{text_tokens, title_tokens};
use rustc_hash::FxHashSet;
use sluice_model::canon;
use sluice_model::text::words;

/// What kind of text a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// A job title or a headline: roles, synonyms, stems; what somebody assists is not their role.
    Title,
    /// Skills, descriptions: synonyms and stems.
    Text,
    /// Industries: one under all its names, and by broader ones; others like texts.
    Industry,
    /// Names of people: the words as they are.
    Name,
    /// Names of companies: the words without legal forms.
    Company,
}

/// What a value of a record says: its tokens, each once. A value fits a filter's value when it has all of
/// [`query_tokens`] and these are not empty.
#[must_use]
pub fn record_tokens(profile: Profile, value: &str) -> Vec<String> {
    analyse(profile, value, true)
}

/// What a value of a filter asks for: tokens, each once; empty when the value has no word at all.
#[must_use]
pub fn query_tokens(profile: Profile, value: &str) -> Vec<String> {
    analyse(profile, value, false)
}

fn analyse(profile: Profile, value: &str, record: bool) -> Vec<String> {
    let mut out = match profile {
        Profile::Title => title_tokens(value, record),
        Profile::Text => text_tokens(value, record),
        Profile::Industry => industry_tokens(value, record),
        Profile::Name => words(value),
        Profile::Company => canon::company_name(value)
            .map(|name| name.split(' ').map(str::to_owned).collect())
            .unwrap_or_default(),
    };
    if out.is_empty() {
        out = words(value);
    }
    let mut seen = FxHashSet::default();
    out.retain(|token| seen.insert(token.clone()));
    out
}
