//! The operations, noun first. Each works on a [`crate::Tx`] and sees only its organisation's rows; those of
//! [`system`] and [`job`]'s runner side work on a [`crate::SystemTx`].

pub mod account;
pub mod activity;
pub mod api_key;
pub mod audit;
pub mod chore;
pub mod connector;
pub mod credit;
pub mod crm_contact;
pub mod crm_export;
pub mod crm_identity;
pub mod crm_mirror;
pub mod decision;
pub mod enrichment;
pub mod evidence;
pub mod icp;
pub mod idempotency;
pub mod job;
pub mod job_record;
pub mod lead_list;
pub mod listing;
pub mod member;
pub mod prospect;
pub mod record;
pub mod record_change;
pub mod run;
pub mod schedule;
pub mod suppression;
pub mod system;
pub mod webhook;
pub mod webhook_delivery;
