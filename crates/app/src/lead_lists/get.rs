use super::hydrate;
use crate::{Context, Result, Versioned, access};
use sluice_model::Actor;
use sluice_model::lead_list::HydratedLeadList;
use uuid::Uuid;

/// Reads a list with the records it holds. Every user of the organisation may.
///
/// # Errors
/// Not found.
pub async fn get(context: &Context, actor: &Actor, id: Uuid) -> Result<Versioned<HydratedLeadList>> {
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let stored = access::lead_list(tx, id).await?;
                Ok(Versioned { version: stored.version, value: hydrate(tx, stored.list).await? })
            })
        })
        .await
}
