//! Bullhorn's fields: which are read, and what a person becomes.

use super::settings::BullhornSettings;
use crate::crm::{CompanyDraft, CrmContact, CrmRef, CrmTask, PersonDraft};
use crate::error::{ConnectError, Result};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use sluice_model::{Time, canon};

/// The people of Bullhorn, in the order in which they are read.
pub(super) const PEOPLE: [&str; 3] = ["Candidate", "ClientContact", "Lead"];
pub(super) const COMPANY: &str = "ClientCorporation";

const COMMON: &str = "id,firstName,lastName,name,occupation,email,email2,email3,phone,phone2,phone3,mobile,address,\
                      status,isDeleted,massMailOptOut,owner,dateAdded,dateLastModified";

/// The fields that are read of an entity: one that it does not have would fail the call.
pub(super) fn read_fields(entity: &str, settings: &BullhornSettings) -> String {
    let own = match entity {
        "Candidate" => "workPhone,source,externalID,companyName,companyURL",
        "ClientContact" => "type,source,externalID,clientCorporation(id,name)",
        _ => "type,leadSource,companyName,companyURL,clientCorporation(id,name)",
    };
    let mut fields = [COMMON, own].join(",");
    for number in 1..=20 {
        fields.push_str(",customText");
        fields.push_str(&number.to_string());
    }
    if let Some(field) = settings.linkedin_of(entity)
        && !fields.split(',').any(|known| known == field)
    {
        fields.push(',');
        fields.push_str(field);
    }
    fields
}

/// What Bullhorn keeps of one of our ids: its field takes 30 characters, and other systems use it as well.
pub(super) fn external_key(id: &str) -> String {
    let hash = Sha256::digest(id.as_bytes());
    hash.iter().take(12).fold("sluice".to_owned(), |key, byte| {
        let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
        [key, String::from_iter([digit(byte >> 4), digit(byte & 15)])].concat()
    })
}

/// Bullhorn's number of a record.
///
/// # Errors
/// [`ConnectError::NotFound`] for what is no number.
pub(super) fn number(reference: &CrmRef) -> Result<u64> {
    reference.id.parse().map_err(|_| ConnectError::NotFound("Bullhorn has numbers for ids".to_owned()))
}

/// Whether Bullhorn has the record and cannot show it: the row says why in the place of its fields.
pub(super) fn is_unread(value: &Value) -> bool {
    value.get("_error").is_some_and(|error| !error.is_null())
}

/// A record as it came. `None` when it has no id, or cannot be shown.
pub(super) fn contact(entity: &str, value: &Value, settings: &BullhornSettings) -> Option<CrmContact> {
    if is_unread(value) {
        return None;
    }
    let mut fields = value.as_object()?.clone();
    fields.retain(|name, _| !name.starts_with('_'));
    let id = fields.get("id")?.as_u64()?.to_string();
    let text = |name: &str| text_of(fields.get(name)?);
    let texts = |names: &[&str]| names.iter().filter_map(|name| text(name)).collect::<Vec<_>>();
    let corporation = fields.get("clientCorporation").filter(|value| value.is_object());
    let company_ref = corporation.and_then(|company| company.get("id")?.as_u64());
    let linkedin = settings.linkedin_of(entity).into_iter().chain(["companyURL"]);
    let contact = CrmContact {
        reference: CrmRef { entity: entity.to_owned(), id },
        first_name: text("firstName"),
        last_name: text("lastName"),
        name: text("name"),
        emails: texts(&["email", "email2", "email3"]),
        phones: texts(&["phone", "phone2", "phone3", "mobile", "workPhone"]),
        linkedin_url: linkedin.filter_map(text).find_map(|url| canon::linkedin_person(&url)),
        occupation: text("occupation"),
        company: text("companyName").or_else(|| text_of(corporation?.get("name")?)),
        company_ref: company_ref.map(|id| CrmRef { entity: COMPANY.to_owned(), id: id.to_string() }),
        status: text("status"),
        modified_at: fields.get("dateLastModified").and_then(Value::as_i64).map(Time::from_millis),
        deleted: is_deleted(value),
        fields: Map::new(),
    };
    Some(CrmContact { fields, ..contact })
}

/// Deleted records stay, marked.
pub(super) fn is_deleted(value: &Value) -> bool {
    match value.get("isDeleted") {
        Some(Value::Bool(deleted)) => *deleted,
        Some(Value::Number(deleted)) => deleted.as_i64() != Some(0),
        _ => false,
    }
}

fn text_of(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A task as it came. `None` when it has no id, or cannot be shown.
pub(super) fn task(value: &Value) -> Option<CrmTask> {
    if is_unread(value) {
        return None;
    }
    Some(CrmTask {
        id: value.get("id")?.as_u64()?.to_string(),
        subject: value.get("subject").and_then(text_of),
        kind: value.get("type").and_then(text_of),
        due_at: value.get("dateEnd").and_then(Value::as_i64).map(Time::from_millis),
        done: matches!(value.get("isCompleted"), Some(Value::Bool(true))),
    })
}

/// The fields of a person. What is longer than Bullhorn's field is cut where that leaves it useful (names, titles), and
/// left out where it does not (addresses, numbers). The country is left out: Bullhorn has numbers of its own for it.
pub(super) fn person(draft: &PersonDraft, settings: &BullhornSettings, entity: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            fields.insert(name.to_owned(), Value::String(value));
        }
    };
    put("firstName", cut(&draft.first_name, 50));
    put("lastName", cut(&draft.last_name, 50));
    put("name", cut([draft.first_name.trim(), draft.last_name.trim()].join(" ").trim(), 100));
    put(
        "occupation",
        draft.job_title.as_deref().and_then(|title| cut(title, if entity == "Lead" { 50 } else { 100 })),
    );
    let longest = if entity == "ClientContact" { 60 } else { 100 };
    for (name, email) in ["email", "email2", "email3"].iter().zip(fitting(&draft.emails, longest)) {
        put(name, Some(email));
    }
    let phones: Vec<String> = draft.phones.iter().map(|phone| phone_text(phone)).collect();
    for (name, phone) in ["phone", "mobile", "phone2"].iter().zip(fitting(&phones, 20)) {
        put(name, Some(phone));
    }
    if let Some(field) = settings.linkedin_of(entity) {
        put(field, fitting(draft.linkedin_url.as_slice(), 100).next());
    }
    if entity != "ClientContact" {
        put("companyName", draft.company.as_ref().and_then(|company| cut(&company.name, 100)));
    }
    let mut address = Map::new();
    for (name, value, most) in [("city", &draft.city, 40), ("zip", &draft.postal_code, 15)] {
        if let Some(value) = value.as_deref().and_then(|value| cut(value, most)) {
            address.insert(name.to_owned(), Value::String(value));
        }
    }
    if !address.is_empty() {
        fields.insert("address".to_owned(), Value::Object(address));
    }
    fields
}

/// The fields of a company, with our id.
pub(super) fn company(draft: &CompanyDraft, settings: &BullhornSettings) -> Map<String, Value> {
    let url = draft.website_url.clone().or_else(|| draft.domain.clone());
    let phones: Vec<String> = draft.phones.iter().map(|phone| phone_text(phone)).collect();
    let values = [
        ("name", cut(&draft.name, 100)),
        ("companyURL", fitting(url.as_slice(), 100).next()),
        ("phone", fitting(&phones, 20).next()),
        ("industryList", draft.industry.as_deref().and_then(|industry| cut(industry, 200))),
        ("status", Some(settings.company_status.clone())),
        ("externalID", (!draft.external_id.is_empty()).then(|| external_key(&draft.external_id))),
    ];
    let there = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
    there.collect()
}

/// A link to one other record.
pub(super) fn link(id: u64) -> Value {
    json!({ "id": id })
}

/// At most so many characters. `None` when nothing is left.
fn cut(text: &str, most: usize) -> Option<String> {
    let cut: String = text.trim().chars().take(most).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

/// Those of at most so many characters.
fn fitting(values: &[String], most: usize) -> impl Iterator<Item = String> {
    values
        .iter()
        .map(|value| value.trim())
        .filter(move |value| !value.is_empty() && value.chars().count() <= most)
        .map(str::to_owned)
}

/// A number that fits: written without punctuation when it is too long with it.
fn phone_text(phone: &str) -> String {
    let phone = phone.trim();
    if phone.chars().count() <= 20 {
        return phone.to_owned();
    }
    phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

#[cfg(test)]
mod tests {
    use super::{contact, external_key, person, read_fields};
    use crate::crm::bullhorn::BullhornSettings;
    use crate::crm::{CompanyDraft, CrmContact, CrmRef, PersonDraft};
    use secrecy::SecretString;
    use serde_json::{Value, json};
    use sluice_model::Time;

    fn settings() -> BullhornSettings {
        BullhornSettings::new("u", SecretString::from("p"), "c", SecretString::from("s"))
    }

    #[test]
    fn our_ids_fit_the_field_and_are_ours() {
        let key = external_key("0190b4a1-7c1e-7000-8000-000000000001");
        assert_eq!(key.len(), 30);
        assert!(key.starts_with("sluice") && key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}");
        assert_ne!(key, external_key("0190b4a1-7c1e-7000-8000-000000000002"));
    }

    #[test]
    fn only_fields_that_the_entity_has_are_read() {
        let names = |entity: &str| read_fields(entity, &settings());
        assert!(names("ClientContact").contains("clientCorporation(id,name)"));
        assert!(!names("ClientContact").contains("companyURL"));
        assert!(!names("Candidate").contains("clientCorporation"));
        assert!(!names("Lead").contains("externalID"));
        let custom = BullhornSettings { linkedin_field: Some("customText25".to_owned()), ..settings() };
        assert!(read_fields("Candidate", &custom).ends_with(",customText20,customText25"));
    }

    #[test]
    fn a_record_is_read() {
        let value = json!({
            "id": 7, "_score": 1.0, "firstName": "Ann", "lastName": "Lee", "name": "Ann Lee", "email": "ann@acme.example",
            "email2": "", "email3": null, "phone": "+49 30 1", "mobile": " ", "occupation": "CTO", "status": "Active",
            "companyURL": "linkedin.com/in/ann-lee/", "companyName": "Acme", "isDeleted": false,
            "dateLastModified": 1_700_000_000_000_i64, "address": {"city": "Kiel"},
        });
        let mut fields = value.as_object().cloned().unwrap();
        fields.remove("_score");
        assert_eq!(
            contact("Candidate", &value, &settings()),
            Some(CrmContact {
                reference: CrmRef { entity: "Candidate".to_owned(), id: "7".to_owned() },
                first_name: Some("Ann".to_owned()),
                last_name: Some("Lee".to_owned()),
                name: Some("Ann Lee".to_owned()),
                emails: vec!["ann@acme.example".to_owned()],
                phones: vec!["+49 30 1".to_owned()],
                linkedin_url: Some("https://www.linkedin.com/in/ann-lee".to_owned()),
                occupation: Some("CTO".to_owned()),
                company: Some("Acme".to_owned()),
                company_ref: None,
                status: Some("Active".to_owned()),
                modified_at: Some(Time::from_millis(1_700_000_000_000)),
                deleted: false,
                fields,
            })
        );
        assert_eq!(contact("Candidate", &json!({"name": "x"}), &settings()), None);
        assert_eq!(contact("Candidate", &json!({"id": 7, "_error": "cannot be read"}), &settings()), None);
    }

    #[test]
    fn a_person_fits_into_the_fields() {
        let draft = PersonDraft {
            external_id: "x".to_owned(),
            first_name: "Ann".to_owned(),
            last_name: "L".repeat(60),
            emails: vec![format!("{}@acme.example", "a".repeat(60)), "ann@acme.example".to_owned()],
            phones: vec!["+49 (30) 1234 5678 90 12".to_owned(), "1".repeat(30)],
            linkedin_url: Some("https://www.linkedin.com/in/ann".to_owned()),
            job_title: Some("CTO".to_owned()),
            city: Some("Kiel".to_owned()),
            postal_code: Some("24103".to_owned()),
            country: Some("Germany".to_owned()),
            company: Some(CompanyDraft { name: "Acme".to_owned(), ..CompanyDraft::default() }),
        };
        let last = "L".repeat(50);
        assert_eq!(
            Value::Object(person(&draft, &settings(), "ClientContact")),
            json!({
                "firstName": "Ann", "lastName": last, "name": format!("Ann {}", "L".repeat(60)), "occupation": "CTO",
                "email": "ann@acme.example", "phone": "+49301234567890 12".replace(' ', ""),
                "address": {"city": "Kiel", "zip": "24103"},
            })
        );
        // Another entity has other fields, and takes longer addresses.
        let fields = person(&draft, &settings(), "Candidate");
        assert_eq!(fields["companyName"], json!("Acme"));
        assert_eq!(fields["companyURL"], json!("https://www.linkedin.com/in/ann"));
        assert_eq!(fields["email"], json!(draft.emails[0]));
    }
}
