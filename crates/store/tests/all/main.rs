//! What every database behind the store must do alike: each public operation, alone and between
//! organisations, and the promises of units of work.

mod accounts;
mod api_key;
mod audit;
mod clean_up;
mod concurrency;
mod connector;
mod copy;
mod coverage;
mod credit;
mod crm;
mod decision;
mod enrichment;
mod evidence;
mod fair_share;
mod harness;
mod icp;
mod idempotency;
mod isolation;
mod job;
mod job_record;
mod lead_list;
mod postgres;
mod record;
mod record_change;
mod run;
mod samples;
mod schedule;
mod sqlite;
mod suppression;
mod system;
mod tls;
mod unit;
mod webhook;
