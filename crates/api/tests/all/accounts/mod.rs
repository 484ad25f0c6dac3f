//! The accounts API. Every reply is also held against the schemas in `tests/schemas`, by the testkit.

mod account_logs;
mod account_patch_table;
mod accounts;
mod errors;
mod identity;
mod keys;
mod payloads;
pub mod permissions;
mod persons;
mod prospects;
mod rate;
pub mod support;
