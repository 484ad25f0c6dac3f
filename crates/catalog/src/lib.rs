//! The catalog: people and companies to search, shared by all organisations.

pub mod clickhouse;
pub mod embedded;
pub mod facts;
pub mod import;
mod rank;
pub mod reference;
pub mod sample;
pub mod search;
mod suggest;
pub mod text;
mod write;

pub use clickhouse::{ClickHouseCatalog, ClickHouseWriter};
pub use embedded::{CatalogWriter, EmbeddedCatalog, Key};
pub use search::{
    Catalog, CatalogError, CompanyHit, Count, FacetCounts, Page, PersonHit, Rank, Search, Sort, Suggest,
    Suggestion, Window,
};
pub use write::Writer;
