//! Selections: which people an operation is for.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::lead_lists::{FromCatalog, from_catalog, resolve};
use crate::leads::{NewPerson, adopt_people};
use sluice_catalog::{Search, Sort, Window};
use sluice_model::lead_list::without_duplicate_ids;
use sluice_model::prospect_body::Selection;
use sluice_model::{Actor, EntityKind, Fault, Lead};
use sluice_store::Tx;
use sluice_store::ops::record::{person_get_many, record_find};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The people of a selection, with all that the catalog knows of them: made before the unit of work that needs them.
#[derive(Clone)]
pub(crate) enum Selected {
    Ids { ids: Vec<Uuid>, catalog: FromCatalog },
    Found(Vec<NewPerson>),
}

impl Selected {
    /// Looks a selection up.
    ///
    /// # Errors
    /// The catalog's.
    pub async fn of(context: &Context, selection: Selection) -> Result<Self> {
        match selection {
            Selection::Manual { included_ids } => {
                let catalog = from_catalog(context, EntityKind::Person, &included_ids).await?;
                Ok(Self::Ids { ids: included_ids, catalog })
            }
            bulk @ Selection::Bulk { .. } => {
                let leads = found(context, bulk).await?;
                Ok(Self::Found(leads.into_iter().map(NewPerson::of).collect()))
            }
        }
    }

    /// The organisation's id of each: its own people stay as they are, those of the catalog are copied.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the place of each id that names nobody; `path` is the key of the selection in its body,
    /// if it has one.
    pub async fn adopt(self, tx: &mut Tx<'_>, context: &Context, path: Option<&str>) -> Result<Vec<Uuid>> {
        let ids = match self {
            Self::Ids { ids, catalog } => {
                let resolved = resolve(tx, context, EntityKind::Person, &ids, &catalog, "includedIds").await;
                resolved.map_err(|error| below(error, path))?
            }
            Self::Found(people) => adopt_people(tx, context, people, context.now()).await?,
        };
        Ok(without_duplicate_ids(ids))
    }
}

/// The same faults, under a key.
fn below(error: Error, path: Option<&str>) -> Error {
    let (Error::Invalid(faults), Some(key)) = (&error, path) else { return error };
    let below = |fault: &Fault| {
        let mut fault = fault.clone();
        fault.path.insert(0, key.into());
        fault
    };
    Error::Invalid(faults.iter().map(below).collect())
}

/// The window of a search, without those that are excluded.
async fn found(context: &Context, selection: Selection) -> Result<Vec<Lead>> {
    let Selection::Bulk { filter, start_index, target_count, excluded_ids } = selection else {
        return Ok(Vec::new());
    };
    let search = Search {
        filter: *filter,
        ids: None,
        window: Window::Page { offset: start_index, limit: target_count },
        count: false,
        sort: Sort::Rank,
        now: context.clock.now(),
    };
    let excluded: HashSet<Uuid> = excluded_ids.into_iter().collect();
    let page = context.catalog.search_people(search).await?;
    let kept = page.hits.into_iter().filter(|hit| !excluded.contains(&hit.person.id));
    Ok(kept.map(|hit| Lead::from_catalog(hit.person, hit.company)).collect())
}

/// The people of a selection in its order, as the organisation knows them: its own copy of each, if it has one, else the
/// catalog's record. Nothing is copied.
///
/// # Errors
/// [`Error::Invalid`] with the place of each id that names nobody.
pub(crate) async fn leads(context: &Context, actor: &Actor, selection: Selection) -> Result<Vec<Lead>> {
    let (wanted, catalog) = match selection {
        Selection::Manual { included_ids } => {
            let hits = context.catalog.people(&included_ids).await?;
            let leads = hits.into_iter().map(|hit| Lead::from_catalog(hit.person, hit.company));
            (included_ids, leads.collect::<Vec<Lead>>())
        }
        bulk @ Selection::Bulk { .. } => {
            let leads = found(context, bulk).await?;
            (leads.iter().map(|lead| lead.person.id).collect(), leads)
        }
    };
    let mut known: HashMap<Uuid, Lead> = catalog.into_iter().map(|lead| (lead.person.id, lead)).collect();
    let ids = wanted.clone();
    let own = context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let keys: Vec<String> = ids.iter().map(|id| format!("bp:{id}")).collect();
                let copies = record_find(tx, EntityKind::Person, &keys).await?;
                let all: Vec<Uuid> = ids.iter().copied().chain(copies.values().copied()).collect();
                let people = person_get_many(tx, &without_duplicate_ids(all)).await?;
                let people: HashMap<Uuid, Lead> =
                    people.into_iter().map(|lead| (lead.person.id, lead)).collect();
                let own = ids.iter().zip(&keys).filter_map(|(id, key)| {
                    let lead = people.get(id).or_else(|| people.get(copies.get(key)?))?;
                    Some((*id, lead.clone()))
                });
                Ok::<_, Error>(own.collect::<Vec<(Uuid, Lead)>>())
            })
        })
        .await?;
    known.extend(own);
    let mut faults = Vec::new();
    let mut leads = Vec::with_capacity(wanted.len());
    let mut shown = HashSet::new();
    for (index, id) in wanted.iter().enumerate() {
        match known.get(id) {
            Some(lead) if shown.insert(lead.person.id) => leads.push(lead.clone()),
            Some(_) => {}
            None => {
                let path = vec!["selection".into(), "includedIds".into(), index.into()];
                faults.push(Fault::new(path, format!("Unknown person: {id}")));
            }
        }
    }
    faults.truncate(sluice_model::Faults::MAX);
    if faults.is_empty() { Ok(leads) } else { Err(Error::Invalid(faults)) }
}
