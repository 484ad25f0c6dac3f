//! Changes of what the organisation knows of its people and companies.

use crate::error::StoreError;
use crate::row::to_json;
use crate::tx::{Tx, exactly_one};
use crate::value::params;
use sluice_model::{Company, EntityKind, Lead, Time};
use uuid::Uuid;

/// Writes a person anew, but for whom they work for.
///
/// # Errors
/// [`StoreError::RowCount`] when the organisation has no such person.
pub async fn person_save(tx: &mut Tx<'_>, lead: &Lead) -> Result<(), StoreError> {
    // The company has a row of its own.
    let data = to_json(&Lead { company: None, ..lead.clone() })?;
    let updated = lead.person.updated_at;
    let touched = save(tx, EntityKind::Person, lead.person.id, updated, data).await?;
    exactly_one("person_save", touched)
}

/// Writes a company anew.
///
/// # Errors
/// [`StoreError::RowCount`] when the organisation has no such company.
pub async fn company_save(tx: &mut Tx<'_>, company: &Company) -> Result<(), StoreError> {
    let touched = save(tx, EntityKind::Company, company.id, company.updated_at, to_json(company)?).await?;
    exactly_one("company_save", touched)
}

async fn save(
    tx: &mut Tx<'_>,
    kind: EntityKind,
    id: Uuid,
    updated: Option<Time>,
    data: String,
) -> Result<usize, StoreError> {
    let sql = "UPDATE record SET data = $1, updated_at = COALESCE($2, updated_at)
               WHERE id = $3 AND organisation_id = $4 AND kind = $5";
    tx.execute(sql, params![data, updated, id, tx.organisation(), kind.name()]).await
}
