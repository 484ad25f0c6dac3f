//! The catalog: people and companies to search, shared by all organisations.

pub mod embedded;
pub mod facts;
pub mod import;
mod rank;
pub mod reference;
pub mod sample;
pub mod search;
mod suggest;
pub mod text;

pub use embedded::{CatalogWriter, EmbeddedCatalog};
pub use search::{
    Catalog, CatalogError, CompanyHit, FacetCounts, Page, PersonHit, Rank, Search, Sort, Suggest, Suggestion,
    Window,
};
