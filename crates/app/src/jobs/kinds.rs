//! What kinds of jobs there are: how each is worked on, and what becomes of its subject when it is given up. A further
//! kind is a further line in each of the two.

use crate::context::Context;
use crate::crm::export::{export_given_up, export_job};
use crate::crm::{CLEAR_JOB, EXPORT_JOB, SYNC_JOB, clear_job, sync_given_up, sync_job};
use crate::enrichment::ENRICHMENT_JOB;
use crate::enrichment::work::{enrichment_given_up, run_enrichment};
use crate::error::{Error, Result};
use crate::runs::RUN_JOB;
use crate::runs::work::run_job;
use crate::webhooks::{self, Happened, WEBHOOK_JOB, deliver_job};
use sluice_model::Time;
use sluice_model::run::RunStatus;
use sluice_store::Tx;
use sluice_store::ops::job::{Job, Lease};
use sluice_store::ops::run::{run_get, run_save};
use std::sync::atomic::AtomicBool;
use uuid::Uuid;

/// How a piece of work on a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The job is done.
    Done,
    /// Another worker has it now.
    Lost,
    /// The job can be given back: the program is stopping, or the work begins anew from what was committed.
    Stopped,
}

/// A job in the hands of a worker. What is committed for it counts only while `job_extend` says that it is still this
/// owner's.
pub(crate) struct Claimed<'c> {
    pub context: &'c Context,
    pub job: &'c Job,
    pub owner: Uuid,
    pub lease_ms: i64,
    /// Whether the job is to be left at the next place where it can be.
    pub stopping: &'c (dyn Fn() -> bool + Sync),
    /// To be set when something was committed: attempts are counted anew from there.
    pub got_on: &'c AtomicBool,
}

impl Claimed<'_> {
    /// The lease from now on.
    pub fn lease(&self) -> Lease {
        Lease { owner: self.owner, until: self.context.now().plus_millis(self.lease_ms) }
    }
}

/// Works on a job until it is done, its lease is lost, or it is to stop.
///
/// # Errors
/// The attempt failed: the job is tried again, or given up.
pub(crate) async fn work_on(claimed: &Claimed<'_>) -> Result<Outcome> {
    match claimed.job.kind.as_str() {
        RUN_JOB => run_job(claimed).await,
        ENRICHMENT_JOB => run_enrichment(claimed).await,
        SYNC_JOB => sync_job(claimed).await,
        CLEAR_JOB => clear_job(claimed).await,
        EXPORT_JOB => export_job(claimed).await,
        WEBHOOK_JOB => deliver_job(claimed).await,
        other => Err(Error::Internal(format!("unknown kind of job: {other}"))),
    }
}

/// Notes on what the job was for that it was given up, in the unit that gives it up; `told` is what its people may be told
/// of the reason.
///
/// # Errors
/// The store's.
pub(crate) async fn note_given_up(
    tx: &mut Tx<'_>,
    context: &Context,
    job: &Job,
    told: Option<&str>,
    now: Time,
) -> Result<()> {
    match job.kind.as_str() {
        RUN_JOB => run_given_up(tx, context, job.id, told, now).await,
        ENRICHMENT_JOB => enrichment_given_up(tx, job.id, now).await,
        SYNC_JOB => sync_given_up(tx, job, now).await,
        EXPORT_JOB => export_given_up(tx, job, now).await,
        _ => Ok(()),
    }
}

async fn run_given_up(
    tx: &mut Tx<'_>,
    context: &Context,
    id: Uuid,
    told: Option<&str>,
    now: Time,
) -> Result<()> {
    let Some(mut stored) = run_get(tx, id).await? else { return Ok(()) };
    stored.run.status = RunStatus::Failed;
    stored.run.stage = "done".to_owned();
    // What is not meant to be told is in the log and on the job.
    let told = told.map(|told| format!(": {told}")).unwrap_or_default();
    stored.run.error = Some(format!("The run failed after several attempts{told}"));
    stored.run.updated_at = now.max(stored.run.updated_at);
    stored.run.finished_at = Some(now);
    run_save(tx, &stored.run, stored.cursor.as_deref()).await?;
    webhooks::tell(tx, context, &Happened::RunEnded(&stored.run)).await
}
