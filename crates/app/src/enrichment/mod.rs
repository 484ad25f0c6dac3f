//! Enrichment: phones, e-mail addresses and summaries, looked up outside by a job.

mod ask;
mod batch;
mod bulk;
mod get;
mod merge;
mod start;
pub(crate) mod work;

pub use batch::{batch, query};
pub use bulk::{BulkEnrichment, bulk};
pub use get::get;
pub use start::start;

use crate::error::Error;
use sluice_model::EntityKind;
use uuid::Uuid;

/// The constant name of an enrichment's job.
pub(crate) const ENRICHMENT_JOB: &str = "enrichment";

/// The message for somebody who is not there.
#[must_use]
pub fn entity_not_found(kind: EntityKind, id: &str) -> Error {
    let name = match kind {
        EntityKind::Person => "Person",
        EntityKind::Company => "Company",
    };
    Error::NotFound(format!("{name} not found: {id}"))
}

fn not_found(kind: EntityKind, id: Uuid) -> Error {
    entity_not_found(kind, &id.to_string())
}
