//! What the product does: plain async functions on a [`Context`], one file per action. Permissions, units
//! of work, the pipeline and background jobs live here; HTTP, the command line and the databases do not.

pub mod access;
pub mod accounts;
pub mod admin;
pub mod answer;
pub mod autocomplete;
pub mod clean_up;
pub mod connectors;
pub mod context;
pub mod credits;
pub mod crm;
pub mod enrichment;
pub mod error;
pub mod evidence;
pub mod export;
pub mod filters;
pub mod health;
pub mod icps;
pub mod jobs;
pub mod lead_lists;
pub mod leads;
pub mod pipeline;
pub mod prospects;
pub mod runs;
pub mod schedules;
mod selection;
pub mod suppressions;
pub mod system;
pub mod vault;
pub mod webhooks;
pub mod worker;

pub use answer::{IdempotencyKey, Precondition, Versioned};
pub use context::{Context, Stop};
pub use error::{Error, Result};
pub use sluice_store::one_snapshot;
