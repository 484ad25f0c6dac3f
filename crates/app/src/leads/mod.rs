//! Leads: the organisation's copies of people and companies.

mod adopt;
mod by_list;
pub mod identifiers;

pub(crate) use adopt::{NewCompany, NewPerson, adopt_companies, adopt_people};
pub use by_list::{ListRecords, by_list};
