use super::check_providers;
use crate::{Context, Precondition, Result, Versioned, access};
use sluice_model::{Actor, Icp, IcpPatch};
use sluice_store::ops::icp::{StoredIcp, icp_save};
use uuid::Uuid;

/// Changes the given fields of an ICP and leaves the others alone, as its next version. A patch that changes
/// nothing makes no version. Patches of different fields that come at once both survive, because
/// each is applied to the ICP as the one before left it.
///
/// # Errors
/// Not found, forbidden, [`crate::Error::PreconditionFailed`], or faults of the whole.
pub async fn update(
    context: &Context,
    actor: &Actor,
    id: Uuid,
    condition: Option<Precondition>,
    patch: IcpPatch,
) -> Result<Versioned<Icp>> {
    if let Some(sent) = &patch.lead_provider_criteria {
        check_providers(context, actor, &sent.raw.to_value()).await?;
    }
    let (by, now) = (actor.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                let stored = access::icp(tx, &by, id).await?;
                Precondition::check(condition.as_ref(), stored.version)?;
                let (icp, changed) = patch.apply(&stored.icp, now)?;
                if changed.is_empty() {
                    return Ok(Versioned { version: stored.version, value: stored.icp });
                }
                let next = StoredIcp { icp, version: stored.version + 1 };
                icp_save(tx, &next, &by.user, &changed).await?;
                Ok(Versioned { version: next.version, value: next.icp })
            })
        })
        .await
}
