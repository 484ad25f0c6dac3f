//! The filter language, described.

use sluice_model::filter::{FilterLanguage, describe};

/// Describes the language, with the names that the catalog knows.
#[must_use]
pub fn language() -> FilterLanguage {
    describe(sluice_catalog::text::region_names())
}
