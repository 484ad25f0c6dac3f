//! All integration tests of the application in one binary.
#![expect(clippy::print_stdout, reason = "a test tells how much it did")]

mod accounts;
mod alike;
mod clean_up;
mod dice;
mod jobs;
mod made;
mod oracle;
mod organisation;
mod scale;
mod schedules;
mod stage;
mod troubled;
mod worker;
mod world;
