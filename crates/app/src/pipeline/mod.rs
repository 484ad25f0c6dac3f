//! From candidates to decisions: the order of work that every run and every preview follows.
//!
//! [`Judge`] decides on one candidate after the other and is pure: what it has to know of the organisation comes
//! in as [`Facts`]. [`Candidates`] yields them in order, batch by batch. A run and a preview
//! differ only in what they do with the decisions.

mod candidate;
mod crm_source;
mod facts;
mod judge;
mod plan;
mod reasons;
mod source;

pub use candidate::{Candidate, Record};
pub use crm_source::{Place, Sources};
pub use facts::{Facts, Knowledge, gather};
pub use judge::{Judge, Judged};
pub use plan::{Plan, Rules};
pub use source::{Candidates, Cursor};
