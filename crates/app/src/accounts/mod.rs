//! Actions of the accounts API, for machines with a key. Each checks the scope of the key first.

pub mod account;
pub mod account_log;
pub mod keys;
pub mod prospect;
pub mod prospect_log;
