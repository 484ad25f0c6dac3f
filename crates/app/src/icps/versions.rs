use crate::{Context, Error, Result, access};
use sluice_model::{Actor, IcpVersion};
use sluice_store::ops::icp::{icp_version_get, icp_version_list};
use uuid::Uuid;

/// The versions of an ICP, newest first: at most `limit`, older than version `below` when given.
///
/// # Errors
/// Not found, or forbidden.
pub async fn versions(
    context: &Context,
    actor: &Actor,
    id: Uuid,
    below: Option<i64>,
    limit: usize,
) -> Result<Vec<IcpVersion>> {
    let by = actor.clone();
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                access::icp(tx, &by, id).await?;
                Ok(icp_version_list(tx, id, below, limit).await?)
            })
        })
        .await
}

/// One version of an ICP.
///
/// # Errors
/// Not found, or forbidden.
pub async fn version(context: &Context, actor: &Actor, id: Uuid, version: i64) -> Result<IcpVersion> {
    let by = actor.clone();
    context
        .read(actor, move |tx| {
            Box::pin(async move {
                access::icp(tx, &by, id).await?;
                let found = icp_version_get(tx, id, version).await?;
                found.ok_or_else(|| Error::NotFound(format!("ICP version not found: {id}/{version}")))
            })
        })
        .await
}
