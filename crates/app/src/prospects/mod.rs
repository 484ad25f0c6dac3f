//! Searching the catalog.

mod company_people;
mod count;
mod get;
mod search;

pub use company_people::company_people;
pub use count::{FACETS, FacetValue, ProspectCount, count};
pub use get::{company, person};
pub use search::{ResultPage, companies, people};
