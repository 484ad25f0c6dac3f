//! The knowledge in the tables, against labels written by hand.

mod industries;
mod places;
mod quality;
mod titles;
