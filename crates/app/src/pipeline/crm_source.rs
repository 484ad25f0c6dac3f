//! Candidates from the CRM, before those of the searches.
//!
//! Contacts of the mirror come by entity and id. A contact whom the catalog knows is that record of the catalog, with
//! all searches that find it; one whom it does not know is made from what the CRM has.

use super::candidate::{Candidate, Record};
use super::plan::Rules;
use super::source::{Candidates, Cursor};
use crate::context::Context;
use crate::crm::{connected, error_of, filled};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sluice_catalog::{PersonHit, Search, Sort, Window};
use sluice_connect::crm::{ContactsAsk, CrmContact};
use sluice_model::crm::{CrmProvider, CrmReference};
use sluice_model::decision::Source;
use sluice_model::filter::{Clause, ContactFacet, Filter, Mode, Text, Wrapper};
use sluice_model::icp::CrmFilters;
use sluice_model::person::{Employer, WorkExperience};
use sluice_model::{Actor, Company, Lead, canon};
use sluice_store::ops::crm_contact::crm_contact_page;
use std::collections::{HashMap, HashSet, VecDeque};
use uuid::Uuid;

/// Contacts of the mirror looked at in one go.
const PAGE: usize = 500;
/// Contacts looked up in the catalog in one go.
const LOOK_UP: usize = 100;
/// People of the catalog who have the name of one of those looked up, at most: beyond, only LinkedIn tells.
const NAMESAKES: usize = 1_000;

/// Where the candidates go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    #[serde(flatten)]
    pub searches: Cursor,
    /// The last contact of the CRM that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<CrmReference>,
    /// Whether there are no more of them.
    #[serde(default)]
    pub contacts_ended: bool,
}

/// Yields candidates batch by batch: contacts of the CRM, if the ICP asks for them, then those of its searches.
pub struct Sources<'r> {
    context: &'r Context,
    actor: &'r Actor,
    rules: &'r Rules,
    searches: Candidates<'r>,
    contacts: Option<Contacts<'r>>,
    /// Where the searches are.
    cursor: Cursor,
}

/// The contacts that are still to come.
struct Contacts<'r> {
    filters: &'r CrmFilters,
    /// Known once the first batch was asked for.
    provider: Option<CrmProvider>,
    /// Those that the CRM itself found by `query`.
    found: Option<HashSet<CrmReference>>,
    /// The last one read from the mirror.
    read: Option<CrmReference>,
    ended: bool,
    /// Those read and not looked up yet.
    waiting: VecDeque<CrmContact>,
    fetched: VecDeque<(CrmReference, Candidate)>,
    /// The last one that was a candidate.
    given: Option<CrmReference>,
}

impl<'r> Sources<'r> {
    /// Candidates from `place` on; those in `seen` were considered before.
    #[must_use]
    pub fn new(
        context: &'r Context,
        actor: &'r Actor,
        rules: &'r Rules,
        place: Place,
        seen: HashSet<Uuid>,
    ) -> Self {
        let Place { searches: cursor, contact, contacts_ended } = place;
        let contacts = rules.crm.as_ref().filter(|_| !contacts_ended).map(|filters| Contacts {
            filters,
            provider: None,
            found: None,
            read: contact.clone(),
            ended: false,
            waiting: VecDeque::new(),
            fetched: VecDeque::new(),
            given: contact,
        });
        let searches = Candidates::new(context, actor, rules, cursor.clone(), seen);
        Self { context, actor, rules, searches, contacts, cursor }
    }

    /// Leaves this record out: it is a candidate already.
    pub fn leave_out(&mut self, id: Uuid) {
        self.searches.leave_out(id);
    }

    /// The next `most` candidates (a few more when the last ones share a rank), and the place after the last of them.
    /// Fewer when there are no more.
    ///
    /// # Errors
    /// The catalog's, the store's, and the CRM's when it is to be asked.
    pub async fn next_batch(&mut self, most: usize) -> Result<(Vec<Candidate>, Place)> {
        let mut batch = Vec::new();
        if let Some(mut contacts) = self.contacts.take() {
            let mut more = true;
            while batch.len() < most && more {
                contacts.fill(self.context, self.actor, self.rules, most).await?;
                // Fewer than were asked for: there are no others.
                more = contacts.fetched.len() >= most;
                while batch.len() < most
                    && let Some((reference, candidate)) = contacts.fetched.pop_front()
                {
                    contacts.given = Some(reference);
                    // Two contacts can be one person, and after a restart some are decided already.
                    if self.searches.leave_out(candidate.id) {
                        batch.push(candidate);
                    }
                }
            }
            if batch.len() == most {
                let place = Place {
                    searches: self.cursor.clone(),
                    contact: contacts.given.clone(),
                    contacts_ended: false,
                };
                self.contacts = Some(contacts);
                return Ok((batch, place));
            }
        }
        let (more, cursor) = self.searches.next_batch(most - batch.len()).await?;
        self.cursor = cursor.clone();
        batch.extend(more);
        let contacts_ended = self.rules.crm.is_some();
        Ok((batch, Place { searches: cursor, contact: None, contacts_ended }))
    }
}

impl Contacts<'_> {
    /// Makes candidates until there are `most`, or no more contacts.
    async fn fill(&mut self, context: &Context, actor: &Actor, rules: &Rules, most: usize) -> Result<()> {
        if self.provider.is_none() {
            let provider = context.read(actor, |tx| Box::pin(async move { filled(tx).await })).await?;
            self.provider = provider.filter(|provider| provider.name() == self.filters.provider);
            // A blank one asks for nothing in particular.
            let query = self.filters.query.as_deref().filter(|query| !query.trim().is_empty());
            if let (Some(query), Some(_)) = (query, self.provider) {
                self.found = Some(found_by_crm(context, actor, query).await?);
            }
        }
        // A preview shows what would come without the CRM, and says that it is missing.
        let Some(provider) = self.provider else { return Ok(()) };
        while self.fetched.len() < most && !(self.ended && self.waiting.is_empty()) {
            while self.waiting.len() < LOOK_UP && !self.ended {
                self.read_page(context, actor, provider).await?;
            }
            let count = self.waiting.len().min(LOOK_UP);
            let some: Vec<CrmContact> = self.waiting.drain(..count).collect();
            for candidate in candidates(context, actor, rules, provider, some).await? {
                self.fetched.push_back(candidate);
            }
        }
        Ok(())
    }

    async fn read_page(&mut self, context: &Context, actor: &Actor, provider: CrmProvider) -> Result<()> {
        let after = self.read.clone();
        let page = context.read_long(actor, move |tx| {
            Box::pin(
                async move { Ok::<_, Error>(crm_contact_page(tx, provider, after.as_ref(), PAGE).await?) },
            )
        });
        let page = page.await?;
        self.ended = page.len() < PAGE;
        for stored in page {
            let found = self.found.as_ref().is_none_or(|found| found.contains(&stored.reference));
            self.read = Some(stored.reference);
            let contact: CrmContact = serde_json::from_str(&stored.data)?;
            if found && self.filters.matches(contact.occupation.as_deref(), &contact.fields) {
                self.waiting.push_back(contact);
            }
        }
        Ok(())
    }
}

/// What the CRM finds by a query of its own language.
async fn found_by_crm(context: &Context, actor: &Actor, query: &str) -> Result<HashSet<CrmReference>> {
    let crm = connected(context, &actor.organisation).await?;
    let mut found = HashSet::new();
    let mut ask = ContactsAsk { since: None, query: Some(query.to_owned()), after: None };
    loop {
        let page = crm.contacts(&ask).await.map_err(error_of)?;
        found.extend(page.contacts.into_iter().map(|contact| contact.reference));
        if page.next.is_none() {
            return Ok(found);
        }
        ask.after = page.next;
    }
}

/// These contacts as candidates, in their order.
async fn candidates(
    context: &Context,
    actor: &Actor,
    rules: &Rules,
    provider: CrmProvider,
    contacts: Vec<CrmContact>,
) -> Result<Vec<(CrmReference, Candidate)>> {
    let known = of_catalog(context, rules, &contacts).await?;
    let ids: Vec<Uuid> = known.iter().flatten().map(|hit| hit.person.id).collect();
    let also = found_by(context, rules, &ids).await?;
    let mut out = Vec::with_capacity(contacts.len());
    for (contact, known) in contacts.into_iter().zip(known) {
        let reference = contact.reference.clone();
        let mut sources = vec![Source::crm(provider, reference.clone())];
        let mut lead = match known {
            Some(hit) => {
                let searches = also.get(&hit.person.id).into_iter().flatten();
                sources.extend(searches.filter_map(|at| {
                    let search = rules.searches.get(*at)?;
                    Some(Source::search(search.provider.clone(), *at))
                }));
                Lead::from_catalog(hit.person, hit.company)
            }
            None => lead_of(actor, provider, contact),
        };
        lead.crm_id = Some(reference.id.clone());
        if provider == CrmProvider::Bullhorn {
            lead.bullhorn_id = Some(reference.id.clone());
        }
        out.push((reference, Candidate::new(Record::Person(Box::new(lead)), sources)));
    }
    Ok(out)
}

/// The record of the catalog that each contact is: by LinkedIn URL, else by name and e-mail, or name and company.
async fn of_catalog(
    context: &Context,
    rules: &Rules,
    contacts: &[CrmContact],
) -> Result<Vec<Option<PersonHit>>> {
    let urls: Vec<Option<String>> = contacts
        .iter()
        .map(|contact| contact.linkedin_url.as_deref().and_then(canon::linkedin_person))
        .collect();
    let wanted: Vec<String> = urls.iter().flatten().cloned().collect();
    let limit = wanted.len() * 2;
    let hits = search(context, rules, ContactFacet::Linkedin(wanted), limit).await?;
    let mut by_url: HashMap<String, PersonHit> = HashMap::new();
    for hit in hits {
        if let Some(url) = hit.person.linkedin_url.as_deref().and_then(canon::linkedin_person) {
            by_url.entry(url).or_insert(hit);
        }
    }
    let mut out: Vec<Option<PersonHit>> =
        urls.into_iter().map(|url| url.and_then(|url| by_url.get(&url).cloned())).collect();
    let unknown = contacts.iter().zip(&out).filter(|(_, known)| known.is_none());
    let names: Vec<String> = unknown.filter_map(|(contact, _)| full_name(contact)).collect();
    let text = Text { mode: Mode::Strict, values: names };
    let namesakes = search(context, rules, ContactFacet::FullName(text), NAMESAKES).await?;
    for (contact, known) in contacts.iter().zip(&mut out) {
        if known.is_none() {
            *known = namesakes.iter().find(|hit| is_same(contact, hit)).cloned();
        }
    }
    Ok(out)
}

async fn search(
    context: &Context,
    rules: &Rules,
    facet: ContactFacet,
    limit: usize,
) -> Result<Vec<PersonHit>> {
    let empty = match &facet {
        ContactFacet::Linkedin(values) => values.is_empty(),
        ContactFacet::FullName(text) => text.values.is_empty(),
        _ => false,
    };
    if empty {
        return Ok(Vec::new());
    }
    let filter =
        Filter { contact: vec![Clause { wrapper: Wrapper::AnyInclude, facet }], ..Filter::default() };
    let search = Search {
        filter,
        ids: None,
        window: Window::Page { offset: 0, limit },
        count: false,
        sort: Sort::Rank,
        now: rules.as_of,
    };
    Ok(context.catalog.search_people(search).await?.hits)
}

/// Whether somebody of the catalog with the name of this contact is the contact.
fn is_same(contact: &CrmContact, hit: &PersonHit) -> bool {
    let name = |first: &str, last: &str| canon::person_name(first, last);
    let own = full_name(contact).and_then(|full| name(&full, ""));
    if own.is_none() || own != name(&hit.person.first_name, &hit.person.last_name) {
        return false;
    }
    let emails: HashSet<String> = contact.emails.iter().filter_map(|email| canon::email(email)).collect();
    if hit.person.emails.iter().filter_map(|email| canon::email(email)).any(|email| emails.contains(&email)) {
        return true;
    }
    let theirs = hit.company.as_ref().and_then(|company| company.name.as_deref());
    let theirs = theirs.or_else(|| hit.person.company_name()).and_then(canon::company_name);
    theirs.is_some() && theirs == contact.company.as_deref().and_then(canon::company_name)
}

fn full_name(contact: &CrmContact) -> Option<String> {
    match (&contact.first_name, &contact.last_name) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        _ => contact.name.clone(),
    }
}

/// Which searches of the ICP find these records as well.
async fn found_by(context: &Context, rules: &Rules, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<usize>>> {
    let mut found: HashMap<Uuid, Vec<usize>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    for (at, criterion) in rules.searches.iter().enumerate().filter(|(_, search)| search.is_of_catalog()) {
        let search = Search {
            filter: criterion.filter.clone(),
            ids: Some(ids.to_vec()),
            window: Window::Page { offset: 0, limit: ids.len() },
            count: false,
            sort: Sort::Rank,
            now: rules.as_of,
        };
        for hit in context.catalog.search_people(search).await?.hits {
            found.entry(hit.person.id).or_default().push(at);
        }
    }
    Ok(found)
}

/// Somebody whom only the CRM knows.
fn lead_of(actor: &Actor, provider: CrmProvider, contact: CrmContact) -> Lead {
    let address = |name: &str| {
        let text = contact.fields.get("address")?.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let (city, postal_code, country) = (address("city"), address("zip"), address("countryName"));
    let (first, last) = match (contact.first_name, contact.last_name) {
        (None, None) => {
            let name = contact.name.unwrap_or_default();
            let (first, last) = name.trim().rsplit_once(' ').unwrap_or(("", name.trim()));
            (first.to_owned(), last.to_owned())
        }
        (first, last) => (first.unwrap_or_default(), last.unwrap_or_default()),
    };
    let mut lead = Lead::default();
    let person = &mut lead.person;
    person.id = id_of(actor, provider, &contact.reference);
    person.first_name = first;
    person.last_name = last;
    person.job_title = contact.occupation;
    person.city = city;
    person.postal_code = postal_code;
    person.country = country;
    person.linkedin_url = contact.linkedin_url.as_deref().and_then(canon::linkedin_person);
    person.emails = contact.emails.iter().filter_map(|email| canon::email(email)).collect();
    person.phones = contact.phones.iter().map(|phone| canon::phone_or_same(phone)).collect();
    if let Some(name) = contact.company.filter(|name| !name.trim().is_empty()) {
        let company = Employer { name: Some(name.clone()), ..Employer::default() };
        person.work_experiences.push(WorkExperience { company, ..WorkExperience::default() });
        // Where somebody can be written to at work tells where the company is.
        let domain = person.emails.iter().find_map(|email| canon::domain_of_email(email));
        lead.company = Some(Company { name: Some(name), domain, ..Company::default() });
    }
    lead
}

/// The same id for the same contact each time.
fn id_of(actor: &Actor, provider: CrmProvider, reference: &CrmReference) -> Uuid {
    let mut digest = Sha256::new();
    for part in [actor.organisation.as_str(), provider.name(), &reference.entity, &reference.id] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
