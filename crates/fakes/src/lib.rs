//! Outside services as they answer on the wire, on loopback: for tests, and for a demo that needs no account.

pub mod bullhorn;
pub mod close;
pub mod faults;
mod made_up;
mod server;
mod tokens;

pub use faults::{Fault, Faults};
pub use server::Server;
