use super::{audit, from_catalog, hydrate, ids_field, note_listing, resolve, set_ids};
use crate::webhooks::{self, Happened};
use crate::{Context, Precondition, Result, Versioned, access};
use sluice_model::lead_list::{HydratedLeadList, LeadListPatch};
use sluice_model::{Actor, EntityKind};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::lead_list::lead_list_save;
use uuid::Uuid;

/// Changes the name of a list, or replaces what it holds. A patch that changes nothing leaves `updatedAt` alone.
///
/// # Errors
/// Not found, forbidden, [`crate::Error::PreconditionFailed`], ids of the other kind, unknown ids.
pub async fn update(
    context: &Context,
    actor: &Actor,
    id: Uuid,
    condition: Option<Precondition>,
    patch: LeadListPatch,
) -> Result<Versioned<HydratedLeadList>> {
    let kind = if patch.company_ids.is_some() { EntityKind::Company } else { EntityKind::Person };
    let sent = patch.company_ids.as_ref().or(patch.person_ids.as_ref());
    let catalog = from_catalog(context, kind, sent.map_or(&[], Vec::as_slice)).await?;
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    context
        .write(actor, move |tx| {
            Box::pin(async move {
                let mut stored = access::own_lead_list(tx, &by, id).await?;
                Precondition::check(condition.as_ref(), stored.version)?;
                let before = stored.list.clone();
                let ids = patch.ids_for(stored.list.kind)?.cloned();
                if let Some(name) = patch.name {
                    stored.list.name = name;
                }
                let replace = ids.is_some();
                if let Some(ids) = ids {
                    let ids = resolve(tx, &ctx, kind, &ids, &catalog, ids_field(kind)).await?;
                    let old =
                        if kind == EntityKind::Person { &before.person_ids } else { &before.company_ids };
                    let added: Vec<Uuid> = ids.iter().copied().filter(|id| !old.contains(id)).collect();
                    note_listing(tx, id, &added, now).await?;
                    webhooks::tell(
                        tx,
                        &ctx,
                        &Happened::LeadsAdded { list: id, kind, ids: &added, run: None },
                    )
                    .await?;
                    set_ids(&mut stored.list, ids);
                }
                if stored.list != before {
                    stored.version += 1;
                    stored.list.updated_at = now.max(before.updated_at.plus_millis(1));
                    lead_list_save(tx, &stored, replace).await?;
                    audit_insert(tx, &audit(&by, "lead_list.update", id, now)).await?;
                }
                Ok(Versioned { version: stored.version, value: hydrate(tx, stored.list).await? })
            })
        })
        .await
}
