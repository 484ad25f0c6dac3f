use crate::{Context, Error, Result};
use sluice_model::{Company, Lead};
use uuid::Uuid;

/// A person of the catalog.
///
/// # Errors
/// Not found.
pub async fn person(context: &Context, id: Uuid) -> Result<Lead> {
    let hit = context.catalog.people(&[id]).await?.pop();
    let hit = hit.ok_or_else(|| Error::NotFound(format!("Person not found: {id}")))?;
    Ok(Lead::from_catalog(hit.person, hit.company))
}

/// A company of the catalog.
///
/// # Errors
/// Not found.
pub async fn company(context: &Context, id: Uuid) -> Result<Company> {
    let hit = context.catalog.companies(&[id]).await?.pop();
    Ok(hit.ok_or_else(|| Error::NotFound(format!("Company not found: {id}")))?.company)
}
