//! What any catalog engine answers: the trait, its questions and its replies.

use crate::{facts, suggest};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sluice_model::filter::Filter;
use sluice_model::{Company, EntityKind, Person, Time};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The stable number by which searches are ordered, the best first (highest number first). It is fixed when
/// a record is written, differs for each record of a kind, and does not depend on how the engine stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rank(pub u64);

/// In which order hits come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By [`Rank`], the highest first.
    #[default]
    Rank,
    /// By the number of values that the filter asks for by any.include and the record has, then by rank.
    Relevance,
}

/// Which hits of all are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The hits `offset..offset + limit`; a limit of 0 only counts.
    Page { offset: usize, limit: usize },
    /// The first `limit` hits with a rank below this one (`None`: from the start), always in rank order. Hits of
    /// equal rank are never parted: when the last one shares its rank with others, these come too, so that the
    /// rank of the last hit is a cursor that skips nothing.
    Below { rank: Option<Rank>, limit: usize },
}

/// One search.
#[derive(Clone, Debug)]
pub struct Search {
    /// What must hold. For companies only its `account` part counts.
    pub filter: Filter,
    /// When given, only these records are looked at.
    pub ids: Option<Vec<Uuid>>,
    pub window: Window,
    /// Whether the exact number of all hits is wanted.
    pub count: bool,
    pub sort: Sort,
    /// The time now: what durations and ages count to.
    pub now: Time,
}

/// A person found, with their current company's record.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonHit {
    pub rank: Rank,
    pub person: Person,
    pub company: Option<Company>,
}

/// A company found.
#[derive(Clone, Debug, PartialEq)]
pub struct CompanyHit {
    pub rank: Rank,
    pub company: Company,
}

/// Hits in order, and how many there are in all.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub hits: Vec<T>,
    /// Exact; `None` unless [`Search::count`] was set.
    pub total: Option<u64>,
}

/// For each asked facet, its values with the exact number of hits, the most frequent first.
pub type FacetCounts = BTreeMap<String, Vec<(String, u64)>>;

/// What is completed while it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suggest {
    /// Of people.
    Skill,
    /// Of people. Headlines are rarely alike: what is suggested for them are titles of positions.
    Headline,
    /// Of people.
    Degree,
    /// Of people.
    FieldOfStudy,
    /// Of people.
    Language,
    /// Of people.
    School,
    /// Titles of positions that people hold.
    Title,
    /// Of companies.
    Industry,
    /// Of companies.
    Keyword,
    /// Of companies.
    Technology,
    /// Companies, by name.
    Company,
    /// People, by name.
    Person,
    /// Cities, states and countries of people and companies.
    Location,
}

impl Suggest {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Skill,
        Self::Headline,
        Self::Degree,
        Self::FieldOfStudy,
        Self::Language,
        Self::School,
        Self::Title,
        Self::Industry,
        Self::Keyword,
        Self::Technology,
        Self::Company,
        Self::Person,
        Self::Location,
    ];
}

/// What is to be counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    pub kind: EntityKind,
    pub filter: Filter,
    /// As in [`Search::now`].
    pub now: Time,
    /// Names out of [`crate::facts::PERSON_FACETS`] or [`crate::facts::COMPANY_FACETS`]; others are left out.
    pub facets: Vec<String>,
    /// How many values of each facet are wanted.
    pub top: usize,
}

impl Count {
    /// The facets that the kind of record has, each once.
    pub(crate) fn known_facets(&self) -> BTreeSet<&str> {
        let names: &[&str] = match self.kind {
            EntityKind::Person => &facts::PERSON_FACETS,
            EntityKind::Company => &facts::COMPANY_FACETS,
        };
        self.facets.iter().map(String::as_str).filter(|facet| names.contains(facet)).collect()
    }
}

/// One value that fits what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// As most records write it.
    pub value: String,
    /// How many records have it. For a company the people who work there, for a person 1.
    pub count: u64,
    /// Of a company or a person.
    pub id: Option<Uuid>,
    /// A company's domain; a person's title and company; `city`, `state` or `country` of a place.
    pub detail: Option<String>,
}

/// What can go wrong in a catalog, named by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The engine cannot answer now; trying again may help.
    #[error("catalog unavailable: {0}")]
    Unavailable(String),
    /// The URL of the catalog is not right.
    #[error("the catalog's URL: {0}")]
    Address(String),
    /// Whoever asked went away.
    #[error("the search was cancelled")]
    Cancelled,
    /// Another process writes this catalog; one import runs at a time.
    #[error("another import is running on this catalog")]
    Locked,
    /// A stored record cannot be read.
    #[error("catalog record is damaged: {0}")]
    Corrupt(String),
    /// A file or folder cannot be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// A catalog engine. All engines answer alike; one suite proves it against a plain in-memory evaluation.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// People that fit the search, in order.
    async fn search_people(&self, search: Search) -> Result<Page<PersonHit>, CatalogError>;
    /// Companies that fit the search, in order.
    async fn search_companies(&self, search: Search) -> Result<Page<CompanyHit>, CatalogError>;
    /// The people with these ids, in the order of `ids`; unknown ids are left out.
    async fn people(&self, ids: &[Uuid]) -> Result<Vec<PersonHit>, CatalogError>;
    /// The companies with these ids, in the order of `ids`; unknown ids are left out.
    async fn companies(&self, ids: &[Uuid]) -> Result<Vec<CompanyHit>, CatalogError>;
    /// The ids of the companies that have one of these sites (compared by registrable domain,
    /// `canon::domain`) or LinkedIn pages (`canon::linkedin_company`); a URL that is neither finds nothing.
    /// The best rank first, each once.
    async fn companies_at(&self, urls: &[String]) -> Result<Vec<Uuid>, CatalogError>;
    /// Exact number of hits, and of each facet its most frequent values.
    async fn count(&self, wanted: Count) -> Result<(u64, FacetCounts), CatalogError>;
    /// Values that fit the text typed so far, and how many there are. A value fits when it begins with the text, else
    /// when one of its words does, else when a word begins with it but for one slip in four to seven letters, or two in
    /// more. In this order; then the most frequent first, then by folded value. Case and accents do not count.
    ///
    /// The name of a company or a person fits when it has all words typed but the last, and a word that begins with the
    /// last; only when none does, slips are allowed in it. Companies with most people come first, people by rank.
    ///
    /// Unless an engine knows a shorter way, every record is looked at.
    async fn suggest(
        &self,
        what: Suggest,
        text: &str,
        offset: usize,
        limit: usize,
    ) -> Result<Page<Suggestion>, CatalogError> {
        suggest::by_looking_at_all(self, what, text, offset, limit).await
    }
    /// How many records of each kind there are: people, companies.
    async fn size(&self) -> Result<(u64, u64), CatalogError>;
}
