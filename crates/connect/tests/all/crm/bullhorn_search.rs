//! Reading from Bullhorn.

use super::{acme, ann, bullhorn, bullhorn_settings, client, read_all, reference};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;
use sluice_connect::ConnectError;
use sluice_connect::crm::bullhorn::ExportAs;
use sluice_connect::crm::{
    Bullhorn, BullhornSettings, CompanyDraft, ContactsAsk, Crm as _, CrmContact, CrmTask, PersonDraft,
};
use sluice_fakes::Fault;
use sluice_fakes::bullhorn::BullhornFake;
use sluice_model::Time;
use std::collections::BTreeSet;
use std::time::Duration;

fn ids(contacts: &[CrmContact]) -> Vec<(String, String)> {
    contacts.iter().map(|contact| (contact.reference.entity.clone(), contact.reference.id.clone())).collect()
}

fn ask(query: &str) -> ContactsAsk {
    ContactsAsk { query: Some(query.to_owned()), ..ContactsAsk::default() }
}

#[tokio::test]
async fn every_contact_comes_once_in_pages() {
    let fake = BullhornFake::start().await.unwrap();
    fake.fill(4_000, 7);
    let crm = bullhorn(&fake);
    let first = crm.contacts(&ContactsAsk::default()).await.unwrap();
    assert_eq!((first.contacts.len(), first.total), (500, Some(4_000)));
    let (all, pages) = read_all(&crm, ContactsAsk::default()).await;
    assert_eq!((all.len(), pages), (4_000, 9), "three pages of each entity");
    assert_eq!(ids(&all).into_iter().collect::<BTreeSet<_>>().len(), 4_000);
    // Of each record what the mirror needs.
    let contact = all.iter().find(|contact| contact.reference.entity == "ClientContact").unwrap();
    let record = fake.record("ClientContact", contact.reference.id.parse().unwrap()).unwrap();
    assert_eq!(contact.emails, [record["email"].as_str().unwrap()]);
    assert_eq!(contact.occupation.as_deref(), record["occupation"].as_str());
    assert_eq!(contact.modified_at, record["dateLastModified"].as_i64().map(Time::from_millis));
    let company = contact.company_ref.clone().unwrap();
    let company = fake.record("ClientCorporation", company.id.parse().unwrap()).unwrap();
    assert_eq!(contact.company.as_deref(), company["name"].as_str());
    assert_eq!(contact.fields["address"], record["address"]);
}

#[tokio::test]
async fn changes_during_the_reading_lose_nothing() {
    let fake = BullhornFake::start().await.unwrap();
    fake.fill(2_400, 3);
    let crm = bullhorn(&fake);
    let known: BTreeSet<(String, String)> = ["Candidate", "ClientContact", "Lead"]
        .into_iter()
        .flat_map(|entity| {
            fake.records(entity).into_iter().map(move |record| (entity.to_owned(), record["id"].to_string()))
        })
        .collect();
    let mut seen = Vec::new();
    let mut ask = ContactsAsk::default();
    let mut deleted = BTreeSet::new();
    loop {
        let page = crm.contacts(&ask).await.unwrap();
        // Records that were read are deleted and changed, others are made: nothing else moves.
        for contact in page.contacts.iter().step_by(3) {
            let id = contact.reference.id.parse().unwrap();
            fake.delete(&contact.reference.entity, id);
            deleted.insert(id);
        }
        for contact in page.contacts.iter().skip(1).step_by(3) {
            fake.touch(&contact.reference.entity, contact.reference.id.parse().unwrap());
        }
        seen.extend(ids(&page.contacts));
        match page.next {
            Some(next) => ask.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), known.len());
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), known);
    assert!(!deleted.is_empty());
}

#[tokio::test]
async fn changes_since_a_time_include_deletions() {
    let fake = BullhornFake::start().await.unwrap();
    fake.fill(90, 1);
    let candidate = fake.add("Candidate", json!({"firstName": "Ann", "lastName": "Lee"}));
    let contact = fake.add("ClientContact", json!({"firstName": "Bob", "lastName": "Ray"}));
    let lead = fake.add("Lead", json!({"firstName": "Cem", "lastName": "Day"}));
    let since =
        fake.record("Candidate", candidate).and_then(|record| record["dateLastModified"].as_i64()).unwrap();
    fake.delete("Lead", lead);
    let crm = bullhorn(&fake);
    let since = ContactsAsk { since: Some(Time::from_millis(since)), ..ContactsAsk::default() };
    let (changed, _) = read_all(&crm, since).await;
    let found: Vec<(String, String, bool)> =
        changed.iter().map(|c| (c.reference.entity.clone(), c.reference.id.clone(), c.deleted)).collect();
    assert_eq!(
        found,
        [
            ("Candidate".to_owned(), candidate.to_string(), false),
            ("ClientContact".to_owned(), contact.to_string(), false),
            ("Lead".to_owned(), lead.to_string(), true),
        ],
        "the margin's records are left out"
    );
    let (all, _) = read_all(&crm, ContactsAsk::default()).await;
    assert_eq!(all.len(), 92, "the deleted one is not among all");
}

#[tokio::test]
async fn an_index_with_another_clock_loses_no_change() {
    for hours in [-11, -2, 0, 5, 8, 11] {
        let fake = BullhornFake::start().await.unwrap();
        fake.set_index_behind(hours);
        let id = fake.add("Candidate", json!({"firstName": "Ann", "lastName": "Lee"}));
        let at = fake.record("Candidate", id).and_then(|record| record["dateLastModified"].as_i64()).unwrap();
        let since = ContactsAsk { since: Some(Time::from_millis(at)), ..ContactsAsk::default() };
        let (changed, _) = read_all(&bullhorn(&fake), since).await;
        assert_eq!(changed.len(), 1, "{hours}");
    }
}

#[tokio::test]
async fn the_own_query_is_passed_on_among_what_is_not_deleted() {
    let fake = BullhornFake::start().await.unwrap();
    let one =
        fake.add("Candidate", json!({"firstName": "Ann", "lastName": "Lee", "occupation": "Head of Sales"}));
    fake.add("Candidate", json!({"firstName": "Bob", "lastName": "Ray", "occupation": "Recruiter"}));
    let gone =
        fake.add("Candidate", json!({"firstName": "Cem", "lastName": "Day", "occupation": "Head of Sales"}));
    fake.delete("Candidate", gone);
    let crm = bullhorn(&fake);
    let (found, _) = read_all(&crm, ask(r#"occupation:"head of sales" OR lastName:Day"#)).await;
    assert_eq!(ids(&found), [("Candidate".to_owned(), one.to_string())]);
    let error = crm.contacts(&ask("occupation:\"open")).await.unwrap_err();
    assert_eq!(error, ConnectError::BadRequest("Bullhorn: the query cannot be parsed".to_owned()));
    // Longer than a URL may be: in the body.
    let long = (0..2_000).map(|id| format!("id:{id}")).collect::<Vec<_>>().join(" OR ");
    let (found, _) = read_all(&crm, ask(&long)).await;
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn an_installation_without_leads_has_none() {
    let fake = BullhornFake::start().await.unwrap();
    fake.fill(30, 1);
    fake.set_no_leads(true);
    let crm = bullhorn(&fake);
    let (all, _) = read_all(&crm, ContactsAsk::default()).await;
    assert_eq!(all.len(), 20);
    assert_eq!(crm.find_people(&ann()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_cursor_of_nothing_is_refused() {
    let fake = BullhornFake::start().await.unwrap();
    let ask = ContactsAsk { after: Some("Placement 7".to_owned()), ..ContactsAsk::default() };
    let refused = ConnectError::BadRequest("no such place to go on from".to_owned());
    assert_eq!(bullhorn(&fake).contacts(&ask).await, Err(refused));
}

#[tokio::test]
async fn each_status_is_its_error() {
    for (fault, error) in [
        (Fault::Status(500, None), ConnectError::Unavailable("127.0.0.1 answered 500".to_owned())),
        (Fault::Status(503, None), ConnectError::Unavailable("127.0.0.1 answered 503".to_owned())),
        (Fault::Status(403, None), ConnectError::Forbidden("127.0.0.1 answered 403".to_owned())),
        (Fault::Status(404, None), ConnectError::NotFound("127.0.0.1".to_owned())),
        (Fault::Status(400, None), ConnectError::BadRequest("Bullhorn: without a reason".to_owned())),
        (
            Fault::Status(429, None),
            ConnectError::RateLimited { after: Some(std::time::Duration::from_secs(1)) },
        ),
        (
            Fault::Status(429, Some(9)),
            ConnectError::RateLimited { after: Some(std::time::Duration::from_secs(9)) },
        ),
    ] {
        let fake = BullhornFake::start().await.unwrap();
        let crm = bullhorn(&fake);
        crm.test().await.unwrap();
        fake.faults().next(fault.clone());
        assert_eq!(crm.contacts(&ContactsAsk::default()).await, Err(error), "{fault:?}");
    }
}

#[tokio::test]
async fn tasks_come_open_ones_first() {
    let fake = BullhornFake::start().await.unwrap();
    let id = fake.add("ClientContact", json!({"firstName": "Ann", "lastName": "Lee"}));
    let link = json!({"id": id});
    let done = fake
        .add_task(json!({"clientContact": link, "subject": "Was called", "isCompleted": true, "dateEnd": 5}));
    let late = fake.add_task(json!({"clientContact": link, "subject": "Call", "dateEnd": 9_000}));
    let soon =
        fake.add_task(json!({"clientContact": link, "subject": "Write", "type": "Email", "dateEnd": 7_000}));
    fake.add_task(json!({"clientContact": link, "isDeleted": true}));
    fake.add_task(json!({"candidate": link}));
    let task = |id: u64, subject: &str, kind: &str, due: i64, done| CrmTask {
        id: id.to_string(),
        subject: Some(subject.to_owned()),
        kind: Some(kind.to_owned()),
        due_at: Some(Time::from_millis(due)),
        done,
    };
    let crm = bullhorn(&fake);
    assert_eq!(
        crm.tasks(&reference("ClientContact", id)).await,
        Ok(vec![
            task(soon, "Write", "Email", 7_000, false),
            task(late, "Call", "Call", 9_000, false),
            task(done, "Was called", "Call", 5, true),
        ])
    );
    for odd in [reference("Placement", 1), reference("Candidate", "1 OR 1=1")] {
        assert!(matches!(crm.tasks(&odd).await, Err(ConnectError::NotFound(_))), "{odd:?}");
    }
}

#[tokio::test]
async fn people_are_found_by_name_or_email_in_every_entity() {
    let fake = BullhornFake::start().await.unwrap();
    let person =
        |first: &str, last: &str, email: &str| json!({"firstName": first, "lastName": last, "email": email});
    let same = [
        ("Candidate", person("Annika", "MÜLLER", "x1@other.example")),
        ("ClientContact", person("Ann", "Muller", "x2@other.example")),
        ("Lead", person("Bob", "Ray", "ANN@acme.example")),
    ];
    let others = [
        ("Candidate", person("Bert", "Müller", "x3@other.example")),
        ("Candidate", person("Ann", "Müller-Lüdenscheidt", "x4@other.example")),
        ("Lead", person("Cem", "Day", "other.ann@acme.example")),
        (
            "ClientContact",
            json!({"firstName": "Dee", "lastName": "Fox", "email": "dee@x.example", "email2": "ann@acme.example"}),
        ),
    ];
    let expected: Vec<_> = same
        .into_iter()
        .map(|(entity, fields)| (entity.to_owned(), fake.add(entity, fields).to_string()))
        .collect();
    for (entity, fields) in others {
        fake.add(entity, fields);
    }
    let gone = fake.add("Candidate", person("Ann", "Müller", "ann@acme.example"));
    fake.delete("Candidate", gone);
    let found = bullhorn(&fake).find_people(&ann()).await.unwrap();
    assert_eq!(ids(&found), expected);
}

#[tokio::test]
async fn who_carries_our_id_is_the_person() {
    let fake = BullhornFake::start().await.unwrap();
    let crm = bullhorn(&fake);
    let company = crm.create_company(&acme()).await.unwrap();
    let made = crm.create_person(&ann(), Some(&company)).await.unwrap();
    fake.add("Candidate", json!({"firstName": "Ann", "lastName": "Müller", "email": "ann@acme.example"}));
    // Renamed there since: the id tells.
    fake.set(
        "ClientContact",
        made.id.parse().unwrap(),
        json!({"lastName": "Schmidt", "email": "new@acme.example"}),
    );
    let found = crm.find_people(&ann()).await.unwrap();
    assert_eq!(ids(&found), [("ClientContact".to_owned(), made.id)]);
    let found = crm.find_people(&PersonDraft { external_id: "another".to_owned(), ..ann() }).await.unwrap();
    assert_eq!(found.len(), 1, "the candidate of that name");
}

#[tokio::test]
async fn what_was_just_made_is_found_by_our_id_though_the_index_is_behind() {
    let fake = BullhornFake::start().await.unwrap();
    fake.set_index_lag(Duration::from_secs(3_600));
    let crm = bullhorn(&fake);
    let company = crm.create_company(&acme()).await.unwrap();
    assert_eq!(crm.find_companies(&acme()).await, Ok(vec![company.clone()]));
    let made = crm.create_person(&ann(), Some(&company)).await.unwrap();
    assert_eq!(ids(&crm.find_people(&ann()).await.unwrap()), [(made.entity, made.id)]);
    let other = PersonDraft { external_id: "another".to_owned(), ..ann() };
    assert_eq!(crm.find_people(&other).await, Ok(Vec::new()), "by a name only the index finds");
    for (export_as, wait) in [(ExportAs::ClientContact, 0), (ExportAs::Candidate, 5), (ExportAs::Lead, 5)] {
        let crm = Bullhorn::new(client(), BullhornSettings { export_as, ..bullhorn_settings(&fake) });
        assert_eq!(crm.shows_after(), Duration::from_secs(wait), "{export_as:?}");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_shown_is_no_contact_and_not_gone() {
    let fake = BullhornFake::start().await.unwrap();
    let person = |first: &str| json!({"firstName": first, "lastName": "Lee"});
    let (ann, bob) = (fake.add("Candidate", person("Ann")), fake.add("Candidate", person("Bob")));
    fake.break_record(bob);
    let crm = bullhorn(&fake);
    let page = crm.contacts(&ContactsAsk::default()).await.unwrap();
    assert_eq!(ids(&page.contacts), [("Candidate".to_owned(), ann.to_string())]);
    assert_eq!(page.unread, [reference("Candidate", bob)]);
    let refused = ConnectError::BadRequest("Bullhorn cannot show the contact".to_owned());
    assert_eq!(crm.person(&reference("Candidate", bob)).await, Err(refused), "not: it is not there");
}

#[tokio::test]
async fn many_of_one_name_are_all_looked_at() {
    let fake = BullhornFake::start().await.unwrap();
    for number in 0..1_200 {
        fake.add("Candidate", json!({"firstName": "Anton", "lastName": format!("Müller Nr{number}")}));
    }
    let id = fake.add("Candidate", json!({"firstName": "Ann", "lastName": "Müller"}));
    let found = bullhorn(&fake).find_people(&ann()).await.unwrap();
    assert_eq!(ids(&found), [("Candidate".to_owned(), id.to_string())]);
}

#[tokio::test]
async fn companies_are_found_by_what_tells_them_apart() {
    let fake = BullhornFake::start().await.unwrap();
    let named = |name: &str| fake.add("ClientCorporation", json!({"name": name, "status": "Active"}));
    let plain = named("Acme Rockets");
    let dotted = named("A.c.m.e Rockets Holdings L.L.C.");
    named("Acme");
    named("Acme Rockets Europe");
    named("Rockets Acme");
    fake.add("ClientCorporation", json!({"name": "Acme Rockets", "status": "Archive"}));
    let by_phone = fake.add("ClientCorporation", json!({"name": "Raketen AG", "phone": "+493012345678"}));
    fake.add("ClientCorporation", json!({"name": "Other AG", "phone": "030 12345678"}));
    let crm = bullhorn(&fake);
    let mut found = crm.find_companies(&acme()).await.unwrap();
    found.sort();
    // `A.c.m.e` stands as four words in this index, and is not found by the name without full stops.
    assert_eq!(found, [reference("ClientCorporation", plain), reference("ClientCorporation", by_phone)]);
    let draft = CompanyDraft { name: "A.c.m.e Rockets".to_owned(), phones: Vec::new(), ..acme() };
    let mut found = crm.find_companies(&draft).await.unwrap();
    found.sort();
    assert_eq!(found, [reference("ClientCorporation", plain), reference("ClientCorporation", dotted)]);
    let made = crm.create_company(&acme()).await.unwrap();
    assert_eq!(crm.find_companies(&acme()).await, Ok(vec![made]), "our id goes first");
    let nothing = CompanyDraft { name: "…".to_owned(), ..CompanyDraft::default() };
    assert_eq!(crm.find_companies(&nothing).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_person_is_read_by_number() {
    let fake = BullhornFake::start().await.unwrap();
    let id = fake.add(
        "Lead",
        json!({"firstName": "Ann", "lastName": "Lee", "companyURL": "https://linkedin.com/in/ann/"}),
    );
    let crm = bullhorn(&fake);
    let found = crm.person(&reference("Lead", id)).await.unwrap().unwrap();
    assert_eq!(found.linkedin_url.as_deref(), Some("https://www.linkedin.com/in/ann"));
    assert_eq!(crm.person(&reference("Lead", id + 1)).await, Ok(None));
    assert!(matches!(crm.person(&reference("Lead", "../x")).await, Err(ConnectError::NotFound(_))));
    fake.delete("Lead", id);
    assert_eq!(crm.person(&reference("Lead", id)).await, Ok(None));
}

/// Any text: letters of several scripts, and everything that means something to Lucene.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-ZäöüßéñĀ-ž]{1,8}",
        "[0-9]{1,4}",
        r#"[-+&|!(){}\[\]^"~*?:\\/ .,'#%<>=;]{1,4}"#,
        Just(" OR ".to_owned()),
        Just(" AND NOT ".to_owned()),
        Just("\" OR id:[1 TO *] OR name:\"".to_owned()),
        Just("*".to_owned()),
        Just("\\".to_owned()),
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, rng_seed: RngSeed::Fixed(36), ..ProptestConfig::default() })]

    #[test]
    fn any_text_finds_itself_and_nobody_else(text in any_text(), first in any_text()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fake = BullhornFake::start().await.unwrap();
            fake.fill(30, 5);
            fake.add("ClientCorporation", json!({"name": "Quite Different"}));
            let id = fake.add("Candidate", json!({"firstName": first, "lastName": text, "email": "q@q.example"}));
            let company = fake.add("ClientCorporation", json!({"name": text}));
            let crm = bullhorn(&fake);
            let draft = PersonDraft { first_name: first.clone(), last_name: text.clone(), ..PersonDraft::default() };
            let found = crm.find_people(&draft).await.unwrap();
            let has_key = sluice_connect::crm::duplicates::person_key(&first, &text).is_some();
            let expected = if has_key { vec![("Candidate".to_owned(), id.to_string())] } else { Vec::new() };
            assert_eq!(ids(&found), expected, "{first:?} {text:?}");
            let draft = CompanyDraft { name: text.clone(), ..CompanyDraft::default() };
            let found = crm.find_companies(&draft).await.unwrap();
            let has_key = sluice_connect::crm::duplicates::company_key(&text).is_some();
            let expected = if has_key { vec![reference("ClientCorporation", company)] } else { Vec::new() };
            assert_eq!(found, expected, "{text:?}");
            // An id or an address that is no plain text either finds nothing or itself.
            let odd = PersonDraft { external_id: text.clone(), emails: vec![text.clone()], ..PersonDraft::default() };
            assert_eq!(crm.find_people(&odd).await, Ok(Vec::new()), "{text:?}");
        });
    }
}

#[tokio::test]
async fn the_limit_of_calls_is_kept() {
    let fake = BullhornFake::start().await.unwrap();
    let settings = bullhorn_settings(&fake).with_calls_per_minute(1_500);
    let crm = Bullhorn::new(client(), settings);
    crm.test().await.unwrap();
    tokio::time::pause();
    let begin = tokio::time::Instant::now();
    for _ in 0..100 {
        let _ = crm.test().await;
    }
    // 59 of the burst are left, the others have to wait for 41 turns of 1/24 second.
    assert!(begin.elapsed() >= std::time::Duration::from_millis(41 * 41), "{:?}", begin.elapsed());
}
