//! All tests of the program in one binary.
#![expect(clippy::print_stdout, reason = "a test tells how much it did")]

mod cli;
mod faults;
mod full_disk;
mod http;
mod kill;
mod program;
