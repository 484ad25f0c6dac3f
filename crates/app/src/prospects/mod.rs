//! Searching the catalog.

mod count;
mod get;
mod search;

pub use count::{FACETS, FacetValue, ProspectCount, count};
pub use get::{company, person};
pub use search::{ResultPage, companies, people};
