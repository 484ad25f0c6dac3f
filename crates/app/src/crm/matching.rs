//! Which contacts of the mirror some people are.

use super::keys::{keys_of_lead, may_be};
use crate::error::Result;
use serde::Deserialize;
use sluice_connect::crm::CrmContact;
use sluice_model::crm::{CrmKey, CrmMatch, CrmProvider, CrmReference};
use sluice_model::{EntityKind, Lead};
use sluice_store::Tx;
use sluice_store::ops::crm_contact::{StoredContact, crm_contact_find, crm_contact_get};
use sluice_store::ops::crm_identity::crm_identity_get;
use std::collections::HashMap;
use uuid::Uuid;

/// What somebody may be found by: made before the transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    keys: Vec<(CrmKey, String)>,
    last_name: String,
}

impl Known {
    /// By what a lead may be found.
    pub fn of(lead: &Lead) -> Self {
        Self { keys: keys_of_lead(lead), last_name: lead.person.last_name.clone() }
    }
}

/// A contact that was found, and by what.
pub(crate) struct FoundContact {
    pub contact: StoredContact,
    pub key: CrmKey,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Names {
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

impl FoundContact {
    /// As decisions show it.
    pub fn as_match(&self, provider: CrmProvider) -> CrmMatch {
        let names: Names = serde_json::from_str(&self.contact.data).unwrap_or_default();
        let CrmReference { entity, id } = self.contact.reference.clone();
        CrmMatch { provider, entity, id, name: full_name(names), key: self.key }
    }
}

fn full_name(names: Names) -> Option<String> {
    names.name.filter(|name| !name.trim().is_empty()).or_else(|| {
        let parts = [names.first_name, names.last_name];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}

/// The contact that each of these people is: by the organisation's own records of them, as noted when one was exported
/// or taken from the CRM, as long as something else agrees; then by the strongest key. Of several contacts that share a key it is the first by entity and id.
///
/// # Errors
/// The store's.
pub(crate) async fn find_contacts(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    people: &[Known],
    own: &[Vec<Uuid>],
) -> Result<Vec<Option<FoundContact>>> {
    let ids: Vec<String> = own.iter().flatten().map(Uuid::to_string).collect();
    let noted = crm_identity_get(tx, provider, EntityKind::Person, &ids).await?;
    let keys: Vec<String> = people.iter().flat_map(|known| &known.keys).map(|(_, key)| key.clone()).collect();
    let by_key = crm_contact_find(tx, provider, &keys).await?;
    let mut out = Vec::with_capacity(people.len());
    for (at, known) in people.iter().enumerate() {
        let own = own.get(at).map(Vec::as_slice).unwrap_or_default();
        out.push(find_one(tx, provider, known, own, &noted, &by_key).await?);
    }
    Ok(out)
}

async fn find_one(
    tx: &mut Tx<'_>,
    provider: CrmProvider,
    known: &Known,
    own: &[Uuid],
    noted: &HashMap<String, CrmReference>,
    by_key: &HashMap<String, CrmReference>,
) -> Result<Option<FoundContact>> {
    for reference in own.iter().filter_map(|id| noted.get(&id.to_string())) {
        let Some(contact) = crm_contact_get(tx, provider, reference).await? else { continue };
        // It may have been noted for another account.
        let read: CrmContact = serde_json::from_str(&contact.data)?;
        if may_be(&read, &known.last_name, &known.keys) {
            return Ok(Some(FoundContact { contact, key: CrmKey::CrmId }));
        }
    }
    for (key, reference) in known.keys.iter().filter_map(|(kind, key)| Some((*kind, by_key.get(key)?))) {
        if let Some(contact) = crm_contact_get(tx, provider, reference).await? {
            return Ok(Some(FoundContact { contact, key }));
        }
    }
    Ok(None)
}
