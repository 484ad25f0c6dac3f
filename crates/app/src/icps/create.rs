use super::{FIELDS, audit, check_providers};
use crate::answer::once;
use crate::{Context, IdempotencyKey, Result, Versioned};
use sluice_model::{Actor, Icp, IcpCreate};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::icp::icp_insert;

/// Creates an ICP. Its creator is always among its users.
///
/// # Errors
/// [`crate::Error::Invalid`] for faults of the whole that reading the body could not see.
pub async fn create(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    new: IcpCreate,
) -> Result<Versioned<Icp>> {
    let icp = new.into_icp(context.new_id(), &actor.user, context.now())?;
    check_providers(context, actor, &icp.lead_provider_criteria.to_value()).await?;
    let by = actor.clone();
    once(context, actor, key, move |tx| {
        Box::pin(async move {
            icp_insert(tx, &icp, &by.user, &FIELDS).await?;
            audit_insert(tx, &audit(&by, "icp.create", icp.id, icp.created_at)).await?;
            Ok(Versioned { version: 1, value: icp })
        })
    })
    .await
}
