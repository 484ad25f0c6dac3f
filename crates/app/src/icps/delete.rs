use super::audit;
use crate::{Context, Precondition, Result, access};
use sluice_model::Actor;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::icp::icp_delete;
use uuid::Uuid;

/// Deletes an ICP. Its lead lists stay, with `icpId: null`; a run under way goes on with the ICP as it was.
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
                let stored = access::icp(tx, &by, id).await?;
                Precondition::check(condition.as_ref(), stored.version)?;
                icp_delete(tx, id).await?;
                Ok(audit_insert(tx, &audit(&by, "icp.delete", id, now)).await?)
            })
        })
        .await
}
