use crate::{Context, Error, Result};
use sluice_model::{Actor, Suppression};
use sluice_store::Tx;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::suppression::{suppression_erase, suppression_get, suppression_remove};
use uuid::Uuid;

/// Takes an entry off the list. A tombstone stays, with who and when.
///
/// # Errors
/// Not found, also when it was taken off before.
pub async fn remove(context: &Context, actor: &Actor, id: Uuid) -> Result<()> {
    let (by, now) = (actor.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                let entry = find(tx, id).await?;
                if entry.removed_at.is_some() {
                    return Err(not_found(id));
                }
                suppression_remove(tx, id, &by.user, now).await?;
                Ok(audit_insert(tx, &crate::icps::audit(&by, "suppression.remove", id, now)).await?)
            })
        })
        .await
}

/// Erases the value and the reason of an entry, for a person's right to be forgotten. A hash of the value stays and
/// goes on suppressing.
///
/// # Errors
/// Not found.
pub async fn erase(context: &Context, actor: &Actor, id: Uuid) -> Result<Suppression> {
    let (by, now) = (actor.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                find(tx, id).await?;
                suppression_erase(tx, id, now).await?;
                audit_insert(tx, &crate::icps::audit(&by, "suppression.erase", id, now)).await?;
                find(tx, id).await
            })
        })
        .await
}

async fn find(tx: &mut Tx<'_>, id: Uuid) -> Result<Suppression> {
    Ok(suppression_get(tx, id).await?.ok_or_else(|| not_found(id))?.entry)
}

fn not_found(id: Uuid) -> Error {
    Error::NotFound(format!("Suppression not found: {id}"))
}
