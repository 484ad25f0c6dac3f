//! Our own protocols, against the fakes that speak them: every status, and what a service may not answer.

use serde_json::{Value, json};
use sluice_connect::enrich::{self, Enricher, Findings, Subject, Wanted};
use sluice_connect::people::{self, LeadProvider, ProviderPage};
use sluice_connect::{Client, ClientOptions, ConnectError, SecretString};
use sluice_fakes::enrichment::EnrichmentFake;
use sluice_fakes::people::PeopleFake;
use sluice_fakes::{Fault, Server};
use std::time::Duration;

const KEY: &str = "key-of-ours";

fn client(server: &Server, retries: u32) -> Client {
    let backoff = Duration::from_millis(1);
    let allowed = vec![server.address()];
    Client::new(ClientOptions { allowed, retries, backoff, ..ClientOptions::default() }).expect("a client")
}

fn key() -> Option<SecretString> {
    Some(SecretString::from(KEY))
}

async fn finder(retries: u32) -> (EnrichmentFake, Server, enrich::Http) {
    let fake = EnrichmentFake::default();
    fake.expect_key(KEY);
    let server = Server::start(fake.router()).await.expect("a port");
    let http = enrich::Http::new(client(&server, retries), "finder", server.url(), key());
    (fake, server, http)
}

async fn source(retries: u32) -> (PeopleFake, Server, people::Http) {
    let fake = PeopleFake::default();
    fake.expect_key(KEY);
    let server = Server::start(fake.router()).await.expect("a port");
    let http = people::Http::new(client(&server, retries), "source", server.url(), key());
    (fake, server, http)
}

fn ann() -> Subject {
    Subject { kind: "person".to_owned(), last_name: Some("Lee".to_owned()), ..Subject::default() }
}

/// What each status comes to, for any call.
fn statuses() -> [(u16, ConnectError); 9] {
    let host = || "127.0.0.1".to_owned();
    [
        (400, ConnectError::BadRequest("127.0.0.1 answered 400".to_owned())),
        (401, ConnectError::Unauthorized(host())),
        (402, ConnectError::PaymentRequired(host())),
        (403, ConnectError::Forbidden("127.0.0.1 answered 403".to_owned())),
        (422, ConnectError::BadRequest("127.0.0.1 answered 422".to_owned())),
        (429, ConnectError::RateLimited { after: Some(Duration::from_secs(7)) }),
        (500, ConnectError::Unavailable("127.0.0.1 answered 500".to_owned())),
        (502, ConnectError::Unavailable("127.0.0.1 answered 502".to_owned())),
        (503, ConnectError::Unavailable("127.0.0.1 answered 503".to_owned())),
    ]
}

#[tokio::test]
async fn an_enricher_takes_what_was_asked_for_and_nothing_else() {
    let (fake, _server, http) = finder(0).await;
    let all =
        json!({"phones": ["+4930123456"], "emails": ["ann@acme.example"], "summary": " Makes anvils. "});
    for wanted in ["phones", "emails", "summary"] {
        fake.knows("Lee", wanted, all.clone());
    }
    let phones = Findings { phones: vec!["+4930123456".to_owned()], ..Findings::default() };
    assert_eq!(http.look_up(&ann(), Wanted::Phones).await, Ok(phones));
    let emails = Findings { emails: vec!["ann@acme.example".to_owned()], ..Findings::default() };
    assert_eq!(http.look_up(&ann(), Wanted::Emails).await, Ok(emails));
    let summary = Findings { summary: Some("Makes anvils.".to_owned()), ..Findings::default() };
    assert_eq!(http.look_up(&ann(), Wanted::Summary).await, Ok(summary));
    let question = json!({
        "subject": {
            "kind": "person", "firstName": null, "lastName": "Lee", "linkedinUrl": null, "emails": [],
            "companyName": null, "companyDomain": null,
        },
        "wanted": "phones",
    });
    assert_eq!(fake.asked()[0], question);
    assert_eq!(http.test().await, Ok(()));
    assert_eq!(http.name(), "finder");
}

#[tokio::test]
async fn an_enricher_that_knows_nothing_is_no_failure() {
    let (fake, _server, http) = finder(0).await;
    assert_eq!(http.look_up(&ann(), Wanted::Phones).await, Ok(Findings::default()));
    fake.knows("Lee", "phones", json!({}));
    assert_eq!(http.look_up(&ann(), Wanted::Phones).await, Ok(Findings::default()));
    fake.knows("Lee", "phones", json!({"phones": null, "more": 1}));
    assert_eq!(http.look_up(&ann(), Wanted::Phones).await, Ok(Findings::default()));
    fake.knows("Lee", "phones", json!({"phones": "+4930123456"}));
    let unreadable = http.look_up(&ann(), Wanted::Phones).await;
    assert!(matches!(unreadable, Err(ConnectError::Unavailable(_))), "{unreadable:?}");
    fake.knows("Lee", "phones", json!({"phones": vec!["+4930123456"; 500]}));
    assert_eq!(http.look_up(&ann(), Wanted::Phones).await.map(|found| found.phones.len()), Ok(100));
}

#[tokio::test]
async fn each_status_of_an_enricher_says_what_to_do() {
    let (fake, _server, http) = finder(0).await;
    for (status, expected) in statuses() {
        fake.faults.next(Fault::Status(status, (status == 429).then_some(7)));
        assert_eq!(http.look_up(&ann(), Wanted::Phones).await, Err(expected.clone()), "{status}");
        fake.faults.next(Fault::Status(status, (status == 429).then_some(7)));
        assert_eq!(http.test().await, Err(expected), "{status}");
    }
}

#[tokio::test]
async fn a_passing_failure_is_asked_again() {
    let (fake, _server, http) = finder(2).await;
    fake.knows("Lee", "phones", json!({"phones": ["+4930123456"]}));
    fake.faults.next(Fault::Status(503, None));
    fake.faults.next(Fault::LostAnswer);
    assert_eq!(http.look_up(&ann(), Wanted::Phones).await.map(|found| found.phones.len()), Ok(1));
    assert_eq!(fake.faults.requests(), 3);
}

#[tokio::test]
async fn the_base_url_may_have_a_path_with_or_without_a_slash_at_its_end() {
    let fake = EnrichmentFake::default();
    fake.knows("Lee", "phones", json!({"phones": ["+4930123456"]}));
    let server = Server::start(fake.router_below("/v1/finder")).await.expect("a port");
    for path in ["v1/finder", "v1/finder/"] {
        let base = server.url().join(path).expect("a URL");
        let http = enrich::Http::new(client(&server, 0), "finder", base, None);
        assert_eq!(
            http.look_up(&ann(), Wanted::Phones).await.map(|found| found.phones.len()),
            Ok(1),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_lead_provider_is_read_page_by_page() {
    let (fake, _server, http) = source(0).await;
    let records: Vec<Value> =
        (0..5).map(|number| json!({"first_name": "Ann", "last_name": number})).collect();
    fake.hold(records.clone(), 2);
    let filters = json!({"any": ["thing", {"deep": null}]});
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = http.search("person", &filters, cursor.as_deref(), 100).await.expect("a page");
        found.extend(page.records);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, records);
    let asked: Vec<Value> = [Value::Null, json!("2"), json!("4")]
        .map(|cursor| json!({"type": "person", "filters": filters, "cursor": cursor, "limit": 100}))
        .into();
    assert_eq!(fake.asked(), asked);
    fake.hold(Vec::new(), 0);
    assert_eq!(http.search("company", &filters, None, 5).await, Ok(ProviderPage::default()));
    assert_eq!((http.test().await, http.name()), (Ok(()), "source"));
}

#[tokio::test]
async fn each_status_of_a_lead_provider_says_what_to_do() {
    let (fake, _server, http) = source(0).await;
    for (status, expected) in statuses() {
        fake.faults.next(Fault::Status(status, (status == 429).then_some(7)));
        assert_eq!(http.search("person", &json!({}), None, 5).await, Err(expected), "{status}");
    }
    fake.faults.next(Fault::Status(404, None));
    let absent = http.search("person", &json!({}), None, 5).await;
    assert_eq!(absent, Err(ConnectError::NotFound("127.0.0.1".to_owned())));
}

#[tokio::test]
async fn a_lead_provider_that_goes_round_in_circles_or_floods_is_refused() {
    for (answer, text) in [
        (json!({"records": [], "next": "7"}), "source answered the cursor that it was asked with"),
        (json!({"records": [1, 2, 3], "next": null}), "source answered more records than were asked for"),
        (json!({"records": [], "next": "x".repeat(5_000)}), "source answered a cursor that is too long"),
    ] {
        let fake = PeopleFake::default();
        fake.always_answer(answer);
        let server = Server::start(fake.router()).await.expect("a port");
        let http = people::Http::new(client(&server, 0), "source", server.url(), None);
        let refused = http.search("person", &json!({}), Some("7"), 2).await;
        assert_eq!(refused, Err(ConnectError::BadRequest(text.to_owned())));
    }
}
