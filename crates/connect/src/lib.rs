//! The way out: one guarded HTTP client, and a module for each service behind it.

pub mod agent;
pub mod crm;
pub mod enrich;
mod error;
pub mod http;
pub mod model;
pub mod people;
mod protocol;
pub mod web;
pub mod webhook;

pub use error::{ConnectError, Result};
pub use http::{Client, ClientOptions};
pub use secrecy::{ExposeSecret, SecretString};
