use super::rig::{Rig, company, lead};
use serde_json::{Value, json};
use sluice_app::crm::export::{Started, get, records, start};
use sluice_app::worker;
use sluice_catalog::reference::ReferenceCatalog;
use sluice_fakes::Fault;
use sluice_model::crm::{
    CrmProvider, Duplicates, ExportOf, ExportOutcome, ExportReport, ExportRequest, ExportStatus,
};
use sluice_model::prospect_body::Selection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

pub async fn rig() -> Rig {
    Rig::on(Arc::new(ReferenceCatalog::new())).await
}

pub fn request(people: &[u128], duplicates: Duplicates) -> ExportRequest {
    let included_ids = people.iter().map(|number| Uuid::from_u128(*number)).collect();
    let of = ExportOf::Selection(Selection::Manual { included_ids });
    ExportRequest { of, provider: CrmProvider::Bullhorn, duplicates }
}

pub async fn export(rig: &Rig, people: &[u128], duplicates: Duplicates) -> ExportReport {
    let started = start(&rig.stage.context, &rig.actor, None, request(people, duplicates), false).await;
    match started.expect("an export") {
        Started::Done(report) => report,
        Started::GoesOn(export) => panic!("{export:?}"),
    }
}

pub fn outcomes(report: &ExportReport) -> Vec<(ExportOutcome, Option<&str>, usize)> {
    report
        .results
        .iter()
        .map(|result| (result.outcome, result.message.as_deref(), result.changed_fields.len()))
        .collect()
}

#[tokio::test]
async fn people_are_made_with_their_company_once_and_a_repeat_writes_nothing() {
    let rig = rig().await;
    rig.own(vec![company(50, "Acme Inc.")], vec![lead(1, "Lee", Some(50)), lead(2, "Stone", Some(50))]).await;
    let report = export(&rig, &[1, 2], Duplicates::Update).await;
    assert_eq!((report.total, report.created, report.success), (2, 2, true));
    let contacts = rig.fake.records("ClientContact");
    assert_eq!((contacts.len(), rig.fake.records("ClientCorporation").len()), (2, 1));
    for (number, result) in [1_u128, 2].into_iter().zip(&report.results) {
        let person = rig.person(Uuid::from_u128(number)).await;
        assert_eq!((&person.crm_id, &person.bullhorn_id), (&result.crm_id, &result.crm_id));
        let contact = contacts.iter().find(|contact| Some(contact["id"].to_string()) == result.crm_id);
        let ours =
            contact.expect("a contact")["externalID"].as_str().is_some_and(|id| id.starts_with("sluice"));
        assert!(ours, "with our id");
    }
    let writes = rig.fake.writes().len();
    for (duplicates, outcome, message) in [
        (Duplicates::Update, ExportOutcome::Noop, None),
        (Duplicates::FillEmpty, ExportOutcome::Noop, None),
        (Duplicates::Skip, ExportOutcome::Skipped, None),
        (Duplicates::Create, ExportOutcome::Skipped, Some("Exported before")),
    ] {
        let again = export(&rig, &[1, 2], duplicates).await;
        assert_eq!(outcomes(&again), [(outcome, message, 0), (outcome, message, 0)], "{duplicates:?}");
        let ids = |report: &ExportReport| {
            report.results.iter().map(|result| result.crm_id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(&again), ids(&report));
    }
    assert_eq!(rig.fake.writes().len(), writes, "nothing was written");
}

#[tokio::test]
async fn those_whom_the_crm_has_are_treated_as_asked_for() {
    for (duplicates, expected, occupation, phone) in [
        (Duplicates::Skip, (ExportOutcome::Skipped, vec![]), json!("CEO"), Value::Null),
        (
            Duplicates::Update,
            (ExportOutcome::Updated, vec!["occupation", "phone"]),
            json!("CTO"),
            json!("+41446681800"),
        ),
        (Duplicates::FillEmpty, (ExportOutcome::Updated, vec!["phone"]), json!("CEO"), json!("+41446681800")),
    ] {
        let rig = rig().await;
        let there = json!({"firstName": "Ann", "lastName": "Lee", "name": "Ann Lee", "occupation": "CEO",
                           "email": "ann.lee@acme.example"});
        let id = rig.fake.add("ClientContact", there);
        let mut ann = lead(1, "Lee", None);
        ann.person.phones = vec!["+41446681800".to_owned()];
        rig.own(vec![], vec![ann]).await;
        let report = export(&rig, &[1], duplicates).await;
        let result = &report.results[0];
        let mut changed: Vec<&str> = result
            .changed_fields
            .iter()
            .map(String::as_str)
            .filter(|field| !matches!(*field, "externalID"))
            .collect();
        changed.sort_unstable();
        assert_eq!((result.outcome, changed), expected, "{duplicates:?}");
        assert_eq!(result.crm_id, Some(id.to_string()));
        let contact = rig.fake.record("ClientContact", id).expect("the contact");
        assert_eq!(contact["occupation"], occupation, "{duplicates:?}");
        let found = Some(&contact["phone"]).filter(|phone| phone.as_str() != Some("")).cloned();
        assert_eq!(found.unwrap_or_default(), phone, "{duplicates:?}");
    }
}

#[tokio::test]
async fn several_who_could_be_it_are_left_alone_unless_all_are_to_be_made() {
    let rig = rig().await;
    for first in ["Anna", "Andrew"] {
        rig.fake
            .add("ClientContact", json!({"firstName": first, "lastName": "Lee", "email": "x@acme.example"}));
    }
    rig.own(vec![company(50, "Acme Inc.")], vec![lead(1, "Lee", Some(50))]).await;
    let report = export(&rig, &[1], Duplicates::Update).await;
    let message = Some("2 contacts of the CRM could be this person");
    assert_eq!(outcomes(&report), [(ExportOutcome::Ambiguous, message, 0)]);
    assert_eq!((report.skipped, report.success, rig.fake.writes().len()), (1, true, 0));
    let report = export(&rig, &[1], Duplicates::Create).await;
    assert_eq!(report.created, 1);
    assert_eq!(rig.fake.records("ClientContact").len(), 3);
    let report = export(&rig, &[1], Duplicates::Create).await;
    assert_eq!(outcomes(&report), [(ExportOutcome::Skipped, Some("Exported before"), 0)]);
}

#[tokio::test]
async fn what_the_crm_refuses_fails_alone() {
    let rig = rig().await;
    let mut nameless = lead(1, "Lee", Some(50));
    nameless.person.emails.clear();
    rig.own(vec![company(50, "Acme Inc.")], vec![nameless, lead(2, "Stone", Some(50))]).await;
    let report = export(&rig, &[1, 2], Duplicates::Skip).await;
    assert_eq!((report.total, report.created, report.failed, report.success), (2, 1, 1, false));
    assert_eq!(report.errors.len(), 1);
    assert_eq!(report.results[0].outcome, ExportOutcome::Failed);
}

#[tokio::test]
async fn an_answer_that_is_lost_makes_nobody_twice() {
    let rig = rig().await;
    rig.own(vec![company(50, "Acme Inc.")], vec![lead(1, "Lee", Some(50))]).await;
    // More than that, and the failure may count as the record's.
    rig.fake.faults().at_random(0.1, 9, vec![Fault::LostAnswer, Fault::Status(503, None)]);
    let mut report = None;
    for _ in 0..20 {
        match start(&rig.stage.context, &rig.actor, None, request(&[1], Duplicates::Skip), false).await {
            Ok(Started::Done(done)) => {
                report = Some(done);
                break;
            }
            // The CRM was not to be reached: it goes on later.
            _ => {
                rig.stage.clock.advance(60_000);
                rig.fake.faults().clear();
                rig.work().await;
            }
        }
    }
    assert!(report.is_some_and(|report| report.success));
    assert_eq!(
        (rig.fake.records("ClientContact").len(), rig.fake.records("ClientCorporation").len()),
        (1, 1)
    );
}

/// 10 000 records, 5 % of all requests meet a fault, and the worker is killed twice in mid-flight.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_records_arrive_exactly_once() {
    const PEOPLE: u128 = 10_000;
    const COMPANIES: u128 = 500;
    let rig = rig().await;
    let companies =
        (0..COMPANIES).map(|number| company(1_000_000 + number, &format!("Firm{number:04} Ltd"))).collect();
    let people = (1..=PEOPLE)
        .map(|number| lead(number, &format!("Name{number:05}"), Some(1_000_000 + number % COMPANIES)));
    rig.own(companies, people.collect()).await;
    // One in ten of them makes the export wait for a second.
    let mut faults = vec![Fault::Status(429, Some(1))];
    for _ in 0..3 {
        faults.extend([Fault::Status(503, None), Fault::Status(500, None), Fault::LostAnswer]);
    }
    rig.fake.faults().at_random(0.05, 4, faults);
    let ids: Vec<u128> = (1..=PEOPLE).collect();
    let begun = Instant::now();
    let started = start(&rig.stage.context, &rig.actor, None, request(&ids, Duplicates::Update), true).await;
    let Ok(Started::GoesOn(export)) = started else { panic!("{started:?}") };
    for kill_at in [3_000, 7_000] {
        let context = rig.stage.context.clone();
        let work =
            tokio::spawn(
                async move { worker::work_once(&context, worker::Options::default(), &|| false).await },
            );
        while rig.fake.records("ClientContact").len() < kill_at && !work.is_finished() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        work.abort();
        let _ = work.await;
        // Its lease runs out.
        rig.stage.clock.advance(10_000);
    }
    while get(&rig.stage.context, &rig.actor, export.id).await.expect("the export").export.status
        != ExportStatus::Done
    {
        rig.work().await;
        rig.stage.clock.advance(60_000);
    }
    let view = get(&rig.stage.context, &rig.actor, export.id).await.expect("the export");
    let contacts = rig.fake.records("ClientContact");
    let distinct: BTreeSet<String> =
        contacts.iter().map(|contact| contact["externalID"].to_string()).collect();
    let mut at_companies: BTreeMap<String, usize> = BTreeMap::new();
    for contact in &contacts {
        *at_companies.entry(contact["clientCorporation"]["id"].to_string()).or_default() += 1;
    }
    println!(
        "{PEOPLE} records in {:.1} s, {} requests, 2 kills: {:?}, {} contacts, {} companies",
        begun.elapsed().as_secs_f64(),
        rig.fake.faults().requests(),
        view.outcomes,
        contacts.len(),
        rig.fake.records("ClientCorporation").len(),
    );
    assert_eq!((contacts.len(), distinct.len()), (10_000, 10_000), "each once");
    assert_eq!(rig.fake.records("ClientCorporation").len(), 500);
    assert_eq!(at_companies.len(), 500);
    let outcomes = view.outcomes;
    let sum = outcomes.created
        + outcomes.updated
        + outcomes.noop
        + outcomes.skipped
        + outcomes.ambiguous
        + outcomes.failed;
    assert_eq!((sum, outcomes.created, view.export.done), (10_000, 10_000, 10_000));
    let mut told = BTreeSet::new();
    let mut from = 0;
    loop {
        let page = records(&rig.stage.context, &rig.actor, export.id, from, 1_000).await.expect("records");
        told.extend(page.items.into_iter().filter_map(|result| result.crm_id));
        match page.next_cursor {
            Some(next) => from = next.parse().expect("a position"),
            None => break,
        }
    }
    assert_eq!(told.len(), 10_000, "each is told with a contact of its own");
}
