//! By what a contact of the CRM and a lead are known to be the same person.

use sluice_connect::crm::CrmContact;
use sluice_model::crm::CrmKey;
use sluice_model::{Lead, canon, text};

/// What a person is known by, in the CRM or here.
#[derive(Default)]
struct Known<'a> {
    /// Made by [`crm_key`].
    crm: Option<String>,
    linkedin: Option<&'a str>,
    emails: &'a [String],
    /// Folded.
    name: Option<&'a str>,
    company: Option<&'a str>,
    phones: &'a [String],
}

/// The key of an id of the CRM, `crm:12:lee`. Entities count each for itself, and so does every account: only together
/// with the last word of the last name does an id tell somebody. `None` without a last name.
#[must_use]
pub fn crm_key(id: &str, last_name: &str) -> Option<String> {
    Some(["crm:", id, ":", &last_word(last_name)?].concat())
}

/// The last word of a name, folded: of a last name what most spellings of it share.
fn last_word(name: &str) -> Option<String> {
    text::words(name).pop()
}

/// The last name of a contact, else the name that it has.
fn last_name_of(contact: &CrmContact) -> Option<&str> {
    contact.last_name.as_deref().or(contact.name.as_deref())
}

/// The keys of a contact, as `crm_contact_key` has them.
#[must_use]
pub fn keys_of_contact(contact: &CrmContact) -> Vec<String> {
    let first = contact.first_name.as_deref().unwrap_or_default();
    let last = contact.last_name.as_deref().unwrap_or_default();
    let name = canon::person_name(first, last)
        .or_else(|| contact.name.as_deref().and_then(|name| canon::person_name(name, "")));
    let known = Known {
        crm: last_name_of(contact).and_then(|last| crm_key(&contact.reference.id, last)),
        linkedin: contact.linkedin_url.as_deref(),
        emails: &contact.emails,
        name: name.as_deref(),
        company: contact.company.as_deref(),
        phones: &contact.phones,
    };
    keys(known).into_iter().map(|(_, key)| key).collect()
}

/// The keys of a lead, strongest first.
#[must_use]
pub fn keys_of_lead(lead: &Lead) -> Vec<(CrmKey, String)> {
    let person = &lead.person;
    let name = canon::person_name(&person.first_name, &person.last_name);
    let company = lead.company.as_ref().and_then(|company| company.name.as_deref());
    let crm_id = lead.crm_id.as_deref().or(lead.bullhorn_id.as_deref());
    keys(Known {
        crm: crm_id.and_then(|id| crm_key(id, &person.last_name)),
        linkedin: person.linkedin_url.as_deref(),
        emails: &person.emails,
        name: name.as_deref(),
        company: company.or_else(|| person.company_name()),
        phones: &person.phones,
    })
}

fn keys(known: Known<'_>) -> Vec<(CrmKey, String)> {
    let mut out = Vec::new();
    let mut add = |kind: CrmKey, key: String| {
        if !out.iter().any(|(_, there)| *there == key) {
            out.push((kind, key));
        }
    };
    if let Some(key) = known.crm {
        add(CrmKey::CrmId, key);
    }
    if let Some(url) = known.linkedin.and_then(canon::linkedin_person) {
        add(CrmKey::Linkedin, format!("li:{url}"));
    }
    for email in known.emails.iter().filter_map(|email| canon::email(email)) {
        add(CrmKey::Email, format!("em:{email}"));
    }
    let Some(name) = known.name else { return out };
    if let Some(company) = known.company.and_then(canon::company_name) {
        add(CrmKey::NameAndCompany, format!("nc:{name}|{company}"));
    }
    for phone in known.phones.iter().filter_map(|phone| canon::phone(phone)) {
        // Alone it may be that of a whole company.
        add(CrmKey::NameAndPhone, format!("np:{name}|{phone}"));
    }
    out
}

/// Whether a contact that was once found to be somebody can still be: it shares a key with these of theirs, or the last
/// name. Guards what was noted for one account of a CRM from being taken for another's.
#[must_use]
pub fn may_be(contact: &CrmContact, last_name: &str, keys: &[(CrmKey, String)]) -> bool {
    let own = last_word(last_name);
    let theirs = keys_of_contact(contact);
    (own.is_some() && own == last_name_of(contact).and_then(last_word))
        || keys.iter().any(|(kind, key)| *kind != CrmKey::CrmId && theirs.contains(key))
}

#[cfg(test)]
mod tests {
    use super::{crm_key, keys_of_contact, keys_of_lead};
    use serde_json::Map;
    use sluice_connect::crm::{CrmContact, CrmRef};
    use sluice_model::person::{Employer, WorkExperience};
    use sluice_model::{Company, Lead};

    fn contact() -> CrmContact {
        CrmContact {
            reference: CrmRef { entity: "ClientContact".to_owned(), id: "12".to_owned() },
            first_name: Some("Änn".to_owned()),
            last_name: Some("Lee".to_owned()),
            name: None,
            emails: vec!["ANN@acme.example".to_owned(), "broken".to_owned()],
            phones: vec!["+41 44 668 18 00".to_owned()],
            linkedin_url: Some("linkedin.com/in/Ann".to_owned()),
            occupation: None,
            company: Some("The Acme Inc.".to_owned()),
            company_ref: None,
            status: None,
            modified_at: None,
            deleted: false,
            fields: Map::new(),
        }
    }

    #[test]
    fn contacts_and_leads_have_the_same_keys() {
        let mut lead = Lead { crm_id: Some("12".to_owned()), ..Lead::default() };
        lead.person.first_name = "Ann".to_owned();
        lead.person.last_name = "LEE".to_owned();
        lead.person.linkedin_url = Some("https://www.linkedin.com/in/ann/".to_owned());
        lead.person.emails = vec!["ann@acme.example".to_owned()];
        lead.person.phones = vec!["+41446681800".to_owned()];
        lead.company = Some(Company { name: Some("ACME".to_owned()), ..Company::default() });
        let keys = [
            "crm:12:lee",
            "li:https://www.linkedin.com/in/ann",
            "em:ann@acme.example",
            "nc:ann lee|acme",
            "np:ann lee|+41446681800",
        ];
        assert_eq!(keys_of_contact(&contact()), keys);
        let of_lead: Vec<String> = keys_of_lead(&lead).into_iter().map(|(_, key)| key).collect();
        assert_eq!(of_lead, keys);
        lead.company = None;
        let company = Employer { name: Some("Acme Ltd".to_owned()), ..Employer::default() };
        lead.person.work_experiences.push(WorkExperience { company, ..WorkExperience::default() });
        assert_eq!(keys_of_lead(&lead).len(), 5, "the company of the present job will do");
    }

    #[test]
    fn an_id_tells_somebody_with_their_last_name_alone() {
        assert_eq!(crm_key("12", "van der Lée").as_deref(), Some("crm:12:lee"));
        assert_eq!(crm_key("12", " – "), None);
        // Entities and accounts count each for itself.
        let mut lead = Lead { crm_id: Some("12".to_owned()), ..Lead::default() };
        lead.person.first_name = "Bob".to_owned();
        lead.person.last_name = "Stone".to_owned();
        let keys = keys_of_contact(&contact());
        assert!(!keys_of_lead(&lead).iter().any(|(_, key)| keys.contains(key)), "{keys:?}");
        let mut nameless = contact();
        nameless.last_name = None;
        assert!(!keys_of_contact(&nameless).iter().any(|key| key.starts_with("crm:")));
        nameless.name = Some("Ann Lee".to_owned());
        assert_eq!(keys_of_contact(&nameless)[0], "crm:12:lee");
    }

    fn may_be(contact: &CrmContact, lead: &Lead) -> bool {
        super::may_be(contact, &lead.person.last_name, &keys_of_lead(lead))
    }

    #[test]
    fn what_was_noted_counts_while_something_still_agrees() {
        let mut lead = Lead { crm_id: Some("12".to_owned()), ..Lead::default() };
        lead.person.first_name = "Eve".to_owned();
        lead.person.last_name = "Stone".to_owned();
        assert!(!may_be(&contact(), &lead), "an id alone is not enough");
        lead.person.last_name = "van der Lee".to_owned();
        assert!(may_be(&contact(), &lead));
        lead.person.last_name = "Stone".to_owned();
        lead.person.emails = vec!["ann@acme.example".to_owned()];
        assert!(may_be(&contact(), &lead), "married since");
    }
}
