//! Copying catalog records into an organisation.

use super::identifiers::{record_keys_of_company, record_keys_of_person};
use crate::context::Context;
use crate::crm::keys::{keys_of_lead, may_be};
use crate::error::Result;
use sluice_model::crm::{CrmProvider, CrmReference};
use sluice_model::decision::Source;
use sluice_model::{Company, EntityKind, Lead, Time};
use sluice_store::Tx;
use sluice_store::ops::crm_contact::crm_contact_get;
use sluice_store::ops::crm_identity::{crm_identity_get, crm_identity_put, person_set_crm_id};
use sluice_store::ops::record::{company_insert, person_get, person_insert, record_add_keys, record_find};
use std::collections::HashMap;
use uuid::Uuid;

/// A company to be copied, with the keys by which its copy is found. Made before the transaction, which it would hold
/// up.
#[derive(Clone)]
pub(crate) struct NewCompany {
    company: Company,
    keys: Vec<String>,
}

impl NewCompany {
    /// For a catalog company, or one written out by a client.
    pub fn of(mut company: Company) -> Self {
        // One written out by a client has no id yet.
        let id = (!company.id.is_nil()).then_some(company.id);
        company.base_provider_id = company.base_provider_id.or(id);
        Self { keys: record_keys_of_company(&company), company }
    }
}

/// A person to be copied with their company, and the keys by which the copies are found.
#[derive(Clone)]
pub(crate) struct NewPerson {
    /// Without the company.
    lead: Lead,
    company: Option<NewCompany>,
    keys: Vec<String>,
    /// The contact of the CRM that they were taken from.
    contact: Option<(CrmProvider, CrmReference)>,
}

impl NewPerson {
    /// For a catalog person, or one written out by a client.
    pub fn of(mut lead: Lead) -> Self {
        let keys = record_keys_of_person(&lead);
        let company = lead.company.take().map(NewCompany::of);
        Self { lead, company, keys, contact: None }
    }

    /// With the contact of the CRM that is among these sources: they are no stranger there.
    pub fn taken_from(mut self, sources: &[Source]) -> Self {
        self.contact = sources
            .iter()
            .find_map(|source| Some((CrmProvider::from_name(&source.provider)?, source.reference.clone()?)));
        self
    }
}

/// Gives each of these companies its copy in the organisation, and makes those that it does not have yet. A copy that
/// exists stays as it is: later catalog changes do not rewrite it. Returns the organisation's id of each, in the
/// order given.
pub(crate) async fn adopt_companies(
    tx: &mut Tx<'_>,
    context: &Context,
    companies: Vec<NewCompany>,
    now: Time,
) -> Result<Vec<Uuid>> {
    let mut known = record_find(tx, EntityKind::Company, &all(&companies, |new| &new.keys)).await?;
    let mut ids = Vec::with_capacity(companies.len());
    for NewCompany { mut company, keys } in companies {
        let id = match find(&known, &keys) {
            Some(id) => {
                remember(tx, &mut known, EntityKind::Company, id, keys).await?;
                id
            }
            None => {
                company.id = context.new_id();
                company.created_at = Some(now);
                company.updated_at = Some(now);
                company_insert(tx, &company, &keys).await?;
                known.extend(keys.into_iter().map(|key| (key, company.id)));
                company.id
            }
        };
        ids.push(id);
    }
    Ok(ids)
}

/// As [`adopt_companies`], for people with their companies.
pub(crate) async fn adopt_people(
    tx: &mut Tx<'_>,
    context: &Context,
    mut people: Vec<NewPerson>,
    now: Time,
) -> Result<Vec<Uuid>> {
    let employed: Vec<bool> = people.iter().map(|new| new.company.is_some()).collect();
    let companies: Vec<NewCompany> = people.iter_mut().filter_map(|new| new.company.take()).collect();
    let mut company_ids = adopt_companies(tx, context, companies, now).await?.into_iter();
    let mut known = record_find(tx, EntityKind::Person, &all(&people, |new| &new.keys)).await?;
    let mut ids = Vec::with_capacity(people.len());
    for (NewPerson { mut lead, keys, contact, .. }, employed) in people.into_iter().zip(employed) {
        let company_id = if employed { company_ids.next() } else { None };
        let id = match find(&known, &keys) {
            Some(id) => {
                remember(tx, &mut known, EntityKind::Person, id, keys).await?;
                if let Some((provider, contact)) = &contact {
                    give_crm_id(tx, id, *provider, contact).await?;
                }
                id
            }
            None => {
                let person = &mut lead.person;
                person.id = context.new_id();
                person.company_id = company_id;
                person.created_at = Some(now);
                person.updated_at = Some(now);
                person_insert(tx, &lead, &keys).await?;
                known.extend(keys.into_iter().map(|key| (key, lead.person.id)));
                lead.person.id
            }
        };
        if let Some((provider, contact)) = contact {
            note_contact(tx, id, provider, &contact, now).await?;
        }
        ids.push(id);
    }
    Ok(ids)
}

/// Gives a copy that exists the id of its contact, unless it has one.
async fn give_crm_id(tx: &mut Tx<'_>, id: Uuid, provider: CrmProvider, contact: &CrmReference) -> Result<()> {
    let known = person_get(tx, id).await?;
    if known.is_some_and(|known| known.crm_id.is_none() && known.bullhorn_id.is_none()) {
        person_set_crm_id(tx, id, provider, &contact.id).await?;
    }
    Ok(())
}

/// Notes which contact a person is, unless another one is noted that still can be.
async fn note_contact(
    tx: &mut Tx<'_>,
    id: Uuid,
    provider: CrmProvider,
    contact: &CrmReference,
    now: Time,
) -> Result<()> {
    let (kind, key) = (EntityKind::Person, id.to_string());
    let noted = crm_identity_get(tx, provider, kind, std::slice::from_ref(&key)).await?;
    if let Some(noted) = noted.get(&key)
        && let Some(stored) = crm_contact_get(tx, provider, noted).await?
        && let Some(lead) = person_get(tx, id).await?
        && may_be(&serde_json::from_str(&stored.data)?, &lead.person.last_name, &keys_of_lead(&lead))
    {
        return Ok(());
    }
    Ok(crm_identity_put(tx, provider, kind, &key, contact, now).await?)
}

fn all<T>(new: &[T], keys: impl Fn(&T) -> &Vec<String>) -> Vec<String> {
    new.iter().flat_map(keys).cloned().collect()
}

fn find(known: &HashMap<String, Uuid>, keys: &[String]) -> Option<Uuid> {
    keys.iter().find_map(|key| known.get(key).copied())
}

/// Notes keys that a record found by another of its keys did not have yet.
async fn remember(
    tx: &mut Tx<'_>,
    known: &mut HashMap<String, Uuid>,
    kind: EntityKind,
    id: Uuid,
    keys: Vec<String>,
) -> Result<()> {
    let new: Vec<String> = keys.into_iter().filter(|key| !known.contains_key(key)).collect();
    record_add_keys(tx, kind, id, &new).await?;
    known.extend(new.into_iter().map(|key| (key, id)));
    Ok(())
}
