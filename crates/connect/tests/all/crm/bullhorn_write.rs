//! Writing to Bullhorn.

use super::{acme, ann, bullhorn, bullhorn_settings, client, reference};
use serde_json::{Value, json};
use sluice_connect::ConnectError;
use sluice_connect::crm::bullhorn::ExportAs;
use sluice_connect::crm::{Bullhorn, BullhornSettings, CompanyDraft, Crm as _, PersonDraft};
use sluice_fakes::Fault;
use sluice_fakes::bullhorn::{BullhornFake, Write};

/// Without what the fake adds.
fn written(fake: &BullhornFake, entity: &str, id: &str) -> Value {
    let mut record = fake.record(entity, id.parse().unwrap()).unwrap();
    for name in ["id", "dateAdded", "dateLastModified", "isDeleted", "massMailOptOut", "owner", "externalID"]
    {
        record.as_object_mut().unwrap().remove(name);
    }
    record
}

fn exporting(fake: &BullhornFake, export_as: ExportAs) -> Bullhorn {
    Bullhorn::new(client(), BullhornSettings { export_as, ..bullhorn_settings(fake) })
}

#[tokio::test]
async fn a_company_and_its_contact_are_made() {
    let fake = BullhornFake::start().await.unwrap();
    let crm = bullhorn(&fake);
    let company = crm.create_company(&acme()).await.unwrap();
    assert_eq!(
        written(&fake, "ClientCorporation", &company.id),
        json!({
            "name": "The Acme Rockets Group, Inc.", "companyURL": "https://acme.example", "phone": "+49 30 12345678",
            "industryList": "Rockets", "status": "Prospect",
        })
    );
    let person = crm.create_person(&ann(), Some(&company)).await.unwrap();
    assert_eq!(
        written(&fake, "ClientContact", &person.id),
        json!({
            "firstName": "Ann", "lastName": "Müller", "name": "Ann Müller", "occupation": "CTO",
            "email": "ann@acme.example", "phone": "+49 40 1234567", "address": {"city": "Kiel", "zip": "24103"},
            "status": "New Lead", "clientCorporation": {"id": company.id.parse::<u64>().unwrap()},
        })
    );
    let insert =
        |entity: &str, id: &str| Write { kind: "INSERT", entity: entity.to_owned(), id: id.parse().unwrap() };
    assert_eq!(
        fake.writes(),
        [insert("ClientCorporation", &company.id), insert("ClientContact", &person.id)]
    );
}

#[tokio::test]
async fn a_person_may_be_a_candidate_or_a_lead() {
    let fake = BullhornFake::start().await.unwrap();
    let company = bullhorn(&fake).create_company(&acme()).await.unwrap();
    let candidate =
        exporting(&fake, ExportAs::Candidate).create_person(&ann(), Some(&company)).await.unwrap();
    let lead = exporting(&fake, ExportAs::Lead).create_person(&ann(), Some(&company)).await.unwrap();
    let fields = json!({
        "firstName": "Ann", "lastName": "Müller", "name": "Ann Müller", "occupation": "CTO",
        "email": "ann@acme.example", "phone": "+49 40 1234567", "address": {"city": "Kiel", "zip": "24103"},
        "companyURL": "https://www.linkedin.com/in/ann-mueller", "companyName": "The Acme Rockets Group, Inc.",
        "status": "New Lead",
    });
    assert_eq!(written(&fake, "Candidate", &candidate.id), fields);
    let mut with_link = fields.clone();
    with_link["clientCorporation"] = json!({"id": company.id.parse::<u64>().unwrap()});
    assert_eq!(written(&fake, "Lead", &lead.id), with_link);
    let external = |entity: &str, id: &str| {
        fake.record(entity, id.parse().unwrap()).unwrap().get("externalID").is_some()
    };
    assert!(external("Candidate", &candidate.id) && !external("Lead", &lead.id), "leads have no such field");
}

#[tokio::test]
async fn a_client_contact_needs_a_company_and_an_email() {
    let fake = BullhornFake::start().await.unwrap();
    let crm = bullhorn(&fake);
    let company = crm.create_company(&acme()).await.unwrap();
    let lacks = |what: &str| Err(ConnectError::BadRequest(["Bullhorn wants ", what].concat()));
    let no_email = PersonDraft { emails: Vec::new(), ..ann() };
    let no_name = PersonDraft { last_name: " ".to_owned(), ..ann() };
    assert_eq!(crm.create_person(&ann(), None).await, lacks("a company for a ClientContact"));
    assert_eq!(
        crm.create_person(&no_email, Some(&company)).await,
        lacks("an e-mail address for a ClientContact")
    );
    assert_eq!(crm.create_person(&no_name, Some(&company)).await, lacks("a last name"));
    assert_eq!(crm.create_company(&CompanyDraft::default()).await, lacks("a name for a company"));
    assert_eq!(fake.writes().len(), 1, "only the company");
}

#[tokio::test]
async fn what_bullhorn_refuses_is_told_by_field() {
    let fake = BullhornFake::start().await.unwrap();
    let crm = bullhorn(&fake);
    let error = crm.create_person(&ann(), Some(&reference("ClientCorporation", 7))).await.unwrap_err();
    let text =
        "Bullhorn: error persisting an entity of type: ClientContact; clientCorporation: does not exist";
    assert_eq!(error, ConnectError::BadRequest(text.to_owned()));
    let id = fake.add("Lead", json!({"firstName": "Ann", "lastName": "Lee"}));
    let changes = json!({"externalID": "x"}).as_object().cloned().unwrap();
    let error = crm.update_person(&reference("Lead", id), &changes).await.unwrap_err();
    let text = "Bullhorn: error updating an entity of type: Lead; externalID: is no field";
    assert_eq!(error, ConnectError::BadRequest(text.to_owned()));
}

#[tokio::test]
async fn an_update_keeps_what_it_does_not_change() {
    let fake = BullhornFake::start().await.unwrap();
    let id = fake.add(
        "ClientContact",
        json!({
            "firstName": "Ann", "lastName": "Lee", "email": "ann@acme.example",
            "address": {"address1": "Hafen 1", "city": "Bonn", "zip": null, "countryID": 2359, "countryName": "Germany"},
        }),
    );
    let changes = json!({"lastName": "Müller", "address": {"city": "Kiel"}});
    let crm = bullhorn(&fake);
    crm.update_person(&reference("ClientContact", id), changes.as_object().unwrap()).await.unwrap();
    assert_eq!(
        written(&fake, "ClientContact", &id.to_string()),
        json!({
            "firstName": "Ann", "lastName": "Müller", "name": "Ann Müller", "email": "ann@acme.example",
            "address": {"city": "Kiel", "address1": "Hafen 1", "countryID": 2359},
        })
    );
    assert_eq!(fake.writes(), [Write { kind: "UPDATE", entity: "ClientContact".to_owned(), id }]);
    let gone = reference("ClientContact", id + 1);
    assert!(matches!(
        crm.update_person(&gone, changes.as_object().unwrap()).await,
        Err(ConnectError::NotFound(_))
    ));
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_found_again() {
    for export_as in [ExportAs::ClientContact, ExportAs::Candidate, ExportAs::Lead] {
        let fake = BullhornFake::start().await.unwrap();
        let crm = exporting(&fake, export_as);
        let company = crm.create_company(&acme()).await.unwrap();
        fake.faults().next(Fault::LostAnswer);
        let error = crm.create_person(&ann(), Some(&company)).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unavailable(_)), "{error:?}");
        assert_eq!(fake.records(export_as.entity()).len(), 1, "it was made, and not made again");
        let found = crm.find_people(&ann()).await.unwrap();
        assert_eq!(found.len(), 1);
    }
}

#[tokio::test]
async fn a_write_is_not_repeated_by_itself_but_after_a_new_log_in() {
    let fake = BullhornFake::start().await.unwrap();
    let crm = bullhorn(&fake);
    crm.test().await.unwrap();
    fake.expire_sessions();
    let company = crm.create_company(&acme()).await.unwrap();
    assert_eq!((fake.writes().len(), fake.logins()), (1, 2));
    fake.faults().next(Fault::Status(503, None));
    assert!(crm.create_person(&ann(), Some(&company)).await.is_err());
    assert_eq!(fake.writes().len(), 1);
}

#[tokio::test]
async fn a_new_company_brings_an_archived_contact_that_is_nobody() {
    let fake = BullhornFake::start().await.unwrap();
    fake.set_archived_contacts(true);
    let crm = bullhorn(&fake);
    let company = crm.create_company(&acme()).await.unwrap();
    assert_eq!(fake.records("ClientContact").len(), 1);
    assert_eq!(crm.find_people(&ann()).await, Ok(Vec::new()));
    assert_eq!(crm.find_companies(&acme()).await, Ok(vec![company]));
}
