use super::rig::{Rig, lead};
use serde_json::json;
use sluice_app::crm::{settings, start_due, start_sync};
use sluice_catalog::reference::ReferenceCatalog;
use sluice_fakes::Fault;
use sluice_model::crm::{CrmProvider, CrmSettings, CrmSync, SyncState};
use sluice_store::ops::crm_contact::{crm_contact_count, crm_contact_page};
use sluice_store::ops::crm_mirror::crm_mirror_get;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const MINUTE: i64 = 60_000;

async fn rig() -> Rig {
    Rig::on(Arc::new(ReferenceCatalog::new())).await
}

async fn mirrored(rig: &Rig) -> Vec<String> {
    let read = rig.stage.context.store.read_long(&rig.actor.organisation, |tx| {
        Box::pin(crm_contact_page(tx, CrmProvider::Bullhorn, None, 100_000))
    });
    let contacts = read.await.expect("the mirror");
    contacts
        .into_iter()
        .map(|contact| format!("{} {}", contact.reference.entity, contact.reference.id))
        .collect()
}

#[tokio::test]
async fn all_contacts_are_read_and_then_what_changed() {
    let rig = rig().await;
    rig.fake.fill(1_200, 5);
    rig.connect().await;
    let begun = rig.sync().await;
    assert_eq!((begun.state, begun.mirror_at, begun.since), (SyncState::Queued, None, None));
    rig.work().await;
    let first = rig.sync().await;
    let now = rig.stage.context.now();
    let expected = CrmSync {
        provider: CrmProvider::Bullhorn,
        state: SyncState::Idle,
        started_at: Some(now),
        finished_at: Some(now),
        contacts: 1_200,
        total: first.total,
        since: None,
        error: None,
        mirror_at: Some(now),
        next_at: Some(now.plus_millis(15 * MINUTE)),
    };
    assert_eq!(first, expected);
    let before = mirrored(&rig).await;
    assert_eq!(before.len(), 1_200);

    rig.stage.clock.advance(14 * MINUTE);
    assert_eq!(start_due(&rig.stage.context).await.expect("due"), 0, "not yet");
    rig.stage.clock.advance(MINUTE);
    let added = rig.fake.add("Lead", json!({"firstName": "Ann", "lastName": "New"}));
    let gone =
        before.iter().find_map(|name| name.strip_prefix("Candidate ")).expect("a candidate").to_owned();
    rig.fake.delete("Candidate", gone.parse().expect("a number"));
    assert_eq!(start_due(&rig.stage.context).await.expect("due"), 1);
    assert_eq!(start_due(&rig.stage.context).await.expect("due"), 0, "one at a time");
    rig.work().await;
    let second = rig.sync().await;
    assert_eq!(second.since, Some(now.plus_millis(-10 * MINUTE)), "with an overlap");
    assert_eq!((second.state, second.mirror_at), (SyncState::Idle, Some(rig.stage.context.now())));
    let mut expected = before;
    expected.retain(|name| *name != format!("Candidate {gone}"));
    expected.push(format!("Lead {added}"));
    assert_eq!(mirrored(&rig).await, expected);
}

#[tokio::test]
async fn a_sync_goes_on_where_it_was_and_waits_when_asked_to() {
    let rig = rig().await;
    rig.fake.fill(2_300, 6);
    rig.connect().await;
    let asked = AtomicUsize::new(0);
    // Stopped after its first page, as when the program ends.
    assert!(rig.work_once(&|| asked.fetch_add(1, Ordering::SeqCst) >= 1).await);
    let part = rig.sync().await.contacts;
    assert!(part > 0 && part < 2_300, "{part}");
    rig.fake.faults().next(Fault::Status(429, Some(30)));
    assert!(rig.work_once(&|| false).await);
    let waiting = rig.sync().await;
    assert_eq!((waiting.state, waiting.contacts), (SyncState::Waiting, part));
    assert!(!rig.work_once(&|| false).await, "not before its time");
    rig.stage.clock.advance(30_000);
    rig.work().await;
    let done = rig.sync().await;
    assert_eq!((done.state, done.contacts, done.error), (SyncState::Idle, 2_300, None), "no page twice");
    assert_eq!(mirrored(&rig).await.len(), 2_300);
}

#[tokio::test]
async fn a_sync_that_cannot_be_is_given_up_and_told() {
    let rig = rig().await;
    rig.connect().await;
    rig.fake.revoke();
    rig.fake.set_terms_open(true);
    rig.work().await;
    let failed = rig.sync().await;
    assert_eq!((failed.state, failed.mirror_at), (SyncState::Failed, None));
    assert!(failed.error.is_some_and(|error| error.starts_with("not authorised")), "told");
    assert_eq!(rig.stage.jobs().await, [0, 0, 1, 0]);
}

#[tokio::test]
async fn contacts_that_are_gone_without_a_trace_are_noticed_once_a_day() {
    let rig = rig().await;
    rig.fake.fill(30, 7);
    rig.mirror().await;
    let lost = rig.fake.add("Lead", json!({"firstName": "Eve", "lastName": "Lost"}));
    rig.stage.clock.advance(MINUTE);
    start_sync(&rig.stage.context, &rig.actor).await.expect("a sync");
    rig.work().await;
    assert_eq!(mirrored(&rig).await.len(), 31);
    rig.fake.delete("Lead", lost);
    rig.stage.clock.advance(25 * 60 * MINUTE);
    start_sync(&rig.stage.context, &rig.actor).await.expect("a sync");
    rig.work().await;
    assert_eq!(rig.sync().await.since, None, "all are read again");
    assert_eq!(mirrored(&rig).await.len(), 30);
}

#[tokio::test]
async fn who_disconnects_keeps_no_contacts() {
    let rig = rig().await;
    rig.fake.fill(700, 8);
    rig.mirror().await;
    let shown = settings::get(&rig.stage.context, &rig.actor).await.expect("settings");
    let expected = CrmSettings {
        connected: true,
        provider: Some(CrmProvider::Bullhorn),
        connected_at: Some(rig.stage.context.now()),
        api_key_masked: shown.api_key_masked.clone(),
    };
    assert_eq!(shown, expected);
    assert!(shown.api_key_masked.is_some_and(|masked| masked.starts_with("********************")));
    settings::remove(&rig.stage.context, &rig.actor).await.expect("disconnected");
    rig.work().await;
    let count = rig
        .stage
        .context
        .store
        .read(&rig.actor.organisation, |tx| Box::pin(crm_contact_count(tx, CrmProvider::Bullhorn)));
    assert_eq!(count.await.expect("a count"), 0);
    rig.stage.clock.advance(60 * MINUTE);
    assert_eq!(start_due(&rig.stage.context).await.expect("due"), 0);
}

/// A clearing that has begun stops where the CRM is connected again: its contacts are another sync's affair.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_connects_again_while_contacts_are_removed_stops_that() {
    let rig = rig().await;
    rig.fake.fill(700, 8);
    rig.mirror().await;
    settings::remove(&rig.stage.context, &rig.actor).await.expect("disconnected");
    let asked = AtomicUsize::new(0);
    let connects = || {
        // After the first part, and before the second.
        if asked.fetch_add(1, Ordering::SeqCst) == 1 {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(rig.connect()));
        }
        false
    };
    assert!(rig.work_once(&connects).await);
    assert_eq!(mirrored(&rig).await.len(), 200);
    rig.work().await;
    assert_eq!(mirrored(&rig).await.len(), 700, "all are read again");
}

#[tokio::test]
async fn a_place_to_go_on_from_that_is_refused_is_forgotten() {
    let rig = rig().await;
    rig.fake.fill(1_200, 6);
    rig.connect().await;
    let cursor = async || {
        let read = rig.stage.context.store.read(&rig.actor.organisation, |tx| Box::pin(crm_mirror_get(tx)));
        read.await.expect("the store").expect("a mirror").cursor
    };
    for (status, kept) in [(403, true), (400, false)] {
        let asked = AtomicUsize::new(0);
        assert!(rig.work_once(&|| asked.fetch_add(1, Ordering::SeqCst) >= 1).await);
        assert!(cursor().await.is_some(), "after the first page");
        rig.fake.faults().next(Fault::Status(status, None));
        assert!(rig.work_once(&|| false).await);
        assert_eq!((rig.sync().await.state, cursor().await.is_some()), (SyncState::Failed, kept), "{status}");
        start_sync(&rig.stage.context, &rig.actor).await.expect("a sync");
    }
    rig.work().await;
    assert_eq!(rig.sync().await.contacts, 1_200);
}

#[tokio::test]
async fn a_contact_that_cannot_be_shown_stays_as_it_was() {
    let rig = rig().await;
    rig.fake.fill(30, 7);
    rig.mirror().await;
    let before = mirrored(&rig).await;
    let broken = before[0].strip_prefix("Candidate ").expect("a candidate");
    rig.fake.break_record(broken.parse().expect("a number"));
    rig.stage.clock.advance(25 * 60 * MINUTE);
    start_sync(&rig.stage.context, &rig.actor).await.expect("a sync");
    rig.work().await;
    assert_eq!(rig.sync().await.since, None, "all are read again");
    assert_eq!(mirrored(&rig).await, before);
}

#[tokio::test]
async fn tasks_are_read_on_contacts_who_are_people_of_the_organisation() {
    let rig = rig().await;
    let fields = json!({"firstName": "Ann", "lastName": "Lee", "email": "ann.lee@acme.example"});
    let ann = rig.fake.add("ClientContact", fields);
    let other = rig.fake.add("ClientContact", json!({"firstName": "Eve", "lastName": "Stone"}));
    for contact in [ann, other] {
        rig.fake.add_task(json!({"subject": "Call back", "clientContact": {"id": contact}}));
    }
    let mut lee = lead(1, "Lee", None);
    lee.person.company_id = None;
    rig.stage
        .context
        .store
        .write(&rig.actor.organisation, move |tx| {
            let lee = lee.clone();
            Box::pin(async move {
                let keys = ["em:ann.lee@acme.example".to_owned()];
                sluice_store::ops::record::person_insert(tx, &lee, &keys).await
            })
        })
        .await
        .expect("a person");
    rig.mirror().await;
    let read = rig.stage.context.store.read_long(&rig.actor.organisation, |tx| {
        Box::pin(crm_contact_page(tx, CrmProvider::Bullhorn, None, 9))
    });
    let contacts = read.await.expect("the mirror");
    let with_tasks: Vec<(&str, bool)> =
        contacts.iter().map(|contact| (contact.reference.id.as_str(), contact.tasks.is_some())).collect();
    assert_eq!(with_tasks, [(ann.to_string().as_str(), true), (other.to_string().as_str(), false)]);
    let tasks = contacts[0].tasks.as_ref().map(|(tasks, _)| tasks.contains("Call back"));
    assert_eq!(tasks, Some(true));
}
