use super::{audit, from_catalog, hydrate, note_listing, resolve};
use crate::answer::once;
use crate::webhooks::{self, Happened};
use crate::{Context, Error, IdempotencyKey, Result, Versioned, access};
use sluice_model::lead_list::HydratedLeadList;
use sluice_model::{Actor, EntityKind, Fault};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::lead_list::{lead_list_append, lead_list_touch};
use uuid::Uuid;

/// Puts companies at the end of a company list; those it holds already are skipped.
///
/// # Errors
/// Not found, forbidden, [`Error::Invalid`] for a person list and for unknown ids.
pub async fn add_companies(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    id: Uuid,
    ids: Vec<Uuid>,
) -> Result<Versioned<HydratedLeadList>> {
    let catalog = from_catalog(context, EntityKind::Company, &ids).await?;
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    once(context, actor, key, move |tx| {
        Box::pin(async move {
            let stored = access::own_lead_list(tx, &by, id).await?;
            if stored.list.kind != EntityKind::Company {
                let fault = Fault::new(Vec::new(), "Companies can be added to company lists only");
                return Err(Error::Invalid(vec![fault]));
            }
            let ids = resolve(tx, &ctx, EntityKind::Company, &ids, &catalog, "companyIds").await?;
            let added = lead_list_append(tx, id, &ids).await?;
            if !added.is_empty() {
                note_listing(tx, id, &added, now).await?;
                lead_list_touch(tx, id, now).await?;
                audit_insert(tx, &audit(&by, "lead_list.add_companies", id, now)).await?;
                let kind = EntityKind::Company;
                webhooks::tell(tx, &ctx, &Happened::LeadsAdded { list: id, kind, ids: &added, run: None })
                    .await?;
            }
            let stored = access::lead_list(tx, id).await?;
            Ok(Versioned { version: stored.version, value: hydrate(tx, stored.list).await? })
        })
    })
    .await
}
