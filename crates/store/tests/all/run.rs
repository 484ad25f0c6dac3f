use crate::harness::{ACME, assert_fails, on_each, read, write};
use crate::samples::{at, id, run};
use sluice_model::{RunStatus, Stage, Verdict};
use sluice_store::StoreError;
use sluice_store::ops::run::{
    StoredRun, run_cancel_keeps, run_get, run_insert, run_list, run_request_cancel, run_save,
};
use uuid::Uuid;

#[tokio::test]
async fn a_run_comes_back_and_every_change_moves_its_revision() {
    on_each(async |db| {
        let mut run = run(1, id(50));
        write!(db.store, ACME, [run], |tx| run_insert(tx, &run, r#"{"leads":10}"#))?;
        let plan = r#"{"leads":10}"#.to_owned();
        let stored =
            StoredRun { run: run.clone(), revision: 1, plan: plan.clone(), cursor: None, cancel_keeps: None };
        assert_eq!(read!(db.store, ACME, |tx| run_get(tx, id(1)))?, Some(stored));
        assert_eq!(read!(db.store, ACME, |tx| run_cancel_keeps(tx, id(1)))?, None);
        let taken = write!(db.store, ACME, [run], |tx| run_insert(tx, &run, "{}"));
        assert_fails!(taken, StoreError::Duplicate(_));

        run.status = RunStatus::Failed;
        run.stage = "done".to_owned();
        run.progress.considered = 3;
        run.funnel.count(Verdict::Dropped, Stage::Rules, "country");
        run.cost.calls = 7;
        run.stopped_by = Some("budget".to_owned());
        run.error = Some("no more credits".to_owned());
        run.lead_list_id = Some(id(60));
        run.updated_at = at(9);
        run.started_at = Some(at(8));
        run.finished_at = Some(at(9));
        write!(db.store, ACME, [run], |tx| run_save(tx, &run, Some(r#"{"at":3}"#)))?;
        write!(db.store, ACME, [], |tx| run_request_cancel(tx, id(1), true))?;
        let cursor = Some(r#"{"at":3}"#.to_owned());
        let stored = StoredRun { run: run.clone(), revision: 3, plan, cursor, cancel_keeps: Some(true) };
        assert_eq!(read!(db.store, ACME, |tx| run_get(tx, id(1)))?, Some(stored));

        // A save does not take the request back.
        write!(db.store, ACME, [run], |tx| run_save(tx, &run, None))?;
        let found = read!(db.store, ACME, |tx| run_get(tx, id(1)))?.expect("the run");
        assert_eq!((found.revision, found.cursor, found.cancel_keeps), (4, None, Some(true)));
        write!(db.store, ACME, [], |tx| run_request_cancel(tx, id(1), false))?;
        let found = read!(db.store, ACME, |tx| run_get(tx, id(1)))?.expect("the run");
        assert_eq!(found.cancel_keeps, Some(false));
        assert_eq!(read!(db.store, ACME, |tx| run_cancel_keeps(tx, id(1)))?, Some(false));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_run_that_does_not_exist_cannot_change() {
    on_each(async |db| {
        let run = run(1, id(50));
        assert_eq!(read!(db.store, ACME, |tx| run_get(tx, id(1)))?, None);
        let saved = write!(db.store, ACME, [run], |tx| run_save(tx, &run, None));
        assert_fails!(saved, StoreError::RowCount { operation: "run_save", rows: 0 });
        let cancelled = write!(db.store, ACME, [], |tx| run_request_cancel(tx, id(1), true));
        assert_fails!(cancelled, StoreError::RowCount { operation: "run_request_cancel", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn runs_are_newest_first_of_one_icp_and_state_when_asked() {
    on_each(async |db| {
        for (number, icp, status) in [
            (1, 50, RunStatus::Queued),
            (2, 51, RunStatus::Running),
            (3, 50, RunStatus::Running),
            (4, 50, RunStatus::Queued),
        ] {
            let mut run = run(number, id(icp));
            run.status = status;
            run.created_at = at(if number == 4 { 3 } else { number.cast_signed() });
            write!(db.store, ACME, [run], |tx| run_insert(tx, &run, "{}"))?;
        }
        let icp = Some(id(50));
        for (icp, status, limit, expected) in [
            (None, None, 10, vec![4, 3, 2, 1]),
            (None, None, 2, vec![4, 3]),
            (icp, None, 10, vec![4, 3, 1]),
            (None, Some(RunStatus::Running), 10, vec![3, 2]),
            (icp, Some(RunStatus::Queued), 1, vec![4]),
            (Some(id(52)), None, 10, vec![]),
        ] {
            let found = read!(db.store, ACME, |tx| run_list(tx, icp, status, limit))?;
            let ids: Vec<Uuid> = found.into_iter().map(|stored| stored.run.id).collect();
            let expected: Vec<Uuid> = expected.iter().map(|number| id(*number)).collect();
            assert_eq!(ids, expected, "{icp:?} {status:?}");
        }
        Ok(())
    })
    .await;
}
