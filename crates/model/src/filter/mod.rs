//! The filter language: what people and companies must be like to be found.
//!
//! A [`Filter`] is a conjunction of clauses, read from JSON by [`Filter::read`]. The long dialect
//! (`contact`, `account`, `lists`) and the short one of the documented ICP samples (`job_title`,
//! `company_size`, …) become the same tree. What a clause means for one record is said once, in the
//! catalog's reference evaluation; every engine must answer like it.

mod band_text;
mod bands;
mod describe;
mod facets;
mod ids;
mod long;
mod read;
mod shapes;
mod short;
mod terms;
mod tree;

#[cfg(test)]
mod tests;

pub use bands::{Band, Range};
pub use describe::{FacetDescription, FilterLanguage, FilterLimits, ShortKey, Unavailable, describe};
pub use ids::IdSet;
pub use read::{MAX_DEPTH, MAX_IDS, MAX_VALUE_CHARS, MAX_VALUES};
pub use tree::{
    AccountFacet, COMPANY_TYPES, Circle, Clause, CompanySource, ContactFacet, Days, Exclusions, Filter,
    Graduation, Keyword, Level, Mode, NETWORKS, PersonSource, SENIORITIES, Text, Wrapper,
};
