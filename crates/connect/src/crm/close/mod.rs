//! Close, by its REST interface: a lead is a company, a contact a person inside one lead.
//!
//! Source: Close's API reference (developer.close.com).

mod fields;
mod query;
mod search;
mod settings;

pub use settings::CloseSettings;

use super::pace::Pace;
use super::request::Request;
use super::{
    CompanyDraft, ContactsAsk, ContactsPage, Crm, CrmContact, CrmProvider, CrmRef, CrmTask, PersonDraft,
    duplicates,
};
use crate::error::{ConnectError, Result};
use crate::http::{Client, Reply};
use async_trait::async_trait;
use base64::Engine as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use sluice_model::canon;
use std::sync::Arc;
use std::time::Duration;

/// The longest that a call waits for a limit to be reset before it is made; a longer wait is the caller's.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// Close with the key of one organisation. Cloning gives a further handle.
#[derive(Clone)]
pub struct Close {
    client: Client,
    settings: Arc<CloseSettings>,
    authorization: SecretString,
    pace: Arc<Pace>,
}

impl Close {
    /// A client with these settings.
    #[must_use]
    pub fn new(client: Client, settings: CloseSettings) -> Self {
        let pair = [settings.key.expose_secret(), ":"].concat();
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        let authorization = SecretString::from(["Basic ", &encoded].concat());
        // Close tells its limits in its replies.
        Self { client, settings: Arc::new(settings), authorization, pace: Arc::new(Pace::new(0)) }
    }

    async fn call(&self, request: &Request) -> Result<Reply> {
        let mut url = self.settings.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            // Paths end in a slash; without it Close answers with a redirect.
            path.pop_if_empty().extend(&request.segments).push("");
        }
        let call = request.at(url, "data")?.header("authorization", self.authorization.clone());
        self.pace.turn().await;
        let reply = self.client.send(call).await?;
        if let Some(reset) = spent(&reply) {
            self.pace.pause(reset.min(MAX_WAIT));
        }
        if reply.status == 429 {
            let wait = reply.retry_after().or_else(|| reset_of(&reply)).unwrap_or_default();
            return Err(ConnectError::RateLimited { after: Some(wait.max(Duration::from_secs(1))) });
        }
        Ok(reply)
    }

    async fn create(&self, kind: &str, fields: Map<String, Value>, entity: &str) -> Result<CrmRef> {
        let request = Request::get(&[kind]).body("POST", Value::Object(fields));
        let made: Value = outcome(self.call(&request).await?)?.json()?;
        let id = made.get("id").and_then(Value::as_str);
        let id =
            id.ok_or_else(|| ConnectError::Unavailable("Close made something without an id".to_owned()))?;
        Ok(CrmRef { entity: entity.to_owned(), id: id.to_owned() })
    }

    /// The lead for a person without one: that of the company, made when there is none. Never is a contact written
    /// without a lead: Close would make one of the person's name.
    async fn lead_for(&self, draft: &PersonDraft) -> Result<CrmRef> {
        let Some(company) = &draft.company else {
            return Err(ConnectError::BadRequest("Close wants a company for a contact".to_owned()));
        };
        let mut known = self.same_companies(company).await?;
        match (known.pop(), known.is_empty()) {
            (None, _) => self.create_company(company).await,
            (Some(lead), true) => Ok(lead),
            (Some(_), false) => Err(ConnectError::BadRequest("several leads may be the company".to_owned())),
        }
    }
}

/// How long until the limit is reset, when this reply spent it. Source: the header `RateLimit: limit=100,
/// remaining=50, reset=5`.
fn spent(reply: &Reply) -> Option<Duration> {
    let header = reply.header("ratelimit")?;
    let value = |name: &str| {
        let part = header.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))?;
        part.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0)
    };
    (value("remaining")? < 1.0).then_some(())?;
    Duration::try_from_secs_f64(value("reset")?).ok()
}

/// `rate_reset` of a refusal's body, in seconds.
fn reset_of(reply: &Reply) -> Option<Duration> {
    let body: Value = reply.json().ok()?;
    let reset = body.get("rate_reset").or_else(|| body.get("error")?.get("rate_reset"))?.as_f64()?;
    Duration::try_from_secs_f64(reset).ok()
}

/// The reply of a success; else its error, with what Close says about fields.
fn outcome(reply: Reply) -> Result<Reply> {
    if reply.status != 400 {
        return reply.success();
    }
    let body: Value = reply.json().unwrap_or_default();
    let mut said: Vec<String> =
        body.get("error").and_then(Value::as_str).map(str::to_owned).into_iter().collect();
    said.extend(
        body.get("errors")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned),
    );
    for (field, fault) in body.get("field-errors").and_then(Value::as_object).into_iter().flatten() {
        let fault = fault.as_str().map_or_else(|| fault.to_string(), str::to_owned);
        said.push([field, ": ", &fault].concat());
    }
    let said = if said.is_empty() { "without a reason".to_owned() } else { said.join("; ") };
    let said: String = said.chars().take(500).collect();
    Err(ConnectError::BadRequest(["Close: ", &said].concat()))
}

#[async_trait]
impl Crm for Close {
    fn provider(&self) -> CrmProvider {
        CrmProvider::Close
    }

    fn keeps_external_ids(&self) -> bool {
        self.settings.contact_id_field.is_some()
    }

    fn shows_after(&self) -> Duration {
        self.settings.shows_after
    }

    fn shared_keys(&self, draft: &PersonDraft) -> Vec<String> {
        let company = draft.company.as_ref().and_then(|company| duplicates::company_key(&company.name));
        let name = canon::person_name(&draft.first_name, &draft.last_name);
        let emails = draft.emails.iter().filter_map(|email| duplicates::email_key(email));
        let profile = draft.linkedin_url.as_deref().and_then(canon::linkedin_person);
        let name = name.zip(company).map(|(name, company)| [name.as_str(), "|", &company].concat());
        emails.chain(profile).chain(name).collect()
    }

    fn is_same_person(&self, draft: &PersonDraft, contact: &CrmContact) -> bool {
        let company = contact.company.clone();
        let theirs = PersonDraft {
            // Close keeps one name.
            first_name: contact.name.clone().unwrap_or_default(),
            emails: contact.emails.clone(),
            linkedin_url: contact.linkedin_url.clone(),
            company: company.map(|name| CompanyDraft { name, ..CompanyDraft::default() }),
            ..PersonDraft::default()
        };
        let theirs = self.shared_keys(&theirs);
        self.shared_keys(draft).iter().any(|key| theirs.contains(key))
    }

    fn is_same_company(&self, one: &CompanyDraft, other: &CompanyDraft) -> bool {
        let domain = |draft: &CompanyDraft| {
            draft.domain.as_deref().or(draft.website_url.as_deref()).and_then(canon::domain)
        };
        let key = |draft: &CompanyDraft| duplicates::company_key(&draft.name);
        match (domain(one), domain(other)) {
            (Some(one), Some(other)) => one == other,
            _ => key(one).is_some() && key(one) == key(other),
        }
    }

    fn carries(&self, contact: &CrmContact, external_id: &str) -> bool {
        let field = fields::id_field(&self.settings, fields::PERSON);
        let kept = field.and_then(|field| contact.fields.get(&field)?.as_str());
        kept == Some(external_id)
    }

    async fn test(&self) -> Result<()> {
        outcome(self.call(&Request::get(&["me"])).await?).map(drop)
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

    fn person_fields(&self, draft: &PersonDraft, _entity: &str) -> Map<String, Value> {
        fields::person(draft)
    }

    async fn find_companies(&self, draft: &CompanyDraft) -> Result<Vec<CrmRef>> {
        self.same_companies(draft).await
    }

    async fn create_company(&self, draft: &CompanyDraft) -> Result<CrmRef> {
        let name = draft.name.trim();
        if name.is_empty() {
            return Err(ConnectError::BadRequest("Close wants a name for a lead".to_owned()));
        }
        let mut lead = Map::from_iter([("name".to_owned(), json!(name))]);
        let url = draft.website_url.clone().or_else(|| Some(["https://", draft.domain.as_deref()?].concat()));
        lead.extend(url.map(|url| ("url".to_owned(), json!(url))));
        let field =
            fields::id_field(&self.settings, fields::COMPANY).filter(|_| !draft.external_id.is_empty());
        lead.extend(field.map(|field| (field, json!(draft.external_id))));
        self.create("lead", lead, fields::COMPANY).await
    }

    async fn create_person(&self, draft: &PersonDraft, company: Option<&CrmRef>) -> Result<CrmRef> {
        let mut contact = fields::person(draft);
        if !contact.contains_key("name") {
            return Err(ConnectError::BadRequest("Close wants a name for a contact".to_owned()));
        }
        let lead = match company {
            Some(lead) => lead.clone(),
            None => self.lead_for(draft).await?,
        };
        contact.insert("lead_id".to_owned(), json!(lead.id));
        let field =
            fields::id_field(&self.settings, fields::PERSON).filter(|_| !draft.external_id.is_empty());
        contact.extend(field.map(|field| (field, json!(draft.external_id))));
        self.create("contact", contact, fields::PERSON).await
    }

    async fn update_person(&self, reference: &CrmRef, changes: &Map<String, Value>) -> Result<()> {
        let mut changes = changes.clone();
        // PUT leaves other fields alone, but a list is written whole.
        let lists = ["emails", "phones", "urls"];
        if lists.iter().any(|name| changes.contains_key(*name)) {
            let present = self.object("contact", &reference.id, &lists).await?;
            let present =
                present.ok_or_else(|| ConnectError::NotFound("the contact is not there".to_owned()))?;
            for name in lists {
                if let Some(wanted) = changes.get_mut(name) {
                    *wanted = fields::joined(present.get(name).unwrap_or(&Value::Null), wanted);
                }
            }
        }
        let request = Request::get(&["contact", &reference.id]).body("PUT", Value::Object(changes));
        outcome(self.call(&request).await?)?;
        Ok(())
    }
}
