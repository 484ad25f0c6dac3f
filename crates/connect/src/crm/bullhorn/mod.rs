//! Bullhorn, by its REST interface.
//!
//! Source: the REST API reference (bullhorn.github.io/rest-api-docs) and “Getting started with REST”.

mod fields;
mod lucene;
mod search;
mod session;
mod settings;
mod write;

pub use settings::{BullhornSettings, ExportAs};

use super::pace::Pace;
use super::request::Request;
use super::{
    CompanyDraft, ContactsAsk, ContactsPage, Crm, CrmContact, CrmProvider, CrmRef, CrmTask, PersonDraft,
    duplicates,
};
use crate::error::{ConnectError, Result};
use crate::http::{Call, Client, Reply};
use async_trait::async_trait;
use serde_json::{Map, Value};
use session::{Session, Sessions};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How often a call may be sent to another data centre.
const MAX_HOPS: usize = 3;

/// Bullhorn with the credentials of one organisation. It keeps one session, which all calls share: keep the client.
/// Cloning gives a further handle.
#[derive(Clone)]
pub struct Bullhorn {
    client: Client,
    settings: Arc<BullhornSettings>,
    sessions: Arc<Sessions>,
    pace: Arc<Pace>,
}

impl Request {
    fn to(&self, session: &Session) -> Result<Call> {
        let segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        let call = self.at(session::under(&session.base, &segments), "search")?;
        Ok(call.header("BhRestToken", session.token.clone()))
    }
}

impl Bullhorn {
    /// A client that logs in when it is first used.
    #[must_use]
    pub fn new(client: Client, settings: BullhornSettings) -> Self {
        let settings = Arc::new(settings);
        let sessions = Arc::new(Sessions::new(client.clone(), settings.clone()));
        let pace = Arc::new(Pace::new(settings.calls_per_minute));
        Self { client, settings, sessions, pace }
    }

    /// Makes a call: logs in again once when the session is not accepted, and follows to another data centre.
    async fn call(&self, request: &Request) -> Result<Reply> {
        let mut session = self.sessions.current().await?;
        let (mut renewed, mut hops) = (false, 0);
        loop {
            self.pace.turn().await;
            let reply = self.client.send(request.to(&session)?).await?;
            match reply.status {
                // Neither was carried out: a write may be repeated as well.
                401 | 412 if !renewed => {
                    renewed = true;
                    session = self.sessions.renew(&session).await?;
                }
                401 | 412 => {
                    return Err(ConnectError::Unauthorized(
                        "Bullhorn: the session is not accepted".to_owned(),
                    ));
                }
                307 if hops < MAX_HOPS => {
                    hops += 1;
                    let to = session::moved_to(&reply, &self.settings.login_base)?;
                    session = self.sessions.moved(&session, request.base_of(&to)?).await;
                }
                307 => {
                    return Err(ConnectError::Unavailable(
                        "sent from one data centre to the next".to_owned(),
                    ));
                }
                429 => return Err(rate_limited(&reply)),
                _ => return Ok(reply),
            }
        }
    }
}

impl Request {
    /// The REST address of another data centre, of whose URLs this is the one of the call.
    fn base_of(&self, to: &Url) -> Result<Url> {
        let mut base = to.clone();
        base.set_query(None);
        if let Ok(mut path) = base.path_segments_mut() {
            self.segments.iter().for_each(|_| {
                path.pop();
            });
        }
        let segments: Vec<&str> = self.segments.iter().map(String::as_str).collect();
        if session::under(&base, &segments).path() != to.path() {
            return Err(ConnectError::Unavailable("a redirect to something else".to_owned()));
        }
        Ok(base)
    }
}

/// At least a second, as Bullhorn asks for.
fn rate_limited(reply: &Reply) -> ConnectError {
    let after = reply.retry_after().unwrap_or_default().max(Duration::from_secs(1));
    ConnectError::RateLimited { after: Some(after) }
}

/// The reply of a success; else its error, with what Bullhorn says about fields.
fn outcome(reply: Reply) -> Result<Reply> {
    if reply.status != 400 {
        return reply.success();
    }
    let body: Value = reply.json().unwrap_or_default();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut said: Vec<String> = text(&body, "errorMessage").into_iter().collect();
    for error in body.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let parts = [text(error, "propertyName"), text(error, "detailMessage")];
        said.push(parts.into_iter().flatten().collect::<Vec<_>>().join(": "));
    }
    let said = if said.is_empty() { "without a reason".to_owned() } else { said.join("; ") };
    let said: String = said.chars().take(500).collect();
    Err(ConnectError::BadRequest(["Bullhorn: ", &said].concat()))
}

#[async_trait]
impl Crm for Bullhorn {
    fn provider(&self) -> CrmProvider {
        CrmProvider::Bullhorn
    }

    fn keeps_external_ids(&self) -> bool {
        self.settings.export_as != ExportAs::Lead
    }

    fn shows_after(&self) -> Duration {
        match self.settings.export_as {
            // Found by our id in the database, as their companies are.
            ExportAs::ClientContact => Duration::ZERO,
            ExportAs::Candidate | ExportAs::Lead => self.settings.shows_after,
        }
    }

    fn shared_keys(&self, draft: &PersonDraft) -> Vec<String> {
        let emails = draft.emails.iter().filter_map(|email| duplicates::email_key(email));
        emails.chain(duplicates::person_key(&draft.first_name, &draft.last_name)).collect()
    }

    fn is_same_person(&self, draft: &PersonDraft, contact: &CrmContact) -> bool {
        search::is_same(draft, contact)
    }

    fn is_same_company(&self, one: &CompanyDraft, other: &CompanyDraft) -> bool {
        let name = duplicates::company_key(&one.name);
        let phones = |draft: &CompanyDraft| -> Vec<String> {
            draft.phones.iter().filter_map(|phone| duplicates::phone_key(phone)).collect()
        };
        let theirs = phones(other);
        (name.is_some() && name == duplicates::company_key(&other.name))
            || phones(one).iter().any(|phone| theirs.contains(phone))
    }

    fn carries(&self, contact: &CrmContact, external_id: &str) -> bool {
        let kept = contact.fields.get("externalID").and_then(Value::as_str);
        kept == Some(&fields::external_key(external_id))
    }

    async fn test(&self) -> Result<()> {
        outcome(self.call(&Request::get(&["ping"])).await?).map(drop)
    }

    async fn contacts(&self, ask: &ContactsAsk) -> Result<ContactsPage> {
        self.contacts_page(ask).await
    }

    async fn tasks(&self, contact: &CrmRef) -> Result<Vec<CrmTask>> {
        self.tasks_of(contact).await
    }

    async fn person(&self, reference: &CrmRef) -> Result<Option<CrmContact>> {
        self.record(reference).await
    }

    async fn find_people(&self, draft: &PersonDraft) -> Result<Vec<CrmContact>> {
        self.same_people(draft).await
    }

    fn person_fields(&self, draft: &PersonDraft, entity: &str) -> Map<String, Value> {
        fields::person(draft, &self.settings, entity)
    }

    async fn find_companies(&self, draft: &CompanyDraft) -> Result<Vec<CrmRef>> {
        self.same_companies(draft).await
    }

    async fn create_company(&self, draft: &CompanyDraft) -> Result<CrmRef> {
        self.new_company(draft).await
    }

    async fn create_person(&self, draft: &PersonDraft, company: Option<&CrmRef>) -> Result<CrmRef> {
        self.new_person(draft, company).await
    }

    async fn update_person(&self, reference: &CrmRef, changes: &Map<String, Value>) -> Result<()> {
        self.change(reference, changes).await
    }
}
