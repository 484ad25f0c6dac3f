//! Copying catalog records into an organisation.

use super::identifiers::{record_keys_of_company, record_keys_of_person};
use crate::context::Context;
use crate::error::Result;
use sluice_model::{Company, EntityKind, Lead, Time};
use sluice_store::Tx;
use sluice_store::ops::record::{company_insert, person_insert, record_add_keys, record_find};
use std::collections::HashMap;
use uuid::Uuid;

/// What copying gave: the organisation's id of each record, in the order given.
pub(crate) struct Adopted {
    pub ids: Vec<Uuid>,
}

/// Gives each of these companies (catalog records) its copy in the organisation, and makes those that it does
/// not have yet. A copy that exists stays as it is: later catalog changes do not rewrite it.
pub(crate) async fn adopt_companies(
    tx: &mut Tx<'_>,
    context: &Context,
    companies: &[Company],
    now: Time,
) -> Result<Adopted> {
    let keys: Vec<Vec<String>> =
        companies.iter().map(|company| record_keys_of_company(&copy_of(company))).collect();
    let mut known = record_find(tx, EntityKind::Company, &flat(&keys)).await?;
    let mut ids = Vec::with_capacity(companies.len());
    for (company, keys) in companies.iter().zip(&keys) {
        let id = match find(&known, keys) {
            Some(id) => {
                remember(tx, &mut known, EntityKind::Company, id, keys).await?;
                id
            }
            None => {
                let id = context.new_id();
                let copy = Company { id, created_at: Some(now), updated_at: Some(now), ..copy_of(company) };
                company_insert(tx, &copy, keys).await?;
                known.extend(keys.iter().map(|key| (key.clone(), id)));
                id
            }
        };
        ids.push(id);
    }
    Ok(Adopted { ids })
}

/// As [`adopt_companies`], for people with their companies.
pub(crate) async fn adopt_people(
    tx: &mut Tx<'_>,
    context: &Context,
    leads: &[Lead],
    now: Time,
) -> Result<Adopted> {
    let companies: Vec<Company> = leads.iter().filter_map(|lead| lead.company.clone()).collect();
    let mut company_ids = adopt_companies(tx, context, &companies, now).await?.ids.into_iter();
    let keys: Vec<Vec<String>> = leads.iter().map(record_keys_of_person).collect();
    let mut known = record_find(tx, EntityKind::Person, &flat(&keys)).await?;
    let mut ids = Vec::with_capacity(leads.len());
    for (lead, keys) in leads.iter().zip(&keys) {
        let company_id = lead.company.as_ref().and_then(|_| company_ids.next());
        let id = match find(&known, keys) {
            Some(id) => {
                remember(tx, &mut known, EntityKind::Person, id, keys).await?;
                id
            }
            None => {
                let mut copy = lead.clone();
                copy.person.id = context.new_id();
                copy.person.company_id = company_id;
                copy.person.created_at = Some(now);
                copy.person.updated_at = Some(now);
                person_insert(tx, &copy, keys).await?;
                known.extend(keys.iter().map(|key| (key.clone(), copy.person.id)));
                copy.person.id
            }
        };
        ids.push(id);
    }
    Ok(Adopted { ids })
}

/// A catalog company as the organisation keeps it.
fn copy_of(company: &Company) -> Company {
    // One written out by a client has no id yet.
    let id = (!company.id.is_nil()).then_some(company.id);
    Company { base_provider_id: company.base_provider_id.or(id), ..company.clone() }
}

fn flat(keys: &[Vec<String>]) -> Vec<String> {
    keys.iter().flatten().cloned().collect()
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
    keys: &[String],
) -> Result<()> {
    let new: Vec<String> = keys.iter().filter(|key| !known.contains_key(*key)).cloned().collect();
    record_add_keys(tx, kind, id, &new).await?;
    known.extend(new.into_iter().map(|key| (key, id)));
    Ok(())
}
