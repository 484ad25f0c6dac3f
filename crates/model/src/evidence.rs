//! Evidence: what the outside checks of a candidate saw, and what was said about it.

use crate::names::names;
use crate::run::Cost;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest excerpt and the longest quote that are kept, in characters.
pub const MAX_EXCERPT: usize = 300;
/// The longest reason that is kept, in characters.
pub const MAX_REASON: usize = 1_000;
/// The most bytes that are kept of what a model wrote.
pub const MAX_RAW: usize = 4 << 10;

/// The outside checks, cheapest first: the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckKind {
    /// Search strings in the pages of a site.
    Strings,
    /// A model judges the text of these pages.
    Extraction,
    /// A model judges the record.
    Ai,
    /// An agent visits the site.
    Website,
}

names!(CheckKind { Strings = "strings", Extraction = "extraction", Ai = "ai", Website = "website" });

/// What a piece of evidence says about its check. A page alone may say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    Yes,
    No,
    /// It could not be told, or could not be looked at.
    Unknown,
    /// It was looked at, and did not decide.
    Neutral,
}

names!(Finding { Yes = "yes", No = "no", Unknown = "unknown", Neutral = "neutral" });

/// One page that was looked at, or one answer that was given. What does not apply is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    pub check: CheckKind,
    /// Position in `customFilterCriteria` of the filter that asked.
    pub filter_index: usize,
    pub finding: Finding,
    /// Where the page came from, after redirects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub url: Option<String>,
    /// HTTP status of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<u16>,
    /// When the page was read, or the answer was given; earlier than the run when it was cached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>, format = DateTime)]
    pub fetched_at: Option<Time>,
    /// SHA-256, in hex, of the text that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub content_hash: Option<String>,
    /// The text around what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub excerpt: Option<String>,
    /// The model or agent that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// SHA-256, in hex, of all that was sent but the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub prompt_hash: Option<String>,
    /// The answer as it was written, cut at 4 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub raw_answer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
    /// What the answer rests on, word for word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub quote: Option<String>,
    /// Why it could not be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
    /// Whether it was known from before, and cost nothing now.
    pub cached: bool,
    pub cost: Cost,
}

impl Evidence {
    /// Evidence of this check with nothing in it yet.
    #[must_use]
    pub const fn new(check: CheckKind, filter_index: usize, finding: Finding) -> Self {
        Self {
            check,
            filter_index,
            finding,
            url: None,
            status: None,
            fetched_at: None,
            content_hash: None,
            excerpt: None,
            model: None,
            prompt_hash: None,
            raw_answer: None,
            reason: None,
            quote: None,
            error: None,
            cached: false,
            cost: Cost { credits: 0, calls: 0 },
        }
    }
}

/// At most `most` characters of a text; the last one is an ellipsis when some are left out.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// At most `most` bytes of a text, whole characters only.
#[must_use]
pub fn cut_bytes(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{cut, cut_bytes};

    #[test]
    fn texts_are_cut_at_whole_characters() {
        for (text, most, kept) in [("", 2, ""), ("äöü", 3, "äöü"), ("äöüx", 3, "äö…"), ("ab", 0, "…")]
        {
            assert_eq!(cut(text, most), kept, "{text} {most}");
        }
        for (text, most, kept) in [("äö", 4, "äö"), ("äö", 3, "ä"), ("äö", 1, ""), ("ab", 9, "ab")] {
            assert_eq!(cut_bytes(text, most), kept, "{text} {most}");
        }
    }
}
