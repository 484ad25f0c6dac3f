//! Outside services as they answer on the wire, on loopback: for tests, and for a demo that needs no account.

pub mod browser_use;
pub mod faults;
pub mod model;
mod server;
pub mod site;

pub use faults::{Fault, Faults};
pub use server::Server;
