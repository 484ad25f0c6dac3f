//! The tree that a filter is.

use super::bands::Range;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The seniority names of the filter language, the highest first.
pub const SENIORITIES: [&str; 12] = [
    "founder",
    "owner",
    "partner",
    "c_suite",
    "vp",
    "director",
    "head",
    "manager",
    "senior",
    "mid-level",
    "entry",
    "intern",
];

/// What a search looks for: all clauses must hold, and none of the excluded records is found. The
/// default has no clause and finds everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// About the person.
    pub contact: Vec<Clause<ContactFacet>>,
    /// About the company, or about the person's current company.
    pub account: Vec<Clause<AccountFacet>>,
    /// Records that are known already.
    pub lists: Exclusions,
}

impl Filter {
    /// Whether the filter finds everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.contact.is_empty()
            && self.account.is_empty()
            && self.lists.people.is_empty()
            && self.lists.companies.is_empty()
    }
}

/// Records that are never found. An excluded company takes the people with it whose current company it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exclusions {
    /// `lists.person_id.exclude`.
    pub people: BTreeSet<Uuid>,
    /// `lists.company_id.exclude`.
    pub companies: BTreeSet<Uuid>,
}

/// One facet with its wanted or unwanted values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause<F> {
    /// How the values are joined.
    pub wrapper: Wrapper,
    /// The facet and the values.
    pub facet: F,
}

/// How the values of a clause are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrapper {
    /// One of the values at least.
    AnyInclude,
    /// None of the values.
    AnyExclude,
    /// All values.
    AllInclude,
    /// Not all values at once.
    AllExclude,
}

impl Wrapper {
    /// Whether all values are asked for, not one at least.
    #[must_use]
    pub const fn is_all(self) -> bool {
        matches!(self, Self::AllInclude | Self::AllExclude)
    }

    /// Whether records with the values are the unwanted ones.
    #[must_use]
    pub const fn is_exclude(self) -> bool {
        matches!(self, Self::AnyExclude | Self::AllExclude)
    }
}

/// How a text value is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// All significant words, in any order, with knowledge of roles.
    #[default]
    Smart,
    /// The words next to each other, in that order.
    Word,
    /// The whole value.
    Strict,
}

impl Mode {
    /// The names on the wire, in the order of the variants.
    pub const NAMES: [&'static str; 3] = ["SMART", "WORD", "STRICT"];
    /// The variants, in the order of their names.
    pub const ALL: [Self; 3] = [Self::Smart, Self::Word, Self::Strict];
}

/// Values that are compared as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub mode: Mode,
    pub values: Vec<String>,
}

/// Words to look for in several fields of a record at once: a value matches when one of the sources
/// matches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keyword<S> {
    /// Where to look, and how to compare there.
    pub sources: Vec<(S, Mode)>,
    pub values: Vec<String>,
}

/// Where a keyword can stand in a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PersonSource {
    Headline,
    Summary,
    Skill,
    Certification,
    /// The catalog has no courses yet: nothing stands there.
    Course,
    /// The catalog has no projects yet: nothing stands there.
    Projects,
}

impl PersonSource {
    /// The names on the wire, in the order of the variants.
    pub const NAMES: [&'static str; 6] =
        ["HEADLINE", "SUMMARY", "SKILL", "CERTIFICATION", "COURSE", "PROJECTS"];
    /// The variants, in the order of their names.
    pub const ALL: [Self; 6] =
        [Self::Headline, Self::Summary, Self::Skill, Self::Certification, Self::Course, Self::Projects];
}

/// Where a keyword can stand in a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CompanySource {
    Name,
    Keyword,
    /// The catalog has no texts made for search engines yet: nothing stands there.
    Seo,
    /// The description and the summary.
    Description,
    Industry,
}

impl CompanySource {
    /// The names on the wire, in the order of the variants.
    pub const NAMES: [&'static str; 5] = ["NAME", "KEYWORD", "SEO", "DESCRIPTION", "INDUSTRY"];
    /// The variants, in the order of their names.
    pub const ALL: [Self; 5] = [Self::Name, Self::Keyword, Self::Seo, Self::Description, Self::Industry];
}

/// Which part of an address a place is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// City, state, country or region, whichever the value names.
    Any,
    /// A country, or a region of the world.
    Country,
    State,
    City,
}

/// A facet of a person, with the values asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactFacet {
    FullName(Text),
    /// Names out of [`SENIORITIES`].
    Seniority(Vec<String>),
    LatestTitle(Text),
    CurrentTitle(Text),
    /// Company ids, domains or names.
    LatestCompany(Vec<String>),
    /// Company ids, domains or names.
    CurrentCompany(Vec<String>),
    Location(Level, Vec<String>),
    Skill(Text),
    Keyword(Keyword<PersonSource>),
}

/// A facet of a company, with the values asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountFacet {
    NameOrDomain(Text),
    Domain(Vec<String>),
    Name(Text),
    Location(Level, Vec<String>),
    Industry(Text),
    EmployeeSize(Range),
    Keyword(Keyword<CompanySource>),
}
