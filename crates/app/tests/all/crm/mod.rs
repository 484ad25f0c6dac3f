//! The CRM of an organisation, against a fake that speaks Bullhorn's wire.

mod candidates;
mod export;
mod export_in_trouble;
mod retried;
mod rig;
mod sync;
