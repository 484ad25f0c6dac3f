use super::{Typed, suggest};
use crate::prospects::ResultPage;
use crate::{Context, Result};
use serde::Serialize;
use sluice_catalog::Suggest;
use utoipa::ToSchema;
use uuid::Uuid;

/// A place that people or companies are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LocationSuggestion {
    pub value: String,
    /// `city`, `state` or `country`.
    #[schema(required)]
    pub level: Option<String>,
    /// How many records are there.
    pub count: u64,
}

/// A company of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompanySuggestion {
    #[schema(required)]
    pub id: Option<Uuid>,
    pub name: String,
    #[schema(required)]
    pub domain: Option<String>,
    /// How many people of the catalog work there.
    pub count: u64,
}

/// A person of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonSuggestion {
    #[schema(required)]
    pub id: Option<Uuid>,
    pub name: String,
    /// Title and company.
    #[schema(required)]
    pub detail: Option<String>,
}

/// Places that fit.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the catalog cannot answer.
pub async fn locations(context: &Context, typed: &Typed) -> Result<ResultPage<LocationSuggestion>> {
    suggest(context, Suggest::Location, typed, |found| LocationSuggestion {
        value: found.value,
        level: found.detail,
        count: found.count,
    })
    .await
}

/// Companies whose name fits.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the catalog cannot answer.
pub async fn companies(context: &Context, typed: &Typed) -> Result<ResultPage<CompanySuggestion>> {
    suggest(context, Suggest::Company, typed, |found| CompanySuggestion {
        id: found.id,
        name: found.value,
        domain: found.detail,
        count: found.count,
    })
    .await
}

/// People whose name fits.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the catalog cannot answer.
pub async fn people(context: &Context, typed: &Typed) -> Result<ResultPage<PersonSuggestion>> {
    suggest(context, Suggest::Person, typed, |found| PersonSuggestion {
        id: found.id,
        name: found.value,
        detail: found.detail,
    })
    .await
}
