//! The knowledge in the tables, against labels written by hand.

mod industries;
mod quality;
mod titles;
