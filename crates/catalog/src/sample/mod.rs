//! Made-up people over given companies: for the demo, tests and benchmarks. Deterministic from a seed.
//!
//! Nobody real is meant: names are drawn at random, each person says `source: "synthetic"`, addresses are under
//! `example.com` (RFC 2606), phone numbers from ranges that regulators keep for fiction, profiles start with
//! `synthetic-`.

mod companies;
mod person;
mod random;
mod tables;

pub use companies::with_synthetic_headcount;

use companies::Employers;
use sluice_model::{Company, Person};

/// The `source` of everything made up.
pub const SOURCE: &str = "synthetic";

/// Makes `count` people who work for `companies`, more of them for the larger ones. The same companies and seed
/// give the same people on every machine; the n-th person does not depend on `count`. Without companies nobody is
/// made.
pub fn people(companies: &[Company], count: usize, seed: u64) -> impl Iterator<Item = Person> {
    let employers = Employers::new(companies);
    let count = if companies.is_empty() { 0 } else { count };
    (0..count as u64).filter_map(move |number| person::make(&employers, seed, number))
}
