use crate::harness::{ACME, OTHER, assert_fails, on_each, read, read_system, write, write_system};
use crate::samples::{at, company, id, person, run};
use sluice_model::EntityKind;
use sluice_model::crm::{
    CrmExport, CrmMirror, CrmProvider, CrmReference, Duplicates, ExportOutcome, ExportResult, ExportStatus,
    SyncState,
};
use sluice_store::StoreError;
use sluice_store::ops::crm_contact::{
    NewContact, StoredContact, crm_contact_count, crm_contact_delete, crm_contact_find, crm_contact_get,
    crm_contact_keep, crm_contact_page, crm_contact_put, crm_contact_set_tasks, crm_contact_sweep,
    crm_contact_without_tasks,
};
use sluice_store::ops::crm_export::{
    OpenRecord, crm_export_counts, crm_export_get, crm_export_insert, crm_export_intend, crm_export_intended,
    crm_export_open, crm_export_others_running, crm_export_results, crm_export_set_status, crm_export_settle,
};
use sluice_store::ops::crm_identity::{
    crm_identity_clear, crm_identity_delete, crm_identity_get, crm_identity_put, person_set_crm_id,
};
use sluice_store::ops::crm_mirror::{
    StoredMirror, crm_mirror_due, crm_mirror_get, crm_mirror_put, crm_mirror_put_off,
};
use sluice_store::ops::job::{Lease, job_claim, job_insert_claimed, job_put_off};
use sluice_store::ops::record::{company_insert, person_get, person_get_many, person_insert, record_in_crm};
use sluice_store::ops::run::{run_get, run_insert, run_save};

const BULLHORN: CrmProvider = CrmProvider::Bullhorn;

pub fn reference(entity: &str, id: &str) -> CrmReference {
    CrmReference { entity: entity.to_owned(), id: id.to_owned() }
}

pub fn contact(entity: &str, id: &str, keys: &[&str]) -> NewContact {
    let keys = keys.iter().map(|&key| key.to_owned()).collect();
    NewContact { reference: reference(entity, id), data: format!("{{\"id\":\"{id}\"}}"), keys }
}

fn stored(entity: &str, id: &str) -> StoredContact {
    StoredContact { reference: reference(entity, id), data: format!("{{\"id\":\"{id}\"}}"), tasks: None }
}

pub fn mirror() -> StoredMirror {
    StoredMirror {
        state: SyncState::Running,
        generation: 2,
        since: Some(at(1)),
        cursor: Some("page 2".to_owned()),
        started_at: Some(at(2)),
        finished_at: Some(at(3)),
        contacts: 4,
        total: Some(5),
        failures: 6,
        error: Some("slow".to_owned()),
        job: Some(id(7)),
        mirror_at: Some(at(8)),
        whole_at: Some(at(9)),
        next_at: Some(at(10)),
        ..StoredMirror::empty(BULLHORN)
    }
}

pub fn export(number: u64) -> CrmExport {
    CrmExport {
        id: id(number),
        status: ExportStatus::Queued,
        provider: BULLHORN,
        duplicates: Duplicates::FillEmpty,
        records: 3,
        done: 0,
        error: None,
        created_by: "user_ann".to_owned(),
        created_at: at(1),
        finished_at: None,
    }
}

pub fn result(number: u64, outcome: ExportOutcome) -> ExportResult {
    ExportResult {
        person_id: id(number),
        outcome,
        crm_id: Some("12".to_owned()),
        message: Some("told".to_owned()),
        changed_fields: vec!["email".to_owned()],
    }
}

#[tokio::test]
async fn a_mirror_is_due_at_its_time() {
    on_each(async |db| {
        assert_eq!(read!(db.store, ACME, |tx| crm_mirror_get(tx))?, None);
        let empty = StoredMirror::empty(CrmProvider::Close);
        write!(db.store, ACME, [empty], |tx| crm_mirror_put(tx, &empty))?;
        assert_eq!(read!(db.store, ACME, |tx| crm_mirror_get(tx))?, Some(empty));
        assert_eq!(read_system!(db.store, |tx| crm_mirror_due(tx, at(99), 9))?, Vec::<String>::new());
        let full = mirror();
        write!(db.store, ACME, [full], |tx| crm_mirror_put(tx, &full))?;
        assert_eq!(read!(db.store, ACME, |tx| crm_mirror_get(tx))?, Some(full.clone()));
        write!(db.store, OTHER, [full], |tx| crm_mirror_put(tx, &full))?;
        write!(db.store, OTHER, [], |tx| crm_mirror_put_off(tx, at(9)))?;
        for (now, limit, expected) in
            [(8, 9, vec![]), (9, 9, vec![OTHER]), (10, 9, vec![OTHER, ACME]), (10, 1, vec![OTHER])]
        {
            assert_eq!(read_system!(db.store, |tx| crm_mirror_due(tx, at(now), limit))?, expected);
        }
        let nobody = write!(db.store, "org_new", [], |tx| crm_mirror_put_off(tx, at(9)));
        assert_fails!(nobody, StoreError::RowCount { operation: "crm_mirror_put_off", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn contacts_come_in_the_order_of_their_ids_and_are_found_by_their_keys() {
    on_each(async |db| {
        let put = async |generation: i64, contact: NewContact| {
            write!(db.store, ACME, [contact], |tx| crm_contact_put(tx, BULLHORN, generation, &contact))
        };
        put(1, contact("Lead", "9", &["em:a"])).await?;
        put(1, contact("Lead", "10", &["em:a", "li:a"])).await?;
        put(1, contact("Candidate", "100", &["em:b"])).await?;
        put(1, contact("Lead", "x-1", &[])).await?;
        let order = [("Candidate", "100"), ("Lead", "x-1"), ("Lead", "9"), ("Lead", "10")];
        let all: Vec<StoredContact> = order.map(|(entity, id)| stored(entity, id)).to_vec();
        assert_eq!(read!(db.store, ACME, |tx| crm_contact_page(tx, BULLHORN, None, 9))?, all);
        let after = reference("Lead", "x-1");
        let rest = read!(db.store, ACME, [after], |tx| crm_contact_page(tx, BULLHORN, Some(&after), 1))?;
        assert_eq!(rest, all[2..3]);
        assert_eq!(read!(db.store, ACME, |tx| crm_contact_page(tx, CrmProvider::Close, None, 9))?, []);
        assert_eq!(read!(db.store, ACME, |tx| crm_contact_count(tx, BULLHORN))?, 4);

        let keys = ["em:a", "li:a", "em:b", "em:c"].map(str::to_owned);
        let find = async || {
            let found = read!(db.store, ACME, [keys], |tx| crm_contact_find(tx, BULLHORN, &keys))?;
            let mut found: Vec<(String, String)> =
                found.into_iter().map(|(key, reference)| (key, reference.id)).collect();
            found.sort();
            Ok::<_, StoreError>(found)
        };
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(key, id)| ((*key).to_owned(), (*id).to_owned())).collect()
        };
        assert_eq!(
            find().await?,
            pairs(&[("em:a", "9"), ("em:b", "100"), ("li:a", "10")]),
            "the first of two"
        );
        put(2, contact("Lead", "9", &["em:c", "em:c"])).await?;
        let found = pairs(&[("em:a", "10"), ("em:b", "100"), ("em:c", "9"), ("li:a", "10")]);
        assert_eq!(find().await?, found, "keys that it had are gone");
        let gone = reference("Candidate", "100");
        write!(db.store, ACME, [gone], |tx| crm_contact_delete(tx, BULLHORN, &gone))?;
        assert_eq!(read!(db.store, ACME, [gone], |tx| crm_contact_get(tx, BULLHORN, &gone))?, None);
        write!(db.store, ACME, [gone], |tx| crm_contact_delete(tx, BULLHORN, &gone))?;

        assert_eq!(write!(db.store, ACME, [], |tx| crm_contact_sweep(tx, Some((BULLHORN, 2)), 1))?, 1);
        assert_eq!(write!(db.store, ACME, [], |tx| crm_contact_sweep(tx, Some((BULLHORN, 2)), 9))?, 1);
        assert_eq!(
            read!(db.store, ACME, |tx| crm_contact_page(tx, BULLHORN, None, 9))?,
            [stored("Lead", "9")]
        );
        assert_eq!(find().await?, pairs(&[("em:c", "9")]), "with their keys");
        let close = Some((CrmProvider::Close, 0));
        assert_eq!(write!(db.store, ACME, [], |tx| crm_contact_sweep(tx, close, 9))?, 1, "another CRM's");
        assert_eq!(write!(db.store, ACME, [], |tx| crm_contact_sweep(tx, None, 9))?, 0);

        // One that could not be shown stays, and is not made.
        put(1, contact("Lead", "9", &["em:c"])).await?;
        for number in ["9", "10"] {
            let unread = reference("Lead", number);
            write!(db.store, ACME, [unread], |tx| crm_contact_keep(tx, BULLHORN, 2, &unread))?;
        }
        assert_eq!(write!(db.store, ACME, [], |tx| crm_contact_sweep(tx, Some((BULLHORN, 2)), 9))?, 0);
        assert_eq!(
            read!(db.store, ACME, |tx| crm_contact_page(tx, BULLHORN, None, 9))?,
            [stored("Lead", "9")]
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn tasks_are_wanted_of_contacts_who_are_people_of_the_organisation() {
    on_each(async |db| {
        for (number, key) in [("1", "em:ann"), ("2", "em:bob"), ("3", "em:eve")] {
            let contact = contact("ClientContact", number, &[key]);
            write!(db.store, ACME, [contact], |tx| crm_contact_put(tx, BULLHORN, 1, &contact))?;
        }
        let (ann, bob) = (person(4), person(5));
        write!(db.store, ACME, [ann], |tx| person_insert(tx, &ann, &["em:ann".to_owned()]))?;
        write!(db.store, OTHER, [bob], |tx| person_insert(tx, &bob, &["em:bob".to_owned()]))?;
        let three = reference("ClientContact", "3");
        let (kind, key) = (EntityKind::Person, id(6).to_string());
        write!(db.store, ACME, [three, key], |tx| crm_identity_put(tx, BULLHORN, kind, &key, &three, at(1)))?;
        let wanted = async |before: i64, limit: usize| {
            let found =
                read!(db.store, ACME, |tx| crm_contact_without_tasks(tx, BULLHORN, at(before), limit))?;
            Ok::<_, StoreError>(found.into_iter().map(|found| found.id).collect::<Vec<_>>())
        };
        assert_eq!(wanted(5, 9).await?, ["1", "3"]);
        let one = reference("ClientContact", "1");
        write!(db.store, ACME, [one], |tx| crm_contact_set_tasks(tx, BULLHORN, &one, "[1]", at(5)))?;
        assert_eq!(wanted(5, 9).await?, ["3"]);
        assert_eq!(wanted(6, 9).await?, ["3", "1"], "who waits longest comes first");
        assert_eq!(wanted(6, 1).await?, ["3"]);
        let found = read!(db.store, ACME, [one], |tx| crm_contact_get(tx, BULLHORN, &one))?;
        let with_tasks =
            StoredContact { tasks: Some(("[1]".to_owned(), at(5))), ..stored("ClientContact", "1") };
        assert_eq!(found, Some(with_tasks));
        let changed = contact("ClientContact", "1", &["em:ann"]);
        write!(db.store, ACME, [changed], |tx| crm_contact_put(tx, BULLHORN, 2, &changed))?;
        assert_eq!(wanted(5, 9).await?, ["3"], "tasks outlive a change of the contact");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn who_is_who_is_noted_once_for_each_record() {
    on_each(async |db| {
        let (kind, keys) = (EntityKind::Company, ["acme", "globex"].map(str::to_owned));
        for number in ["1", "2"] {
            let found = reference("ClientCorporation", number);
            write!(db.store, ACME, [found], |tx| crm_identity_put(
                tx,
                BULLHORN,
                kind,
                "acme",
                &found,
                at(1)
            ))?;
        }
        let found = read!(db.store, ACME, [keys], |tx| crm_identity_get(tx, BULLHORN, kind, &keys))?;
        let expected = [("acme".to_owned(), reference("ClientCorporation", "2"))];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
        let people =
            read!(db.store, ACME, [keys], |tx| crm_identity_get(tx, BULLHORN, EntityKind::Person, &keys))?;
        assert!(people.is_empty());
        write!(db.store, ACME, [], |tx| crm_identity_delete(tx, BULLHORN, kind, "acme"))?;
        assert!(read!(db.store, ACME, [keys], |tx| crm_identity_get(tx, BULLHORN, kind, &keys))?.is_empty());
        for of in [kind, EntityKind::Person] {
            let found = reference("Any", "3");
            write!(db.store, ACME, [found], |tx| crm_identity_put(tx, BULLHORN, of, "acme", &found, at(1)))?;
        }
        write!(db.store, ACME, [], |tx| crm_identity_clear(tx, CrmProvider::Close, kind))?;
        assert_eq!(read!(db.store, ACME, [keys], |tx| crm_identity_get(tx, BULLHORN, kind, &keys))?.len(), 1);
        write!(db.store, ACME, [], |tx| crm_identity_clear(tx, BULLHORN, kind))?;
        assert!(read!(db.store, ACME, [keys], |tx| crm_identity_get(tx, BULLHORN, kind, &keys))?.is_empty());
        let people =
            read!(db.store, ACME, [keys], |tx| crm_identity_get(tx, BULLHORN, EntityKind::Person, &keys))?;
        assert_eq!(people.len(), 1, "another kind stays");

        let acme = company(3);
        write!(db.store, ACME, [acme], |tx| company_insert(tx, &acme, &[]))?;
        let mut ann = person(4);
        ann.person.company_id = Some(acme.id);
        write!(db.store, ACME, [ann], |tx| person_insert(tx, &ann, &[]))?;
        for (provider, crm_id) in [(BULLHORN, "12"), (CrmProvider::Close, "cont_1")] {
            write!(db.store, ACME, [], |tx| person_set_crm_id(tx, id(4), provider, crm_id))?;
        }
        ann.crm_id = Some("cont_1".to_owned());
        ann.bullhorn_id = Some("12".to_owned());
        ann.company = Some(acme);
        assert_eq!(read!(db.store, ACME, |tx| person_get(tx, id(4)))?, Some(ann.clone()));
        assert_eq!(read!(db.store, ACME, |tx| record_in_crm(tx, &[id(4)]))?, [id(4)]);
        assert_eq!(read!(db.store, ACME, |tx| person_get_many(tx, &[id(3), id(4), id(5)]))?, [ann]);
        let nobody = write!(db.store, ACME, [], |tx| person_set_crm_id(tx, id(3), BULLHORN, "1"));
        assert_fails!(nobody, StoreError::RowCount { operation: "person_set_crm_id", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn each_record_of_an_export_has_one_outcome_once() {
    on_each(async |db| {
        let new = export(1);
        write!(db.store, ACME, [new], |tx| crm_export_insert(tx, &new, &[id(5), id(4), id(6)]))?;
        assert_eq!(read!(db.store, ACME, |tx| crm_export_get(tx, id(1)))?, Some(new.clone()));
        for (position, intended) in [(1, true), (2, true), (2, false)] {
            write!(db.store, ACME, [], |tx| crm_export_intend(tx, id(1), position, intended))?;
        }
        let open = |position, record, intent| OpenRecord { position, record: id(record), intent };
        let all = [open(0, 5, false), open(1, 4, true), open(2, 6, false)];
        assert_eq!(read!(db.store, ACME, |tx| crm_export_open(tx, id(1), 9))?, all);
        assert_eq!(read!(db.store, ACME, |tx| crm_export_open(tx, id(1), 1))?, all[..1]);
        assert!(read!(db.store, ACME, |tx| crm_export_intended(tx, id(1), 1))?);
        assert!(!read!(db.store, ACME, |tx| crm_export_intended(tx, id(1), 2))?);

        let (ann, bob) = (result(4, ExportOutcome::Created), result(5, ExportOutcome::Failed));
        write!(db.store, ACME, [ann], |tx| crm_export_settle(tx, id(1), 1, &ann))?;
        write!(db.store, ACME, [bob], |tx| crm_export_settle(tx, id(1), 0, &bob))?;
        let again = write!(db.store, ACME, [bob], |tx| crm_export_settle(tx, id(1), 1, &bob));
        assert_fails!(again, StoreError::RowCount { operation: "crm_export_settle", rows: 0 });
        let again = write!(db.store, ACME, [], |tx| crm_export_intend(tx, id(1), 1, true));
        assert_fails!(again, StoreError::RowCount { operation: "crm_export_intend", rows: 0 });
        assert_eq!(read!(db.store, ACME, |tx| crm_export_open(tx, id(1), 9))?, all[2..]);
        let both = [(0, bob), (1, ann)];
        assert_eq!(read!(db.store, ACME, |tx| crm_export_results(tx, id(1), 0, 9))?, both);
        assert_eq!(read!(db.store, ACME, |tx| crm_export_results(tx, id(1), 1, 9))?, both[1..]);
        assert_eq!(read!(db.store, ACME, |tx| crm_export_results(tx, id(1), 0, 1))?, both[..1]);
        let counts = [(ExportOutcome::Created, 1), (ExportOutcome::Failed, 1)];
        assert_eq!(read!(db.store, ACME, |tx| crm_export_counts(tx, id(1)))?, counts);

        let (status, error) = (ExportStatus::Failed, Some("gone"));
        write!(db.store, ACME, [], |tx| crm_export_set_status(tx, id(1), status, error, Some(at(9))))?;
        let ended =
            CrmExport { status, error: error.map(str::to_owned), finished_at: Some(at(9)), done: 2, ..new };
        assert_eq!(read!(db.store, ACME, |tx| crm_export_get(tx, id(1)))?, Some(ended));
        assert_eq!(read!(db.store, ACME, |tx| crm_export_get(tx, id(2)))?, None);
        let nothing = write!(db.store, ACME, [], |tx| crm_export_set_status(tx, id(2), status, None, None));
        assert_fails!(nothing, StoreError::RowCount { operation: "crm_export_set_status", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_export_knows_whether_another_is_worked_on() {
    on_each(async |db| {
        let running = ExportStatus::Running;
        for (organisation, number) in [(ACME, 1), (ACME, 2), (OTHER, 3)] {
            let new = export(number);
            write!(db.store, organisation, [new], |tx| crm_export_insert(tx, &new, &[]))?;
            let lease = Lease { owner: id(90), until: at(10) };
            write!(db.store, organisation, [], |tx| job_insert_claimed(
                tx,
                id(number),
                "crm-export",
                "{}",
                at(1),
                lease
            ))?;
        }
        let others = async |number: u64, now: i64| {
            read!(db.store, ACME, |tx| crm_export_others_running(tx, id(number), at(now)))
        };
        write!(db.store, OTHER, [], |tx| crm_export_set_status(tx, id(3), running, None, None))?;
        assert!(!others(2, 5).await?, "claimed, and not begun");
        write!(db.store, ACME, [], |tx| crm_export_set_status(tx, id(1), running, None, None))?;
        assert!(others(2, 10).await?);
        assert!(!others(1, 10).await?, "not another");
        assert!(!others(2, 11).await?, "its lease is over");
        assert!(write!(db.store, ACME, [], |tx| job_put_off(tx, id(1), id(90), at(30)))?);
        assert!(!others(2, 5).await?, "put off");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_job_is_put_off_without_counting_and_added_as_claimed() {
    on_each(async |db| {
        let lease = Lease { owner: id(90), until: at(10) };
        write!(db.store, ACME, [], |tx| job_insert_claimed(tx, id(1), "crm-export", "{}", at(1), lease))?;
        let claim = async |now: i64| {
            let lease = Lease { owner: id(91), until: at(now + 10) };
            let job = write_system!(db.store, [], |tx| job_claim(tx, lease, at(now), None))?;
            Ok::<_, StoreError>(job.map(|job| job.attempts))
        };
        assert_eq!(claim(9).await?, None, "its owner works on it");
        assert_eq!(claim(11).await?, Some(2), "its owner died");
        assert!(!write!(db.store, ACME, [], |tx| job_put_off(tx, id(1), id(90), at(30)))?, "another's now");
        assert!(write!(db.store, ACME, [], |tx| job_put_off(tx, id(1), id(91), at(30)))?);
        assert_eq!(claim(29).await?, None);
        assert_eq!(claim(30).await?, Some(2), "the attempt was not counted");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_run_remembers_the_crm_it_looked_at() {
    on_each(async |db| {
        let mut first = run(1, id(50));
        first.crm = Some(CrmMirror { provider: BULLHORN, mirror_at: None });
        write!(db.store, ACME, [first], |tx| run_insert(tx, &first, "{}"))?;
        let found = async || {
            Ok::<_, StoreError>(read!(db.store, ACME, |tx| run_get(tx, id(1)))?.map(|found| found.run))
        };
        assert_eq!(found().await?, Some(first.clone()));
        first.crm = Some(CrmMirror { provider: BULLHORN, mirror_at: Some(at(3)) });
        write!(db.store, ACME, [first], |tx| run_save(tx, &first, None))?;
        assert_eq!(found().await?, Some(first));
        Ok(())
    })
    .await;
}
