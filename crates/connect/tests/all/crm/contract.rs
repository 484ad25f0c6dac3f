//! What both CRMs do alike.

use super::{acme, ann, bullhorn, close, read_all};
use sluice_connect::crm::{CompanyDraft, ContactsAsk, Crm, CrmProvider, CrmRef, PersonDraft, changes};
use sluice_connect::{ConnectError, ExposeSecret as _, SecretString};
use sluice_fakes::bullhorn::BullhornFake;
use sluice_fakes::close::CloseFake;
use sluice_fakes::{Fault, Faults};
use std::collections::BTreeSet;
use std::future::Future;

/// A CRM and its fake.
struct Pair {
    crm: Box<dyn Crm>,
    faults: Faults,
    /// Keeps the fake running, and fills it.
    fill: Box<dyn Fn(usize)>,
    contacts: Box<dyn Fn() -> usize>,
    writes: Box<dyn Fn() -> usize>,
}

async fn pairs() -> [Pair; 2] {
    let (one, other) = (BullhornFake::start().await.unwrap(), CloseFake::start().await.unwrap());
    let people = ["Candidate", "ClientContact", "Lead"];
    let [filled, counted, written] = [one.clone(), one.clone(), one.clone()];
    let bullhorn = Pair {
        crm: Box::new(bullhorn(&one)),
        faults: one.faults(),
        fill: Box::new(move |count| filled.fill(count, 11)),
        contacts: Box::new(move || people.iter().map(|entity| counted.records(entity).len()).sum()),
        writes: Box::new(move || written.writes().len()),
    };
    let [filled, counted, written] = [other.clone(), other.clone(), other.clone()];
    let close = Pair {
        crm: Box::new(close(&other)),
        faults: other.faults(),
        fill: Box::new(move |count| filled.fill(count, 11)),
        contacts: Box::new(move || counted.records("contact").len()),
        writes: Box::new(move || written.writes().len()),
    };
    [bullhorn, close]
}

/// Makes a call again while its failure is a passing one, as a job does. The wait is left out.
async fn insist<T, F: Future<Output = Result<T, ConnectError>>>(mut call: impl FnMut() -> F) -> T {
    for _ in 0..100 {
        match call().await {
            Ok(value) => return value,
            Err(error) => assert!(error.is_passing(), "{error:?}"),
        }
    }
    panic!("it never passed");
}

#[tokio::test]
async fn a_person_is_made_found_read_and_changed() {
    for pair in pairs().await {
        let (crm, provider) = (&pair.crm, pair.crm.provider());
        assert_eq!(crm.find_companies(&acme()).await, Ok(Vec::new()), "{provider:?}");
        assert_eq!(crm.find_people(&ann()).await, Ok(Vec::new()), "{provider:?}");
        let company = crm.create_company(&acme()).await.unwrap();
        let made = crm.create_person(&ann(), Some(&company)).await.unwrap();
        assert_eq!(crm.find_companies(&acme()).await, Ok(vec![company.clone()]), "{provider:?}");
        let found = crm.find_people(&ann()).await.unwrap();
        assert_eq!(
            found.iter().map(|contact| &contact.reference).collect::<Vec<_>>(),
            [&made],
            "{provider:?}"
        );
        let read = crm.person(&made).await.unwrap().unwrap();
        assert_eq!(read.name.as_deref(), Some("Ann Müller"));
        assert_eq!((read.first_name.as_deref(), read.last_name.as_deref()), (Some("Ann"), Some("Müller")));
        assert_eq!((&read.emails, &read.phones), (&ann().emails, &ann().phones));
        assert_eq!(read.occupation.as_deref(), Some("CTO"));
        assert_eq!(read.company.as_deref(), Some("The Acme Rockets Group, Inc."));
        assert_eq!(read.company_ref, Some(company));
        // What was written is what is there: a repeat has nothing to change.
        assert_eq!(
            changes(&crm.person_fields(&ann(), &made.entity), &read.fields, false),
            serde_json::Map::new(),
            "{provider:?}"
        );
        let moved = PersonDraft { job_title: Some("CEO".to_owned()), ..ann() };
        let difference = changes(&crm.person_fields(&moved, &made.entity), &read.fields, false);
        assert_eq!(difference.len(), 1, "{difference:?}");
        crm.update_person(&made, &difference).await.unwrap();
        let read = crm.person(&made).await.unwrap().unwrap();
        assert_eq!(read.occupation.as_deref(), Some("CEO"));
        let filled = changes(&crm.person_fields(&ann(), &made.entity), &read.fields, true);
        assert_eq!(filled, serde_json::Map::new(), "{provider:?}: nothing is empty");
        assert_eq!((pair.writes)(), 3);
    }
}

#[tokio::test]
async fn the_rule_tells_of_a_draft_what_it_tells_of_the_crms_records() {
    for pair in pairs().await {
        let (crm, provider) = (&pair.crm, pair.crm.provider());
        let company = crm.create_company(&acme()).await.unwrap();
        let made = crm.create_person(&ann(), Some(&company)).await.unwrap();
        let contact = crm.person(&made).await.unwrap().unwrap();
        let nobody = PersonDraft { emails: Vec::new(), linkedin_url: None, ..ann() };
        for (draft, same) in [
            (ann(), true),
            (PersonDraft { last_name: "Smith".to_owned(), ..ann() }, true),
            (PersonDraft { last_name: "MÜLLER".to_owned(), ..nobody.clone() }, true),
            (PersonDraft { last_name: "Smith".to_owned(), ..nobody.clone() }, false),
            (PersonDraft { first_name: String::new(), last_name: String::new(), ..nobody }, false),
        ] {
            let other = PersonDraft { external_id: "another".to_owned(), ..draft.clone() };
            let found = crm.find_people(&other).await.unwrap();
            assert_eq!(found.len(), usize::from(same), "{provider:?}: {draft:?}");
            assert_eq!(crm.is_same_person(&draft, &contact), same, "{provider:?}: {draft:?}");
            let keys = crm.shared_keys(&ann());
            let shares = crm.shared_keys(&draft).iter().any(|key| keys.contains(key));
            assert_eq!(shares, same, "{provider:?}: {draft:?}");
        }
        let plain = CompanyDraft { name: "Acme Rockets".to_owned(), ..CompanyDraft::default() };
        assert!(crm.is_same_company(&acme(), &plain), "{provider:?}");
        let other = CompanyDraft { name: "Globex".to_owned(), ..CompanyDraft::default() };
        assert!(!crm.is_same_company(&acme(), &other), "{provider:?}");
    }
}

#[tokio::test]
async fn the_mirror_reads_every_record_exactly_once() {
    for pair in pairs().await {
        (pair.fill)(2_000);
        let (all, _) = read_all(pair.crm.as_ref(), ContactsAsk::default()).await;
        let distinct: BTreeSet<&CrmRef> = all.iter().map(|contact| &contact.reference).collect();
        assert_eq!((all.len(), distinct.len(), (pair.contacts)()), (2_000, 2_000, 2_000));
        assert!(all.iter().all(|contact| contact.company.is_some() && contact.modified_at.is_some()));
    }
}

#[tokio::test]
async fn under_faults_nothing_is_lost_and_nothing_made_twice() {
    for pair in pairs().await {
        let provider = pair.crm.provider();
        pair.faults.at_random(
            0.2,
            5,
            vec![
                Fault::Status(503, None),
                Fault::LostAnswer,
                Fault::Status(429, Some(1)),
                Fault::Status(500, None),
            ],
        );
        let crm = pair.crm.as_ref();
        let company = insist(|| async {
            match crm.find_companies(&acme()).await?.pop() {
                Some(company) => Ok(company),
                None => crm.create_company(&acme()).await,
            }
        })
        .await;
        for number in 0..60 {
            let draft = PersonDraft {
                external_id: format!("person-{number}"),
                first_name: "Ann".to_owned(),
                last_name: format!("Nr{number}"),
                emails: vec![format!("nr{number}@acme.example")],
                linkedin_url: None,
                ..ann()
            };
            insist(|| async {
                match crm.find_people(&draft).await?.is_empty() {
                    true => crm.create_person(&draft, Some(&company)).await.map(drop),
                    false => Ok(()),
                }
            })
            .await;
        }
        let mut ask = ContactsAsk::default();
        let mut seen = BTreeSet::new();
        loop {
            let page = insist(|| crm.contacts(&ask)).await;
            seen.extend(page.contacts.into_iter().map(|contact| contact.reference));
            match page.next {
                Some(next) => ask.after = Some(next),
                None => break,
            }
        }
        assert_eq!((seen.len(), (pair.contacts)(), (pair.writes)()), (60, 60, 61), "{provider:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_none() {
    for pair in pairs().await {
        let (entity, id) = match pair.crm.provider() {
            CrmProvider::Bullhorn => ("Candidate", "999999"),
            CrmProvider::Close => ("Contact", "cont_999999"),
        };
        let nobody = CrmRef { entity: entity.to_owned(), id: id.to_owned() };
        assert_eq!(pair.crm.person(&nobody).await, Ok(None));
        let odd = CrmRef { entity: "Nothing".to_owned(), id: "1".to_owned() };
        assert!(matches!(pair.crm.person(&odd).await, Err(ConnectError::NotFound(_))));
        let ask = ContactsAsk { after: Some("nowhere".to_owned()), ..ContactsAsk::default() };
        assert!(matches!(pair.crm.contacts(&ask).await, Err(ConnectError::BadRequest(_))));
    }
}

#[tokio::test]
async fn nothing_shows_a_credential() {
    let fake = CloseFake::start().await.unwrap();
    let secret = SecretString::from("api_very.secret");
    let settings = sluice_connect::crm::CloseSettings::new(secret.clone()).with_base(fake.base());
    assert!(!format!("{settings:?}").contains(secret.expose_secret()));
    let error = sluice_connect::crm::Close::new(super::client(), settings).test().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
}
