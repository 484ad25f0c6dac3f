//! Runs that look outside.

use crate::runs::{decisions, finished, operations};
use crate::support::{RUNS, fault};
use serde_json::{Value, json};
use sluice_testkit::outside::{Outside, Says};
use sluice_testkit::records::{CompanyBuilder, PersonBuilder};
use sluice_testkit::{Caller, TestApp};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const PAGES: [(&str, u16, &str); 2] =
    [("www.acme.example", 200, "We are hiring."), ("www.globex.example", 200, "We are\nnot.")];

fn hiring() -> Value {
    json!([{"type": "webscraping", "includeSearchStrings": ["hiring"]}])
}

async fn start(outside: &Arc<Outside>) -> TestApp {
    let connectors = outside.connectors();
    TestApp::start_with(|context| context.with_connectors(connectors)).await
}

#[tokio::test]
async fn decisions_show_their_evidence() {
    let outside = Outside::new(&PAGES, Says::Yes);
    let app = start(&outside).await;
    let icp = operations(&app.member(), json!({"customFilterCriteria": hiring()})).await;
    let run = finished(&app, &icp, json!({})).await;
    assert_eq!(
        decisions(&app, &run).await,
        [
            "Ada Lee: accepted accept -",
            "Cid Marsh: dropped evidence search string not found",
            "Eve Frost: unknown evidence site not readable",
            "Fay Holt: unknown evidence site not readable",
            "Ada Lee-Marsh: dropped identity same e-mail",
        ]
    );
    let cost = json!({"credits": 2, "calls": 4});
    assert_eq!((run.at("/cost"), run.at("/stage"), run.at("/stoppedBy")), (cost, json!("done"), Value::Null));
    let page = app.member().get(&format!("{RUNS}/{}/decisions?limit=3", run.id())).await.expect(200);
    let evidence: Vec<Value> = (0..3).map(|at| page.at(&format!("/items/{at}/evidence"))).collect();
    let (at, check) = ("2024-01-25T09:15:00.000Z", "strings");
    assert_eq!(
        json!(evidence),
        json!([
            [{
                "check": check, "filterIndex": 0, "finding": "yes", "url": "https://www.acme.example/", "status": 200,
                "fetchedAt": at, "contentHash": "c37504b61f38c85eb514fe01767f92cf612b9c7e16456ec87b6c5fb8f44d4e20",
                "excerpt": "We are hiring.", "cached": false, "cost": {"credits": 1, "calls": 1}
            }],
            [{
                "check": check, "filterIndex": 0, "finding": "neutral", "url": "https://www.globex.example/", "status": 200,
                "fetchedAt": at, "contentHash": "89062b6a9bd175b3bcfdd68309f3b834f5d9a7842d6d066f02aba1989fd350b6",
                "cached": false, "cost": {"credits": 1, "calls": 1}
            }],
            [{
                "check": check, "filterIndex": 0, "finding": "unknown", "url": "https://www.initech.example/",
                "fetchedAt": at, "error": "unavailable: no such host", "cached": false, "cost": {"credits": 0, "calls": 1}
            }]
        ])
    );
    let cid = ["observed", "threshold", "sentence", "filterType", "cost"]
        .map(|key| page.at(&format!("/items/1/{key}")));
    assert_eq!(
        json!(cid),
        json!([
            {"pages": 1},
            {"include": ["hiring"]},
            "No page of globex.example mentions \"hiring\" (looked at 1 page).",
            "webscraping",
            {"credits": 1, "calls": 1}
        ])
    );
}

#[tokio::test]
async fn a_budget_ends_a_run_and_what_is_unknown_is_tried_again() {
    let outside = Outside::new(&PAGES, Says::Yes);
    let app = start(&outside).await;
    let icp = operations(&app.member(), json!({"customFilterCriteria": hiring()})).await;
    let run = finished(&app, &icp, json!({"budget": {"calls": 2}})).await;
    assert_eq!((run.at("/status"), run.at("/stoppedBy")), (json!("succeeded"), json!("budget")));
    assert_eq!((outside.calls(), run.at("/progress/considered")), (2, json!(2)));
    let run = finished(&app, &icp, json!({"budget": {"credits": 0}})).await;
    assert_eq!(run.at("/progress/considered"), json!(2), "what is known costs nothing");
    let run = finished(&app, &icp, json!({})).await;
    let again =
        app.member().post_empty(&format!("{icp}/generate?retryUnknown={}", run.id())).await.expect(202);
    app.work().await;
    let again = app.member().get(again.header("location").expect("a Location")).await.expect(200);
    assert_eq!(
        decisions(&app, &again).await,
        [
            "Eve Frost: unknown evidence site not readable",
            "Fay Holt: unknown evidence site not readable",
            "Ada Lee: accepted accept -",
            "Cid Marsh: dropped evidence search string not found",
            "Ada Lee-Marsh: dropped identity same e-mail",
        ]
    );
    let by_body = finished(&app, &icp, json!({"retryUnknown": run.id()})).await;
    assert_eq!(decisions(&app, &by_body).await[0], "Eve Frost: unknown evidence site not readable");
}

#[tokio::test]
async fn what_is_wrong_with_a_budget_or_an_earlier_run_is_said() {
    let app = start(&Outside::new(&PAGES, Says::Yes)).await;
    let member = app.member();
    let icp = operations(&member, json!({})).await;
    let wrong = json!({"budget": {"calls": -1, "credits": 1.5, "x": 1}, "retryUnknown": "x"});
    assert_eq!(
        member.post(&format!("{icp}/generate"), &wrong).await.details(),
        json!([
            {"path": ["budget", "calls"], "message": "Number must be greater than or equal to 0"},
            {"path": ["budget", "credits"], "message": "Expected integer, received float"},
            {"path": ["budget", "x"], "message": "Unrecognized key: 'x'"},
            {"path": ["retryUnknown"], "message": "Invalid uuid"}
        ])
    );
    let wrong = member.post(&format!("{icp}/generate"), &json!({"budget": null})).await.details();
    assert_eq!(wrong, fault(json!(["budget"]), "Expected object, received null"));
    let run = finished(&app, &icp, json!({})).await.id();
    let nobody = "018d3fe6-b220-7000-8000-0000000000ff";
    let generate = |icp: &str, earlier: &str| format!("{icp}/generate?retryUnknown={earlier}");
    let other = operations(&member, json!({})).await;
    for (path, body, message) in [
        (generate(&icp, "x"), json!({}), "Invalid uuid".to_owned()),
        (generate(&icp, nobody), json!({}), format!("Run not found: {nobody}")),
        (generate(&other, &run), json!({}), format!("Run {run} is of another ICP")),
        (generate(&icp, &run), json!({"retryUnknown": nobody}), "The body names another run".to_owned()),
    ] {
        let reply = member.post(&path, &body).await.expect(400);
        assert_eq!(reply.details(), fault(json!(["retryUnknown"]), &message), "{path}");
    }
    let theirs = operations(&app.other_organisation(), json!({})).await;
    let reply = app.other_organisation().post(&generate(&theirs, &run), &json!({})).await.expect(400);
    assert_eq!(reply.details(), fault(json!(["retryUnknown"]), &format!("Run not found: {run}")));
    let open = member.post_empty(&format!("{icp}/generate")).await.expect(202).text_at("/run/id");
    let reply = member.post_empty(&generate(&icp, &open)).await.expect(409);
    assert_eq!(reply.at("/error/message"), json!(format!("Run {open} has not ended yet")));
    app.work().await;
    // Another run to retry is another request.
    let twice = |path: String| member.post(&path, &json!({})).idempotency_key("k");
    let _ = twice(generate(&icp, &run)).await.expect(202);
    let _ = twice(generate(&icp, &open)).await.expect(409);
    app.work().await;
}

#[tokio::test]
async fn a_preview_evaluates_when_told() {
    let outside = Outside::new(&PAGES, Says::No);
    let app = start(&outside).await;
    let filters = json!([{"type": "webscraping", "includeSearchStrings": ["hiring"], "extractionPrompt": "Is it large?"}]);
    let icp = operations(&app.member(), json!({"customFilterCriteria": filters})).await;
    let counted = app.member().post_empty(&format!("{icp}/preview")).await.expect(200);
    assert_eq!(counted.at("/estimate"), json!({"checks": {"webscraping": 44}, "calls": 44, "credits": 44}));
    assert_eq!((outside.calls(), counted.at("/funnel/accepted")), (0, json!(4)));
    let body = json!({"evaluate": true, "sample": 2});
    let evaluated = app.member().post(&format!("{icp}/preview"), &body).await.expect(200);
    // Two pages, and the first one is judged.
    assert_eq!((outside.calls(), evaluated.at("/cost")), (3, json!({"credits": 3, "calls": 3})));
    assert_eq!(
        evaluated.at("/funnel/stages/4"),
        json!({"stage": "evidence", "in": 4, "dropped": 2, "unknown": 0, "out": 2,
               "reasons": {"answered no": 1, "search string not found": 1}})
    );
}

#[tokio::test]
async fn a_run_goes_on_in_the_middle_of_its_evidence() {
    let app = start(&Outside::new(&PAGES, Says::Yes)).await;
    for number in 100..112_u32 {
        let domain = ["acme.example", "globex.example", "down.example"][number as usize % 3];
        app.catalog().put_company(CompanyBuilder::new(number, &format!("Company {number}"), domain).build());
    }
    for number in 100..400 {
        let company = CompanyBuilder::new(100 + number % 12, "Company", "x.example").build();
        app.catalog()
            .put_person(PersonBuilder::new(number, &format!("P{number}"), "Lee").at(&company).build());
    }
    let filters = json!([{"type": "webscraping", "includeSearchStrings": ["hiring"]}, {"type": "maxPeoplePerCompany", "value": 9}]);
    let icp = operations(&app.member(), json!({"customFilterCriteria": filters, "leadsPerList": 30})).await;
    let whole = finished(&app, &icp, json!({})).await;
    let started = app.member().post_empty(&format!("{icp}/generate")).await.expect(202);
    let asked = AtomicU64::new(0);
    let mut pieces = 0;
    while app.work_once(|| asked.fetch_add(1, Ordering::SeqCst) % 2 == 1).await {
        pieces += 1;
    }
    let run = app.member().get(started.header("location").expect("a Location")).await.expect(200);
    assert!(pieces > 1, "it was one piece");
    assert_eq!((run.at("/status"), run.at("/funnel")), (json!("succeeded"), whole.at("/funnel")));
    assert_eq!(decisions(&app, &run).await, decisions(&app, &whole).await);
    let listed = |run: &sluice_testkit::Reply| run.text_at("/leadListId").to_owned();
    let mut lists = Vec::new();
    for list in [listed(&run), listed(&whole)] {
        let list = app.member().get(&format!("/api/v1/entities/leadlists/{list}")).await.expect(200);
        lists.push(list.at("/personIds"));
    }
    assert_eq!(lists[0], lists[1]);
}
