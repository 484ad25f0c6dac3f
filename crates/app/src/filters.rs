//! The filter language, described.

use sluice_catalog::text;
use sluice_model::filter::{FilterLanguage, describe};

/// Describes the language, with the names that the catalog knows.
#[must_use]
pub fn language() -> FilterLanguage {
    describe(text::region_names(), text::department_names())
}
