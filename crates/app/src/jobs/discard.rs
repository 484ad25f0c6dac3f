use super::{admins_only, not_dead};
use crate::{Context, Result};
use sluice_model::Actor;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::job_record::job_discard;
use uuid::Uuid;

/// Removes a job that was given up; its run stays as it is. Admins only.
///
/// # Errors
/// Forbidden, not found; [`crate::Error::Conflict`] when it was not given up.
pub async fn discard(context: &Context, actor: &Actor, id: Uuid) -> Result<()> {
    admins_only(actor)?;
    let (by, now) = (actor.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                if !job_discard(tx, id).await? {
                    return Err(not_dead(tx, id).await?);
                }
                Ok(audit_insert(tx, &crate::icps::audit(&by, "job.discard", id, now)).await?)
            })
        })
        .await
}
