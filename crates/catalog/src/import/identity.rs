//! When two rows are about the same company or person.
//!
//! A record is known by keys, from the strongest to the weakest:
//!
//! | company | person |
//! |---|---|
//! | its id here (a UUID) | its id here (a UUID) |
//! | the source's id | the source's id |
//! | registrable domain | LinkedIn profile |
//! | LinkedIn page | e-mail address |
//! | normalised name + country | normalised full name + company |
//! | normalised name | |
//!
//! A row belongs to the record that its strongest known key finds. A weaker key counts only as long as no
//! stronger identifier that both have says otherwise: two companies of the same name with two domains are two,
//! and a company of which only the name was known becomes the one with the domain. The first record to carry a
//! key keeps it.
//!
//! - A UUID decides alone: when no record has it, the row makes one, whatever else it carries.
//! - Ids that are no UUIDs are only unique within their source, so they are looked up as `source/id` first; the
//!   id alone finds a record of another source only if a name or another identifier agrees.
//! - The domain decides between companies, even when the names differ (one company is often listed under several
//!   names). A domain that many share (`facebook.com`, `gmail.com`: `data/import/shared_hosts.txt`) identifies
//!   none, nor does a mailbox that an office reads (`info@…`: `data/import/role_mailboxes.txt`) a person.
//! - The name alone finds a company only while not both have a country: it is how a person's row that just says
//!   "Acme" finds its company.

use super::clean;
use crate::embedded::Key as Stored;
use crate::{CatalogError, Writer};
use sluice_model::person::Provenance;
use sluice_model::{Company, EntityKind, Person, canon, text};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How much a key says, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// The source's id, within its source.
    SourceId,
    /// The same id whatever its source: needs something else that agrees.
    BareId,
    /// Domain, or LinkedIn profile of a person.
    First,
    /// LinkedIn page of a company, or e-mail.
    Second,
    /// Name with country, or with company.
    Name,
    /// A company's name alone.
    NameAlone,
}

/// One identity of a record, as the catalog keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub strength: Strength,
    pub stored: Stored,
}

/// A kind of record that can be found by keys.
pub(super) trait Record: Clone {
    const KIND: EntityKind;

    fn id(&self) -> Uuid;
    fn set_id(&mut self, id: Uuid);
    /// All keys, the strongest first, without the UUID.
    fn keys(&self) -> Vec<Key>;
    /// Whether stronger identifiers, or for [`Strength::BareId`] the lack of any other agreement, forbid that
    /// `row`, found by a key of this strength, is this record.
    fn refuses(&self, row: &Self, found_by: Strength) -> bool;
    /// Sets when the record was made (if it is new) and last changed.
    fn stamp(&mut self, now: sluice_model::Time, new: bool);
    fn merge(&mut self, row: Self) -> super::merge::Merged;

    fn get(writer: &dyn Writer, id: Uuid) -> Result<Option<Self>, CatalogError>;
    fn put(&self, writer: &mut dyn Writer, keys: &[Stored]) -> Result<(), CatalogError>;
}

fn push(keys: &mut Vec<Key>, strength: Strength, text: &str) {
    keys.push(Key { strength, stored: Stored::of(text) });
}

fn push_ids(keys: &mut Vec<Key>, external: Option<&str>, source: Option<&str>) {
    if let Some(id) = external {
        push(keys, Strength::SourceId, &format!("id:{}/{id}", source.unwrap_or_default()));
        push(keys, Strength::BareId, &format!("id:{id}"));
    }
}

/// The source that gave the external id.
fn id_source<'a>(source: Option<&'a str>, provenance: &'a BTreeMap<String, Provenance>) -> Option<&'a str> {
    provenance.get("externalId").map(|seen| seen.source.as_str()).or(source)
}

fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}

fn agree<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a == b)
}

/// The domain, if it identifies the company.
fn own_domain(company: &Company) -> Option<&str> {
    company.domain.as_deref().filter(|domain| !clean::shared_host(domain))
}

fn canonical_name(company: &Company) -> Option<String> {
    canon::company_name(company.name.as_deref()?)
}

/// The key by which a company of this name in this country is found.
pub(super) fn name_in_country(name: &str, country: &str) -> Key {
    let text = format!("nc:{name}|{}", country_key(country));
    Key { strength: Strength::Name, stored: Stored::of(&text) }
}

/// A country for comparison: its code, so that `DE`, `Germany` and `Deutschland` are one.
fn country_key(country: &str) -> String {
    crate::text::country_code(country).unwrap_or_else(|| text::fold(country))
}

impl Record for Company {
    const KIND: EntityKind = EntityKind::Company;

    fn id(&self) -> Uuid {
        self.id
    }

    fn set_id(&mut self, id: Uuid) {
        self.id = id;
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(4);
        push_ids(&mut keys, self.external_id.as_deref(), id_source(self.source.as_deref(), &self.provenance));
        if let Some(domain) = own_domain(self) {
            push(&mut keys, Strength::First, &format!("dom:{domain}"));
        }
        if let Some(url) = &self.linkedin_url {
            push(&mut keys, Strength::Second, &format!("li:{}", slug(url)));
        }
        if let Some(name) = canonical_name(self) {
            if let Some(country) = &self.country {
                keys.push(name_in_country(&name, country));
            }
            push(&mut keys, Strength::NameAlone, &format!("n:{name}"));
        }
        keys
    }

    fn refuses(&self, row: &Self, found_by: Strength) -> bool {
        if found_by == Strength::SourceId {
            return false;
        }
        let ours = id_source(self.source.as_deref(), &self.provenance);
        let theirs = id_source(row.source.as_deref(), &row.provenance);
        if ours == theirs && differ(self.external_id.as_ref(), row.external_id.as_ref()) {
            return true;
        }
        if found_by == Strength::BareId {
            return !agree(own_domain(self), own_domain(row))
                && !agree(self.linkedin_url.as_ref(), row.linkedin_url.as_ref())
                && !agree(canonical_name(self), canonical_name(row));
        }
        (found_by > Strength::First && differ(own_domain(self), own_domain(row)))
            || (found_by > Strength::Second && differ(self.linkedin_url.as_ref(), row.linkedin_url.as_ref()))
            || (found_by > Strength::Name
                && differ(self.country.as_deref().map(country_key), row.country.as_deref().map(country_key)))
    }

    fn stamp(&mut self, now: sluice_model::Time, new: bool) {
        if new {
            self.created_at = Some(now);
        }
        self.updated_at = Some(now);
    }

    fn merge(&mut self, row: Self) -> super::merge::Merged {
        super::merge::company(self, row)
    }

    fn get(writer: &dyn Writer, id: Uuid) -> Result<Option<Self>, CatalogError> {
        writer.company(id)
    }

    fn put(&self, writer: &mut dyn Writer, keys: &[Stored]) -> Result<(), CatalogError> {
        writer.store_company(self, keys)
    }
}

impl Record for Person {
    const KIND: EntityKind = EntityKind::Person;

    fn id(&self) -> Uuid {
        self.id
    }

    fn set_id(&mut self, id: Uuid) {
        self.id = id;
    }

    /// The name is joined with each company of the career, so that an older list still finds somebody who has
    /// moved on; without any company, with the place.
    fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(4);
        push_ids(&mut keys, self.external_id.as_deref(), id_source(self.source.as_deref(), &self.provenance));
        if let Some(url) = &self.linkedin_url {
            push(&mut keys, Strength::First, &format!("li:{}", slug(url)));
        }
        for email in own_emails(self) {
            push(&mut keys, Strength::Second, &format!("em:{email}"));
        }
        let Some(name) = canon::person_name(&self.first_name, &self.last_name) else { return keys };
        let names = keys.len();
        if let Some(id) = self.company_id {
            push(&mut keys, Strength::Name, &format!("nc:{name}|{id}"));
        }
        let current = self.company_id.map(|id| id.to_string());
        for job in self.work_experiences.iter().take(20) {
            if let Some(id) = job.company.id.as_ref().filter(|id| Some(*id) != current.as_ref()) {
                push(&mut keys, Strength::Name, &format!("nc:{name}|{id}"));
            }
        }
        if keys.len() == names {
            let country = self.country.as_deref().map(country_key).unwrap_or_default();
            let city = self.city.as_deref().map(text::fold).unwrap_or_default();
            push(&mut keys, Strength::Name, &format!("nc:{name}||{country}|{city}"));
        }
        keys
    }

    fn refuses(&self, row: &Self, found_by: Strength) -> bool {
        if found_by == Strength::SourceId {
            return false;
        }
        let ours = id_source(self.source.as_deref(), &self.provenance);
        let theirs = id_source(row.source.as_deref(), &row.provenance);
        if ours == theirs && differ(self.external_id.as_ref(), row.external_id.as_ref()) {
            return true;
        }
        let shared_email = || own_emails(self).any(|email| own_emails(row).any(|other| other == email));
        if found_by == Strength::BareId {
            let name = |person: &Self| canon::person_name(&person.first_name, &person.last_name);
            return !agree(self.linkedin_url.as_ref(), row.linkedin_url.as_ref())
                && !shared_email()
                && !agree(name(self), name(row));
        }
        if found_by > Strength::First && differ(self.linkedin_url.as_ref(), row.linkedin_url.as_ref()) {
            return true;
        }
        let both_have_email = own_emails(self).next().is_some() && own_emails(row).next().is_some();
        found_by > Strength::Second
            && both_have_email
            && !shared_email()
            && !agree(self.linkedin_url.as_ref(), row.linkedin_url.as_ref())
    }

    fn stamp(&mut self, now: sluice_model::Time, new: bool) {
        if new {
            self.created_at = Some(now);
        }
        self.updated_at = Some(now);
    }

    fn merge(&mut self, row: Self) -> super::merge::Merged {
        super::merge::person(self, row)
    }

    fn get(writer: &dyn Writer, id: Uuid) -> Result<Option<Self>, CatalogError> {
        writer.person(id)
    }

    fn put(&self, writer: &mut dyn Writer, keys: &[Stored]) -> Result<(), CatalogError> {
        writer.store_person(self, keys)
    }
}

/// The addresses that identify the person.
fn own_emails(person: &Person) -> impl Iterator<Item = &str> {
    person.emails.iter().map(String::as_str).filter(|email| !clean::role_mailbox(email))
}

/// The last part of a canonical LinkedIn URL.
fn slug(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
