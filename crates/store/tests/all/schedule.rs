use crate::harness::{ACME, OTHER, assert_fails, on_each, read, read_system, write};
use crate::samples::{at, icp, id, run};
use sluice_model::icp::Schedule;
use sluice_model::{Icp, RunStatus};
use sluice_store::StoreError;
use sluice_store::ops::icp::{StoredIcp, icp_delete, icp_get, icp_insert, icp_save};
use sluice_store::ops::run::{run_insert, run_save, run_scheduled_open};
use sluice_store::ops::schedule::{
    DueSchedule, StoredSchedule, schedule_advance, schedule_due, schedule_get, schedule_note,
};

/// Made at the start of an hour, as all times of the samples are.
fn scheduled(number: u64) -> Icp {
    Icp { schedule: Some(Schedule::from_stored("@hourly".to_owned())), ..icp(number) }
}

fn due(organisation: &str, number: u64, tick: i64) -> DueSchedule {
    DueSchedule { organisation: organisation.to_owned(), icp: id(number), tick: at(tick) }
}

#[tokio::test]
async fn a_schedule_is_due_from_its_tick_on_and_moved_on_once() {
    on_each(async |db| {
        for (organisation, number) in [(ACME, 1), (OTHER, 2)] {
            let icp = scheduled(number);
            write!(db.store, organisation, [icp], |tx| icp_insert(tx, &icp, "user_ann", &[]))?;
            let found = read!(db.store, organisation, |tx| icp_get(tx, icp.id))?;
            assert_eq!(found, Some(StoredIcp { icp: scheduled(number), version: 1 }));
        }
        let without = icp(3);
        write!(db.store, ACME, [without], |tx| icp_insert(tx, &without, "user_ann", &[]))?;
        assert_eq!(read!(db.store, ACME, |tx| schedule_get(tx, id(3)))?, None);
        assert_eq!(read_system!(db.store, |tx| schedule_due(tx, at(3_599), 9))?, []);
        assert!(write!(db.store, OTHER, [], |tx| schedule_advance(tx, id(2), at(3_600), Some(at(1_800))))?);
        let both = [due(OTHER, 2, 1_800), due(ACME, 1, 3_600)];
        assert_eq!(read_system!(db.store, |tx| schedule_due(tx, at(3_600), 9))?, both);
        assert_eq!(read_system!(db.store, |tx| schedule_due(tx, at(3_600), 1))?, both[..1]);

        assert!(write!(db.store, ACME, [], |tx| schedule_advance(tx, id(1), at(3_600), Some(at(7_200))))?);
        assert!(!write!(db.store, ACME, [], |tx| schedule_advance(tx, id(1), at(3_600), Some(at(7_200))))?);
        write!(db.store, ACME, [], |tx| schedule_note(tx, id(1), Some("no connector")))?;
        let stored = StoredSchedule { next_at: Some(at(7_200)), note: Some("no connector".to_owned()) };
        assert_eq!(read!(db.store, ACME, |tx| schedule_get(tx, id(1)))?, Some(stored));
        assert!(write!(db.store, ACME, [], |tx| schedule_advance(tx, id(1), at(7_200), None))?);
        write!(db.store, ACME, [], |tx| schedule_note(tx, id(1), None))?;
        let never = StoredSchedule { next_at: None, note: None };
        assert_eq!(read!(db.store, ACME, |tx| schedule_get(tx, id(1)))?, Some(never));
        assert_eq!(read_system!(db.store, |tx| schedule_due(tx, at(99_999), 9))?, both[..1]);
        let nothing = write!(db.store, ACME, [], |tx| schedule_note(tx, id(9), None));
        assert_fails!(nothing, StoreError::RowCount { operation: "schedule_note", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_schedule_follows_its_icp() {
    on_each(async |db| {
        let next_at = async || {
            let stored = read!(db.store, ACME, |tx| schedule_get(tx, id(1)))?;
            Ok::<_, StoreError>(stored.map(|stored| stored.next_at))
        };
        let first = icp(1);
        write!(db.store, ACME, [first], |tx| icp_insert(tx, &first, "user_ann", &[]))?;
        assert_eq!(next_at().await?, None);
        let daily = Some(Schedule::from_stored("@daily".to_owned()));
        let hourly = scheduled(1).schedule;
        let mut version = 1;
        for (schedule, active_until, changed, updated, expected) in [
            (&hourly, None, "schedule", 10, Some(Some(at(3_600)))),
            (&daily, None, "schedule", 20, Some(Some(at(86_400)))),
            // A name leaves the tick alone, though it is over.
            (&daily, None, "name", 90_000, Some(Some(at(86_400)))),
            (&daily, Some(at(172_800)), "activeUntil", 90_000, Some(None)),
            (&daily, Some(at(172_801)), "activeUntil", 90_000, Some(Some(at(172_800)))),
            (&None, None, "schedule", 90_001, None),
        ] {
            version += 1;
            let (schedule, updated_at) = (schedule.clone(), at(updated));
            let next = StoredIcp { icp: Icp { schedule, active_until, updated_at, ..icp(1) }, version };
            write!(db.store, ACME, [next], |tx| icp_save(tx, &next, "user_ann", &[changed]))?;
            assert_eq!(next_at().await?, expected, "{changed} {updated}");
            assert_eq!(read!(db.store, ACME, |tx| icp_get(tx, id(1)))?, Some(next));
        }
        let again = StoredIcp { icp: scheduled(1), version: version + 1 };
        write!(db.store, ACME, [again], |tx| icp_save(tx, &again, "user_ann", &["schedule"]))?;
        write!(db.store, ACME, [], |tx| icp_delete(tx, id(1)))?;
        assert_eq!(next_at().await?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_icp_has_one_run_of_each_tick() {
    on_each(async |db| {
        let tick = |number: u64, icp: u64, at| {
            let mut run = run(number, id(icp));
            run.scheduled_for = at;
            run
        };
        let first = tick(1, 50, Some(at(60)));
        write!(db.store, ACME, [first], |tx| run_insert(tx, &first, "{}"))?;
        let second = tick(2, 50, Some(at(60)));
        let refused = write!(db.store, ACME, [second], |tx| run_insert(tx, &second, "{}"));
        assert_fails!(refused, StoreError::Duplicate(_));
        for other in [tick(3, 51, Some(at(60))), tick(4, 50, None), tick(5, 50, None)] {
            write!(db.store, ACME, [other], |tx| run_insert(tx, &other, "{}"))?;
        }
        assert!(read!(db.store, ACME, |tx| run_scheduled_open(tx, id(50)))?);
        assert!(!read!(db.store, ACME, |tx| run_scheduled_open(tx, id(52)))?);
        let mut ended = first.clone();
        ended.status = RunStatus::Succeeded;
        write!(db.store, ACME, [ended], |tx| run_save(tx, &ended, None))?;
        assert!(!read!(db.store, ACME, |tx| run_scheduled_open(tx, id(50)))?, "runs of people do not count");
        let next = tick(6, 50, Some(at(120)));
        write!(db.store, ACME, [next], |tx| run_insert(tx, &next, "{}"))?;
        assert!(read!(db.store, ACME, |tx| run_scheduled_open(tx, id(50)))?);
        Ok(())
    })
    .await;
}
