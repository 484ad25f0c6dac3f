//! The CRM of an organisation, against a fake that speaks Bullhorn's wire.

mod candidates;
mod export;
mod rig;
mod sync;
