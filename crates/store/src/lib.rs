//! Records in a database: the only crate that knows one.
//!
//! A unit of work is a closure over a [`Tx`], which carries the tenant; operations (`icp_insert`,
//! `lead_list_get`, …) are async functions on it, written once for every driver. [`Store::write`] commits
//! the unit or nothing of it; [`Store::read`] sees one snapshot.

pub mod admin;
mod driver;
mod error;
mod migrate;
mod row;
mod tx;
mod value;

pub mod ops;

pub use driver::{Durability, Options, Store, one_snapshot};
pub use error::StoreError;
pub use tx::{SystemTx, Tx, Unit};
pub use value::Value;
