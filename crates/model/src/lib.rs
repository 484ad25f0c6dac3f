//! What Sluice talks about: ids, time, ICPs and their criteria, the filter language, people and
//! companies, lead lists, runs and decisions. Pure data and rules: no I/O, no clock, no randomness.

pub mod accounts;
pub mod actor;
pub mod canon;
pub mod company;
pub mod decision;
pub mod evidence;
pub mod fault;
pub mod filter;
pub mod funnel;
pub mod icp;
pub mod id;
pub mod job;
pub mod json;
pub mod json_payload;
pub mod kind;
pub mod lead;
pub mod lead_list;
mod names;
pub mod person;
pub mod pick;
pub mod prospect_body;
pub mod raw;
pub mod run;
pub mod search_body;
pub mod suppression;
pub mod text;
pub mod time;

pub use actor::{Actor, Role};
pub use company::Company;
pub use decision::Decision;
pub use evidence::Evidence;
pub use fault::{Fault, Faults, Node, PathItem};
pub use funnel::{Funnel, Stage, Verdict};
pub use icp::{Icp, IcpCreate, IcpPatch, IcpVersion};
pub use job::{Job, JobState};
pub use kind::EntityKind;
pub use lead::Lead;
pub use lead_list::LeadList;
pub use person::Person;
pub use run::{Run, RunStatus};
pub use suppression::Suppression;
pub use time::Time;
