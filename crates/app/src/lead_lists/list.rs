use crate::{Context, Result};
use sluice_model::{Actor, LeadList};
use sluice_store::ops::lead_list::lead_list_list;

/// The lists that list the actor, newest first; admins get all of the organisation.
pub async fn list(context: &Context, actor: &Actor) -> Result<Vec<LeadList>> {
    let user = (!actor.is_admin()).then(|| actor.user.clone());
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let stored = lead_list_list(tx, user.as_deref()).await?;
                Ok(stored.into_iter().map(|stored| stored.list).collect())
            })
        })
        .await
}
