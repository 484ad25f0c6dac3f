//! CRMs: Bullhorn and Close behind one trait.

pub mod bullhorn;
mod changes;
pub mod close;
pub mod duplicates;
mod pace;
mod request;

pub use bullhorn::{Bullhorn, BullhornSettings};
pub use changes::changes;
pub use close::{Close, CloseSettings};

use crate::error::Result;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sluice_model::Time;
use std::time::Duration;

pub use sluice_model::crm::{CrmProvider, CrmReference as CrmRef};

/// A contact as the mirror keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CrmContact {
    pub reference: CrmRef,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub name: Option<String>,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub linkedin_url: Option<String>,
    pub occupation: Option<String>,
    pub company: Option<String>,
    pub company_ref: Option<CrmRef>,
    pub status: Option<String>,
    pub modified_at: Option<Time>,
    pub deleted: bool,
    /// All fields that were read, as the CRM spells them: what `crmFilters` paths name.
    pub fields: Map<String, Value>,
}

/// Which contacts are wanted. They come in an order that no change of a record upsets: each that is there from the first
/// page to the last is read, one that changes meanwhile perhaps twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactsAsk {
    /// Changed at this time or later, deleted ones as well; all that are not deleted when none.
    pub since: Option<Time>,
    /// The CRM's own query, passed on as it is.
    pub query: Option<String>,
    /// Where the page before ended.
    pub after: Option<String>,
}

/// A page of contacts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContactsPage {
    pub contacts: Vec<CrmContact>,
    /// Those that are there and could not be shown: nothing is known of a change or a deletion.
    pub unread: Vec<CrmRef>,
    /// How many there are in all, about, when the CRM says; told with the first page.
    pub total: Option<u64>,
    /// Where the next page begins; none when this was the last.
    pub next: Option<String>,
}

/// A person to be written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonDraft {
    /// Our id of the record, which the CRM keeps where it has a place for it: a write whose answer was lost is found
    /// again by it.
    pub external_id: String,
    pub first_name: String,
    pub last_name: String,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub linkedin_url: Option<String>,
    pub job_title: Option<String>,
    pub city: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub company: Option<CompanyDraft>,
}

/// A company to be found or written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompanyDraft {
    pub external_id: String,
    pub name: String,
    pub domain: Option<String>,
    pub website_url: Option<String>,
    pub phones: Vec<String>,
    pub industry: Option<String>,
}

/// A task on a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CrmTask {
    pub id: String,
    pub subject: Option<String>,
    pub kind: Option<String>,
    pub due_at: Option<Time>,
    pub done: bool,
}

/// A CRM with the credentials of one organisation.
#[async_trait]
pub trait Crm: Send + Sync {
    /// Which one it is.
    fn provider(&self) -> CrmProvider;

    /// A light call that needs valid credentials.
    ///
    /// # Errors
    /// [`crate::ConnectError::Unauthorized`] when they are not.
    async fn test(&self) -> Result<()>;

    /// One page of contacts.
    ///
    /// # Errors
    /// By status.
    async fn contacts(&self, ask: &ContactsAsk) -> Result<ContactsPage>;

    /// The tasks of a contact, open ones first.
    ///
    /// # Errors
    /// By status.
    async fn tasks(&self, contact: &CrmRef) -> Result<Vec<CrmTask>>;

    /// One contact with all its fields; none when it is not there or deleted.
    ///
    /// # Errors
    /// By status.
    async fn person(&self, reference: &CrmRef) -> Result<Option<CrmContact>>;

    /// The contacts that carry our id; when there are none, those that the CRM's duplicate rule takes for this person.
    ///
    /// # Errors
    /// By status.
    async fn find_people(&self, draft: &PersonDraft) -> Result<Vec<CrmContact>>;

    /// Whether contacts that are made carry our id.
    fn keeps_external_ids(&self) -> bool;

    /// How long after it was made a contact may be missing from [`Crm::find_people`], and a company from
    /// [`Crm::find_companies`]: the searches of a CRM are behind its records.
    fn shows_after(&self) -> Duration;

    /// What two drafts have in common whom the duplicate rule may take for one person.
    fn shared_keys(&self, draft: &PersonDraft) -> Vec<String>;

    /// Whether the duplicate rule takes this contact for this person.
    fn is_same_person(&self, draft: &PersonDraft, contact: &CrmContact) -> bool;

    /// Whether the duplicate rule takes these for one company.
    fn is_same_company(&self, one: &CompanyDraft, other: &CompanyDraft) -> bool;

    /// Whether a contact carries this id of ours, in whichever form and field the CRM keeps it.
    fn carries(&self, contact: &CrmContact, external_id: &str) -> bool {
        !external_id.is_empty() && contact.fields.values().any(|value| value.as_str() == Some(external_id))
    }

    /// The fields that a draft becomes in a contact of this entity, as the CRM spells them; without links to other
    /// records.
    fn person_fields(&self, draft: &PersonDraft, entity: &str) -> Map<String, Value>;

    /// The companies that carry our id; when there are none, those that the CRM's duplicate rule takes for this company.
    ///
    /// # Errors
    /// By status.
    async fn find_companies(&self, draft: &CompanyDraft) -> Result<Vec<CrmRef>>;

    /// Makes a company. Looks for no duplicate.
    ///
    /// # Errors
    /// By status.
    async fn create_company(&self, draft: &CompanyDraft) -> Result<CrmRef>;

    /// Makes a contact of that company. Looks for no duplicate.
    ///
    /// # Errors
    /// By status; [`crate::ConnectError::BadRequest`] when the CRM wants more than there is.
    async fn create_person(&self, draft: &PersonDraft, company: Option<&CrmRef>) -> Result<CrmRef>;

    /// Changes these fields of a contact.
    ///
    /// # Errors
    /// By status.
    async fn update_person(&self, reference: &CrmRef, changes: &Map<String, Value>) -> Result<()>;
}
