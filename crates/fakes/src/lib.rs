//! Outside services as they answer on the wire, on loopback: for tests, and for a demo that needs no account.

pub mod browser_use;
pub mod bullhorn;
pub mod close;
pub mod enrichment;
pub mod faults;
pub mod firecrawl;
mod made_up;
pub mod model;
pub mod people;
mod server;
pub mod site;
mod tokens;
pub mod web;
pub mod webhook;

/// For servers that a test writes itself.
pub use axum;
pub use faults::{Fault, Faults};
pub use server::Server;
