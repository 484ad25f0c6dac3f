//! Exports when answers are lost, searches are behind, and others are at work.

use super::export::{export, outcomes, request, rig};
use super::rig::{Rig, company, lead};
use async_trait::async_trait;
use serde_json::json;
use sluice_app::connectors::{Connected, Connectors};
use sluice_app::crm::export::{Started, get, start};
use sluice_app::{Context, worker};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_connect::crm::BullhornSettings;
use sluice_connect::crm::bullhorn::ExportAs;
use sluice_fakes::Fault;
use sluice_model::EntityKind;
use sluice_model::crm::{Duplicates, ExportOutcome, ExportStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// Exports leads, which have no place for our ids; searches are behind by so long at most.
async fn rig_of_leads(shows_after: Duration) -> Rig {
    let change = move |settings: BullhornSettings| BullhornSettings {
        export_as: ExportAs::Lead,
        shows_after,
        ..settings
    };
    Rig::with(Arc::new(ReferenceCatalog::new()), change).await
}

#[tokio::test]
async fn of_two_exports_the_second_waits_for_its_turn() {
    let rig = rig().await;
    rig.own(vec![company(50, "Acme Inc.")], vec![lead(1, "Lee", Some(50))]).await;
    rig.fake.faults().next(Fault::Slow(Duration::from_secs(2)));
    let (context, actor) = (rig.stage.context.clone(), rig.actor.clone());
    let first =
        tokio::spawn(
            async move { start(&context, &actor, None, request(&[1], Duplicates::Skip), false).await },
        );
    while rig.fake.faults().requests() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let second = start(&rig.stage.context, &rig.actor, None, request(&[1], Duplicates::Skip), false).await;
    let Ok(Started::GoesOn(second)) = second else { panic!("{second:?}") };
    assert_eq!(second.status, ExportStatus::Queued);
    let first = first.await.expect("no panic").expect("an export");
    assert!(matches!(&first, Started::Done(report) if report.created == 1), "{first:?}");
    rig.stage.clock.advance(1_000);
    rig.work().await;
    let view = get(&rig.stage.context, &rig.actor, second.id).await.expect("the export");
    assert_eq!((view.export.status, view.outcomes.skipped), (ExportStatus::Done, 1));
    assert_eq!(rig.fake.records("ClientContact").len(), 1);
}

#[tokio::test]
async fn who_may_have_been_made_and_cannot_be_told_is_not_made_again() {
    let rig = rig_of_leads(Duration::ZERO).await;
    rig.own(vec![], vec![lead(1, "Lee", None)]).await;
    rig.fake.lose_answers(1);
    let report = export(&rig, &[1], Duplicates::Create).await;
    let message = "The CRM did not answer: it may have made the contact. Look before exporting it again";
    assert_eq!(outcomes(&report), [(ExportOutcome::Failed, Some(message), 0)]);
    assert_eq!(rig.fake.records("Lead").len(), 1);
}

#[tokio::test]
async fn who_was_certainly_not_made_is_made_by_the_next_attempt() {
    let rig = rig_of_leads(Duration::ZERO).await;
    rig.own(vec![], vec![lead(1, "Lee", None)]).await;
    rig.fake.refuse_writes(1);
    let report = export(&rig, &[1], Duplicates::Create).await;
    assert_eq!((report.created, report.success), (1, true), "{report:?}");
    assert_eq!(rig.fake.records("Lead").len(), 1);
}

#[tokio::test]
async fn after_a_lost_answer_the_searches_are_waited_for() {
    let rig = rig_of_leads(Duration::from_millis(900)).await;
    rig.own(vec![], vec![lead(1, "Lee", None)]).await;
    rig.fake.set_index_lag(Duration::from_millis(400));
    rig.fake.lose_answers(1);
    let report = export(&rig, &[1], Duplicates::Skip).await;
    assert_eq!((report.created, report.success), (1, true), "{report:?}");
    assert_eq!(rig.fake.records("Lead").len(), 1);
}

#[tokio::test]
async fn an_export_that_was_killed_waits_for_the_searches_as_well() {
    let rig = rig_of_leads(Duration::from_millis(900)).await;
    rig.own(vec![], vec![lead(1, "Lee", None)]).await;
    rig.fake.set_index_lag(Duration::from_millis(400));
    rig.fake.lose_answers(1);
    let started = start(&rig.stage.context, &rig.actor, None, request(&[1], Duplicates::Skip), true).await;
    let Ok(Started::GoesOn(begun)) = started else { panic!("{started:?}") };
    let context = rig.stage.context.clone();
    let work =
        tokio::spawn(async move { worker::work_once(&context, worker::Options::default(), &|| false).await });
    while rig.fake.records("Lead").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    work.abort();
    let _ = work.await;
    // Its lease runs out.
    rig.stage.clock.advance(10_000);
    rig.work().await;
    let view = get(&rig.stage.context, &rig.actor, begun.id).await.expect("the export");
    assert_eq!((view.export.status, view.outcomes.created), (ExportStatus::Done, 1));
    assert_eq!(rig.fake.records("Lead").len(), 1);
}

#[tokio::test]
async fn two_of_ours_whom_the_rule_takes_for_one_are_made_once_whatever_a_search_says() {
    let rig = rig().await;
    rig.fake.set_index_lag(Duration::from_secs(3_600));
    let mut anna = lead(2, "Lee", Some(50));
    anna.person.first_name = "Anna".to_owned();
    anna.person.emails = vec!["anna@acme.example".to_owned()];
    rig.own(vec![company(50, "Acme Inc.")], vec![lead(1, "Lee", Some(50)), anna]).await;
    let report = export(&rig, &[1, 2], Duplicates::Skip).await;
    assert_eq!((report.created, report.skipped), (1, 1), "{report:?}");
    assert_eq!(report.results[0].crm_id, report.results[1].crm_id);
    assert_eq!(
        (rig.fake.records("ClientContact").len(), rig.fake.records("ClientCorporation").len()),
        (1, 1)
    );
}

#[tokio::test]
async fn companies_of_one_name_are_told_apart_by_what_was_noted() {
    let rig = rig().await;
    let people = vec![lead(1, "Lee", Some(50)), lead(2, "Stone", Some(51))];
    rig.own(vec![company(50, "Acme Inc."), company(51, "Acme AG")], people).await;
    let mut expected = Vec::new();
    for (ours, name, last) in [(50, "Acme Inc.", "Lee"), (51, "Acme AG", "Stone")] {
        let id = rig.fake.add("ClientCorporation", json!({"name": name, "status": "Active"}));
        rig.note(EntityKind::Company, ours, "ClientCorporation", id).await;
        expected.push(json!([last, {"id": id}]));
    }
    let report = export(&rig, &[1, 2], Duplicates::Skip).await;
    assert_eq!(report.created, 2, "{report:?}");
    let contacts = rig.fake.records("ClientContact");
    let mut found: Vec<_> =
        contacts.iter().map(|contact| json!([contact["lastName"], contact["clientCorporation"]])).collect();
    found.sort_by_key(ToString::to_string);
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_contact_of_another_entity_is_given_the_fields_of_that_one() {
    let rig = rig().await;
    let there = json!({"firstName": "Ann", "lastName": "Lee", "name": "Ann Lee", "occupation": "CTO",
                       "email": "ann.lee@acme.example"});
    let id = rig.fake.add("Candidate", there);
    let mut ann = lead(1, "Lee", Some(50));
    ann.person.linkedin_url = Some("https://www.linkedin.com/in/ann".to_owned());
    rig.own(vec![company(50, "Acme Inc.")], vec![ann]).await;
    let report = export(&rig, &[1], Duplicates::Update).await;
    let mut changed = report.results[0].changed_fields.clone();
    changed.sort();
    assert_eq!((report.updated, changed), (1, vec!["companyName".to_owned(), "companyURL".to_owned()]));
    let candidate = rig.fake.record("Candidate", id).expect("the candidate");
    assert_eq!(candidate["companyName"], json!("Acme Inc."));
}

#[tokio::test]
async fn a_record_that_never_passes_holds_nobody_up() {
    let rig = rig().await;
    rig.fake.fail_on("Broken");
    let people = vec![lead(1, "Broken", Some(50)), lead(2, "Stone", Some(50))];
    rig.own(vec![company(50, "Acme Inc.")], people).await;
    let report = export(&rig, &[1, 2], Duplicates::Skip).await;
    let message = "unavailable: 127.0.0.1 answered 500; it may have made the contact";
    let failed = &report.results[0];
    assert_eq!((failed.outcome, failed.message.as_deref()), (ExportOutcome::Failed, Some(message)));
    assert_eq!(report.results[1].outcome, ExportOutcome::Created);
}

/// Connected as often as it is asked for so many times.
struct Leaving {
    connected: Connected,
    left: AtomicUsize,
}

#[async_trait]
impl Connectors for Leaving {
    async fn of(&self, _context: &Context, _organisation: &str) -> sluice_app::Result<Connected> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        Ok(if left.is_ok() { self.connected.clone() } else { Connected::default() })
    }
}

#[tokio::test]
async fn an_export_ends_when_its_crm_is_disconnected() {
    let rig = rig().await;
    let people = (1..=201).map(|number| lead(number, &format!("Name{number:03}"), Some(500)));
    rig.own(vec![company(500, "Acme Inc.")], people.collect()).await;
    let connected = Connected { crm: Some(rig.crm.clone()), ..Connected::default() };
    // When it is asked for, and for the first batch.
    let leaving = Leaving { connected, left: AtomicUsize::new(2) };
    let context = rig.stage.context.clone().with_connectors(Arc::new(leaving));
    let ids: Vec<u128> = (1..=201).collect();
    let started = start(&context, &rig.actor, None, request(&ids, Duplicates::Skip), false).await;
    let Ok(Started::GoesOn(ended)) = started else { panic!("{started:?}") };
    let error = ended.error.as_deref();
    assert_eq!(
        (ended.status, ended.done, error),
        (ExportStatus::Failed, 200, Some("The CRM is no longer connected"))
    );
    assert_eq!(rig.fake.records("ClientContact").len(), 200);
}

#[tokio::test]
async fn what_was_noted_for_another_account_is_looked_at_again() {
    let rig = rig().await;
    let stranger = rig.fake.add("ClientContact", json!({"firstName": "Bob", "lastName": "Stone"}));
    let corporation = rig.fake.add("ClientCorporation", json!({"name": "Globex", "status": "Active"}));
    rig.own(vec![company(50, "Acme Inc.")], vec![lead(1, "Lee", Some(50))]).await;
    rig.note(EntityKind::Person, 1, "ClientContact", stranger).await;
    rig.note(EntityKind::Company, 50, "ClientCorporation", corporation).await;
    rig.connect().await;
    assert_eq!(rig.noted(EntityKind::Company, Uuid::from_u128(50)).await, None, "the other account's");
    assert!(rig.noted(EntityKind::Person, Uuid::from_u128(1)).await.is_some(), "until it is looked at");
    let report = export(&rig, &[1], Duplicates::Update).await;
    assert_eq!(report.created, 1, "{report:?}");
    let names: Vec<_> =
        rig.fake.records("ClientCorporation").into_iter().map(|made| made["name"].clone()).collect();
    assert_eq!(names, [json!("Globex"), json!("Acme Inc.")]);
}
