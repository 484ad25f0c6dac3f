//! Close.

use super::{acme, ann, client, close, read_all, reference};
use serde_json::json;
use sluice_connect::crm::{Close, CloseSettings, CompanyDraft, ContactsAsk, Crm as _, CrmTask, PersonDraft};
use sluice_connect::{ConnectError, SecretString};
use sluice_fakes::Fault;
use sluice_fakes::close::{CloseFake, Write};
use sluice_model::Time;
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn the_key_is_tested_with_a_light_call() {
    let fake = CloseFake::start().await.unwrap();
    assert_eq!(close(&fake).test().await, Ok(()));
    assert_eq!(fake.calls("me"), 1);
    let wrong = CloseSettings::new(SecretString::from("api_other")).with_base(fake.base());
    let error = Close::new(client(), wrong).test().await.unwrap_err();
    assert_eq!(error, ConnectError::Unauthorized("127.0.0.1".to_owned()));
}

#[tokio::test]
async fn every_contact_comes_once_in_pages() {
    let fake = CloseFake::start().await.unwrap();
    fake.fill(1_500, 7);
    let crm = close(&fake);
    let first = crm.contacts(&ContactsAsk::default()).await.unwrap();
    assert_eq!((first.contacts.len(), first.total), (200, Some(1_500)));
    let before = fake.calls("lead");
    let (all, pages) = read_all(&crm, ContactsAsk::default()).await;
    assert_eq!(all.len(), 1_500);
    assert_eq!(all.iter().map(|contact| &contact.reference.id).collect::<BTreeSet<_>>().len(), 1_500);
    assert_eq!((pages, fake.calls("lead") - before), (8, 0), "the leads came with their pages");
    let contact = all.first().unwrap();
    let record = fake.record(&contact.reference.id).unwrap();
    let lead = fake.record(record["lead_id"].as_str().unwrap()).unwrap();
    assert_eq!(contact.company.as_deref(), lead["name"].as_str());
    assert_eq!(contact.status.as_deref(), Some("Potential"));
    assert_eq!(contact.occupation.as_deref(), record["title"].as_str());
    assert_eq!(contact.linkedin_url.as_deref(), record["urls"][0]["url"].as_str());
}

#[tokio::test]
async fn more_of_one_moment_than_a_page_holds_come_once() {
    struct Still;
    impl sluice_model::time::Clock for Still {
        fn now(&self) -> Time {
            Time::from_millis(1_767_225_600_000)
        }
    }
    let fake = CloseFake::start().await.unwrap();
    fake.fill(10, 1);
    fake.set_clock(std::sync::Arc::new(Still));
    let lead = fake.add_lead(json!({"name": "Acme"}));
    for number in 0..700 {
        fake.add_contact(&lead, json!({"name": format!("Person {number}")}));
    }
    let (all, pages) = read_all(&close(&fake), ContactsAsk::default()).await;
    assert_eq!(all.len(), 710);
    assert_eq!(all.iter().map(|contact| &contact.reference.id).collect::<BTreeSet<_>>().len(), 710);
    assert!(pages < 10, "{pages}");
}

#[tokio::test]
async fn changes_since_a_time_and_then_deletions() {
    let fake = CloseFake::start().await.unwrap();
    fake.fill(60, 1);
    let lead = fake.add_lead(json!({"name": "Acme"}));
    let early = fake.add_contact(&lead, json!({"name": "Early Bird"}));
    fake.delete_contact(&early);
    let kept = fake.add_contact(&lead, json!({"name": "Ann Lee"}));
    let gone: Vec<String> =
        (0..120).map(|number| fake.add_contact(&lead, json!({"name": format!("P {number}")}))).collect();
    let since = fake.record(&kept).and_then(|record| Time::parse(record["date_updated"].as_str()?)).unwrap();
    gone.iter().for_each(|id| fake.delete_contact(id));
    let ask = ContactsAsk { since: Some(since), ..ContactsAsk::default() };
    let (all, pages) = read_all(&close(&fake), ask).await;
    assert_eq!(pages, 4, "one of changes, three of deletions");
    let found: BTreeSet<(String, bool)> =
        all.iter().map(|contact| (contact.reference.id.clone(), contact.deleted)).collect();
    let expected = gone.into_iter().map(|id| (id, true)).chain([(kept, false)]).collect();
    assert_eq!((found, all.len()), (expected, 121));
}

#[tokio::test]
async fn a_contact_that_changes_meanwhile_is_not_lost() {
    let fake = CloseFake::start().await.unwrap();
    fake.fill(900, 3);
    let crm = close(&fake);
    let mut seen = BTreeSet::new();
    let mut ask = ContactsAsk::default();
    let mut touched = 0;
    loop {
        let page = crm.contacts(&ask).await.unwrap();
        if touched < 300 {
            for contact in page.contacts.iter().step_by(2) {
                fake.touch(&contact.reference.id);
                touched += 1;
            }
        }
        fake.expire_cursors();
        seen.extend(page.contacts.into_iter().map(|contact| contact.reference.id));
        match page.next {
            Some(next) => ask.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 900);
}

#[tokio::test]
async fn the_own_query_is_an_object_of_its_filtering() {
    let fake = CloseFake::start().await.unwrap();
    let lead = fake.add_lead(json!({"name": "Acme"}));
    let id = fake.add_contact(&lead, json!({"name": "Ann Lee", "title": "Head of Sales"}));
    fake.add_contact(&lead, json!({"name": "Bob Ray", "title": "Recruiter"}));
    let query = json!({
        "type": "field_condition",
        "field": {"type": "regular_field", "object_type": "contact", "field_name": "title"},
        "condition": {"type": "text", "mode": "full_words", "value": "sales"},
    });
    let ask = |query: String| ContactsAsk { query: Some(query), ..ContactsAsk::default() };
    let crm = close(&fake);
    let (found, _) = read_all(&crm, ask(query.to_string())).await;
    assert_eq!(found.iter().map(|contact| contact.reference.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    let error = crm.contacts(&ask("title:CEO".to_owned())).await.unwrap_err();
    let text = "a query of Close is a JSON object of its Advanced Filtering";
    assert_eq!(error, ConnectError::BadRequest(text.to_owned()));
    let error = crm.contacts(&ask("{}".to_owned())).await.unwrap_err();
    assert_eq!(error, ConnectError::BadRequest("Close: query: Not understood.".to_owned()));
}

#[tokio::test]
async fn people_are_found_by_email_then_linkedin_then_name_within_the_lead() {
    let fake = CloseFake::start().await.unwrap();
    let crm = close(&fake);
    let acme_lead = fake.add_lead(json!({"name": "Acme", "url": "https://www.acme.example/en"}));
    let other = fake.add_lead(json!({"name": "Other"}));
    let by_name = fake.add_contact(&acme_lead, json!({"name": "ANN MULLER"}));
    fake.add_contact(&other, json!({"name": "Ann Müller"}));
    let found = |found: Vec<sluice_connect::crm::CrmContact>| {
        found.into_iter().map(|contact| (contact.reference.id, contact.company)).collect::<Vec<_>>()
    };
    let acme_name = Some("Acme".to_owned());
    assert_eq!(found(crm.find_people(&ann()).await.unwrap()), [(by_name, acme_name)]);
    let url = json!([{"type": "url", "url": "http://de.linkedin.com/in/Ann-Mueller/"}]);
    let by_url = fake.add_contact(&other, json!({"name": "A. Schmidt", "urls": url}));
    let longer = json!([{"type": "url", "url": "https://linkedin.com/in/ann-mueller-2"}]);
    fake.add_contact(&other, json!({"name": "B. Schmidt", "urls": longer}));
    let other_name = Some("Other".to_owned());
    assert_eq!(found(crm.find_people(&ann()).await.unwrap()), [(by_url, other_name.clone())]);
    let email =
        json!([{"type": "home", "email": "x@y.example"}, {"type": "office", "email": "Ann@acme.example"}]);
    let by_email = fake.add_contact(&other, json!({"name": "C. Schmidt", "emails": email}));
    let longer = json!([{"type": "office", "email": "other.ann@acme.example"}]);
    fake.add_contact(&other, json!({"name": "D. Schmidt", "emails": longer}));
    assert_eq!(found(crm.find_people(&ann()).await.unwrap()), [(by_email, other_name)]);
    let nobody =
        PersonDraft { first_name: "Zoe".to_owned(), company: Some(acme()), ..PersonDraft::default() };
    assert_eq!(crm.find_people(&nobody).await, Ok(Vec::new()));
}

#[tokio::test]
async fn companies_are_found_by_domain_else_by_name() {
    let fake = CloseFake::start().await.unwrap();
    let crm = close(&fake);
    let named = fake.add_lead(json!({"name": "ACME Rockets GmbH"}));
    let elsewhere = fake.add_lead(json!({"name": "Acme Rockets", "url": "https://acme-rockets.example"}));
    fake.add_lead(json!({"name": "Acme Rockets Europe"}));
    assert_eq!(crm.find_companies(&acme()).await, Ok(vec![reference("Lead", &named)]), "one name, two sites");
    let no_domain = CompanyDraft { domain: None, website_url: None, ..acme() };
    let both = vec![reference("Lead", &named), reference("Lead", &elsewhere)];
    assert_eq!(crm.find_companies(&no_domain).await, Ok(both));
    let by_domain = fake.add_lead(json!({"name": "Raketen", "url": "http://shop.acme.example/x"}));
    fake.add_lead(json!({"name": "Not", "url": "https://notacme.example"}));
    assert_eq!(crm.find_companies(&acme()).await, Ok(vec![reference("Lead", &by_domain)]));
}

#[tokio::test]
async fn a_contact_is_always_made_in_a_lead() {
    let fake = CloseFake::start().await.unwrap();
    let crm = close(&fake);
    let person = crm.create_person(&ann(), None).await.unwrap();
    let record = fake.record(&person.id).unwrap();
    let lead = fake.record(record["lead_id"].as_str().unwrap()).unwrap();
    assert_eq!(
        (lead["name"].as_str(), lead["url"].as_str()),
        (Some("The Acme Rockets Group, Inc."), Some("https://acme.example"))
    );
    assert_eq!(
        [&record["name"], &record["title"], &record["emails"], &record["phones"], &record["urls"]],
        [
            &json!("Ann Müller"),
            &json!("CTO"),
            &json!([{"type": "office", "email": "ann@acme.example"}]),
            &json!([{"type": "office", "phone": "+49 40 1234567"}]),
            &json!([{"type": "url", "url": "https://www.linkedin.com/in/ann-mueller"}]),
        ]
    );
    // The second goes into the same.
    let draft = PersonDraft { first_name: "Bob".to_owned(), emails: Vec::new(), linkedin_url: None, ..ann() };
    crm.create_person(&draft, None).await.unwrap();
    assert_eq!((fake.records("lead").len(), fake.records("contact").len()), (1, 2));
    let alone = PersonDraft { company: None, ..ann() };
    let refused = Err(ConnectError::BadRequest("Close wants a company for a contact".to_owned()));
    assert_eq!(crm.create_person(&alone, None).await, refused);
    fake.add_lead(json!({"name": "Acme again", "url": "https://acme.example"}));
    let refused = Err(ConnectError::BadRequest("several leads may be the company".to_owned()));
    assert_eq!(crm.create_person(&ann(), None).await, refused);
    let write = |kind: &str| Write { method: "POST", kind: kind.to_owned(), id: String::new() };
    let writes: Vec<Write> =
        fake.writes().into_iter().map(|made| Write { id: String::new(), ..made }).collect();
    assert_eq!(writes, [write("lead"), write("contact"), write("contact")]);
}

#[tokio::test]
async fn our_id_is_kept_in_a_custom_field_where_there_is_one() {
    let fake = CloseFake::start().await.unwrap();
    let key = json!({"apiKey": fake.api_key(), "contactIdField": "cf_person", "leadIdField": "cf_company"})
        .to_string();
    let settings = CloseSettings::parse(&SecretString::from(key)).unwrap().with_base(fake.base());
    let crm = Close::new(client(), settings);
    let person = crm.create_person(&ann(), None).await.unwrap();
    assert_eq!(fake.record(&person.id).unwrap()["custom.cf_person"], json!(ann().external_id));
    fake.set(&person.id, json!({"name": "Renamed", "emails": [], "urls": []}));
    let found = crm.find_people(&ann()).await.unwrap();
    assert_eq!(found.into_iter().map(|contact| contact.reference).collect::<Vec<_>>(), [person]);
    let lead = fake.records("lead").remove(0);
    fake.set(lead["id"].as_str().unwrap(), json!({"name": "Renamed", "url": null}));
    assert_eq!(crm.find_companies(&acme()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_update_takes_nothing_away() {
    let fake = CloseFake::start().await.unwrap();
    let lead = fake.add_lead(json!({"name": "Acme"}));
    let id = fake.add_contact(
        &lead,
        json!({"name": "Ann Lee", "emails": [{"type": "home", "email": "a@home.example"}]}),
    );
    let changes = json!({"title": "CTO", "emails": [{"type": "office", "email": "ann@acme.example"}]});
    let crm = close(&fake);
    crm.update_person(&reference("Contact", &id), changes.as_object().unwrap()).await.unwrap();
    let record = fake.record(&id).unwrap();
    assert_eq!(
        [&record["name"], &record["title"], &record["emails"]],
        [
            &json!("Ann Lee"),
            &json!("CTO"),
            &json!([{"type": "home", "email": "a@home.example"}, {"type": "office", "email": "ann@acme.example"}]),
        ]
    );
    let gone = crm.update_person(&reference("Contact", "cont_999"), changes.as_object().unwrap()).await;
    assert!(matches!(gone, Err(ConnectError::NotFound(_))), "{gone:?}");
}

#[tokio::test]
async fn what_close_refuses_is_told_by_field() {
    let fake = CloseFake::start().await.unwrap();
    let crm = close(&fake);
    let draft = PersonDraft { emails: vec!["no address".to_owned()], ..ann() };
    let error = crm.create_person(&draft, None).await.unwrap_err();
    assert_eq!(error, ConnectError::BadRequest("Close: emails: Invalid value.".to_owned()));
    let error = crm.create_person(&ann(), Some(&reference("Lead", "lead_999"))).await.unwrap_err();
    assert_eq!(error, ConnectError::BadRequest("Close: lead_id: This lead doesn't exist.".to_owned()));
}

#[tokio::test]
async fn tasks_of_the_lead_that_are_the_contacts_or_nobodys() {
    let fake = CloseFake::start().await.unwrap();
    let lead = fake.add_lead(json!({"name": "Acme"}));
    let id = fake.add_contact(&lead, json!({"name": "Ann Lee"}));
    let done =
        fake.add_task(json!({"lead_id": lead, "contact_id": id, "text": "Was called", "is_complete": true}));
    let open = fake.add_task(json!({"lead_id": lead, "text": "Call", "due_date": "2026-02-01"}));
    fake.add_task(json!({"lead_id": lead, "contact_id": "cont_999", "text": "Other"}));
    fake.add_task(json!({"lead_id": "lead_999", "text": "Other"}));
    let task = |id: String, subject: &str, due: Option<&str>, done| CrmTask {
        id,
        subject: Some(subject.to_owned()),
        kind: Some("lead".to_owned()),
        due_at: due.and_then(Time::parse),
        done,
    };
    assert_eq!(
        close(&fake).tasks(&reference("Contact", &id)).await,
        Ok(vec![task(open, "Call", Some("2026-02-01"), false), task(done, "Was called", None, true)])
    );
}

#[tokio::test]
async fn searches_may_be_behind_what_was_made() {
    let fake = CloseFake::start().await.unwrap();
    let crm = close(&fake);
    assert_eq!(crm.shows_after(), Duration::from_secs(5));
    fake.set_index_lag(Duration::from_secs(3_600));
    let company = crm.create_company(&acme()).await.unwrap();
    let made = crm.create_person(&ann(), Some(&company)).await.unwrap();
    assert_eq!(crm.find_companies(&acme()).await, Ok(Vec::new()));
    assert_eq!(crm.find_people(&ann()).await, Ok(Vec::new()));
    let read = crm.person(&made).await.unwrap();
    assert_eq!(read.map(|contact| contact.reference), Some(made), "by its id it is there at once");
}

#[tokio::test]
async fn each_status_is_its_error() {
    for (fault, error) in [
        (Fault::Status(500, None), ConnectError::Unavailable("127.0.0.1 answered 500".to_owned())),
        (Fault::Status(503, None), ConnectError::Unavailable("127.0.0.1 answered 503".to_owned())),
        (Fault::Status(401, None), ConnectError::Unauthorized("127.0.0.1".to_owned())),
        (Fault::Status(403, None), ConnectError::Forbidden("127.0.0.1 answered 403".to_owned())),
        (Fault::Status(402, None), ConnectError::PaymentRequired("127.0.0.1".to_owned())),
        (Fault::Status(404, None), ConnectError::NotFound("127.0.0.1".to_owned())),
        (Fault::Status(400, None), ConnectError::BadRequest("Close: without a reason".to_owned())),
        (Fault::Status(429, None), ConnectError::RateLimited { after: Some(Duration::from_secs(1)) }),
        (Fault::Status(429, Some(9)), ConnectError::RateLimited { after: Some(Duration::from_secs(9)) }),
    ] {
        let fake = CloseFake::start().await.unwrap();
        fake.faults().next(fault.clone());
        assert_eq!(close(&fake).contacts(&ContactsAsk::default()).await, Err(error), "{fault:?}");
    }
    let fake = CloseFake::start().await.unwrap();
    fake.refuse(1);
    let limited = ConnectError::RateLimited { after: Some(Duration::from_millis(1_500)) };
    assert_eq!(close(&fake).test().await, Err(limited), "told in the body");
}

#[tokio::test]
async fn a_spent_limit_is_waited_for() {
    let fake = CloseFake::start().await.unwrap();
    let crm = close(&fake);
    fake.announce(1, 4.0);
    crm.test().await.unwrap();
    tokio::time::pause();
    let begin = tokio::time::Instant::now();
    crm.test().await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(1), "one call was left");
    fake.announce(0, 4.0);
    crm.test().await.unwrap();
    let begin = tokio::time::Instant::now();
    crm.test().await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(4), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_found_again() {
    let fake = CloseFake::start().await.unwrap();
    let crm = close(&fake);
    let lead = crm.create_company(&acme()).await.unwrap();
    fake.faults().next(Fault::LostAnswer);
    let error = crm.create_person(&ann(), Some(&lead)).await.unwrap_err();
    assert!(matches!(error, ConnectError::Unavailable(_)), "{error:?}");
    assert_eq!((fake.records("contact").len(), crm.find_people(&ann()).await.unwrap().len()), (1, 1));
    // Without an address and a profile by its name within the lead.
    let bare = PersonDraft { first_name: "Bob".to_owned(), emails: Vec::new(), linkedin_url: None, ..ann() };
    fake.faults().next(Fault::LostAnswer);
    assert!(crm.create_person(&bare, Some(&lead)).await.is_err());
    assert_eq!((fake.records("contact").len(), crm.find_people(&bare).await.unwrap().len()), (2, 1));
}
