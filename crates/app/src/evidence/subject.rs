//! What checks look at: a record as text, and the site of its company.

use crate::pipeline::{Candidate, Record};
use serde_json::Value;
use sluice_model::{Company, EntityKind};
use url::Url;

/// Keys that say nothing of the person or the company, or that a check does not need to know: ids, book-keeping of the
/// organisation, contact data.
const LEFT_OUT: [&str; 22] = [
    "id",
    "createdAt",
    "updatedAt",
    "deletedAt",
    "companyId",
    "baseProviderId",
    "bullhornId",
    "crmId",
    "externalId",
    "leadOwnerId",
    "consentStatus",
    "consentSource",
    "consentUpdatedAt",
    "clientContact",
    "emails",
    "phones",
    "logoUrl",
    "provenance",
    "source",
    "observedAt",
    "coordinates",
    "crmMatch",
];

/// A candidate as checks see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    kind: EntityKind,
    person: Option<Value>,
    company: Option<Value>,
    /// Name of the company, for sentences.
    pub company_name: String,
    /// Where the company's site begins.
    pub site: Option<Url>,
}

impl Subject {
    /// What there is to look at of a candidate; records only `with_records`, which only models need.
    #[must_use]
    pub fn of(candidate: &Candidate, with_records: bool) -> Self {
        let company = match &candidate.record {
            Record::Person(lead) => lead.company.as_ref(),
            Record::Company(company) => Some(&**company),
        };
        let person = match &candidate.record {
            Record::Person(lead) if with_records => serde_json::to_value(lead).ok(),
            _ => None,
        };
        Self {
            kind: candidate.kind(),
            person,
            company: company.filter(|_| with_records).and_then(|company| serde_json::to_value(company).ok()),
            company_name: candidate.company_name(),
            site: company.and_then(site_of),
        }
    }

    /// The record that a check of this kind judges, as JSON: a person with their company, or a company. None when there
    /// is none.
    #[must_use]
    pub fn record(&self, kind: EntityKind) -> Option<String> {
        let record = match kind {
            EntityKind::Person if self.kind == EntityKind::Person => self.person.as_ref(),
            EntityKind::Person => None,
            EntityKind::Company => self.company.as_ref(),
        }?;
        serde_json::to_string_pretty(&told(record)?).ok()
    }
}

/// A value without what is left out and what is empty.
fn told(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.trim().is_empty()).then(|| value.clone()),
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().filter_map(told).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(entries) => {
            let kept = entries.iter().filter(|(key, _)| !LEFT_OUT.contains(&key.as_str()));
            let kept: serde_json::Map<String, Value> =
                kept.filter_map(|(key, value)| Some((key.clone(), told(value)?))).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
    }
}

/// Where a company's site begins: its `websiteUrl`, else its domain by HTTPS.
fn site_of(company: &Company) -> Option<Url> {
    let read = |text: &str| {
        let text = text.trim();
        let url =
            if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
        let mut url = url.ok()?;
        let is_site = matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| host.contains('.'))
            && url.username().is_empty()
            && url.password().is_none();
        url.set_fragment(None);
        is_site.then_some(url)
    };
    company.website_url.as_deref().and_then(read).or_else(|| company.domain.as_deref().and_then(read))
}

#[cfg(test)]
mod tests {
    use super::{Subject, site_of};
    use crate::pipeline::{Candidate, Record};
    use sluice_model::{Company, EntityKind, Lead, Person};
    use uuid::Uuid;

    #[test]
    fn a_site_begins_at_the_website_or_else_the_domain() {
        for (website, domain, site) in [
            (Some("https://www.acme.example/en#top"), None, Some("https://www.acme.example/en")),
            (Some("http://acme.example"), Some("other.example"), Some("http://acme.example/")),
            (Some(" acme.example/en "), None, Some("https://acme.example/en")),
            (Some("ftp://acme.example"), Some("acme.example"), Some("https://acme.example/")),
            (Some("https://user:secret@acme.example/"), None, None),
            (Some("localhost"), Some("müller.example"), Some("https://xn--mller-kva.example/")),
            (Some(""), None, None),
            (None, None, None),
        ] {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let company =
                Company { website_url: owned(website), domain: owned(domain), ..Company::default() };
            assert_eq!(site_of(&company).as_ref().map(url::Url::as_str), site, "{website:?} {domain:?}");
        }
    }

    #[test]
    fn a_record_tells_what_a_judge_needs_and_no_more() {
        let company = Company { id: Uuid::from_u128(2), name: Some("Acme".to_owned()), ..Company::default() };
        let person = Person {
            id: Uuid::from_u128(1),
            first_name: "Ann".to_owned(),
            last_name: "Lee".to_owned(),
            emails: vec!["ann@acme.example".to_owned()],
            ..Person::default()
        };
        let record = |company| Record::Person(Box::new(Lead::from_catalog(person.clone(), company)));
        let subject = Subject::of(&Candidate::new(record(Some(company)), Vec::new()), true);
        assert_eq!(subject.record(EntityKind::Company).as_deref(), Some("{\n  \"name\": \"Acme\"\n}"));
        let told = subject.record(EntityKind::Person).expect("a person");
        for (text, is_told) in [("Ann", true), ("Acme", true), ("@", false), ("0000", false), ("null", false)]
        {
            assert_eq!(told.contains(text), is_told, "{text}: {told}");
        }
        let alone = Subject::of(&Candidate::new(record(None), Vec::new()), true);
        assert_eq!((alone.record(EntityKind::Company), alone.site), (None, None));
    }
}
