//! Made-up people over given companies: for the demo, tests and benchmarks. Deterministic from a seed.
//!
//! Nobody real is meant: names are drawn at random, each person says `source: "synthetic"`, addresses are under
//! `example.com` (RFC 2606), phone numbers from ranges that regulators keep for fiction, profiles start with
//! `synthetic-`.

mod career;
mod companies;
mod person;
mod random;
mod tables;

pub use companies::{with_synthetic_facts, with_synthetic_headcount};

use companies::Employers;
use sluice_model::{Company, Person, Time};

/// The `source` of everything made up.
pub const SOURCE: &str = "synthetic";

/// The day after the last observation unless another is given: 2026-10-01.
pub const AS_OF: Time = Time::from_millis(1_790_812_800_000);

/// Makes `count` people who work for `companies`, more of them for the larger ones. The same companies and seed
/// give the same people on every machine; the n-th person does not depend on `count`. Without companies nobody is
/// made.
pub fn people(companies: &[Company], count: usize, seed: u64) -> impl Iterator<Item = Person> {
    people_as_of(companies, count, seed, AS_OF)
}

/// As [`people`]; observations lie in the two years before `as_of`, and careers end there.
pub fn people_as_of(
    companies: &[Company],
    count: usize,
    seed: u64,
    as_of: Time,
) -> impl Iterator<Item = Person> {
    let employers = Employers::new(companies);
    let count = if companies.is_empty() { 0 } else { count };
    let maker = person::Maker::new(employers, seed, as_of);
    (0..count as u64).filter_map(move |number| maker.make(number))
}
