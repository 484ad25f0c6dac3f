//! From candidates to decisions: the order of work that every run and every preview follows.
//!
//! [`Judge`] decides on one candidate after the other and is pure: what it has to know of the organisation comes
//! in as [`Facts`], what outside checks saw as inspections. [`Line`] has these looked up ahead and brings them to the
//! judge in order. [`Feed`] yields the candidates, batch by batch. A run and a preview differ only in what they do with
//! the decisions.

mod candidate;
mod crm_source;
mod facts;
mod feed;
mod judge;
mod line;
mod plan;
mod provider_source;
mod reasons;
mod recheck;
mod retry;
mod source;

pub use candidate::{Candidate, Record};
pub use crm_source::{Place, Sources};
pub use facts::{Facts, Knowledge, gather};
pub use feed::Feed;
pub use judge::{Judge, Judged, Screened};
pub use line::{Line, Outside, Step};
pub use plan::{Plan, Rules};
pub use reasons::Objection;
pub(crate) use recheck::Recheck;
pub use retry::{Retry, is_of_outside};
pub use source::{Candidates, Cursor};
