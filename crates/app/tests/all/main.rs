//! All integration tests of the application in one binary.
#![expect(clippy::print_stdout, reason = "a test tells how much it did")]

mod accounts;
mod ahead;
mod alike;
mod checks;
mod clean_up;
mod connected;
mod crm;
mod dice;
mod jobs;
mod line;
mod made;
mod oracle;
mod organisation;
mod outside;
mod providers;
mod scale;
mod schedules;
mod spending;
mod stage;
mod stale;
mod troubled;
mod webhooks;
mod worker;
mod world;
