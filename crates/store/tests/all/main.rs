//! What every database behind the store must do alike: each public operation, alone and between
//! organisations, and the promises of units of work.

mod accounts;
mod api_key;
mod audit;
mod concurrency;
mod copy;
mod coverage;
mod decision;
mod harness;
mod icp;
mod idempotency;
mod isolation;
mod job;
mod lead_list;
mod postgres;
mod record;
mod run;
mod samples;
mod sqlite;
mod suppression;
mod system;
mod tls;
mod unit;
