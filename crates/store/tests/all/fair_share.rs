//! Whose turn it is: no organisation waits for another that has more to do.

use crate::harness::{ACME, Check, Database, OTHER, databases, on_each, write, write_system};
use crate::samples::{at, id};
use sluice_store::ops::job::{Job, Lease, job_claim, job_finish, job_insert};
use sluice_store::{Store, StoreError};
use std::collections::HashMap;
use std::time::Instant;

const THIRD: &str = "org_third";

async fn queue(store: &Store, organisation: &str, numbers: impl Iterator<Item = u64>) -> Check {
    for number in numbers {
        write!(store, organisation, [], |tx| job_insert(
            tx,
            id(number),
            "run",
            "{}",
            at(number.cast_signed())
        ))?;
    }
    Ok(())
}

async fn claim(store: &Store, now: i64, most: Option<u64>) -> Result<Option<Job>, StoreError> {
    let lease = Lease { owner: id(90), until: at(now + 1_000) };
    write_system!(store, [], |tx| job_claim(tx, lease, at(now), most))
}

async fn finish(store: &Store, job: &Job) -> Check {
    let job = job.clone();
    let organisation = job.organisation.clone();
    assert!(write!(store, &organisation, [], |tx| job_finish(tx, job.id, id(90), at(1_000)))?);
    Ok(())
}

#[tokio::test]
async fn who_has_least_running_comes_first_then_who_waits_longest() {
    on_each(async |db| {
        queue(&db.store, ACME, 1..=20).await?;
        queue(&db.store, OTHER, 101..=103).await?;
        queue(&db.store, THIRD, [201].into_iter()).await?;
        let mut running = Vec::new();
        let mut claimed = Vec::new();
        for second in 0..8 {
            let job = claim(&db.store, 300 + second, None).await?.expect("a job");
            claimed.push(job.id);
            running.push(job);
        }
        // One each, the oldest job first; then one each of those who have more; then only the first has.
        assert_eq!(claimed, [1, 101, 201, 2, 102, 3, 103, 4].map(id));
        // Nobody has fewer running than OTHER, whose queue is empty: the turn is who has some.
        for job in &running {
            finish(&db.store, job).await?;
        }
        queue(&db.store, OTHER, [104].into_iter()).await?;
        queue(&db.store, THIRD, [202].into_iter()).await?;
        let next = [claim(&db.store, 400, None).await?, claim(&db.store, 401, None).await?];
        assert_eq!(next.map(|job| job.map(|job| job.id)), [Some(id(202)), Some(id(104))], "longest ago");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_organisation_runs_no_more_than_it_may() {
    on_each(async |db| {
        queue(&db.store, ACME, 1..=5).await?;
        queue(&db.store, OTHER, 101..=102).await?;
        let mut running = Vec::new();
        while let Some(job) = claim(&db.store, 300, Some(2)).await? {
            running.push(job);
        }
        let claimed: Vec<_> = running.iter().map(|job| job.id).collect();
        assert_eq!(claimed, [1, 101, 2, 102].map(id));
        finish(&db.store, &running[0]).await?;
        assert_eq!(claim(&db.store, 301, Some(2)).await?.map(|job| job.id), Some(id(3)));
        assert_eq!(claim(&db.store, 301, Some(2)).await?, None);
        // A dead worker's jobs count for nothing, and are taken up before others are begun.
        let rescued = claim(&db.store, 2_000, Some(2)).await?;
        assert_eq!(rescued.map(|job| (job.id, job.attempts)), Some((id(101), 2)));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn claimers_at_the_same_time_keep_the_bound_and_the_order() {
    on_each(async |db| {
        queue(&db.store, ACME, 1..=30).await?;
        queue(&db.store, OTHER, 101..=103).await?;
        let other = db.second_handle().await?;
        let workers: Vec<_> = (0..6)
            .map(|worker| {
                let store = if worker % 2 == 0 { db.store.clone() } else { other.clone() };
                tokio::spawn(async move {
                    let mut claimed = Vec::new();
                    while let Some(job) = claim(&store, 300, Some(3)).await? {
                        claimed.push(job);
                    }
                    Ok::<_, StoreError>(claimed)
                })
            })
            .collect();
        let mut running: HashMap<String, Vec<_>> = HashMap::new();
        for worker in workers {
            for job in worker.await.expect("no panic")? {
                running.entry(job.organisation).or_default().push(job.id);
            }
        }
        for jobs in running.values_mut() {
            jobs.sort();
        }
        let expected = [(ACME, [1, 2, 3]), (OTHER, [101, 102, 103])];
        let expected = expected.map(|(name, jobs)| (name.to_owned(), jobs.map(id).to_vec()));
        assert_eq!(running, HashMap::from(expected));
        Ok(())
    })
    .await;
}

/// How long claims take beside a long queue of one organisation. Run it alone, to see its output:
/// `cargo test -p sluice-store --test all -- --ignored --nocapture a_long_queue`.
#[tokio::test]
#[ignore = "measures"]
#[expect(clippy::print_stdout, reason = "the measure is what it is for")]
async fn a_long_queue_of_one_organisation_does_not_slow_claims_down() {
    for Database { name, store, .. } in &databases().await {
        for (length, organisations) in [(1_000_u64, 1_u64), (100_000, 1), (100_000, 1_000)] {
            fill(store, length, organisations).await.expect("a queue");
            let begun = Instant::now();
            for _ in 0..200 {
                claim(store, 1_000_000, None).await.expect("a claim").expect("a job");
            }
            println!(
                "{name}: {length} jobs of {organisations} organisations: {:?} a claim",
                begun.elapsed() / 200
            );
        }
    }
}

/// Queues jobs until there are so many, a thousand in each unit.
async fn fill(store: &Store, length: u64, organisations: u64) -> Check {
    for chunk in 0..length / 1_000 {
        let organisation = format!("org_{:04}", chunk % organisations.max(1));
        let first = organisations * 10_000_000 + length * 10 + chunk * 1_000;
        store
            .write::<_, StoreError, _>(&organisation, move |tx| {
                Box::pin(async move {
                    for number in first..first + 1_000 {
                        job_insert(tx, id(number), "run", "{}", at(0)).await?;
                    }
                    Ok(())
                })
            })
            .await?;
    }
    for number in 100..organisations {
        let organisation = format!("org_{number:04}");
        write!(store, &organisation, [], |tx| job_insert(tx, id(1 << 50 | number), "run", "{}", at(0)))?;
    }
    Ok(())
}
