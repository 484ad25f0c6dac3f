use super::{audit, from_catalog, ids_field, note_listing, resolve, set_ids};
use crate::answer::once;
use crate::webhooks::{Happened, Hooks};
use crate::{Context, Error, IdempotencyKey, Result, Versioned};
use sluice_model::lead_list::LeadListCreate;
use sluice_model::{Actor, Fault, LeadList};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::icp::icp_get;
use sluice_store::ops::lead_list::lead_list_insert;

/// Creates a list. Its creator is always among its users. Ids may be those of the organisation's records or of
/// catalog records, which are copied.
///
/// # Errors
/// [`Error::Invalid`] for an `icpId` that the actor cannot use, and for unknown ids.
pub async fn create(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    new: LeadListCreate,
) -> Result<Versioned<LeadList>> {
    let catalog = from_catalog(context, new.kind, &new.ids).await?;
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    once(context, actor, key, move |tx| {
        Box::pin(async move {
            if let Some(icp_id) = new.icp_id {
                let icp = icp_get(tx, icp_id).await?;
                if !icp.is_some_and(|stored| by.may_use(&stored.icp.user_ids)) {
                    let fault = Fault::new(vec!["icpId".into()], format!("ICP not found: {icp_id}"));
                    return Err(Error::Invalid(vec![fault]));
                }
            }
            let mut user_ids = new.user_ids;
            if !user_ids.contains(&by.user) {
                user_ids.insert(0, by.user.clone());
            }
            let ids = resolve(tx, &ctx, new.kind, &new.ids, &catalog, ids_field(new.kind)).await?;
            let mut list = LeadList {
                id: ctx.new_id(),
                icp_id: new.icp_id,
                name: new.name,
                kind: new.kind,
                start_date: new.start_date,
                end_date: new.end_date,
                person_ids: Vec::new(),
                company_ids: Vec::new(),
                user_ids,
                created_at: now,
                updated_at: now,
            };
            set_ids(&mut list, ids.clone());
            lead_list_insert(tx, &list).await?;
            note_listing(tx, list.id, &ids, now).await?;
            audit_insert(tx, &audit(&by, "lead_list.create", list.id, now)).await?;
            let mut hooks = Hooks::of(tx).await?;
            hooks.tell(tx, &ctx, &Happened::LeadListCreated { list: &list, run: None }).await?;
            let added = Happened::LeadsAdded { list: list.id, kind: list.kind, ids: &ids, run: None };
            hooks.tell(tx, &ctx, &added).await?;
            Ok(Versioned { version: 1, value: list })
        })
    })
    .await
}
