use crate::harness::{ACME, OTHER, on_each, read, read_system, write, write_system};
use crate::samples::{at, id, run};
use sluice_model::JobState;
use sluice_store::ops::job::{Lease, job_bury, job_claim, job_insert};
use sluice_store::ops::job_record::{
    JobRecord, job_discard, job_get, job_list, job_list_all, job_organisation, job_revive,
};
use sluice_store::ops::run::{run_insert, run_save};
use uuid::Uuid;

fn ids(jobs: Vec<JobRecord>) -> Vec<Uuid> {
    jobs.into_iter().map(|job| job.id).collect()
}

#[tokio::test]
async fn jobs_that_were_given_up_are_listed_revived_and_removed() {
    on_each(async |db| {
        let mut failed = run(1, id(50));
        write!(db.store, ACME, [failed], |tx| run_insert(tx, &failed, "{}"))?;
        failed.error = Some("The run failed".to_owned());
        write!(db.store, ACME, [failed], |tx| run_save(tx, &failed, None))?;
        for (organisation, number) in [(ACME, 1), (ACME, 2), (OTHER, 3), (ACME, 4)] {
            write!(db.store, organisation, [], |tx| job_insert(tx, id(number), "run", "{}", at(5)))?;
        }
        for (organisation, number) in [(ACME, 1), (OTHER, 3), (ACME, 2)] {
            let lease = Lease { owner: id(90), until: at(99) };
            let job = write_system!(db.store, [], |tx| job_claim(tx, lease, at(6), None))?.expect("a job");
            assert_eq!(job.id, id(number));
            assert!(write!(db.store, organisation, [], |tx| job_bury(tx, job.id, id(90), "disk", at(7)))?);
        }
        let dead = JobRecord {
            id: id(1),
            organisation: ACME.to_owned(),
            kind: "run".to_owned(),
            state: JobState::Dead,
            attempts: 1,
            error: Some("disk".to_owned()),
            created_at: at(5),
            run_at: at(5),
            finished_at: Some(at(7)),
            run: Some((id(50), Some("The run failed".to_owned()))),
        };
        assert_eq!(read!(db.store, ACME, |tx| job_get(tx, id(1)))?, Some(dead.clone()));
        let without_run = read!(db.store, ACME, |tx| job_get(tx, id(2)))?;
        assert_eq!(without_run, Some(JobRecord { id: id(2), run: None, ..dead.clone() }));
        for (state, below, limit, expected) in [
            (JobState::Dead, None, 9, vec![id(2), id(1)]),
            (JobState::Dead, None, 1, vec![id(2)]),
            (JobState::Dead, Some(id(2)), 9, vec![id(1)]),
            (JobState::Dead, Some(id(1)), 9, vec![]),
            (JobState::Ready, None, 9, vec![id(4)]),
        ] {
            assert_eq!(ids(read!(db.store, ACME, |tx| job_list(tx, state, below, limit))?), expected);
        }
        let all = read_system!(db.store, |tx| job_list_all(tx, JobState::Dead, 2))?;
        assert_eq!(ids(all), [id(3), id(2)]);
        let organisation = read_system!(db.store, |tx| job_organisation(tx, id(3)))?;
        assert_eq!(organisation.as_deref(), Some(OTHER));
        assert_eq!(read_system!(db.store, |tx| job_organisation(tx, id(9)))?, None);

        assert!(write!(db.store, ACME, [], |tx| job_revive(tx, id(1), at(8)))?);
        assert!(!write!(db.store, ACME, [], |tx| job_revive(tx, id(1), at(8)))?, "not dead any more");
        assert!(!write!(db.store, ACME, [], |tx| job_discard(tx, id(1)))?, "nor to be removed");
        let (state, run_at) = (JobState::Ready, at(8));
        let ready = JobRecord { state, run_at, attempts: 0, error: None, finished_at: None, ..dead };
        assert_eq!(read!(db.store, ACME, |tx| job_get(tx, id(1)))?, Some(ready));
        assert!(write!(db.store, ACME, [], |tx| job_discard(tx, id(2)))?);
        assert_eq!(read!(db.store, ACME, |tx| job_get(tx, id(2)))?, None);
        assert!(!write!(db.store, ACME, [], |tx| job_discard(tx, id(2)))?);
        Ok(())
    })
    .await;
}
