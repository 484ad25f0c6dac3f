use crate::{Context, Result};
use sluice_model::{Actor, Icp};
use sluice_store::ops::icp::icp_list;

/// The ICPs that list the actor, newest first. With `all` an admin gets those of the whole organisation;
/// for members it changes nothing.
pub async fn list(context: &Context, actor: &Actor, all: bool) -> Result<Vec<Icp>> {
    let user = (!(all && actor.is_admin())).then(|| actor.user.clone());
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let stored = icp_list(tx, user.as_deref()).await?;
                Ok(stored.into_iter().map(|stored| stored.icp).collect())
            })
        })
        .await
}
