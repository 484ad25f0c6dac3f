use super::{FromCatalog, audit, from_catalog, note_listing};
use crate::answer::once;
use crate::leads::{NewPerson, adopt_people};
use crate::selection::Selected;
use crate::webhooks::{self, Happened};
use crate::{Context, Error, IdempotencyKey, Result, access};
use serde::{Deserialize, Serialize};
use sluice_model::canon;
use sluice_model::lead_list::without_duplicate_ids;
use sluice_model::prospect_body::{AddProspects, NewProspect};
use sluice_model::{Actor, Company, EntityKind, Fault, Lead};
use sluice_store::Tx;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::lead_list::{lead_list_append, lead_list_touch};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many people an add-prospects put on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddedCount {
    /// Those that the list held already do not count.
    pub added_count: usize,
}

/// Puts people at the end of a person list: people written out, or picked from the catalog by id or by a
/// search. They are copied to the organisation; those it has already are found again by catalog id, LinkedIn URL or
/// e-mail; those on the list already are skipped.
///
/// # Errors
/// Not found, forbidden, [`Error::Invalid`] for a company list and for unknown ids.
pub async fn add_prospects(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    id: Uuid,
    body: AddProspects,
) -> Result<AddedCount> {
    let picked = pick(context, body).await?;
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    once(context, actor, key, move |tx| {
        Box::pin(async move {
            let stored = access::own_lead_list(tx, &by, id).await?;
            if stored.list.kind != EntityKind::Person {
                let fault = Fault::new(Vec::new(), "Prospects can be added to person lists only");
                return Err(Error::Invalid(vec![fault]));
            }
            let ids = copy(tx, &ctx, picked).await?;
            let added = lead_list_append(tx, id, &ids).await?;
            if !added.is_empty() {
                note_listing(tx, id, &added, now).await?;
                lead_list_touch(tx, id, now).await?;
                audit_insert(tx, &audit(&by, "lead_list.add_prospects", id, now)).await?;
                let kind = EntityKind::Person;
                webhooks::tell(tx, &ctx, &Happened::LeadsAdded { list: id, kind, ids: &added, run: None })
                    .await?;
            }
            Ok(AddedCount { added_count: added.len() })
        })
    })
    .await
}

/// What is to be put on the list, with all that the catalog knows of it.
#[derive(Clone)]
enum Picked {
    Written { people: Vec<NewProspect>, catalog: FromCatalog },
    Selected(Selected),
}

async fn pick(context: &Context, body: AddProspects) -> Result<Picked> {
    match body {
        AddProspects::Prospects(people) => {
            let ids: Vec<Uuid> = people.iter().filter_map(|new| new.lead.base_provider_id).collect();
            let catalog = from_catalog(context, EntityKind::Person, &ids).await?;
            Ok(Picked::Written { people, catalog })
        }
        AddProspects::Selection(selection) => Ok(Picked::Selected(Selected::of(context, selection).await?)),
    }
}

/// Gives people their copies in the organisation. Returns its ids of them, each once.
async fn copy(tx: &mut Tx<'_>, context: &Context, picked: Picked) -> Result<Vec<Uuid>> {
    let ids = match picked {
        Picked::Selected(selected) => selected.adopt(tx, context, None).await?,
        Picked::Written { people, catalog } => {
            let people = people.into_iter().map(|new| NewPerson::of(complete(new, &catalog))).collect();
            adopt_people(tx, context, people, context.now()).await?
        }
    };
    Ok(without_duplicate_ids(ids))
}

/// A person written out, as the record to keep: the catalog's when their id is one of it, else what was
/// written, with a company made from its name or domain.
fn complete(new: NewProspect, catalog: &FromCatalog) -> Lead {
    let NewProspect { mut lead, company_name, company_domain } = new;
    if let Some(known) = lead.base_provider_id.and_then(|id| catalog.people.get(&id)) {
        let (crm_id, bullhorn_id) = (lead.crm_id.take(), lead.bullhorn_id.take());
        return Lead { crm_id, bullhorn_id, ..known.clone() };
    }
    // An id that the catalog does not know says nothing.
    lead.base_provider_id = None;
    lead.person.company_id = None;
    let job = lead.person.work_experiences.first().map(|job| job.company.clone()).unwrap_or_default();
    let name = company_name.or(job.name);
    let domain = company_domain.or_else(|| job.domain.as_deref().and_then(canon::domain));
    if name.is_some() || domain.is_some() {
        lead.company = Some(Company { name: name.or_else(|| domain.clone()), domain, ..Company::default() });
    }
    lead
}
