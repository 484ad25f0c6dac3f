use crate::harness::{ACME, on_each, read, write, write_system};
use crate::samples::{at, decision, id, list, run};
use sluice_model::{RunStatus, Stage, Verdict};
use sluice_store::ops::chore::{CLEAN, chore_take};
use sluice_store::ops::decision::{
    DecisionFilter, NewDecision, decision_expire, decision_insert, decision_list,
};
use sluice_store::ops::job::{JobCounts, Lease, job_bury, job_claim, job_counts, job_finish, job_insert};
use sluice_store::ops::job_record::job_expire;
use sluice_store::ops::lead_list::{lead_list_delete, lead_list_insert};
use sluice_store::ops::run::{run_insert, run_save};

#[tokio::test]
async fn a_chore_is_taken_by_one_when_it_is_due() {
    on_each(async |db| {
        let take =
            async |now: i64| write_system!(db.store, [], |tx| chore_take(tx, CLEAN, at(now), at(now + 60)));
        assert!(take(0).await?, "due from the beginning");
        assert!(!take(0).await?);
        assert!(!take(59).await?);
        assert!(take(60).await?);
        assert!(
            write_system!(db.store, [], |tx| chore_take(tx, "another", at(1), at(99)))?,
            "each by its name"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn jobs_that_were_done_long_ago_go_and_no_others() {
    on_each(async |db| {
        for number in 1..=5 {
            write!(db.store, ACME, [], |tx| job_insert(tx, id(number), "run", "{}", at(0)))?;
        }
        // The first three are done, one a minute, and the fourth is given up.
        for number in 1..=4_u64 {
            let (lease, ended) = (Lease { owner: id(90), until: at(999) }, at(60 * number.cast_signed()));
            write_system!(db.store, [], |tx| job_claim(tx, lease, at(1), None))?.expect("a job");
            let ended = if number < 4 {
                write!(db.store, ACME, [], |tx| job_finish(tx, id(number), id(90), ended))?
            } else {
                write!(db.store, ACME, [], |tx| job_bury(tx, id(number), id(90), "x", ended))?
            };
            assert!(ended, "{number}");
        }
        assert_eq!(write_system!(db.store, [], |tx| job_expire(tx, at(59), 9))?, 0);
        assert_eq!(write_system!(db.store, [], |tx| job_expire(tx, at(120), 1))?, 1);
        assert_eq!(write_system!(db.store, [], |tx| job_expire(tx, at(120), 9))?, 1);
        assert_eq!(write_system!(db.store, [], |tx| job_expire(tx, at(900), 0))?, 0);
        let counts = write_system!(db.store, [], |tx| job_counts(tx))?;
        assert_eq!(counts, JobCounts { ready: 1, running: 0, done: 1, dead: 1 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn decisions_go_when_their_list_is_gone_and_their_run_long_over() {
    on_each(async |db| {
        // Deleted and ended, deleted and going on, not deleted, and without a list.
        for (number, ended, listed) in
            [(1_u64, true, true), (2, false, true), (3, true, true), (4, true, false)]
        {
            let list = list(10 + number, &[]);
            write!(db.store, ACME, [list], |tx| lead_list_insert(tx, &list))?;
            let mut run = run(number, id(50));
            run.lead_list_id = listed.then_some(list.id);
            write!(db.store, ACME, [run], |tx| run_insert(tx, &run, "{}"))?;
            if ended {
                run.status = RunStatus::Succeeded;
                run.finished_at = Some(at(100));
                write!(db.store, ACME, [run], |tx| run_save(tx, &run, None))?;
            }
            for sequence in 1..=3 {
                let new =
                    vec![NewDecision::of(&decision(sequence, Verdict::Accepted, Stage::Accept), vec![1; 8])?];
                write!(db.store, ACME, [new], |tx| decision_insert(tx, id(number), new))?;
            }
        }
        for list in [11, 12] {
            write!(db.store, ACME, [], |tx| lead_list_delete(tx, id(list)))?;
        }
        let left = async || {
            let mut left = Vec::new();
            for number in 1..=4 {
                let filter = DecisionFilter::default();
                left.push(read!(db.store, ACME, |tx| decision_list(tx, id(number), filter, 9))?.len());
            }
            Ok::<_, sluice_store::StoreError>(left)
        };
        for (before, removed, kept) in [
            (99, None, [3, 3, 3, 3]),
            (100, Some(2), [1, 3, 3, 3]),
            (100, Some(1), [0, 3, 3, 3]),
            (100, None, [0, 3, 3, 3]),
        ] {
            assert_eq!(write_system!(db.store, [], |tx| decision_expire(tx, at(before), 2))?, removed);
            assert_eq!(left().await?, kept, "{before}");
        }
        Ok(())
    })
    .await;
}
