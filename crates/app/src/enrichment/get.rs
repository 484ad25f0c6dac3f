use super::not_found;
use crate::{Context, Error, Result};
use sluice_model::Actor;
use sluice_model::enrichment::{Enrichment, EnrichmentField};
use sluice_store::Tx;
use sluice_store::ops::enrichment::enrichment_newest;
use sluice_store::ops::record::{record_find, record_known};
use std::collections::HashMap;
use uuid::Uuid;

/// The newest record of this field of a person or company, given by the organisation's id or the catalog's.
///
/// # Errors
/// Not found, also when it was never asked for.
pub async fn get(context: &Context, actor: &Actor, id: Uuid, field: EnrichmentField) -> Result<Enrichment> {
    let in_catalog = match field.of() {
        sluice_model::EntityKind::Person => !context.catalog.people(&[id]).await?.is_empty(),
        sluice_model::EntityKind::Company => !context.catalog.companies(&[id]).await?.is_empty(),
    };
    context
        .read(actor, move |tx| {
            Box::pin(async move {
                if let Some(record) = newest(tx, field, &[id]).await?.remove(&id) {
                    return Ok(record);
                }
                if !in_catalog && record_known(tx, field.of(), &[id]).await?.is_empty() {
                    return Err(not_found(field.of(), id));
                }
                Err(Error::NotFound(format!("Enrichment not found: {} of {id}", field.name())))
            })
        })
        .await
}

/// The newest record of each of these ids, which may be the organisation's or the catalog's.
pub(super) async fn newest(
    tx: &mut Tx<'_>,
    field: EnrichmentField,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Enrichment>> {
    let keys: Vec<String> = ids.iter().map(|id| format!("bp:{id}")).collect();
    let copies = record_find(tx, field.of(), &keys).await?;
    let own = |id: &Uuid, key: &String| copies.get(key).copied().unwrap_or(*id);
    let all: Vec<Uuid> = ids.iter().zip(&keys).map(|(id, key)| own(id, key)).collect();
    let found = enrichment_newest(tx, field, &all).await?;
    let of = |(id, own): (&Uuid, &Uuid)| Some((*id, found.get(own)?.clone()));
    Ok(ids.iter().zip(&all).filter_map(of).collect())
}
