//! Close's fields: what a contact holds, and what a person becomes.

use super::settings::CloseSettings;
use crate::crm::{CrmContact, CrmRef, CrmTask, PersonDraft};
use serde_json::{Map, Value, json};
use sluice_model::{Time, canon, text};

/// What is read of a contact: its custom fields come flat, as `custom.cf_…`.
pub(super) const CONTACT: [&str; 11] = [
    "id",
    "name",
    "title",
    "lead_id",
    "emails",
    "phones",
    "urls",
    "date_created",
    "date_updated",
    "created_by",
    "custom",
];
/// What is read of a lead.
pub(super) const LEAD: [&str; 5] = ["id", "display_name", "name", "url", "status_label"];

/// The entity of people.
pub(super) const PERSON: &str = "Contact";
/// The entity of companies.
pub(super) const COMPANY: &str = "Lead";

fn text_of(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The texts of a list of objects: `emails`, `phones`, `urls`.
pub(super) fn list(object: &Value, name: &str, member: &str) -> Vec<String> {
    let entries = object.get(name).and_then(Value::as_array);
    entries.into_iter().flatten().filter_map(|entry| text_of(entry.get(member))).collect()
}

/// A contact as it came, in its lead. `None` when it has no id.
pub(super) fn contact(value: &Value, lead: Option<&Value>) -> Option<CrmContact> {
    let id = text_of(value.get("id"))?;
    let name = text_of(value.get("name")).or_else(|| text_of(value.get("display_name")));
    let (first, last) = name.as_deref().map_or((None, None), parts);
    let lead_id = text_of(value.get("lead_id"));
    let company =
        lead.and_then(|lead| text_of(lead.get("name")).or_else(|| text_of(lead.get("display_name"))));
    let mut fields = value.as_object()?.clone();
    fields.remove("__object_type");
    if let Some(lead) = lead {
        fields.insert("lead".to_owned(), lead.clone());
    }
    Some(CrmContact {
        reference: CrmRef { entity: PERSON.to_owned(), id },
        first_name: first,
        last_name: last,
        name,
        emails: list(value, "emails", "email"),
        phones: list(value, "phones", "phone"),
        linkedin_url: list(value, "urls", "url").iter().find_map(|url| canon::linkedin_person(url)),
        occupation: text_of(value.get("title")),
        company,
        company_ref: lead_id.map(|id| CrmRef { entity: COMPANY.to_owned(), id }),
        status: lead.and_then(|lead| text_of(lead.get("status_label"))),
        modified_at: text_of(value.get("date_updated")).and_then(|time| Time::parse(&time)),
        deleted: false,
        fields,
    })
}

/// Close keeps one name: its last word is taken for the last name.
fn parts(name: &str) -> (Option<String>, Option<String>) {
    match name.rsplit_once(char::is_whitespace) {
        Some((first, last)) => (Some(first.trim().to_owned()), Some(last.to_owned())),
        None => (None, Some(name.to_owned())),
    }
}

/// Of a contact that was deleted only the id is left.
pub(super) fn deleted(id: String, at: Option<Time>) -> CrmContact {
    CrmContact {
        reference: CrmRef { entity: PERSON.to_owned(), id },
        first_name: None,
        last_name: None,
        name: None,
        emails: Vec::new(),
        phones: Vec::new(),
        linkedin_url: None,
        occupation: None,
        company: None,
        company_ref: None,
        status: None,
        modified_at: at,
        deleted: true,
        fields: Map::new(),
    }
}

/// A task as it came. `None` when it has no id.
pub(super) fn task(value: &Value) -> Option<CrmTask> {
    let due = text_of(value.get("due_date")).or_else(|| text_of(value.get("date")));
    Some(CrmTask {
        id: text_of(value.get("id"))?,
        subject: text_of(value.get("text")),
        kind: text_of(value.get("_type")),
        due_at: due.and_then(|due| Time::parse(&due)),
        done: matches!(value.get("is_complete"), Some(Value::Bool(true))),
    })
}

/// The full name of a person.
pub(super) fn full_name(draft: &PersonDraft) -> String {
    [draft.first_name.trim(), draft.last_name.trim()].join(" ").trim().to_owned()
}

/// The fields of a person. City, postal code and country are left out: Close keeps addresses of leads.
pub(super) fn person(draft: &PersonDraft) -> Map<String, Value> {
    let mut fields = Map::new();
    let entries = |values: &[String], kind: &str, member: &str| {
        let filled = values.iter().map(|value| value.trim()).filter(|value| !value.is_empty());
        filled.map(|value| json!({"type": kind, member: value})).collect::<Vec<_>>()
    };
    let name = full_name(draft);
    if !name.is_empty() {
        fields.insert("name".to_owned(), Value::String(name));
    }
    if let Some(title) = draft.job_title.as_deref().map(str::trim).filter(|title| !title.is_empty()) {
        fields.insert("title".to_owned(), Value::String(title.to_owned()));
    }
    for (name, list) in [
        ("emails", entries(&draft.emails, "office", "email")),
        ("phones", entries(&draft.phones, "office", "phone")),
        ("urls", entries(draft.linkedin_url.as_slice(), "url", "url")),
    ] {
        if !list.is_empty() {
            fields.insert(name.to_owned(), Value::Array(list));
        }
    }
    fields
}

/// The field that keeps our id, as it is written.
pub(super) fn id_field(settings: &CloseSettings, entity: &str) -> Option<String> {
    let field = if entity == PERSON { &settings.contact_id_field } else { &settings.lead_id_field };
    field.as_ref().map(|field| ["custom.", field].concat())
}

/// The entries of both lists: those that are there first and as they are, so that a write takes nothing away.
pub(super) fn joined(present: &Value, wanted: &Value) -> Value {
    let entries = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let key = |entry: &Value| {
        let texts = ["email", "phone", "url"].iter().find_map(|member| text_of(entry.get(member)));
        texts.map(|found| text::fold(&found))
    };
    let mut all = entries(present);
    for entry in entries(wanted) {
        if !all.iter().any(|known| key(known) == key(&entry)) {
            all.push(entry);
        }
    }
    Value::Array(all)
}

#[cfg(test)]
mod tests {
    use super::{contact, joined, person};
    use crate::crm::{CrmContact, CrmRef, PersonDraft};
    use serde_json::{Value, json};
    use sluice_model::Time;

    #[test]
    fn a_contact_is_read_in_its_lead() {
        let value = json!({
            "__object_type": "contact", "id": "cont_1", "name": "Ann Mary Lee", "title": "CTO", "lead_id": "lead_1",
            "emails": [{"type": "office", "email": "ann@acme.example"}], "phones": [],
            "urls": [{"type": "url", "url": "https://acme.example"}, {"type": "url", "url": "linkedin.com/in/ann/"}],
            "date_updated": "2024-01-02T03:04:05.123000+00:00", "custom.cf_x": "1",
        });
        let lead = json!({"id": "lead_1", "display_name": "Acme", "status_label": "Qualified", "url": null});
        let mut fields = value.as_object().cloned().unwrap();
        fields.remove("__object_type");
        fields.insert("lead".to_owned(), lead.clone());
        assert_eq!(
            contact(&value, Some(&lead)),
            Some(CrmContact {
                reference: CrmRef { entity: "Contact".to_owned(), id: "cont_1".to_owned() },
                first_name: Some("Ann Mary".to_owned()),
                last_name: Some("Lee".to_owned()),
                name: Some("Ann Mary Lee".to_owned()),
                emails: vec!["ann@acme.example".to_owned()],
                phones: Vec::new(),
                linkedin_url: Some("https://www.linkedin.com/in/ann".to_owned()),
                occupation: Some("CTO".to_owned()),
                company: Some("Acme".to_owned()),
                company_ref: Some(CrmRef { entity: "Lead".to_owned(), id: "lead_1".to_owned() }),
                status: Some("Qualified".to_owned()),
                modified_at: Time::parse("2024-01-02T03:04:05.123Z"),
                deleted: false,
                fields,
            })
        );
        assert_eq!(contact(&json!({"name": "x"}), None), None);
    }

    #[test]
    fn a_person_becomes_fields() {
        let draft = PersonDraft {
            first_name: "Ann".to_owned(),
            last_name: "Lee".to_owned(),
            emails: vec!["ann@acme.example".to_owned(), " ".to_owned()],
            linkedin_url: Some("https://www.linkedin.com/in/ann".to_owned()),
            city: Some("Kiel".to_owned()),
            ..PersonDraft::default()
        };
        assert_eq!(
            Value::Object(person(&draft)),
            json!({
                "name": "Ann Lee",
                "emails": [{"type": "office", "email": "ann@acme.example"}],
                "urls": [{"type": "url", "url": "https://www.linkedin.com/in/ann"}],
            })
        );
    }

    #[test]
    fn lists_only_grow() {
        let present = json!([{"type": "home", "email": "Ann@acme.example"}]);
        let wanted = json!([{"type": "office", "email": "ann@acme.example"}, {"type": "office", "email": "b@c.example"}]);
        assert_eq!(
            joined(&present, &wanted),
            json!([{"type": "home", "email": "Ann@acme.example"}, {"type": "office", "email": "b@c.example"}])
        );
    }
}
