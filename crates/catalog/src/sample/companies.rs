//! The companies that made-up people work for.

use super::random::{Dice, hash, sums};
use rustc_hash::FxHashMap;
use sluice_model::Company;
use sluice_model::person::Provenance;

/// Size bands with the number of people that a company of that band weighs as much as.
const BANDS: [(&str, u64); 8] = [
    ("1-10", 5),
    ("11-50", 30),
    ("51-200", 120),
    ("201-500", 340),
    ("501-1000", 740),
    ("1001-5000", 2_600),
    ("5001-10000", 7_300),
    ("10001+", 30_000),
];

/// Gives a company without a size a plausible one, drawn from the band of its market value and from its name, always
/// the same. **It is made up**: `provenance.headcount.source` says `synthetic`. For the demo and for tests only.
#[must_use]
pub fn with_synthetic_headcount(mut company: Company) -> Company {
    if company.headcount.is_none() && company.employees.is_none() {
        company.headcount = Some(synthetic_band(&company).to_owned());
        let seen = Provenance { source: super::SOURCE.to_owned(), observed_at: None };
        company.provenance.insert("headcount".to_owned(), seen);
    }
    company
}

/// As [`with_synthetic_headcount`], and a founding year for a company without one: the larger, the older on the
/// average. **It is made up**: `provenance.foundedYear.source` says `synthetic`.
#[must_use]
pub fn with_synthetic_facts(company: Company) -> Company {
    let mut company = with_synthetic_headcount(company);
    if company.founded_year.is_none() {
        let mut dice = Dice::of(0xf0de_d15e, hash(company.name.as_deref().unwrap_or_default()));
        let band = company.headcount.as_deref().unwrap_or_default();
        let size = BANDS.iter().position(|(name, _)| *name == band).unwrap_or(2);
        // Few are older than a century, and hardly one that is listed is younger than two years.
        let oldest = 20 + 15 * size;
        let age = 2 + size + dice.low(oldest) + if dice.percent(5) { dice.low(80) } else { 0 };
        company.founded_year = Some(2025 - i64::try_from(age).unwrap_or(0));
        let seen = Provenance { source: super::SOURCE.to_owned(), observed_at: None };
        company.provenance.insert("foundedYear".to_owned(), seen);
    }
    company
}

fn synthetic_band(company: &Company) -> &'static str {
    // Weights of the bands of `BANDS`, by the band of the market value.
    let weights: [u64; 8] = match company.market_cap.as_deref() {
        Some("Mega Cap") => [0, 0, 0, 0, 0, 10, 20, 70],
        Some("Large Cap") => [0, 0, 1, 4, 10, 35, 25, 25],
        Some("Mid Cap") => [0, 1, 6, 15, 20, 40, 12, 6],
        Some("Small Cap") => [1, 6, 22, 28, 20, 20, 2, 1],
        Some("Micro Cap") => [5, 25, 35, 20, 10, 5, 0, 0],
        Some("Nano Cap") => [30, 40, 20, 7, 2, 1, 0, 0],
        _ => [10, 30, 30, 15, 8, 6, 1, 0],
    };
    let mut dice = Dice::of(0x5157_1ce0, hash(company.name.as_deref().unwrap_or_default()));
    BANDS[dice.weighted(&sums(weights.into_iter()))].0
}

/// Companies to draw from, by size, and by country.
pub(super) struct Employers<'a> {
    pub companies: &'a [Company],
    sums: Vec<u64>,
    /// The band of each company's size.
    bands: Vec<&'a str>,
    /// Companies of each country, with their sums of weights.
    countries: FxHashMap<&'a str, (Vec<usize>, Vec<u64>)>,
}

impl<'a> Employers<'a> {
    pub fn new(companies: &'a [Company]) -> Self {
        let weights: Vec<u64> = companies.iter().map(weight).collect();
        let mut by_country: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (at, company) in companies.iter().enumerate() {
            by_country.entry(company.country.as_deref().unwrap_or_default()).or_default().push(at);
        }
        let countries = by_country
            .into_iter()
            .map(|(country, members)| {
                let sums = sums(members.iter().map(|at| weights[*at]));
                (country, (members, sums))
            })
            .collect();
        let band =
            |company: &'a Company| company.headcount.as_deref().unwrap_or_else(|| synthetic_band(company));
        Self {
            companies,
            sums: sums(weights.into_iter()),
            bands: companies.iter().map(band).collect(),
            countries,
        }
    }

    /// Somebody's employer: large companies have many people, most have few.
    pub fn draw(&self, dice: &mut Dice) -> Option<&'a Company> {
        self.companies.get(dice.weighted(&self.sums))
    }

    /// Somebody's employer with the band of its size.
    pub fn draw_with_band(&self, dice: &mut Dice) -> Option<(&'a Company, &'a str)> {
        let at = dice.weighted(&self.sums);
        Some((self.companies.get(at)?, self.bands.get(at)?))
    }

    /// A company of the same country.
    pub fn neighbour(&self, of: &Company, dice: &mut Dice) -> Option<&'a Company> {
        let (members, sums) = self.countries.get(of.country.as_deref().unwrap_or_default())?;
        self.companies.get(*members.get(dice.weighted(sums))?)
    }
}

/// The number of people a company weighs as much as, spread by its name so that no two are alike (the tail of
/// sizes is that of Zipf's law).
fn weight(company: &Company) -> u64 {
    let band = company.headcount.as_deref().unwrap_or_else(|| synthetic_band(company));
    let people = company.employees.unwrap_or_else(|| {
        let known = BANDS.iter().find(|(name, _)| *name == band).map(|(_, people)| *people);
        let least = || band.split(['-', '+']).next().and_then(|least| least.parse().ok());
        known.or_else(least).unwrap_or(50)
    });
    let spread = 50 + hash(company.name.as_deref().unwrap_or_default()) % 100;
    (people.clamp(1, 1_000_000) * spread / 100).max(1)
}
