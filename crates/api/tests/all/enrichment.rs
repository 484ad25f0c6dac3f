//! Enrichment over the wire: who is asked, what it costs, and what becomes of it.

use crate::connectors::{CONNECTORS, app_with, nothing};
use crate::credits::CREDITS;
use crate::support::{NOBODY, fault, new_list_path};
use serde_json::{Value, json};
use sluice_fakes::Server;
use sluice_fakes::enrichment::EnrichmentFake;
use sluice_fakes::faults::Fault;
use sluice_testkit::records::{company_id, person_id};
use sluice_testkit::{Caller, TestApp};

const ENRICHMENT: &str = "/api/v1/operations/enrichment";

/// Somebody who can be asked.
struct Finder {
    fake: EnrichmentFake,
    server: Server,
}

impl Finder {
    async fn start() -> Self {
        let fake = EnrichmentFake::default();
        let server = Server::start(fake.router()).await.expect("a port");
        Self { fake, server }
    }

    async fn connect(&self, app: &TestApp, name: &str, order: i64) {
        let settings = json!({"baseUrl": self.server.url(), "order": order});
        let body = json!({"kind": "enrichment", "settings": settings, "apiKey": format!("key of {name}")});
        let _ = app.admin().put(&format!("{CONNECTORS}/{name}"), &body).await.expect(200);
        self.fake.expect_key(&format!("key of {name}"));
    }
}

async fn with_finder() -> (TestApp, Finder) {
    let finder = Finder::start().await;
    let app = app_with(&[&finder.server], nothing()).await;
    finder.connect(&app, "finder", 0).await;
    (app, finder)
}

fn of(person: u32, field: &str) -> String {
    format!("{ENRICHMENT}/{}?field={field}", person_id(person))
}

async fn top_up(app: &TestApp, amount: u64) {
    let _ = app.admin().post(CREDITS, &json!({"amount": amount})).await.expect(201);
}

async fn balance(app: &TestApp) -> Value {
    app.member().get(&format!("{CREDITS}/balance")).await.expect(200).at("/balance")
}

/// The person as the organisation has them: by the one list they are put on.
async fn person(app: &TestApp, number: u32) -> Value {
    let list = new_list_path(&app.member(), json!({"personIds": [person_id(number)]})).await;
    app.member().get(&list).await.expect(200).at("/persons/0")
}

#[tokio::test]
async fn a_lookup_is_asked_for_done_paid_and_never_paid_again() {
    let (app, finder) = with_finder().await;
    top_up(&app, 5).await;
    finder.fake.knows(
        "Lee",
        "phones",
        json!({"phones": ["+49 (30) 1234-5678", "call me"], "emails": ["x@y.example"]}),
    );
    let asked = app.member().post_empty(&of(1, "phones")).await.expect(201);
    let entity = asked.text_at("/entityId");
    let mut record = json!({
        "id": asked.id(), "createdAt": "2024-01-25T09:15:00.000Z", "updatedAt": "2024-01-25T09:15:00.000Z",
        "entityId": entity, "entityType": "person", "field": "phones", "status": "pending", "error": null,
        "dataFound": null, "createdBy": "user_abc123", "orgId": "org_acme", "globalEnrichmentId": null,
        "creditTransactionId": null,
    });
    assert_eq!(asked.json(), record);
    assert_ne!(entity, person_id(1).to_string(), "copied from the catalog first");
    assert_eq!(app.member().post_empty(&of(1, "phones")).await.expect(200).json(), record);
    app.clock.advance(1_000);
    app.work().await;
    let found = app.member().get(&of(1, "phones")).await.expect(200);
    record["status"] = json!("finished");
    record["dataFound"] = json!(true);
    record["updatedAt"] = json!("2024-01-25T09:15:01.000Z");
    record["creditTransactionId"] = json!(found.text_at("/creditTransactionId"));
    assert_eq!(found.json(), record);
    assert_eq!(
        app.member().get(&format!("{ENRICHMENT}/{entity}?field=phones")).await.expect(200).json(),
        record
    );
    let ledger = app.member().get(&format!("{CREDITS}/history")).await.expect(200);
    let line = json!({
        "id": record["creditTransactionId"], "organizationId": "org_acme", "type": "credit_consumed", "amount": 1,
        "operationType": "enrichment", "source": "finder", "referenceId": record["id"],
        "description": format!("phones of person {entity}"), "metadata": null,
        "createdAt": "2024-01-25T09:15:01.000Z", "updatedAt": "2024-01-25T09:15:01.000Z",
    });
    assert_eq!((ledger.at("/transactions/0"), ledger.at("/count")), (line, json!(2)));

    // Again, by either id: what stands is shown, nobody is asked, nothing is paid.
    for path in [of(1, "phones"), format!("{ENRICHMENT}/{entity}?field=phones")] {
        assert_eq!(app.member().post_empty(&path).await.expect(200).json(), record);
    }
    app.work().await;
    assert_eq!((finder.fake.asked().len(), balance(&app).await), (1, json!(4)));
    let question = json!({
        "subject": {
            "kind": "person", "firstName": "Ada", "lastName": "Lee",
            "linkedinUrl": "https://www.linkedin.com/in/ada-lee", "emails": ["ada-lee@mail.example"],
            "companyName": "Acme GmbH", "companyDomain": "acme.example",
        },
        "wanted": "phones",
    });
    assert_eq!(finder.fake.asked(), [question]);
    let ada = person(&app, 1).await;
    assert_eq!(
        (&ada["id"], &ada["phones"], &ada["emails"]),
        (&json!(entity), &json!(["+493012345678"]), &json!(["ada-lee@mail.example"]),)
    );
    let theirs = app.other_organisation().get(&of(1, "phones")).await.expect(404);
    assert_eq!(theirs.text_at("/error/message"), format!("Enrichment not found: phones of {}", person_id(1)));
    let catalog =
        app.member().get(&format!("/api/v1/entities/prospects/person/{}", person_id(1))).await.expect(200);
    assert_eq!(catalog.at("/phones"), json!([]), "the catalog is as it was");
}

#[tokio::test]
async fn who_knows_nothing_or_fails_is_followed_by_the_next() {
    let (first, second) = (Finder::start().await, Finder::start().await);
    let app = app_with(&[&first.server, &second.server], nothing()).await;
    second.connect(&app, "second", 2).await;
    first.connect(&app, "first", 1).await;
    let ask = async |number: u32, field: &str| {
        let _ = app.member().post_empty(&of(number, field)).await.expect(201);
        app.work().await;
        let record = app.member().get(&of(number, field)).await.expect(200).json();
        [&record["status"], &record["dataFound"], &record["error"], &record["creditTransactionId"]]
            .map(Value::clone)
    };
    let asked = || (first.fake.asked().len(), second.fake.asked().len());
    // The first knows.
    first.fake.knows("Stone", "emails", json!({"emails": ["Bob@Stone.example"]}));
    second.fake.knows("Stone", "emails", json!({"emails": ["other@stone.example"]}));
    let found = [json!("finished"), json!(true), Value::Null, Value::Null];
    assert_eq!(ask(2, "emails").await, found, "an organisation without ledger pays nothing");
    assert_eq!(asked(), (1, 0));
    assert_eq!(person(&app, 2).await["emails"], json!(["bob-stone@mail.example", "bob@stone.example"]));
    // The first does not know, the second does; rubbish is nothing.
    first.fake.knows("Marsh", "phones", json!({"phones": ["ask Cid"]}));
    second.fake.knows("Marsh", "phones", json!({"phones": ["+49 30 222333"]}));
    assert_eq!(ask(3, "phones").await, found);
    assert_eq!(asked(), (2, 1));
    // The first is down, the second knows.
    first.fake.faults.next(Fault::Status(500, None));
    second.fake.knows("Quinn", "phones", json!({"phones": ["+49 30 444555"]}));
    assert_eq!(ask(4, "phones").await, found);
    // Nobody knows.
    assert_eq!(ask(5, "phones").await, [json!("finished"), json!(false), Value::Null, Value::Null]);
    // One is down and the other does not know: it is not known that nobody knows.
    first.fake.faults.next(Fault::Status(402, None));
    let failed = json!("first: payment required: 127.0.0.1");
    assert_eq!(ask(6, "phones").await, [json!("failed"), Value::Null, failed, Value::Null]);
    // All are down; then what failed is asked again.
    first.fake.faults.next(Fault::Status(503, None));
    second.fake.faults.next(Fault::LostAnswer);
    let [status, _, error, _] = ask(7, "phones").await;
    assert_eq!(status, json!("failed"));
    let error = error.as_str().unwrap_or_default().to_owned();
    assert!(
        error.starts_with("first: unavailable: 127.0.0.1 answered 503; second: unavailable: "),
        "{error}"
    );
    second.fake.knows("Lee-Marsh", "phones", json!({"phones": ["+49 30 666777"]}));
    assert_eq!(ask(7, "phones").await, found);
}

#[tokio::test]
async fn companies_get_their_summary() {
    let (app, finder) = with_finder().await;
    finder.fake.knows("Globex", "summary", json!({"summary": "  Makes everything. "}));
    let path = format!("{ENRICHMENT}/{}?field=summary", company_id(2));
    let asked = app.member().post_empty(&path).await.expect(201);
    assert_eq!((asked.at("/entityType"), asked.at("/field")), (json!("company"), json!("summary")));
    app.work().await;
    assert_eq!(app.member().get(&path).await.expect(200).at("/status"), json!("finished"));
    let list = new_list_path(&app.member(), json!({"type": "company", "companyIds": [company_id(2)]})).await;
    let companies = app.member().get(&list).await.expect(200);
    assert_eq!(companies.at("/companies/0/summary"), json!("Makes everything."));
    assert_eq!(companies.at("/companies/0/id"), asked.at("/entityId"));
}

#[tokio::test]
async fn nothing_is_done_that_cannot_be_paid_for() {
    let (app, finder) = with_finder().await;
    for name in ["Lee", "Stone", "Marsh", "Quinn"] {
        finder.fake.knows(name, "phones", json!({"phones": ["+4930123456"]}));
    }
    top_up(&app, 2).await;
    let ids = |numbers: &[u32]| numbers.iter().map(|number| json!(person_id(*number))).collect::<Vec<_>>();
    let selection = json!({"mode": "manual", "includedIds": ids(&[1, 2, 3])});
    let bulk = format!("{ENRICHMENT}/bulk");
    let refused =
        app.member().post(&bulk, &json!({"selection": selection, "field": "phones"})).await.expect(402);
    let error = json!({"error": {
        "code": "INSUFFICIENT_CREDITS", "message": "Insufficient credits: 3 needed, 2 available",
    }});
    assert_eq!(refused.json(), error);
    assert!(!app.work_once(|| false).await, "no job was queued");
    let _ = app.member().get(&of(1, "phones")).await.expect(404);
    let batch = format!("{ENRICHMENT}/batch");
    let body = json!({"personIds": ids(&[1, 2]), "field": "phones"});
    let asked = app.member().post(&batch, &body).await.expect(200);
    assert_eq!((asked.at("/0/status"), asked.at("/1/status")), (json!("pending"), json!("pending")));
    // Both credits are spoken for.
    let refused = app.member().post_empty(&of(3, "phones")).await.expect(402);
    assert_eq!(refused.text_at("/error/message"), "Insufficient credits: 3 needed, 2 available");
    // What stands is shown for nothing.
    assert_eq!(app.member().post(&batch, &body).await.expect(200).json(), asked.json());
    app.work().await;
    assert_eq!(balance(&app).await, json!(0));
    assert_eq!(app.member().post_empty(&of(1, "phones")).await.expect(200).at("/status"), json!("finished"));
    let refused = app.member().post_empty(&of(3, "phones")).await.expect(402);
    assert_eq!(refused.text_at("/error/message"), "Insufficient credits: 1 needed, 0 available");
}

#[tokio::test]
async fn a_bulk_takes_the_window_of_a_search() {
    let (app, finder) = with_finder().await;
    finder.fake.knows("Marsh", "emails", json!({"emails": ["cid@globex.example"]}));
    let first = app.member().post_empty(&of(3, "emails")).await.expect(201).json();
    let selection = json!({
        "mode": "bulk", "filters": {"job_title": ["CTO"], "page": 3}, "startIndex": 1, "targetCount": 3,
        "excludedIds": [person_id(5)],
    });
    let body = json!({"selection": selection, "field": "emails"});
    let bulk = app.member().post(&format!("{ENRICHMENT}/bulk"), &body).await.expect(200);
    let shown = bulk.json();
    assert_eq!((&shown["total"], &shown["started"], &shown["reused"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(shown["enrichments"][0], first);
    app.work().await;
    let tasks = json!({"tasks": [
        {"entityId": person_id(3), "field": "emails", "entityType": "person"},
        {"entityId": first["entityId"], "field": "emails", "entityType": "person"},
        {"entityId": person_id(3), "field": "phones", "entityType": "person"},
        {"entityId": person_id(3), "field": "emails", "entityType": "company"},
        {"entityId": person_id(5), "field": "emails", "entityType": "person"},
        {"entityId": NOBODY, "field": "summary", "entityType": "company"},
    ]});
    let query = format!("{ENRICHMENT}/batch/query");
    let found = app.member().post(&query, &tasks).await.expect(200);
    let record = app.member().get(&of(3, "emails")).await.expect(200).json();
    assert_eq!(record["dataFound"], json!(true));
    assert_eq!(found.json(), json!([record, record]));
    assert_eq!(app.other_organisation().post(&query, &tasks).await.expect(200).json(), json!([]));
    let bare = app.member().post(&query, &tasks["tasks"]).await.expect(200);
    assert_eq!(bare.json(), found.json());
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let (app, _finder) = with_finder().await;
    let many: Vec<Value> = (1..=101).map(|number| json!(person_id(number))).collect();
    for (path, body, place, message) in [
        (
            "batch",
            json!({"personIds": [], "field": "phones"}),
            json!(["personIds"]),
            "Array must contain at least 1 element(s)",
        ),
        (
            "batch",
            json!({"personIds": many, "field": "phones"}),
            json!(["personIds"]),
            "Array must contain at most 100 element(s)",
        ),
        ("batch", json!({"personIds": [person_id(1)]}), json!(["field"]), "Required"),
        (
            "batch",
            json!({"personIds": [person_id(1)], "field": "summary"}),
            json!(["field"]),
            "Invalid enum value. Expected 'phones' | 'emails', received 'summary'",
        ),
        (
            "batch",
            json!({"personIds": [person_id(1), NOBODY], "field": "phones"}),
            json!(["personIds", 1]),
            &format!("Unknown person: {NOBODY}"),
        ),
        (
            "bulk",
            json!({"selection": {"mode": "manual", "includedIds": [NOBODY]}, "field": "phones"}),
            json!(["selection", "includedIds", 0]),
            &format!("Unknown person: {NOBODY}"),
        ),
        (
            "bulk",
            json!({"selection": {"mode": "bulk", "filters": {}, "targetCount": 1001}, "field": "phones"}),
            json!(["selection", "targetCount"]),
            "Number must be less than or equal to 1000",
        ),
        (
            "batch/query",
            json!({"tasks": [{"entityId": "x", "field": "phones", "entityType": "person"}]}),
            json!(["tasks", 0, "entityId"]),
            "Invalid uuid",
        ),
    ] {
        let reply = app.member().post(&format!("{ENRICHMENT}/{path}"), &body).await.expect(400);
        assert_eq!(reply.details(), fault(place, message), "{path} {body}");
    }
    for (query, message) in [
        ("", "Required"),
        ("?field=fax", "Invalid enum value. Expected 'phones' | 'emails' | 'summary', received 'fax'"),
    ] {
        let reply =
            app.member().post_empty(&format!("{ENRICHMENT}/{}{query}", person_id(1))).await.expect(400);
        assert_eq!(reply.details(), fault(json!(["field"]), message));
    }
    for (id, field, message) in [
        (NOBODY.to_owned(), "phones", format!("Person not found: {NOBODY}")),
        ("x".to_owned(), "phones", "Person not found: x".to_owned()),
        (person_id(1).to_string(), "summary", format!("Company not found: {}", person_id(1))),
    ] {
        for reply in [
            app.member().post_empty(&format!("{ENRICHMENT}/{id}?field={field}")).await,
            app.member().get(&format!("{ENRICHMENT}/{id}?field={field}")).await,
        ] {
            assert_eq!(reply.expect(404).text_at("/error/message"), message);
        }
    }
    assert!(!app.work_once(|| false).await, "nothing was queued");
}

#[tokio::test]
async fn without_anybody_to_ask_there_is_nothing_to_do() {
    let app = app_with(&[], nothing()).await;
    let refused = app.member().post_empty(&of(1, "phones")).await.expect(409);
    let error = json!({"error": {"code": "CONFLICT", "message": "Missing connector: enrichment"}});
    assert_eq!(refused.json(), error);
    let never = app.member().get(&of(1, "phones")).await.expect(404);
    assert_eq!(never.text_at("/error/message"), format!("Enrichment not found: phones of {}", person_id(1)));
}

#[tokio::test]
async fn a_lookup_that_nobody_did_within_an_hour_is_not_done_any_more() {
    let (app, finder) = with_finder().await;
    finder.fake.knows("Lee", "phones", json!({"phones": ["+4930123456"]}));
    let _ = app.member().post_empty(&of(1, "phones")).await.expect(201);
    app.clock.advance(3_600_000);
    app.work().await;
    let record = app.member().get(&of(1, "phones")).await.expect(200);
    let shown = (record.at("/status"), record.at("/error"), record.at("/dataFound"));
    assert_eq!(shown, (json!("timeout"), json!("It was not done within an hour"), Value::Null));
    let _ = app.member().post_empty(&of(1, "phones")).await.expect(201);
    app.work().await;
    assert_eq!(app.member().get(&of(1, "phones")).await.expect(200).at("/status"), json!("finished"));
}

#[tokio::test]
async fn a_worker_that_dies_between_answer_and_commit_costs_one_credit() {
    let (app, finder) = with_finder().await;
    top_up(&app, 3).await;
    finder.fake.knows("Lee", "phones", json!({"phones": ["+4930123456"]}));
    finder.fake.knows("Stone", "phones", json!({"phones": ["+4930123457"]}));
    let ids = [person_id(1), person_id(2)];
    let body = json!({"personIds": ids, "field": "phones"});
    let _ = app.member().post(&format!("{ENRICHMENT}/batch"), &body).await.expect(200);
    // It goes away while it waits for an answer that was given already, and says nothing more.
    finder.fake.faults.next(Fault::SlowBody(std::time::Duration::from_secs(60)));
    let dying = app.clone();
    let worker = tokio::spawn(async move { dying.work_once(|| false).await });
    while finder.fake.asked().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    worker.abort();
    assert!(worker.await.expect_err("it was killed").is_cancelled());
    assert_eq!(balance(&app).await, json!(3));
    app.clock.advance(60_000);
    app.work().await;
    assert_eq!(balance(&app).await, json!(1), "one each");
    assert_eq!(finder.fake.asked().len(), 3, "the first was asked about twice");
    for number in [1, 2] {
        assert_eq!(
            app.member().get(&of(number, "phones")).await.expect(200).at("/status"),
            json!("finished")
        );
        assert_eq!(person(&app, number).await["phones"].as_array().map(Vec::len), Some(1));
    }
}
