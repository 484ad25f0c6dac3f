//! The stable order of records.
//!
//! From the highest bits: how complete the record is (6 bits), the day it was observed (16 bits, days since
//! 1970), and a number mixed from the id (42 bits) that tells records of equal worth apart. Should two records
//! still have the same number, their ids decide, the lower first; a cursor never stops between the two.

use crate::Rank;
use sluice_model::{Company, Person, Time};
use uuid::Uuid;

/// The rank of a person: those that can be reached, placed and judged come first.
#[must_use]
pub fn rank_of_person(person: &Person) -> Rank {
    let known = [
        (3, !person.emails.is_empty()),
        (3, person.company_id.is_some() || !person.work_experiences.is_empty()),
        (3, person.job_title.is_some()),
        (2, !person.phones.is_empty()),
        (2, person.linkedin_url.is_some()),
        (2, person.seniority.is_some()),
        (2, person.country.is_some()),
        (1, person.city.is_some()),
        (1, person.industry.is_some()),
        (1, person.headline.is_some()),
        (1, person.summary.is_some()),
        (1, !person.skills.is_empty()),
        (1, !person.languages.is_empty()),
        (1, !person.educations.is_empty()),
        (1, !person.departments.is_empty()),
        (1, person.work_experiences.len() > 1),
    ];
    rank(&known, person.observed_at, person.id)
}

/// The rank of a company.
#[must_use]
pub fn rank_of_company(company: &Company) -> Rank {
    let known = [
        (3, company.name.is_some()),
        (3, company.domain.is_some()),
        (2, company.industry.is_some()),
        (2, company.employees.is_some() || company.headcount.is_some()),
        (2, company.country.is_some() || company.location.headquarter.country.is_some()),
        (2, company.linkedin_url.is_some()),
        (1, company.city.is_some() || company.location.headquarter.city.is_some()),
        (1, company.description.is_some() || company.summary.is_some()),
        (1, !company.phones.is_empty()),
        (1, company.revenue.is_some()),
        (1, company.founded_year.is_some()),
        (1, !company.keywords.is_empty()),
        (1, !company.technologies.is_empty()),
        (1, company.company_type.is_some()),
    ];
    rank(&known, company.observed_at, company.id)
}

fn rank(known: &[(u64, bool)], observed: Option<Time>, id: Uuid) -> Rank {
    let worth: u64 = known.iter().filter(|(_, known)| *known).map(|(weight, _)| weight).sum();
    let day = observed.map_or(0, |time| u64::try_from(time.day()).unwrap_or(0).min(0xFFFF));
    let (high, low) = id.as_u64_pair();
    Rank((worth.min(63) << 58) | (day << 42) | (mixed(high ^ mixed(low)) >> 22))
}

/// Spreads a number over all 64 bits (the finaliser of SplitMix64, Steele et al. 2014).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
