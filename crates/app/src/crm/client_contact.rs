//! `clientContact` of leads: what the mirror has of them. No call is made for it.

use super::filled;
use super::matching::{Known, find_contacts};
use crate::error::Result;
use serde_json::Value;
use sluice_connect::crm::CrmContact;
use sluice_model::Lead;
use sluice_model::crm::ClientContact;
use sluice_store::Tx;
use uuid::Uuid;

/// Shows on each of these leads of the organisation the contact that it is, with the tasks read last.
///
/// # Errors
/// The store's.
pub(crate) async fn show_contacts(tx: &mut Tx<'_>, leads: &mut [Lead]) -> Result<()> {
    let Some(provider) = filled(tx).await? else { return Ok(()) };
    let known: Vec<Known> = leads.iter().map(Known::of).collect();
    let own: Vec<Vec<Uuid>> = leads.iter().map(|lead| vec![lead.person.id]).collect();
    let found = find_contacts(tx, provider, &known, &own).await?;
    for (lead, found) in leads.iter_mut().zip(found) {
        let Some(found) = found else { continue };
        let contact: CrmContact = serde_json::from_str(&found.contact.data)?;
        let (tasks, tasks_at) = match found.contact.tasks {
            Some((tasks, at)) => (serde_json::from_str::<Vec<Value>>(&tasks)?, Some(at)),
            None => (Vec::new(), None),
        };
        let shown = ClientContact {
            provider,
            entity: contact.reference.entity,
            id: contact.reference.id,
            name: contact.name,
            status: contact.status,
            owner: contact.fields.get("owner").filter(|owner| !owner.is_null()).cloned(),
            occupation: contact.occupation,
            modified_at: contact.modified_at,
            tasks,
            tasks_at,
        };
        lead.client_contact = Some(serde_json::to_value(shown)?);
    }
    Ok(())
}
