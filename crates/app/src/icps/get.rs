use crate::{Context, Result, Versioned, access};
use sluice_model::{Actor, Icp};
use uuid::Uuid;

/// Reads an ICP.
///
/// # Errors
/// Not found, or forbidden.
pub async fn get(context: &Context, actor: &Actor, id: Uuid) -> Result<Versioned<Icp>> {
    let by = actor.clone();
    context
        .read(actor, move |tx| {
            Box::pin(async move {
                let stored = access::icp(tx, &by, id).await?;
                Ok(Versioned { version: stored.version, value: stored.icp })
            })
        })
        .await
}
