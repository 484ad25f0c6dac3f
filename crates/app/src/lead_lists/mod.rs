//! Actions on lead lists.

mod add_companies;
mod add_prospects;
mod create;
mod delete;
mod get;
mod list;
mod update;

pub use add_companies::add_companies;
pub use add_prospects::{AddedCount, add_prospects};
pub use create::create;
pub use delete::delete;
pub use get::get;
pub use list::list;
pub use update::update;

use crate::context::Context;
use crate::crm::show_contacts;
use crate::error::{Error, Result};
use crate::leads::{NewCompany, NewPerson, adopt_companies, adopt_people};
use sluice_catalog::CatalogError;
use sluice_model::lead_list::HydratedLeadList;
use sluice_model::{Actor, Company, EntityKind, Fault, Lead, LeadList, Time};
use sluice_store::Tx;
use sluice_store::ops::record::{company_list, listing_insert, person_list, record_known};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The list with the records it holds.
async fn hydrate(tx: &mut Tx<'_>, list: LeadList) -> Result<HydratedLeadList> {
    let (persons, companies) = match list.kind {
        EntityKind::Person => {
            let mut people = person_list(tx, list.id).await?;
            show_contacts(tx, &mut people).await?;
            (Some(people), None)
        }
        EntityKind::Company => (None, Some(company_list(tx, list.id).await?)),
    };
    Ok(HydratedLeadList { list, persons, companies })
}

/// Records of the catalog that may have to be copied: those of `ids` that it knows.
#[derive(Clone)]
pub(crate) struct FromCatalog {
    pub people: HashMap<Uuid, Lead>,
    pub companies: HashMap<Uuid, Company>,
}

/// Looks ids up in the catalog, before the unit of work that may need them.
pub(crate) async fn from_catalog(
    context: &Context,
    kind: EntityKind,
    ids: &[Uuid],
) -> std::result::Result<FromCatalog, CatalogError> {
    let mut found = FromCatalog { people: HashMap::new(), companies: HashMap::new() };
    match kind {
        EntityKind::Person => {
            for hit in context.catalog.people(ids).await? {
                found.people.insert(hit.person.id, Lead::from_catalog(hit.person, hit.company));
            }
        }
        EntityKind::Company => {
            for hit in context.catalog.companies(ids).await? {
                found.companies.insert(hit.company.id, hit.company);
            }
        }
    }
    Ok(found)
}

/// The organisation's id for each given id: a record of its own stays as it is, one of the catalog is copied.
///
/// # Errors
/// [`Error::Invalid`] with the place of each id that names neither, under the key `field`.
pub(crate) async fn resolve(
    tx: &mut Tx<'_>,
    context: &Context,
    kind: EntityKind,
    ids: &[Uuid],
    catalog: &FromCatalog,
    field: &str,
) -> Result<Vec<Uuid>> {
    let own: HashSet<Uuid> = record_known(tx, kind, ids).await?.into_iter().collect();
    let known =
        |id: &Uuid| own.contains(id) || catalog.people.contains_key(id) || catalog.companies.contains_key(id);
    let unknown: Vec<Fault> = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !known(id))
        .map(|(index, id)| {
            Fault::new(vec![field.into(), index.into()], format!("Unknown {}: {id}", kind.name()))
        })
        .take(sluice_model::Faults::MAX)
        .collect();
    if !unknown.is_empty() {
        return Err(Error::Invalid(unknown));
    }
    let now = context.now();
    let foreign: Vec<Uuid> = ids.iter().copied().filter(|id| !own.contains(id)).collect();
    let copies = match kind {
        EntityKind::Person => {
            let leads = foreign.iter().filter_map(|id| catalog.people.get(id).cloned());
            adopt_people(tx, context, leads.map(NewPerson::of).collect(), now).await?
        }
        EntityKind::Company => {
            let companies = foreign.iter().filter_map(|id| catalog.companies.get(id).cloned());
            adopt_companies(tx, context, companies.map(NewCompany::of).collect(), now).await?
        }
    };
    let copied: HashMap<Uuid, Uuid> = foreign.into_iter().zip(copies).collect();
    let resolved = ids.iter().map(|id| copied.get(id).copied().unwrap_or(*id)).collect();
    Ok(sluice_model::lead_list::without_duplicate_ids(resolved))
}

/// Notes that the actor's change put these records on the list.
async fn note_listing(tx: &mut Tx<'_>, list: Uuid, ids: &[Uuid], now: Time) -> Result<()> {
    Ok(listing_insert(tx, list, ids, now).await?)
}

fn audit(actor: &Actor, action: &str, id: Uuid, at: Time) -> sluice_store::ops::audit::AuditEntry {
    crate::icps::audit(actor, action, id, at)
}

/// The ids of the list's kind.
fn set_ids(list: &mut LeadList, ids: Vec<Uuid>) {
    match list.kind {
        EntityKind::Person => list.person_ids = ids,
        EntityKind::Company => list.company_ids = ids,
    }
}

/// The key of the ids that a list of this kind holds.
const fn ids_field(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Person => "personIds",
        EntityKind::Company => "companyIds",
    }
}
