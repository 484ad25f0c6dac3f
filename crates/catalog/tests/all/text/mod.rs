//! The knowledge in the tables, against labels written by hand.

mod quality;
