use super::{Typed, suggest};
use crate::prospects::ResultPage;
use crate::{Context, Result};
use serde::Serialize;
use sluice_catalog::{Suggest, Suggestion};
use utoipa::ToSchema;

/// Whose values are completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Person,
    Company,
}

/// The keys of people, as the wire names them.
pub const PERSON_KEYS: [&str; 5] = ["SKILL", "HEADLINE", "DEGREE", "FIELD_OF_STUDY", "LANGUAGE"];
/// The keys of companies, as the wire names them.
pub const COMPANY_KEYS: [&str; 3] = ["INDUSTRY", "KEYWORD", "TECHNOLOGY"];

const OF_PEOPLE: [Suggest; PERSON_KEYS.len()] =
    [Suggest::Skill, Suggest::Headline, Suggest::Degree, Suggest::FieldOfStudy, Suggest::Language];
const OF_COMPANIES: [Suggest; COMPANY_KEYS.len()] =
    [Suggest::Industry, Suggest::Keyword, Suggest::Technology];

impl Group {
    /// The names on the wire, in the order of [`Group::ALL`].
    pub const NAMES: [&'static str; 2] = ["PERSON", "COMPANY"];
    /// The groups, in the order of their names.
    pub const ALL: [Self; 2] = [Self::Person, Self::Company];

    /// The names of the keys that the group has.
    #[must_use]
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Person => &PERSON_KEYS,
            Self::Company => &COMPANY_KEYS,
        }
    }

    fn suggest(self, key: usize) -> Option<Suggest> {
        let of: &[Suggest] = match self {
            Self::Person => &OF_PEOPLE,
            Self::Company => &OF_COMPANIES,
        };
        of.get(key).copied()
    }
}

/// A value that records have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Classification {
    /// As most records write it.
    pub value: String,
    /// How many records have it.
    pub count: u64,
}

/// A title, and how many people hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Metadata {
    pub key: String,
    pub value: u64,
}

fn classification(found: Suggestion) -> Classification {
    Classification { value: found.value, count: found.count }
}

/// Values of one kind that fit; `key` is the position in [`Group::keys`].
///
/// # Errors
/// [`crate::Error::Unavailable`] when the catalog cannot answer.
pub async fn classifications(
    context: &Context,
    group: Group,
    key: usize,
    typed: &Typed,
) -> Result<ResultPage<Classification>> {
    match group.suggest(key) {
        Some(what) => suggest(context, what, typed, classification).await,
        None => Ok(ResultPage::numbered(Vec::new(), 0, typed.page, typed.size)),
    }
}

/// Schools that fit.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the catalog cannot answer.
pub async fn schools(context: &Context, typed: &Typed) -> Result<ResultPage<Classification>> {
    suggest(context, Suggest::School, typed, classification).await
}

/// Titles of positions that fit, the documented bare list.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the catalog cannot answer.
pub async fn person_metadata(context: &Context, typed: &Typed) -> Result<Vec<Metadata>> {
    let metadata = |found: Suggestion| Metadata { key: found.value, value: found.count };
    Ok(suggest(context, Suggest::Title, typed, metadata).await?.content)
}
