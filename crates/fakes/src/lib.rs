//! Outside services as they answer on the wire, on loopback: for tests, and for a demo that needs no account.

pub mod faults;
pub mod firecrawl;
mod server;
pub mod web;

/// For servers that a test writes itself.
pub use axum;
pub use faults::{Fault, Faults};
pub use server::Server;
