use super::audit;
use crate::{Context, Precondition, Result, access};
use sluice_model::Actor;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::lead_list::lead_list_delete;
use uuid::Uuid;

/// Deletes a list. The people and companies it held stay.
///
/// # Errors
/// Not found, forbidden, or [`crate::Error::PreconditionFailed`].
pub async fn delete(
    context: &Context,
    actor: &Actor,
    id: Uuid,
    condition: Option<Precondition>,
) -> Result<()> {
    let (by, now) = (actor.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                let stored = access::own_lead_list(tx, &by, id).await?;
                Precondition::check(condition.as_ref(), stored.version)?;
                lead_list_delete(tx, id).await?;
                Ok(audit_insert(tx, &audit(&by, "lead_list.delete", id, now)).await?)
            })
        })
        .await
}
