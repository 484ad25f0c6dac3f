use crate::harness::{ACME, Check, OTHER, assert_fails, on_each, read_system, write, write_system};
use crate::samples::{at, id};
use sluice_store::ops::job::{
    Job, JobCounts, Lease, job_bury, job_claim, job_counts, job_due, job_extend, job_finish, job_insert,
    job_note_progress, job_release, job_retry,
};
use sluice_store::{Store, StoreError};
use std::collections::HashSet;

fn lease(owner: u64, until: i64) -> Lease {
    Lease { owner: id(owner), until: at(until) }
}

async fn queue(store: &Store, organisation: &str, number: u64, run_at: i64) -> Check {
    write!(store, organisation, [], |tx| job_insert(tx, id(number), "run", r#"{"run":1}"#, at(run_at)))
}

async fn claim(store: &Store, lease: Lease, now: i64) -> Result<Option<Job>, StoreError> {
    write_system!(store, [], |tx| job_claim(tx, lease, at(now), None))
}

#[tokio::test]
async fn the_oldest_due_job_of_any_organisation_is_claimed_once() {
    on_each(async |db| {
        queue(&db.store, ACME, 3, 20).await?;
        queue(&db.store, OTHER, 2, 10).await?;
        queue(&db.store, ACME, 1, 10).await?;
        queue(&db.store, ACME, 4, 500).await?;
        assert!(!read_system!(db.store, |tx| job_due(tx, at(9)))?);
        assert_eq!(claim(&db.store, lease(90, 100), 9).await?, None);
        assert!(read_system!(db.store, |tx| job_due(tx, at(10)))?, "due from its time on");
        let first = claim(&db.store, lease(90, 100), 30).await?;
        let expected = Job {
            id: id(1),
            organisation: ACME.to_owned(),
            kind: "run".to_owned(),
            payload: r#"{"run":1}"#.to_owned(),
            attempts: 1,
        };
        assert_eq!(first, Some(expected));
        let second = claim(&db.store, lease(91, 100), 30).await?.expect("the second");
        assert_eq!((second.id, &*second.organisation), (id(2), OTHER));
        assert_eq!(claim(&db.store, lease(92, 100), 30).await?.map(|job| job.id), Some(id(3)));
        assert_eq!(claim(&db.store, lease(93, 100), 30).await?, None, "the last is not due");
        assert!(!read_system!(db.store, |tx| job_due(tx, at(30)))?);
        let counts = read_system!(db.store, |tx| job_counts(tx))?;
        assert_eq!(counts, JobCounts { ready: 1, running: 3, done: 0, dead: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn claimers_at_the_same_time_never_share_a_job() {
    on_each(async |db| {
        for number in 1..=40 {
            queue(&db.store, ACME, number, 0).await?;
        }
        let other = db.second_handle().await?;
        let workers: Vec<_> = (0..8_u64)
            .map(|worker| {
                let store = if worker % 2 == 0 { db.store.clone() } else { other.clone() };
                tokio::spawn(async move {
                    let mut claimed = Vec::new();
                    while let Some(job) = claim(&store, lease(100 + worker, 100), 1).await? {
                        claimed.push(job.id);
                    }
                    Ok::<_, StoreError>(claimed)
                })
            })
            .collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.await.expect("no panic")?);
        }
        assert_eq!(all.len(), 40);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 40);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_ran_out_is_taken_over_and_the_first_owner_has_lost() {
    on_each(async |db| {
        queue(&db.store, ACME, 1, 0).await?;
        claim(&db.store, lease(90, 100), 0).await?.expect("the first claim");
        assert_eq!(claim(&db.store, lease(91, 300), 100).await?, None, "the lease holds to its end");
        assert!(!read_system!(db.store, |tx| job_due(tx, at(100)))?);
        assert!(read_system!(db.store, |tx| job_due(tx, at(101)))?);
        let taken = claim(&db.store, lease(91, 300), 101).await?.expect("the second claim");
        assert_eq!((taken.id, taken.attempts), (id(1), 2));

        assert!(!write!(db.store, ACME, [], |tx| job_extend(tx, id(1), lease(90, 900)))?);
        assert!(!write!(db.store, ACME, [], |tx| job_finish(tx, id(1), id(90), at(9)))?);
        assert!(!write!(db.store, ACME, [], |tx| job_retry(tx, id(1), id(90), "late", at(0)))?);
        assert!(!write!(db.store, ACME, [], |tx| job_bury(tx, id(1), id(90), "late", at(9)))?);
        assert_eq!(claim(&db.store, lease(92, 900), 300).await?, None, "the new lease was not moved");
        assert!(write!(db.store, ACME, [], |tx| job_finish(tx, id(1), id(91), at(9)))?);
        assert!(!write!(db.store, ACME, [], |tx| job_finish(tx, id(1), id(91), at(9)))?, "finished once");
        assert_eq!(claim(&db.store, lease(92, 9_999), 5_000).await?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_lease_can_be_prolonged() {
    on_each(async |db| {
        queue(&db.store, ACME, 1, 0).await?;
        claim(&db.store, lease(90, 100), 0).await?.expect("the claim");
        assert!(write!(db.store, ACME, [], |tx| job_extend(tx, id(1), lease(90, 200)))?);
        assert_eq!(claim(&db.store, lease(91, 300), 150).await?, None);
        // Past its end, but nobody took it over: still this owner's.
        assert!(write!(db.store, ACME, [], |tx| job_extend(tx, id(1), lease(90, 400)))?);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_job_that_got_on_counts_its_attempts_anew() {
    on_each(async |db| {
        queue(&db.store, ACME, 1, 0).await?;
        for (attempt, now) in [(1, 0), (2, 200), (3, 400)] {
            let job = claim(&db.store, lease(90, now + 100), now).await?.expect("the job");
            assert_eq!(job.attempts, attempt);
        }
        write!(db.store, ACME, [], |tx| job_note_progress(tx, id(1)))?;
        assert_eq!(claim(&db.store, lease(91, 700), 600).await?.map(|job| job.attempts), Some(2));
        let nothing = write!(db.store, ACME, [], |tx| job_note_progress(tx, id(2)));
        assert_fails!(nothing, StoreError::RowCount { operation: "job_note_progress", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_failed_job_comes_back_later_or_never() {
    on_each(async |db| {
        queue(&db.store, ACME, 1, 0).await?;
        claim(&db.store, lease(90, 100), 0).await?.expect("the first try");
        assert!(write!(db.store, ACME, [], |tx| job_retry(tx, id(1), id(90), "busy", at(60)))?);
        assert!(!write!(db.store, ACME, [], |tx| job_finish(tx, id(1), id(90), at(9)))?, "given back");
        assert_eq!(claim(&db.store, lease(91, 200), 59).await?, None);
        let again = claim(&db.store, lease(91, 200), 60).await?.expect("the second try");
        assert_eq!(again.attempts, 2);
        assert!(write!(db.store, ACME, [], |tx| job_bury(tx, id(1), id(91), "broken", at(9)))?);
        assert_eq!(claim(&db.store, lease(92, 9_999), 5_000).await?, None);
        queue(&db.store, ACME, 2, 0).await?;
        claim(&db.store, lease(93, 100), 0).await?.expect("the other job");
        assert!(write!(db.store, ACME, [], |tx| job_finish(tx, id(2), id(93), at(9)))?);
        let counts = read_system!(db.store, |tx| job_counts(tx))?;
        assert_eq!(counts, JobCounts { ready: 0, running: 0, done: 1, dead: 1 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_job_that_is_handed_back_is_as_it_was() {
    on_each(async |db| {
        queue(&db.store, ACME, 1, 5).await?;
        queue(&db.store, ACME, 2, 6).await?;
        claim(&db.store, lease(90, 100), 10).await?.expect("the claim");
        assert!(!write!(db.store, ACME, [], |tx| job_release(tx, id(1), id(91)))?, "not its owner");
        assert!(write!(db.store, ACME, [], |tx| job_release(tx, id(1), id(90)))?);
        assert!(!write!(db.store, ACME, [], |tx| job_release(tx, id(1), id(90)))?, "given back once");
        // Before those behind it, and its attempt not counted.
        let again = claim(&db.store, lease(91, 100), 10).await?.expect("the next claim");
        assert_eq!((again.id, again.attempts), (id(1), 1));
        Ok(())
    })
    .await;
}
