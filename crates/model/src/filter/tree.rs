//! The tree that a filter is.

use super::bands::{Band, Range};
use super::ids::IdSet;
use crate::names::names;
use serde::{Deserialize, Serialize};

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

/// The kinds of companies.
pub const COMPANY_TYPES: [&str; 8] = [
    "PRIVATELY_HELD",
    "PUBLIC_COMPANY",
    "SELF_OWNED",
    "SELF_EMPLOYED",
    "PARTNERSHIP",
    "NON_PROFIT",
    "EDUCATIONAL",
    "GOVERNMENT_AGENCY",
];

/// The social networks that are told from the address of a page.
pub const NETWORKS: [&str; 10] = [
    "LINKEDIN",
    "TWITTER",
    "FACEBOOK",
    "INSTAGRAM",
    "GITHUB",
    "XING",
    "YOUTUBE",
    "TIKTOK",
    "MEDIUM",
    "STACKOVERFLOW",
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
    pub people: IdSet,
    /// `lists.company_id.exclude`.
    pub companies: IdSet,
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

names!(Mode { Smart = "SMART", Word = "WORD", Strict = "STRICT" });

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
    Course,
    Projects,
}

names!(PersonSource {
    Headline = "HEADLINE",
    Summary = "SUMMARY",
    Skill = "SKILL",
    Certification = "CERTIFICATION",
    Course = "COURSE",
    Projects = "PROJECTS",
});

/// Where a keyword can stand in a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CompanySource {
    Name,
    Keyword,
    /// The title and the description of the web site, as it shows them to search engines.
    Seo,
    /// The description and the summary.
    Description,
    Industry,
}

names!(CompanySource {
    Name = "NAME",
    Keyword = "KEYWORD",
    Seo = "SEO",
    Description = "DESCRIPTION",
    Industry = "INDUSTRY",
});

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

/// Years in which something ended, both included; an absent bound is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graduation {
    pub start: Option<u16>,
    pub end: Option<u16>,
    /// Whether what still goes on fits, too. Without bounds only that fits.
    pub present: bool,
}

/// Days from `start` to `end`, both included, counted from 1970-01-01; an absent bound is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    pub start: Option<i32>,
    pub end: Option<i32>,
}

/// A point on the Earth in millionths of a degree, and how far around it in metres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circle {
    pub lat: i32,
    pub lng: i32,
    pub radius: u32,
}

/// A facet of a person, with the values asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactFacet {
    FullName(Text),
    /// Names out of [`SENIORITIES`].
    Seniority(Vec<String>),
    /// Departments, sub-departments or functions.
    Department(Vec<String>),
    LatestTitle(Text),
    CurrentTitle(Text),
    PreviousTitle(Text),
    /// Whole months in the present company.
    CompanyMonths(Band),
    /// Whole months in the present position.
    JobMonths(Band),
    /// Whole months of work in all, jobs at the same time counted once.
    ExperienceMonths(Band),
    /// Company ids, domains or names.
    LatestCompany(Vec<String>),
    /// Company ids, domains or names.
    CurrentCompany(Vec<String>),
    /// Company ids, domains or names.
    PreviousCompany(Vec<String>),
    Location(Level, Vec<String>),
    Skill(Text),
    Certification(Text),
    Keyword(Keyword<PersonSource>),
    Language(Text),
    /// How many languages are spoken.
    LanguageCount(Range),
    School(Text),
    Degree(Text),
    FieldOfStudy(Text),
    Graduation(Graduation),
    /// Addresses of LinkedIn profiles.
    Linkedin(Vec<String>),
    /// Addresses of pages in any network.
    SocialLink(Vec<String>),
    /// Networks, out of [`NETWORKS`].
    Network(Vec<String>),
    Badge(Vec<String>),
    Followers(Range),
    Connections(Range),
    HasEmail(bool),
    HasPhone(bool),
    /// Observed at most so many days ago.
    UpdatedWithinDays(u32),
}

/// A facet of a company, with the values asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountFacet {
    NameOrDomain(Text),
    Name(Text),
    /// The address of the web site.
    Url(Text),
    Domain(Vec<String>),
    /// Addresses of LinkedIn pages.
    Linkedin(Vec<String>),
    /// Addresses of pages in any network.
    SocialLink(Vec<String>),
    Phone(Vec<String>),
    Location(Level, Vec<String>),
    Industry(Text),
    EmployeeSize(Range),
    /// US dollars a year.
    Revenue(Range),
    /// Number of shops.
    RetailSize(Range),
    FoundedYear(Range),
    /// Names out of [`COMPANY_TYPES`].
    Type(Vec<String>),
    Technology(Text),
    Product(Text),
    Keyword(Keyword<CompanySource>),
    Language(Vec<String>),
    /// The kind of the last round.
    FundingType(Vec<String>),
    /// US dollars.
    FundingTotal(Range),
    /// US dollars.
    FundingLast(Range),
    /// The day of the last round.
    FundingDate(Days),
    Near(Circle),
    /// Codes of the North American Industry Classification System; a shorter code stands for all that begin
    /// with it.
    Naics(Vec<String>),
}
