//! Another organisation sees and changes nothing: each operation is tried from there, with the right ids,
//! and afterwards all that the first organisation has is as it was.

use crate::crm::{contact, export, mirror, reference, result};
use crate::harness::{ACME, Check, OTHER, assert_fails, on_each, read, write, write_system};
use crate::samples::{
    account_id, at, company, connector, content, credits, decision, enrichment, icp, id, list, log_id,
    person, prospect, prospect_id, run, suppression,
};
use crate::webhook::{EVERYTHING, attempt, event, webhook};
use sluice_model::accounts::{ApiKeyId, TenantId};
use sluice_model::credit::CreditKind;
use sluice_model::crm::{CrmProvider, ExportOutcome, ExportStatus};
use sluice_model::enrichment::{EnrichmentField, EnrichmentStatus};
use sluice_model::icp::Schedule;
use sluice_model::webhook::WebhookEvent;
use sluice_model::{Actor, EntityKind, JobState, Role, Stage, Verdict};
use sluice_store::ops::account::{
    AccountCounts, account_count_log, account_get, account_get_many, account_insert, account_of_domain,
    account_recount, account_save,
};
use sluice_store::ops::activity::{
    LogSlice, Logs, Subject, activity_anchor, activity_delete, activity_get, activity_hide, activity_insert,
    activity_move, activity_newer, activity_page, activity_set_domain, activity_told,
};
use sluice_store::ops::api_key::{api_key_list, api_key_revoke};
use sluice_store::ops::audit::{AuditEntry, audit_insert, audit_list};
use sluice_store::ops::connector::{connector_delete, connector_get, connector_list, connector_put};
use sluice_store::ops::credit::{
    credit_add, credit_balance, credit_consume, credit_history, credit_returned, credit_taken,
};
use sluice_store::ops::crm_contact::{
    crm_contact_count, crm_contact_delete, crm_contact_find, crm_contact_get, crm_contact_keep,
    crm_contact_page, crm_contact_put, crm_contact_set_tasks, crm_contact_sweep, crm_contact_without_tasks,
};
use sluice_store::ops::crm_export::{
    crm_export_counts, crm_export_get, crm_export_insert, crm_export_intend, crm_export_intended,
    crm_export_open, crm_export_others_running, crm_export_results, crm_export_set_status, crm_export_settle,
};
use sluice_store::ops::crm_identity::{
    crm_identity_clear, crm_identity_delete, crm_identity_get, crm_identity_put, person_set_crm_id,
};
use sluice_store::ops::crm_mirror::{crm_mirror_get, crm_mirror_put, crm_mirror_put_off};
use sluice_store::ops::decision::{
    DecisionFilter, NewDecision, decision_insert, decision_list, decision_traces, decision_unknown,
};
use sluice_store::ops::enrichment::{
    enrichment_end, enrichment_insert, enrichment_newest, enrichment_next, enrichment_pending,
};
use sluice_store::ops::evidence::{StoredEvidence, evidence_get, evidence_put};
use sluice_store::ops::icp::{
    StoredIcp, icp_delete, icp_get, icp_insert, icp_list, icp_save, icp_version_get, icp_version_list,
};
use sluice_store::ops::idempotency::{KeptAnswer, idempotency_get, idempotency_put};
use sluice_store::ops::job::{
    Lease, job_bury, job_claim, job_extend, job_finish, job_hasten, job_insert, job_insert_claimed,
    job_note_progress, job_put_off, job_release, job_retry,
};
use sluice_store::ops::job_record::{job_discard, job_get, job_list, job_revive};
use sluice_store::ops::lead_list::{
    StoredLeadList, lead_list_append, lead_list_delete, lead_list_exists, lead_list_get, lead_list_insert,
    lead_list_list, lead_list_save, lead_list_touch,
};
use sluice_store::ops::listing::{
    Begin, Listing, ListingFilter, listing_anchor, listing_page, listing_total,
};
use sluice_store::ops::member::member_role;
use sluice_store::ops::prospect::{
    identifier_add, identifier_move, identifier_remove, prospect_count_log, prospect_find, prospect_get,
    prospect_get_many, prospect_insert, prospect_linked, prospect_recount, prospect_repoint, prospect_save,
    slug_next,
};
use sluice_store::ops::record::{
    company_get, company_insert, company_list, listing_delete, listing_insert, person_get, person_get_many,
    person_insert, person_list, record_add_keys, record_find, record_in_crm, record_known,
    record_last_listed, record_set_in_crm,
};
use sluice_store::ops::record_change::{company_save, person_save};
use sluice_store::ops::run::{
    run_cancel_keeps, run_get, run_insert, run_list, run_request_cancel, run_save, run_scheduled_open,
};
use sluice_store::ops::schedule::{schedule_advance, schedule_get, schedule_note};
use sluice_store::ops::suppression::{
    suppression_any, suppression_erase, suppression_find, suppression_get, suppression_insert,
    suppression_list, suppression_remove,
};
use sluice_store::ops::system;
use sluice_store::ops::webhook::{
    webhook_delete, webhook_get, webhook_insert, webhook_list, webhook_save, webhook_set_job,
    webhook_subscribers,
};
use sluice_store::ops::webhook_delivery::{
    DeliveryFilter, Next, webhook_attempt_list, webhook_delivery_due, webhook_delivery_get,
    webhook_delivery_give_up, webhook_delivery_insert, webhook_delivery_list, webhook_delivery_next,
    webhook_delivery_note, webhook_delivery_replay, webhook_delivery_replay_all, webhook_event_insert,
};
use sluice_store::{Store, StoreError};

const ICP: u64 = 1;
const LIST: u64 = 2;
const COMPANY: u64 = 3;
const PERSON: u64 = 4;
const COMPANIES: u64 = 5;
const RUN: u64 = 6;
const ENTRY: u64 = 7;
const JOB: u64 = 8;
const OWNER: u64 = 9;
/// A job that was given up.
const DEAD: u64 = 10;
/// A person and a list of the other organisation.
const THEIRS: u64 = 40;
const THEIR_LIST: u64 = 41;

fn key() -> Vec<String> {
    vec!["email:ann".to_owned()]
}

fn answer() -> KeptAnswer {
    KeptAnswer { request_hash: vec![1; 32], response: "{}".to_owned() }
}

fn page() -> StoredEvidence {
    StoredEvidence { data: "{}".to_owned(), created_at: at(0) }
}

fn entry() -> AuditEntry {
    let (user, action) = ("user_ann".to_owned(), "icp.delete".to_owned());
    AuditEntry { user, action, entity_id: "1".to_owned(), at: at(0) }
}

/// One of everything, in the first organisation.
async fn fill(store: &Store) -> Check {
    let mut icp = icp(ICP);
    icp.schedule = Some(Schedule::from_stored("@daily".to_owned()));
    write!(store, ACME, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
    let acme = company(COMPANY);
    write!(store, ACME, [acme], |tx| company_insert(tx, &acme, &["domain:acme".to_owned()]))?;
    let mut ann = person(PERSON);
    ann.crm_id = Some("crm".to_owned());
    ann.person.company_id = Some(acme.id);
    write!(store, ACME, [ann], |tx| person_insert(tx, &ann, &key()))?;
    let mut people = list(LIST, &[id(PERSON)]);
    people.icp_id = Some(id(ICP));
    write!(store, ACME, [people], |tx| lead_list_insert(tx, &people))?;
    let mut companies = list(COMPANIES, &[]);
    companies.kind = EntityKind::Company;
    companies.company_ids = vec![acme.id];
    write!(store, ACME, [companies], |tx| lead_list_insert(tx, &companies))?;
    write!(store, ACME, [], |tx| listing_insert(tx, id(LIST), &[id(PERSON)], at(1)))?;
    let mut run = run(RUN, id(ICP));
    run.scheduled_for = Some(at(0));
    write!(store, ACME, [run], |tx| run_insert(tx, &run, "{}"))?;
    let mut new = vec![NewDecision::of(&decision(1, Verdict::Accepted, Stage::Accept), vec![1; 8])?];
    let unknown = decision(3, Verdict::Unknown, Stage::Evidence);
    new.push(NewDecision::with_record(&unknown, vec![3; 8], &ann)?);
    write!(store, ACME, [new], |tx| decision_insert(tx, id(RUN), new))?;
    let suppressed = suppression(ACME, ENTRY, None);
    write!(store, ACME, [suppressed], |tx| suppression_insert(tx, &suppressed))?;
    write!(store, ACME, [], |tx| job_insert(tx, id(JOB), "run", "{}", at(0)))?;
    let lease = Lease { owner: id(OWNER), until: at(100) };
    write_system!(store, [], |tx| job_claim(tx, lease, at(1), None))?.expect("the job");
    write!(store, ACME, [], |tx| job_insert(tx, id(DEAD), "run", "{}", at(0)))?;
    write_system!(store, [], |tx| job_claim(tx, lease, at(1), None))?.expect("the other job");
    write!(store, ACME, [], |tx| job_bury(tx, id(DEAD), id(OWNER), "broken", at(2)))?;
    write!(store, ACME, [], |tx| idempotency_put(tx, "user_ann", "k", &answer(), at(100)))?;
    write!(store, ACME, [], |tx| evidence_put(tx, "page", &[1; 32], &page(), at(900)))?;
    write!(store, ACME, [], |tx| audit_insert(tx, &entry()))
}

/// All that the first organisation has, as text.
async fn everything(store: &Store) -> Result<String, StoreError> {
    store
        .read(ACME, |tx| {
            Box::pin(async move {
                let mut out = format!("{:#?}", icp_list(tx, None).await?);
                out += &format!("{:#?}", icp_list(tx, Some("user_ann")).await?);
                out += &format!("{:#?}", icp_version_list(tx, id(ICP), None, 9).await?);
                out += &format!("{:#?}", lead_list_list(tx, Some("user_ann")).await?);
                out += &format!("{:#?}", person_list(tx, id(LIST)).await?);
                out += &format!("{:#?}", company_list(tx, id(COMPANIES)).await?);
                out += &format!("{:?}", record_in_crm(tx, &[id(PERSON), id(COMPANY)]).await?);
                out += &format!("{:?}", record_last_listed(tx, &[id(PERSON)], None).await?);
                out += &format!("{:?}", record_find(tx, EntityKind::Person, &key()).await?);
                out += &format!("{:#?}", run_list(tx, None, None, 9).await?);
                out += &format!("{:#?}", decision_list(tx, id(RUN), DecisionFilter::default(), 9).await?);
                out += &format!("{:#?}", decision_traces(tx, id(RUN), 0, 9).await?);
                out += &format!("{:#?}", decision_unknown(tx, id(RUN), 0, 9).await?);
                out += &format!("{:#?}", suppression_list(tx, true, 9, 0).await?);
                out += &format!("{:?}", idempotency_get(tx, "user_ann", "k", at(0)).await?);
                out += &format!("{:?}", evidence_get(tx, "page", &[1; 32], at(0)).await?);
                out += &format!("{:?}", audit_list(tx, 9).await?);
                out += &format!("{:?}", schedule_get(tx, id(ICP)).await?);
                out += &format!("{:?}", job_list(tx, JobState::Dead, None, 9).await?);
                Ok(out)
            })
        })
        .await
}

#[tokio::test]
async fn another_organisation_sees_nothing() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        assert_eq!(read!(store, OTHER, |tx| icp_get(tx, id(ICP)))?, None);
        assert_eq!(read!(store, OTHER, |tx| icp_list(tx, None))?, []);
        assert_eq!(read!(store, OTHER, |tx| icp_list(tx, Some("user_ann")))?, []);
        assert_eq!(read!(store, OTHER, |tx| icp_version_list(tx, id(ICP), None, 9))?, []);
        assert_eq!(read!(store, OTHER, |tx| icp_version_get(tx, id(ICP), 1))?, None);
        assert_eq!(read!(store, OTHER, |tx| lead_list_get(tx, id(LIST)))?, None);
        assert!(!read!(store, OTHER, |tx| lead_list_exists(tx, id(LIST)))?);
        write!(store, ACME, [], |tx| run_request_cancel(tx, id(RUN), true))?;
        assert_eq!(read!(store, OTHER, |tx| run_cancel_keeps(tx, id(RUN)))?, None);
        assert_eq!(read!(store, OTHER, |tx| lead_list_list(tx, None))?, []);
        assert_eq!(read!(store, OTHER, |tx| lead_list_list(tx, Some("user_ann")))?, []);
        assert_eq!(read!(store, OTHER, |tx| person_list(tx, id(LIST)))?, []);
        assert_eq!(read!(store, OTHER, |tx| company_list(tx, id(COMPANIES)))?, []);
        assert_eq!(read!(store, OTHER, |tx| person_get(tx, id(PERSON)))?, None);
        assert_eq!(read!(store, OTHER, |tx| person_get_many(tx, &[id(PERSON)]))?, []);
        assert_eq!(read!(store, OTHER, |tx| company_get(tx, id(COMPANY)))?, None);
        assert!(read!(store, OTHER, |tx| record_find(tx, EntityKind::Person, &key()))?.is_empty());
        assert!(read!(store, OTHER, |tx| record_known(tx, EntityKind::Person, &[id(PERSON)]))?.is_empty());
        assert!(read!(store, OTHER, |tx| record_in_crm(tx, &[id(PERSON)]))?.is_empty());
        assert!(read!(store, OTHER, |tx| record_last_listed(tx, &[id(PERSON)], None))?.is_empty());
        assert_eq!(read!(store, OTHER, |tx| run_get(tx, id(RUN)))?, None);
        assert_eq!(read!(store, OTHER, |tx| run_list(tx, None, None, 9))?, []);
        assert_eq!(read!(store, OTHER, |tx| run_list(tx, Some(id(ICP)), None, 9))?, []);
        let filter = DecisionFilter::default();
        assert_eq!(read!(store, OTHER, |tx| decision_list(tx, id(RUN), filter, 9))?, []);
        assert_eq!(read!(store, OTHER, |tx| decision_traces(tx, id(RUN), 0, 9))?, []);
        assert_eq!(read!(store, OTHER, |tx| decision_unknown(tx, id(RUN), 0, 9))?, []);
        assert_eq!(read!(store, OTHER, |tx| suppression_get(tx, id(ENTRY)))?, None);
        assert_eq!(read!(store, OTHER, |tx| suppression_list(tx, true, 9, 0))?, (vec![], 0));
        let hash: [u8; 32] = suppression(ACME, ENTRY, None).hash.try_into().expect("32 bytes");
        assert_eq!(read!(store, OTHER, |tx| suppression_find(tx, &[hash], at(0)))?, []);
        assert!(!read!(store, OTHER, |tx| suppression_any(tx, at(0)))?);
        assert_eq!(read!(store, OTHER, |tx| idempotency_get(tx, "user_ann", "k", at(0)))?, None);
        assert_eq!(read!(store, OTHER, |tx| evidence_get(tx, "page", &[1; 32], at(0)))?, None);
        assert_eq!(read!(store, OTHER, |tx| audit_list(tx, 9))?, []);
        assert_eq!(read!(store, OTHER, |tx| schedule_get(tx, id(ICP)))?, None);
        assert!(read!(store, ACME, |tx| run_scheduled_open(tx, id(ICP)))?);
        assert!(!read!(store, OTHER, |tx| run_scheduled_open(tx, id(ICP)))?);
        assert_eq!(read!(store, OTHER, |tx| job_get(tx, id(DEAD)))?, None);
        assert_eq!(read!(store, OTHER, |tx| job_list(tx, JobState::Dead, None, 9))?, []);
        let tenant = TenantId::from_bare("01HZZZZZZZZZZZZZZZZZZZZZZZ".to_owned());
        write_system!(store, [tenant], |tx| system::organisation_insert(tx, ACME, "A", &tenant, at(0)))?;
        let ann = Actor { organisation: ACME.to_owned(), user: "user_ann".to_owned(), role: Role::Admin };
        write_system!(store, [ann], |tx| system::member_insert(tx, &ann, None, at(0)))?;
        assert_eq!(read!(store, ACME, |tx| member_role(tx, "user_ann"))?, Some(Role::Admin));
        assert_eq!(read!(store, OTHER, |tx| member_role(tx, "user_ann"))?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn another_organisation_changes_nothing() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        let before = everything(store).await?;

        let next = StoredIcp { icp: icp(ICP), version: 2 };
        let saved = write!(store, OTHER, [next], |tx| icp_save(tx, &next, "user_eve", &["userIds"]));
        assert_fails!(saved, StoreError::RowCount { .. });
        assert_fails!(write!(store, OTHER, [], |tx| icp_delete(tx, id(ICP))), StoreError::RowCount { .. });

        let next = StoredLeadList { list: list(LIST, &[]), version: 2 };
        let saved = write!(store, OTHER, [next], |tx| lead_list_save(tx, &next, true));
        assert_fails!(saved, StoreError::RowCount { .. });
        let ours = [id(PERSON)];
        let appended = write!(store, OTHER, [], |tx| lead_list_append(tx, id(LIST), &ours));
        assert_fails!(appended, StoreError::RowCount { .. });
        let touched = write!(store, OTHER, [], |tx| lead_list_touch(tx, id(LIST), at(99)));
        assert_fails!(touched, StoreError::RowCount { .. });
        let deleted = write!(store, OTHER, [], |tx| lead_list_delete(tx, id(LIST)));
        assert_fails!(deleted, StoreError::RowCount { .. });

        let marked = write!(store, OTHER, [], |tx| record_set_in_crm(tx, id(PERSON), false));
        assert_fails!(marked, StoreError::RowCount { .. });
        let new = vec!["email:eve".to_owned()];
        write!(store, OTHER, [new], |tx| record_add_keys(tx, EntityKind::Person, id(PERSON), &new))?;
        for organisation in [ACME, OTHER] {
            let found = read!(store, organisation, [new], |tx| record_find(tx, EntityKind::Person, &new))?;
            assert!(found.is_empty(), "a key of another organisation's record");
        }
        write!(store, OTHER, [], |tx| listing_insert(tx, id(LIST), &ours, at(99)))?;
        write!(store, OTHER, [], |tx| listing_delete(tx, id(LIST)))?;

        let run = run(RUN, id(ICP));
        let saved = write!(store, OTHER, [run], |tx| run_save(tx, &run, Some("{}")));
        assert_fails!(saved, StoreError::RowCount { .. });
        let cancelled = write!(store, OTHER, [], |tx| run_request_cancel(tx, id(RUN), false));
        assert_fails!(cancelled, StoreError::RowCount { .. });
        let second = vec![NewDecision::of(&decision(2, Verdict::Accepted, Stage::Accept), vec![])?];
        let decided = write!(store, OTHER, [second], |tx| decision_insert(tx, id(RUN), second));
        assert_fails!(decided, StoreError::RowCount { .. });

        let removed = write!(store, OTHER, [], |tx| suppression_remove(tx, id(ENTRY), "user_eve", at(5)));
        assert_fails!(removed, StoreError::RowCount { .. });
        let erased = write!(store, OTHER, [], |tx| suppression_erase(tx, id(ENTRY), at(5)));
        assert_fails!(erased, StoreError::RowCount { .. });

        let theirs = KeptAnswer { request_hash: vec![2; 32], response: "[]".to_owned() };
        write!(store, OTHER, [theirs], |tx| idempotency_put(tx, "user_ann", "k", &theirs, at(500)))?;
        let seen = StoredEvidence { data: "[]".to_owned(), ..page() };
        write!(store, OTHER, [seen], |tx| evidence_put(tx, "page", &[1; 32], &seen, at(500)))?;
        write!(store, OTHER, [], |tx| audit_insert(tx, &entry()))?;

        let lease = Lease { owner: id(OWNER), until: at(900) };
        assert!(!write!(store, OTHER, [], |tx| job_extend(tx, id(JOB), lease))?);
        assert!(!write!(store, OTHER, [], |tx| job_finish(tx, id(JOB), id(OWNER), at(2)))?);
        assert!(!write!(store, OTHER, [], |tx| job_retry(tx, id(JOB), id(OWNER), "", at(0)))?);
        assert!(!write!(store, OTHER, [], |tx| job_bury(tx, id(JOB), id(OWNER), "", at(2)))?);
        assert!(!write!(store, OTHER, [], |tx| job_release(tx, id(JOB), id(OWNER)))?);
        assert!(!write!(store, OTHER, [], |tx| job_put_off(tx, id(JOB), id(OWNER), at(0)))?);
        assert!(!write!(store, OTHER, [], |tx| job_revive(tx, id(DEAD), at(3)))?);
        assert!(!write!(store, OTHER, [], |tx| job_discard(tx, id(DEAD)))?);
        let next = read!(store, ACME, |tx| schedule_get(tx, id(ICP)))?.and_then(|stored| stored.next_at);
        let tick = next.expect("a tick");
        assert!(!write!(store, OTHER, [], |tx| schedule_advance(tx, id(ICP), tick, None))?);
        let noted = write!(store, OTHER, [], |tx| schedule_note(tx, id(ICP), Some("x")));
        assert_fails!(noted, StoreError::RowCount { .. });
        let noted = write!(store, OTHER, [], |tx| job_note_progress(tx, id(JOB)));
        assert_fails!(noted, StoreError::RowCount { .. });
        assert!(
            write!(store, ACME, [], |tx| job_finish(tx, id(JOB), id(OWNER), at(2)))?,
            "still its owner's"
        );

        assert_eq!(everything(store).await?, before);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn ids_that_are_taken_elsewhere_are_taken() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        let before = everything(store).await?;
        let icp = icp(ICP);
        let taken = write!(store, OTHER, [icp], |tx| icp_insert(tx, &icp, "user_eve", &[]));
        assert_fails!(taken, StoreError::Duplicate(_));
        let list = list(LIST, &[]);
        assert_fails!(
            write!(store, OTHER, [list], |tx| lead_list_insert(tx, &list)),
            StoreError::Duplicate(_)
        );
        let ann = person(PERSON);
        assert_fails!(
            write!(store, OTHER, [ann], |tx| person_insert(tx, &ann, &[])),
            StoreError::Duplicate(_)
        );
        let acme = company(COMPANY);
        let taken = write!(store, OTHER, [acme], |tx| company_insert(tx, &acme, &[]));
        assert_fails!(taken, StoreError::Duplicate(_));
        let run = run(RUN, id(ICP));
        assert_fails!(write!(store, OTHER, [run], |tx| run_insert(tx, &run, "{}")), StoreError::Duplicate(_));
        let entry = suppression(OTHER, ENTRY, None);
        let taken = write!(store, OTHER, [entry], |tx| suppression_insert(tx, &entry));
        assert_fails!(taken, StoreError::Duplicate(_));
        let taken = write!(store, OTHER, [], |tx| job_insert(tx, id(JOB), "run", "{}", at(0)));
        assert_fails!(taken, StoreError::Duplicate(_));
        let lease = Lease { owner: id(OWNER), until: at(9) };
        let taken = write!(store, OTHER, [], |tx| job_insert_claimed(tx, id(JOB), "x", "{}", at(0), lease));
        assert_fails!(taken, StoreError::Duplicate(_));
        assert_eq!(everything(store).await?, before);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn nothing_of_one_organisation_can_be_put_into_another() {
    on_each(async |db| {
        fill(&db.store).await?;
        let store = &db.store;
        // An employer of another organisation.
        let mut spy = person(THEIRS);
        spy.person.company_id = Some(id(COMPANY));
        let refused = write!(store, OTHER, [spy], |tx| person_insert(tx, &spy, &[]));
        assert_fails!(refused, StoreError::RowCount { operation: "person_insert", rows: 0 });
        let theirs = person(THEIRS);
        // The same key is another key elsewhere.
        write!(store, OTHER, [theirs], |tx| person_insert(tx, &theirs, &key()))?;
        let found = read!(store, OTHER, |tx| record_find(tx, EntityKind::Person, &key()))?;
        assert_eq!(found.get("email:ann"), Some(&id(THEIRS)));
        let found = read!(store, ACME, |tx| record_find(tx, EntityKind::Person, &key()))?;
        assert_eq!(found.get("email:ann"), Some(&id(PERSON)));

        // A list with people, and of an ICP, of another organisation.
        let mut mixed = list(THEIR_LIST, &[id(PERSON), id(THEIRS)]);
        mixed.icp_id = Some(id(ICP));
        write!(store, OTHER, [mixed], |tx| lead_list_insert(tx, &mixed))?;
        let stored = read!(store, OTHER, |tx| lead_list_get(tx, id(THEIR_LIST)))?.expect("the list");
        assert_eq!((stored.list.icp_id, stored.list.person_ids), (None, vec![id(THEIRS)]));
        let ours = [id(PERSON)];
        assert!(write!(store, OTHER, [], |tx| lead_list_append(tx, id(THEIR_LIST), &ours))?.is_empty());
        write!(store, OTHER, [], |tx| listing_insert(tx, id(THEIR_LIST), &ours, at(99)))?;
        assert!(read!(store, OTHER, |tx| record_last_listed(tx, &ours, None))?.is_empty());
        let last = read!(store, ACME, |tx| record_last_listed(tx, &ours, None))?;
        assert_eq!(last.get(&id(PERSON)), Some(&at(1)));
        Ok(())
    })
    .await;
}

const ACCOUNT: u64 = 51;
const ANN: u64 = 52;
const LOG: u64 = 53;

/// An account, a prospect and a log of it, in the first organisation.
async fn fill_accounts(store: &Store) -> Check {
    write!(store, ACME, [], |tx| async move {
        account_insert(tx, &account_id(ACCOUNT), "acme.example", None, at(1)).await?;
        prospect_insert(tx, &prospect(ANN)).await?;
        slug_next(tx, "ann").await?;
        let ann = Subject::Prospect { id: prospect_id(ANN), created: true };
        activity_insert(tx, &log_id(LOG), &ann, Some("acme.example"), &content(Some("k"))).await?;
        prospect_count_log(tx, &prospect_id(ANN), &log_id(LOG)).await?;
        account_count_log(tx, "acme.example", &log_id(LOG), false).await
    })
}

/// The lists of logs that the first organisation has.
fn logs() -> [Logs; 3] {
    [
        Logs::OfAccount(account_id(ACCOUNT)),
        Logs::OfDomain("acme.example".to_owned()),
        Logs::OfProspect(prospect_id(ANN)),
    ]
}

/// All that an organisation has of accounts, as text.
async fn all_of_accounts(store: &Store, organisation: &str) -> Result<String, StoreError> {
    store
        .read(organisation, |tx| {
            Box::pin(async move {
                let mut out = format!("{:?}", account_get(tx, &account_id(ACCOUNT)).await?);
                out += &format!("{:?}", account_get_many(tx, &[account_id(ACCOUNT)]).await?);
                out += &format!("{:?}", account_of_domain(tx, "acme.example").await?);
                out += &format!("{:?}", prospect_get(tx, &prospect_id(ANN)).await?);
                out += &format!("{:?}", prospect_get_many(tx, &[prospect_id(ANN)]).await?);
                out += &format!("{:?}", prospect_linked(tx, &["acme.example".to_owned()], 9).await?);
                out += &format!("{:?}", prospect_find(tx, &prospect(ANN).identifiers).await?);
                out += &format!("{:?}", activity_told(tx, true, "k").await?);
                for logs in &logs() {
                    let slice = LogSlice::Offset { offset: 0, total: 9 };
                    out += &format!("{:?}", activity_page(tx, logs, true, &log_id(99), &slice, 9).await?);
                    out += &format!("{:?}", activity_get(tx, logs, &log_id(LOG)).await?);
                    out += &activity_anchor(tx, logs).await?;
                    out += &format!("{:?}", activity_newer(tx, logs, true, "").await?);
                }
                for listing in [Listing::Accounts, Listing::Prospects] {
                    let (all, begin) = (ListingFilter::default(), Begin::Offset(0));
                    out += &listing_anchor(tx, listing).await?;
                    out += &format!("{:?}", listing_page(tx, listing, &all, &log_id(99), &begin, 9).await?);
                    out += &format!("{:?}", listing_total(tx, listing, &all, &log_id(99)).await?);
                }
                out += &format!("{:?}", api_key_list(tx).await?);
                Ok(out)
            })
        })
        .await
}

#[tokio::test]
async fn accounts_of_another_organisation_are_neither_seen_nor_changed() {
    on_each(async |db| {
        let store = &db.store;
        let nothing = all_of_accounts(store, OTHER).await?;
        fill_accounts(store).await?;
        let before = all_of_accounts(store, ACME).await?;
        assert_ne!(before, nothing);
        assert_eq!(all_of_accounts(store, OTHER).await?, nothing);

        let mut theirs = read!(store, ACME, |tx| async move { account_get(tx, &account_id(ACCOUNT)).await })?
            .expect("the account");
        theirs.name = Some("Eve's".to_owned());
        assert_fails!(
            write!(store, OTHER, [theirs], |tx| account_save(tx, &theirs)),
            StoreError::RowCount { .. }
        );
        let saved = write!(store, OTHER, [], |tx| async move { prospect_save(tx, &prospect(ANN)).await });
        assert_fails!(saved, StoreError::RowCount { .. });
        let counted =
            write!(
                store,
                OTHER,
                [],
                |tx| async move { prospect_count_log(tx, &prospect_id(ANN), "x").await }
            );
        assert_fails!(counted, StoreError::RowCount { .. });
        let counted =
            write!(store, OTHER, [], |tx| async move { prospect_recount(tx, &prospect_id(ANN), 1, 1).await });
        assert_fails!(counted, StoreError::RowCount { .. });
        write!(store, OTHER, [], |tx| async move {
            let ann = prospect_id(ANN);
            account_count_log(tx, "acme.example", "z", true).await?;
            account_recount(tx, "acme.example", AccountCounts { own: 9, ..AccountCounts::default() }).await?;
            prospect_repoint(tx, &ann, &prospect_id(9)).await?;
            identifier_remove(tx, &ann, &prospect(ANN).identifiers).await?;
            identifier_move(tx, &ann, &prospect_id(9)).await?;
            activity_hide(tx, &ann, true).await?;
            activity_set_domain(tx, &ann, None).await?;
            activity_move(tx, &ann, &prospect_id(9), None).await?;
            for logs in &logs() {
                assert!(!activity_delete(tx, logs, &log_id(LOG), at(9)).await?);
            }
            assert!(!api_key_revoke(tx, &ApiKeyId::from_bare("k"), at(9)).await?);
            assert_eq!(slug_next(tx, "ann").await?, 1, "slugs are counted in each organisation");
            // What is taken there is free here.
            account_insert(tx, &account_id(ACCOUNT), "acme.example", None, at(1)).await?;
            assert!(prospect_insert(tx, &prospect(8)).await?);
            identifier_add(tx, &prospect_id(8), &prospect(ANN).identifiers).await?;
            let eve = Subject::Prospect { id: prospect_id(8), created: true };
            activity_insert(tx, &log_id(LOG), &eve, Some("acme.example"), &content(Some("k"))).await
        })?;
        assert_eq!(all_of_accounts(store, ACME).await?, before);
        Ok(())
    })
    .await;
}

const BULLHORN: CrmProvider = CrmProvider::Bullhorn;
const EXPORT: u64 = 60;

async fn fill_crm(store: &Store) -> Check {
    let ann = person(PERSON);
    write!(store, ACME, [ann], |tx| person_insert(tx, &ann, &key()))?;
    let ours = mirror();
    write!(store, ACME, [ours], |tx| crm_mirror_put(tx, &ours))?;
    let ann = contact("Lead", "12", &["email:ann"]);
    write!(store, ACME, [ann], |tx| crm_contact_put(tx, BULLHORN, 1, &ann))?;
    write!(store, ACME, [], |tx| async move {
        let person = id(PERSON).to_string();
        crm_identity_put(tx, BULLHORN, EntityKind::Person, &person, &reference("Lead", "12"), at(1)).await?;
        crm_export_insert(tx, &export(EXPORT), &[id(PERSON), id(PERSON)]).await?;
        crm_export_intend(tx, id(EXPORT), 0, true).await?;
        let lease = Lease { owner: id(EXPORT), until: at(9) };
        job_insert_claimed(tx, id(EXPORT), "crm-export", "{}", at(1), lease).await?;
        crm_export_set_status(tx, id(EXPORT), ExportStatus::Running, None, None).await?;
        crm_export_settle(tx, id(EXPORT), 1, &result(PERSON, ExportOutcome::Created)).await
    })
}

/// All of its CRM that an organisation sees, as text.
async fn all_of_crm(store: &Store, organisation: &str) -> Result<String, StoreError> {
    store
        .read(organisation, |tx| {
            Box::pin(async move {
                let lead = reference("Lead", "12");
                let person = [id(PERSON).to_string()];
                let mut out = format!("{:?}", crm_mirror_get(tx).await?);
                out += &format!("{:?}", crm_contact_page(tx, BULLHORN, None, 9).await?);
                out += &format!("{:?}", crm_contact_get(tx, BULLHORN, &lead).await?);
                out += &format!("{:?}", crm_contact_find(tx, BULLHORN, &key()).await?);
                out += &format!("{:?}", crm_contact_count(tx, BULLHORN).await?);
                out += &format!("{:?}", crm_contact_without_tasks(tx, BULLHORN, at(99), 9).await?);
                out += &format!("{:?}", crm_identity_get(tx, BULLHORN, EntityKind::Person, &person).await?);
                out += &format!("{:?}", crm_export_get(tx, id(EXPORT)).await?);
                out += &format!("{:?}", crm_export_open(tx, id(EXPORT), 9).await?);
                out += &format!("{:?}", crm_export_intended(tx, id(EXPORT), 0).await?);
                out += &format!("{:?}", crm_export_results(tx, id(EXPORT), 0, 9).await?);
                out += &format!("{:?}", crm_export_counts(tx, id(EXPORT)).await?);
                out += &format!("{:?}", crm_export_others_running(tx, id(EXPORT + 1), at(1)).await?);
                out += &format!("{:?}", person_get(tx, id(PERSON)).await?);
                Ok(out)
            })
        })
        .await
}

#[tokio::test]
async fn the_crm_of_another_organisation_is_neither_seen_nor_changed() {
    on_each(async |db| {
        let store = &db.store;
        let nothing = all_of_crm(store, OTHER).await?;
        fill_crm(store).await?;
        let before = all_of_crm(store, ACME).await?;
        assert_ne!(before, nothing);
        assert_eq!(all_of_crm(store, OTHER).await?, nothing);

        let put_off = write!(store, OTHER, [], |tx| crm_mirror_put_off(tx, at(1)));
        assert_fails!(put_off, StoreError::RowCount { .. });
        let intended = write!(store, OTHER, [], |tx| crm_export_intend(tx, id(EXPORT), 0, false));
        assert_fails!(intended, StoreError::RowCount { .. });
        let failed = result(PERSON, ExportOutcome::Failed);
        let settled = write!(store, OTHER, [failed], |tx| crm_export_settle(tx, id(EXPORT), 0, &failed));
        assert_fails!(settled, StoreError::RowCount { .. });
        let status = ExportStatus::Done;
        let ended = write!(store, OTHER, [], |tx| crm_export_set_status(tx, id(EXPORT), status, None, None));
        assert_fails!(ended, StoreError::RowCount { .. });
        let given = write!(store, OTHER, [], |tx| person_set_crm_id(tx, id(PERSON), BULLHORN, "1"));
        assert_fails!(given, StoreError::RowCount { .. });
        let taken = export(EXPORT);
        let inserted = write!(store, OTHER, [taken], |tx| crm_export_insert(tx, &taken, &[]));
        assert_fails!(inserted, StoreError::Duplicate(_));
        write!(store, OTHER, [], |tx| async move {
            let (lead, person) = (reference("Lead", "12"), id(PERSON).to_string());
            crm_contact_delete(tx, BULLHORN, &lead).await?;
            crm_contact_set_tasks(tx, BULLHORN, &lead, "[]", at(9)).await?;
            crm_contact_keep(tx, BULLHORN, 9, &lead).await?;
            assert_eq!(crm_contact_sweep(tx, None, 9).await?, 0);
            crm_identity_clear(tx, BULLHORN, EntityKind::Person).await?;
            crm_identity_delete(tx, BULLHORN, EntityKind::Person, &person).await?;
            // What is taken there is free here.
            crm_mirror_put(tx, &mirror()).await?;
            crm_contact_put(tx, BULLHORN, 9, &contact("Lead", "12", &["email:eve"])).await?;
            crm_identity_put(tx, BULLHORN, EntityKind::Person, &person, &reference("Lead", "9"), at(9)).await
        })?;
        assert_eq!(all_of_crm(store, ACME).await?, before);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn connectors_credits_and_enrichment_of_another_organisation_are_neither_seen_nor_changed() {
    on_each(async |db| {
        let store = &db.store;
        let leads = connector("leads-one", 1);
        let (mut top_up, taken) =
            (credits(2, CreditKind::CreditAdded, 5), credits(3, CreditKind::CreditConsumed, 1));
        top_up.reference_id = Some("3".to_owned());
        let wanted = enrichment(4, id(PERSON));
        let (ann, acme) = (person(PERSON), company(COMPANY));
        write!(store, ACME, [leads], |tx| connector_put(tx, &leads))?;
        write!(store, ACME, [top_up], |tx| credit_add(tx, &top_up))?;
        assert!(write!(store, ACME, [taken], |tx| credit_consume(tx, &taken))?);
        write!(store, ACME, [wanted], |tx| enrichment_insert(tx, &wanted, id(JOB)))?;
        write!(store, ACME, [ann], |tx| person_insert(tx, &ann, &[]))?;
        write!(store, ACME, [acme], |tx| company_insert(tx, &acme, &[]))?;

        assert_eq!(read!(store, OTHER, |tx| connector_get(tx, "leads-one"))?, None);
        assert_eq!(read!(store, OTHER, |tx| connector_list(tx))?, []);
        assert_eq!(read!(store, OTHER, |tx| credit_balance(tx))?, None);
        assert_eq!(read!(store, OTHER, |tx| credit_taken(tx, "enrichment", "3"))?, None);
        assert_eq!(read!(store, OTHER, |tx| credit_returned(tx, "enrichment", "3"))?, 0);
        assert_eq!(read!(store, OTHER, |tx| credit_history(tx, (None, None), 9, 0))?, (vec![], 0));
        let emails = EnrichmentField::Emails;
        assert!(read!(store, OTHER, |tx| enrichment_newest(tx, emails, &[id(PERSON)]))?.is_empty());
        assert_eq!(read!(store, OTHER, |tx| enrichment_next(tx, id(JOB)))?, None);
        assert_eq!(read!(store, OTHER, |tx| enrichment_pending(tx))?, 0);
        assert_eq!(read!(store, OTHER, |tx| person_get_many(tx, &[id(PERSON)]))?, []);

        assert!(!write!(store, OTHER, [], |tx| connector_delete(tx, "leads-one"))?);
        let theirs = connector("leads-one", 9);
        write!(store, OTHER, [theirs], |tx| connector_put(tx, &theirs))?;
        assert!(!write!(store, OTHER, [taken], |tx| credit_consume(tx, &taken))?, "not out of our purse");
        let mut ended = wanted.clone();
        ended.status = EnrichmentStatus::Finished;
        let saved = write!(store, OTHER, [ended], |tx| enrichment_end(tx, &ended));
        assert_fails!(saved, StoreError::RowCount { .. });
        assert_fails!(write!(store, OTHER, [ann], |tx| person_save(tx, &ann)), StoreError::RowCount { .. });
        assert_fails!(
            write!(store, OTHER, [acme], |tx| company_save(tx, &acme)),
            StoreError::RowCount { .. }
        );
        // The same field of the same id is another record elsewhere.
        let second = enrichment(5, id(PERSON));
        write!(store, OTHER, [second], |tx| enrichment_insert(tx, &second, id(JOB)))?;

        assert_eq!(read!(store, ACME, |tx| connector_list(tx))?, [leads]);
        assert_eq!(read!(store, ACME, |tx| credit_balance(tx))?, Some(4));
        assert_eq!(read!(store, ACME, |tx| enrichment_next(tx, id(JOB)))?, Some(wanted));
        assert_eq!(read!(store, ACME, |tx| enrichment_pending(tx))?, 1);
        assert_eq!(read!(store, ACME, |tx| person_get(tx, id(PERSON)))?, Some(ann));
        Ok(())
    })
    .await;
}

const HOOK: u64 = 70;
const EVENT: u64 = 71;
const DELIVERY: u64 = 72;

async fn fill_webhooks(store: &Store) -> Check {
    let (hook, log) = (webhook(HOOK), event(EVENT, WebhookEvent::LogCreated));
    write!(store, ACME, [hook], |tx| webhook_insert(tx, &hook))?;
    write!(store, ACME, [log], |tx| webhook_event_insert(tx, &log))?;
    write!(store, ACME, [], |tx| async move {
        webhook_delivery_insert(tx, id(DELIVERY), id(HOOK), id(EVENT), at(900)).await?;
        webhook_delivery_note(tx, id(DELIVERY), &attempt(80, Some(500)), Next::Retry(at(90))).await?;
        job_insert(tx, id(JOB), "webhook", "{}", at(99)).await?;
        webhook_set_job(tx, id(HOOK), id(JOB)).await
    })
}

/// All of its webhooks that an organisation sees, as text.
async fn all_of_webhooks(store: &Store, organisation: &str) -> Result<String, StoreError> {
    store
        .read(organisation, |tx| {
            Box::pin(async move {
                let all = DeliveryFilter::default();
                let mut out = format!("{:?}", webhook_get(tx, id(HOOK)).await?);
                out += &format!("{:?}", webhook_list(tx).await?);
                out += &format!("{:?}", webhook_subscribers(tx).await?);
                out += &format!("{:?}", webhook_delivery_due(tx, id(HOOK), at(999), 9).await?);
                out += &format!("{:?}", webhook_delivery_next(tx, id(HOOK)).await?);
                out += &format!("{:?}", webhook_delivery_get(tx, id(HOOK), id(DELIVERY)).await?);
                out += &format!("{:?}", webhook_delivery_list(tx, id(HOOK), all, 9).await?);
                out += &format!("{:?}", webhook_attempt_list(tx, id(DELIVERY)).await?);
                out += &format!("{:?}", job_get(tx, id(JOB)).await?);
                Ok(out)
            })
        })
        .await
}

#[tokio::test]
async fn the_webhooks_of_another_organisation_are_neither_seen_nor_changed() {
    on_each(async |db| {
        let store = &db.store;
        let nothing = all_of_webhooks(store, OTHER).await?;
        fill_webhooks(store).await?;
        let before = all_of_webhooks(store, ACME).await?;
        assert_ne!(before, nothing);
        assert_eq!(all_of_webhooks(store, OTHER).await?, nothing);

        let mut changed = webhook(HOOK);
        changed.webhook.url = "https://eve.example/".to_owned();
        let saved = write!(store, OTHER, [changed], |tx| webhook_save(tx, &changed));
        assert_fails!(saved, StoreError::RowCount { .. });
        let inserted = write!(store, OTHER, [changed], |tx| webhook_insert(tx, &changed));
        assert_fails!(inserted, StoreError::Duplicate(_));
        let taken = event(EVENT, WebhookEvent::RunFailed);
        let inserted = write!(store, OTHER, [taken], |tx| webhook_event_insert(tx, &taken));
        assert_fails!(inserted, StoreError::Duplicate(_));
        let job = write!(store, OTHER, [], |tx| webhook_set_job(tx, id(HOOK), id(9)));
        assert_fails!(job, StoreError::RowCount { .. });
        let tried = attempt(81, Some(200));
        let noted = write!(store, OTHER, [tried], |tx| webhook_delivery_note(
            tx,
            id(DELIVERY),
            &tried,
            Next::Delivered
        ));
        assert_fails!(noted, StoreError::RowCount { .. });
        write!(store, OTHER, [], |tx| async move {
            assert!(!webhook_delete(tx, id(HOOK)).await?);
            assert_eq!(webhook_delivery_give_up(tx, id(HOOK), "x", at(1)).await?, 0);
            assert!(!webhook_delivery_replay(tx, id(HOOK), id(DELIVERY), at(1), at(2)).await?);
            let which = EVERYTHING;
            let replayed = webhook_delivery_replay_all(tx, id(HOOK), which, id(0), at(1), at(2), 9).await?;
            assert!(replayed.is_empty());
            webhook_delivery_insert(tx, id(DELIVERY + 1), id(HOOK), id(EVENT), at(9)).await?;
            job_hasten(tx, id(JOB), at(1)).await
        })?;
        assert_eq!(all_of_webhooks(store, ACME).await?, before);
        Ok(())
    })
    .await;
}
