//! The APIs over their real router and a real database. Every reply of every test is also held against the OpenAPI
//! document, by the testkit.

mod accounts;
mod add_prospects;
mod autocomplete;
mod bad_input;
mod cluster;
mod company_people;
mod connectors;
mod credits;
mod crm;
mod cursors;
mod document;
mod documented_example;
mod enrichment;
mod export;
mod filters;
mod fuzz;
mod health;
mod icp_keys;
mod icp_patch_behaviour;
mod icp_patch_table;
mod icps;
mod idempotency;
mod jobs;
mod lead_lists;
mod leads;
mod permissions;
mod prospects;
mod run_control;
mod run_decisions;
mod run_rules;
mod runs;
mod schedules;
mod support;
mod suppressions;
mod tenants;
