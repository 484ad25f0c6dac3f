//! Exports to the CRM: stored record by record, so that whoever works on one goes on where it was.

mod company;
mod draft;
mod job;
mod record;
mod show;
mod start;

pub(crate) use job::{export_given_up, export_job};
pub use show::{ExportCounts, ExportRecords, ExportView, export_not_found, get, records};
pub use start::{Started, start};
