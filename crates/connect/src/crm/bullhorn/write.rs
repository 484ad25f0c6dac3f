//! Writing to Bullhorn. PUT creates, POST changes; neither looks for duplicates.

use super::fields::{self, COMPANY};
use super::search::entity_of;
use super::settings::ExportAs;
use super::{Bullhorn, Request, outcome};
use crate::crm::{CompanyDraft, CrmContact, CrmRef, PersonDraft};
use crate::error::{ConnectError, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    changed_entity_id: u64,
}

impl Bullhorn {
    async fn create(&self, entity: &str, fields: Map<String, Value>) -> Result<CrmRef> {
        let request = Request::get(&["entity", entity]).body("PUT", Value::Object(fields));
        let changed: Changed = outcome(self.call(&request).await?)?.json()?;
        Ok(CrmRef { entity: entity.to_owned(), id: changed.changed_entity_id.to_string() })
    }

    pub(super) async fn new_company(&self, draft: &CompanyDraft) -> Result<CrmRef> {
        if draft.name.trim().is_empty() {
            return Err(lacks("a name for a company"));
        }
        self.create(COMPANY, fields::company(draft, &self.settings)).await
    }

    pub(super) async fn new_person(&self, draft: &PersonDraft, company: Option<&CrmRef>) -> Result<CrmRef> {
        let kind = self.settings.export_as;
        let mut fields = fields::person(draft, &self.settings, kind.entity());
        for (name, what) in [("firstName", "a first name"), ("lastName", "a last name")] {
            if !fields.contains_key(name) {
                return Err(lacks(what));
            }
        }
        fields.insert("status".to_owned(), Value::String(self.settings.contact_status.clone()));
        if kind != ExportAs::Lead && !draft.external_id.is_empty() {
            fields.insert("externalID".to_owned(), Value::String(fields::external_key(&draft.external_id)));
        }
        let company = company.map(fields::number).transpose()?;
        match (kind, company) {
            (ExportAs::ClientContact, None) => return Err(lacks("a company for a ClientContact")),
            (ExportAs::ClientContact, Some(_)) if !fields.contains_key("email") => {
                return Err(lacks("an e-mail address for a ClientContact"));
            }
            (ExportAs::ClientContact | ExportAs::Lead, Some(company)) => {
                fields.insert("clientCorporation".to_owned(), fields::link(company));
            }
            (ExportAs::Candidate | ExportAs::Lead, _) => {}
        }
        self.create(kind.entity(), fields).await
    }

    pub(super) async fn change(&self, reference: &CrmRef, changes: &Map<String, Value>) -> Result<()> {
        let entity = entity_of(reference)?;
        let id = fields::number(reference)?.to_string();
        let mut changes = changes.clone();
        if needs_present(&changes) {
            let present = self.record(reference).await?;
            let present =
                present.ok_or_else(|| ConnectError::NotFound("the contact is deleted".to_owned()))?;
            complete(&mut changes, &present);
        }
        let request = Request::get(&["entity", entity, &id]).body("POST", Value::Object(changes));
        outcome(self.call(&request).await?)?;
        Ok(())
    }
}

/// Whether what a contact has now is needed for the change: an address is written whole, and Bullhorn does not keep
/// the full name in step with its parts.
fn needs_present(changes: &Map<String, Value>) -> bool {
    let part = changes.contains_key("firstName") || changes.contains_key("lastName");
    changes.contains_key("address") || (part && !changes.contains_key("name"))
}

fn complete(changes: &mut Map<String, Value>, present: &CrmContact) {
    if let Some(Value::Object(address)) = changes.get_mut("address")
        && let Some(Value::Object(there)) = present.fields.get("address")
    {
        // What Bullhorn derives from the number of the country is not written back.
        let kept = there.iter().filter(|(name, value)| {
            !value.is_null()
                && !matches!(name.as_str(), "countryName" | "countryCode")
                && !address.contains_key(*name)
        });
        let kept: Vec<_> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        address.extend(kept);
    }
    let part = |name: &str, there: &Option<String>| match changes.get(name) {
        Some(value) => value.as_str().unwrap_or_default().to_owned(),
        None => there.clone().unwrap_or_default(),
    };
    if !changes.contains_key("name")
        && (changes.contains_key("firstName") || changes.contains_key("lastName"))
    {
        let name = [part("firstName", &present.first_name), part("lastName", &present.last_name)].join(" ");
        changes.insert("name".to_owned(), Value::String(name.trim().to_owned()));
    }
}

fn lacks(what: &str) -> ConnectError {
    ConnectError::BadRequest(["Bullhorn wants ", what].concat())
}
