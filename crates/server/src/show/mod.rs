//! What the terminal shows: funnels, tables of leads, CSV.

mod csv;
mod funnel;
mod leads;
mod outside;

pub use csv::csv;
pub use funnel::funnel;
pub use leads::{leads, table};
pub use outside::{evidence, outcomes};
