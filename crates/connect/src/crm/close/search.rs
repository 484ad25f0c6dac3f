//! Reading from Close.

use super::fields::{self, COMPANY, PERSON};
use super::{Close, Request, outcome, query};
use crate::crm::{
    CompanyDraft, ContactsAsk, ContactsPage, CrmContact, CrmRef, CrmTask, PersonDraft, duplicates,
};
use crate::error::{ConnectError, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sluice_model::{Time, canon};
use std::collections::{BTreeMap, BTreeSet};

/// The most objects of one reply of a search.
const PAGE: usize = 200;
/// The most objects that one of Close's cursors walks over.
const MAX_WALKED: usize = 10_000;
/// The most leads whose contacts are compared by name.
const MAX_LEADS: usize = 5;

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    data: Vec<Value>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    count: Option<Count>,
}

#[derive(Deserialize)]
struct Count {
    total: Option<u64>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Page {
    data: Vec<Value>,
    has_more: bool,
    cursor_next: Option<String>,
}

/// Where a page ended.
///
/// Contacts are read in the order of their change, each page from the time of the last: Close's own cursors end after
/// 30 seconds and 10 000 objects. A contact that changes meanwhile moves to the end and is read again. Then come the
/// deletions, from the log of events.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Cursor {
    /// From this time on, as Close wrote it, without those that were read of it.
    Contacts(String, Vec<String>),
    /// The log of deletions, from its beginning or from there on.
    Deletions(Option<String>),
}

impl Close {
    pub(super) async fn contacts_page(&self, ask: &ContactsAsk) -> Result<ContactsPage> {
        let place = match &ask.after {
            Some(text) => serde_json::from_str(text)
                .map_err(|_| ConnectError::BadRequest("no such place to go on from".to_owned()))?,
            None => {
                Cursor::Contacts(ask.since.map(|since| since.to_string()).unwrap_or_default(), Vec::new())
            }
        };
        match place {
            Cursor::Contacts(from, read) => self.changed_contacts(ask, &from, read).await,
            Cursor::Deletions(cursor) => self.deletions(ask, cursor).await,
        }
    }

    async fn changed_contacts(
        &self,
        ask: &ContactsAsk,
        from: &str,
        read: Vec<String>,
    ) -> Result<ContactsPage> {
        let mut queries = vec![query::kind("contact")];
        if !from.is_empty() {
            queries.push(query::changed("contact", Some(from), None));
        }
        if let Some(text) = &ask.query {
            queries.push(own_query(text)?);
        }
        let mut body = json!({
            "query": query::all(queries),
            "_fields": {"contact": fields::CONTACT},
            "sort": query::by_change("contact"),
            "_limit": PAGE,
            "include_counts": ask.after.is_none(),
        });
        let mut found = self.search(&body).await?;
        let total = found.count.take().and_then(|count| count.total);
        let mut data = found.data;
        let full = data.len() >= PAGE;
        // More of one time than a page holds: only there Close's cursor leads on.
        while let Some(cursor) = found.cursor.take()
            && full
            && data.len() < MAX_WALKED
            && time_of(data.first()) == time_of(data.last())
        {
            insert(&mut body, "cursor", json!(cursor));
            let more = self.search(&body).await?;
            found.cursor = more.cursor;
            data.extend(more.data);
        }
        let next = if full { Some(next_of(from, &read, &data)?) } else { None };
        let seen: BTreeSet<&str> = read.iter().map(String::as_str).collect();
        let new: Vec<Value> =
            data.into_iter().filter(|value| !id_of(value).is_some_and(|id| seen.contains(id))).collect();
        let next = next.or_else(|| ask.since.map(|_| Cursor::Deletions(None)));
        let leads = self.leads_of(&new).await?;
        let lead = |value: &Value| leads.get(value.get("lead_id")?.as_str()?);
        Ok(ContactsPage {
            contacts: new.iter().filter_map(|value| fields::contact(value, lead(value))).collect(),
            unread: Vec::new(),
            total,
            next: next.as_ref().map(text_of),
        })
    }

    /// The contacts that were deleted: Close keeps events for 30 days.
    async fn deletions(&self, ask: &ContactsAsk, cursor: Option<String>) -> Result<ContactsPage> {
        let mut request = Request::get(&["event"])
            .with("object_type", "contact")
            .with("action", "deleted")
            .with("_limit", "50");
        request = match (&cursor, ask.since) {
            (Some(cursor), _) => request.with("_cursor", cursor),
            (None, Some(since)) => request.with("date_updated__gte", &since.to_string()),
            (None, None) => request,
        };
        let page: Page = outcome(self.call(&request).await?)?.json()?;
        let gone = |event: &Value| {
            let id = event.get("object_id")?.as_str()?.to_owned();
            let at = event.get("date_updated").and_then(Value::as_str).and_then(Time::parse);
            Some(fields::deleted(id, at))
                .filter(|_| !matches!((ask.since, at), (Some(since), Some(at)) if at < since))
        };
        let contacts: Vec<CrmContact> = page.data.iter().filter_map(gone).collect();
        // Newest first: a page of none that is wanted is the last.
        let next = page.cursor_next.filter(|_| !contacts.is_empty());
        Ok(ContactsPage {
            contacts,
            unread: Vec::new(),
            total: None,
            next: next.map(|next| text_of(&Cursor::Deletions(Some(next)))),
        })
    }

    async fn search(&self, body: &Value) -> Result<Found> {
        outcome(self.call(&Request::get(&["data", "search"]).body("POST", body.clone())).await?)?.json()
    }

    /// All that a query finds of a kind, up to the most that are looked at.
    async fn search_all(&self, object: &str, names: &[&str], found_by: Value) -> Result<Vec<Value>> {
        let mut body = json!({
            "query": query::all(vec![query::kind(object), found_by]),
            "_fields": {object: names},
            "_limit": PAGE,
        });
        let mut all = Vec::new();
        loop {
            let found = self.search(&body).await?;
            all.extend(found.data);
            match found.cursor {
                Some(cursor) if all.len() < MAX_WALKED => insert(&mut body, "cursor", json!(cursor)),
                _ => return Ok(all),
            }
        }
    }

    /// The leads of a page of contacts, by id: found at once by the times of the page, the rest one by one.
    async fn leads_of(&self, contacts: &[Value]) -> Result<BTreeMap<String, Value>> {
        let wanted: BTreeSet<&str> =
            contacts.iter().filter_map(|value| value.get("lead_id")?.as_str()).collect();
        let mut leads = BTreeMap::new();
        if wanted.len() > 1 {
            let before =
                time_of(contacts.last()).and_then(Time::parse).map(|last| last.plus_millis(1).to_string());
            let changed = query::changed("contact", time_of(contacts.first()), before.as_deref());
            let related = query::all(vec![query::kind("contact"), changed]);
            let found =
                self.search_all("lead", &fields::LEAD, query::has("lead", "contact", related)).await?;
            leads.extend(found.into_iter().filter_map(|lead| Some((id_of(&lead)?.to_owned(), lead))));
        }
        for id in wanted {
            if !leads.contains_key(id)
                && let Some(lead) = self.object("lead", id, &fields::LEAD).await?
            {
                leads.insert(id.to_owned(), lead);
            }
        }
        Ok(leads)
    }

    /// An object by its id; none when it is not there.
    pub(super) async fn object(&self, kind: &str, id: &str, names: &[&str]) -> Result<Option<Value>> {
        let mut request = Request::get(&[kind, id]);
        if !names.is_empty() {
            request = request.with("_fields", &names.join(","));
        }
        let reply = self.call(&request).await?;
        if reply.status == 404 {
            return Ok(None);
        }
        outcome(reply)?.json().map(Some)
    }

    pub(super) async fn record(&self, reference: &CrmRef) -> Result<Option<CrmContact>> {
        if reference.entity != PERSON {
            return Err(ConnectError::NotFound("Close has no such people".to_owned()));
        }
        let Some(value) = self.object("contact", &reference.id, &[]).await? else { return Ok(None) };
        let leads = self.leads_of(std::slice::from_ref(&value)).await?;
        Ok(fields::contact(&value, leads.values().next()))
    }

    pub(super) async fn same_people(&self, draft: &PersonDraft) -> Result<Vec<CrmContact>> {
        if let Some(field) = &self.settings.contact_id_field
            && !draft.external_id.is_empty()
        {
            let name = ["custom.", field].concat();
            let found = self
                .search_all("contact", &fields::CONTACT, query::custom(field, &draft.external_id))
                .await?;
            let ours = |value: &&Value| value.get(&name).and_then(Value::as_str) == Some(&draft.external_id);
            let ours: Vec<Value> = found.iter().filter(ours).cloned().collect();
            if !ours.is_empty() {
                return self.in_their_leads(ours).await;
            }
        }
        let emails: BTreeSet<String> =
            draft.emails.iter().filter_map(|email| duplicates::email_key(email)).collect();
        let linkedin = draft.linkedin_url.as_deref().and_then(canon::linkedin_person);
        let mut ways: Vec<Value> = emails
            .iter()
            .map(|email| {
                query::has(
                    "contact",
                    "contact_email",
                    query::text("contact_email", "email", "exact_value", email),
                )
            })
            .collect();
        if let Some(slug) = linkedin.as_deref().and_then(|url| url.rsplit('/').next()) {
            let url = query::text("contact_url", "url", "phrase", &["linkedin.com/in/", slug].concat());
            ways.push(query::has("contact", "contact_url", url));
        }
        let mut found = Vec::new();
        if !ways.is_empty() {
            found = self.search_all("contact", &fields::CONTACT, query::any(ways)).await?;
        }
        let by_email = |value: &&Value| {
            fields::list(value, "emails", "email")
                .iter()
                .filter_map(|email| duplicates::email_key(email))
                .any(|email| emails.contains(&email))
        };
        let by_url = |value: &&Value| {
            let urls = fields::list(value, "urls", "url");
            linkedin.is_some() && urls.iter().any(|url| canon::linkedin_person(url) == linkedin)
        };
        let mut same: Vec<Value> = found.iter().filter(by_email).cloned().collect();
        if same.is_empty() {
            same = found.iter().filter(by_url).cloned().collect();
        }
        if !same.is_empty() {
            return self.in_their_leads(same).await;
        }
        self.same_name(draft).await
    }

    /// People of that name in the lead of their company.
    async fn same_name(&self, draft: &PersonDraft) -> Result<Vec<CrmContact>> {
        let name = canon::person_name(&draft.first_name, &draft.last_name);
        let (Some(name), Some(company)) = (name, &draft.company) else { return Ok(Vec::new()) };
        let mut same = Vec::new();
        for lead in self.same_companies(company).await?.iter().take(MAX_LEADS) {
            for value in self.list("contact", &lead.id).await? {
                let theirs = value.get("name").and_then(Value::as_str).unwrap_or_default();
                if canon::person_name(theirs, "").as_ref() == Some(&name) {
                    same.push(value);
                }
            }
        }
        self.in_their_leads(same).await
    }

    async fn in_their_leads(&self, found: Vec<Value>) -> Result<Vec<CrmContact>> {
        let mut contacts = Vec::new();
        let mut leads = BTreeMap::new();
        for value in &found {
            let lead_id = value.get("lead_id").and_then(Value::as_str).unwrap_or_default().to_owned();
            if !lead_id.is_empty() && !leads.contains_key(&lead_id) {
                leads.insert(lead_id.clone(), self.object("lead", &lead_id, &fields::LEAD).await?);
            }
            contacts.extend(fields::contact(value, leads.get(&lead_id).and_then(Option::as_ref)));
        }
        Ok(contacts)
    }

    /// All objects of a kind in a lead.
    async fn list(&self, kind: &str, lead: &str) -> Result<Vec<Value>> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let request = Request::get(&[kind])
                .with("lead_id", lead)
                .with("_skip", &all.len().to_string())
                .with("_limit", "100");
            let page: Page = outcome(self.call(&request).await?)?.json()?;
            let more = page.has_more && !page.data.is_empty() && all.len() < MAX_WALKED;
            all.extend(page.data);
            if !more {
                return Ok(all);
            }
        }
    }

    pub(super) async fn same_companies(&self, draft: &CompanyDraft) -> Result<Vec<CrmRef>> {
        let refs = |found: Vec<&Value>| {
            let ids = found.into_iter().filter_map(id_of);
            ids.map(|id| CrmRef { entity: COMPANY.to_owned(), id: id.to_owned() }).collect::<Vec<_>>()
        };
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        if let Some(field) = &self.settings.lead_id_field
            && !draft.external_id.is_empty()
        {
            let found =
                self.search_all("lead", &fields::LEAD, query::custom(field, &draft.external_id)).await?;
            if !found.is_empty() {
                return Ok(refs(found.iter().collect()));
            }
        }
        let domain = draft.domain.as_deref().or(draft.website_url.as_deref()).and_then(canon::domain);
        if let Some(domain) = &domain {
            let found =
                self.search_all("lead", &fields::LEAD, query::text("lead", "url", "phrase", domain)).await?;
            let same = |value: &&Value| canon::domain(&text(value, "url")).as_ref() == Some(domain);
            let found = refs(found.iter().filter(same).collect());
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let Some(key) = duplicates::company_key(&draft.name) else { return Ok(Vec::new()) };
        let named = key.split(' ').map(|word| query::text("lead", "name", "full_words", word)).collect();
        let written = query::text("lead", "name", "exact_value", draft.name.trim());
        let ways = query::any(vec![written, query::all(named)]);
        let found = self.search_all("lead", &fields::LEAD, ways).await?;
        let same = |value: &&Value| {
            let name =
                [text(value, "name"), text(value, "display_name")].into_iter().find(|name| !name.is_empty());
            // One name and two sites are two companies.
            let site = canon::domain(&text(value, "url"));
            let apart = matches!((&site, &domain), (Some(site), Some(domain)) if site != domain);
            name.and_then(|name| duplicates::company_key(&name)).as_ref() == Some(&key) && !apart
        };
        Ok(refs(found.iter().filter(same).collect()))
    }

    /// The tasks of a contact's lead that are the contact's or nobody's.
    pub(super) async fn tasks_of(&self, contact: &CrmRef) -> Result<Vec<CrmTask>> {
        let Some(value) = self.object("contact", &contact.id, &["id", "lead_id"]).await? else {
            return Err(ConnectError::NotFound("the contact is not there".to_owned()));
        };
        let lead = value.get("lead_id").and_then(Value::as_str).unwrap_or_default();
        let theirs = |task: &&Value| {
            let whose = task.get("contact_id").and_then(Value::as_str);
            whose.is_none_or(|whose| whose == contact.id)
        };
        let found = self.list("task", lead).await?;
        let mut tasks: Vec<CrmTask> = found.iter().filter(theirs).filter_map(fields::task).collect();
        tasks.sort_by_key(|task| (task.done, task.due_at));
        Ok(tasks)
    }
}

/// Close's own query is an object of its Advanced Filtering.
fn own_query(text: &str) -> Result<Value> {
    let query = serde_json::from_str(text).ok().filter(Value::is_object);
    query.ok_or_else(|| {
        ConnectError::BadRequest("a query of Close is a JSON object of its Advanced Filtering".to_owned())
    })
}

fn insert(body: &mut Value, name: &str, value: Value) {
    if let Some(body) = body.as_object_mut() {
        body.insert(name.to_owned(), value);
    }
}

fn time_of(value: Option<&Value>) -> Option<&str> {
    value?.get("date_updated")?.as_str()
}

fn id_of(value: &Value) -> Option<&str> {
    value.get("id")?.as_str()
}

/// Where the page after these begins: at the last time, behind those that were read of it.
fn next_of(from: &str, read: &[String], data: &[Value]) -> Result<Cursor> {
    let last = time_of(data.last())
        .ok_or_else(|| ConnectError::Unavailable("contacts without a time".to_owned()))?;
    let same = data.iter().filter(|value| time_of(Some(value)) == Some(last));
    let mut ids: Vec<String> = same.filter_map(id_of).map(str::to_owned).collect();
    if last == from && ids.iter().all(|id| read.contains(id)) {
        return Err(ConnectError::Unavailable("the search does not go on".to_owned()));
    }
    if last == from {
        ids.extend(
            read.iter().filter(|id| !data.iter().any(|value| id_of(value) == Some(id.as_str()))).cloned(),
        );
    }
    Ok(Cursor::Contacts(last.to_owned(), ids))
}

fn text_of(cursor: &Cursor) -> String {
    serde_json::to_string(cursor).unwrap_or_default()
}
