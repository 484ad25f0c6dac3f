//! The worker: claims jobs, works on them, and gives them back when the program stops.

use crate::clean_up::clean_up;
use crate::context::{Context, Stop};
use crate::crm;
use crate::error::{Error, Result};
use crate::jobs::kinds::{Claimed, Outcome, note_given_up, work_on};
use crate::schedules;
use crate::webhooks::WEBHOOK_JOB;
use sluice_store::ops::job::{Job, Lease, job_bury, job_claim, job_due, job_extend, job_release, job_retry};
use std::convert::Infallible;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

/// How a worker behaves. Every one also starts scheduled runs and cleans up, in turns with the others.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Jobs worked on at once.
    pub concurrency: usize,
    /// For how long a claimed job is safe from others when its worker says nothing.
    pub lease: Duration,
    /// How often to look for jobs that another process queued.
    pub poll: Duration,
    /// The most jobs of one organisation that run at once, over all workers; `None`: no bound.
    pub per_organisation: Option<u64>,
    /// For how many days jobs that were done are kept.
    pub keep_days: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 2,
            lease: Duration::from_secs(5),
            poll: Duration::from_millis(500),
            per_organisation: None,
            keep_days: 30,
        }
    }
}

impl Options {
    /// The lease in milliseconds.
    pub(crate) fn lease_ms(&self) -> i64 {
        i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX)
    }
}

/// A job is given up when it fails at so many attempts without getting on.
const MAX_FAILURES: i64 = 5;
/// A job is given up when its worker died at so many attempts without getting on.
const MAX_ATTEMPTS: i64 = 25;
/// How often ticks of schedules are looked for.
const TICK: Duration = Duration::from_secs(1);
/// Jobs of webhooks that one worker has beside its other work: they wait for others most of the time, and one that hangs
/// must hold up neither runs nor other webhooks.
const ASIDE: usize = 32;
/// How often a worker asks whether it is its turn to clean up.
const CLEAN: Duration = Duration::from_secs(60);

/// A running worker.
pub struct Handle {
    stop: Stop,
    tasks: JoinSet<()>,
}

impl Handle {
    /// Gives unfinished jobs back at once, without what they have not committed, and waits until that is done.
    pub async fn stop(mut self) {
        self.stop.begin();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Starts working on jobs in the background. With a concurrency of 0 nothing is done.
#[must_use]
pub fn start(context: &Context, options: Options) -> Handle {
    let stop = Stop::default();
    let mut tasks = JoinSet::new();
    for _ in 0..options.concurrency {
        tasks.spawn(work(context.clone(), options, stop.clone()));
    }
    if options.concurrency > 0 {
        tasks.spawn(start_scheduled(context.clone(), stop.clone()));
        tasks.spawn(clean(context.clone(), options.keep_days, stop.clone()));
    }
    Handle { stop, tasks }
}

async fn work(context: Context, options: Options, stop: Stop) {
    let stopping = || stop.has_begun();
    let mut aside = JoinSet::new();
    while !stopping() {
        while aside.try_join_next().is_some() {}
        let woken = context.wake.notified();
        let elsewhere = context.store.jobs_changed();
        let worked = match claim(&context, options).await {
            Ok(Some((job, owner))) if job.kind == WEBHOOK_JOB && aside.len() < ASIDE => {
                aside.spawn(work_aside(context.clone(), options, job, owner, stop.clone()));
                Ok(true)
            }
            Ok(Some((job, owner))) => {
                let work = work_on_job(&context, options, &job, owner, &stopping, stop.begun());
                work.await.map(|()| true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(error),
        };
        match worked {
            Ok(true) => {}
            Ok(false) => tokio::select! {
                () = woken => {}
                () = elsewhere => {}
                () = stop.begun() => {}
                () = tokio::time::sleep(options.poll) => {}
            },
            Err(error) => {
                tracing::error!(error = %error, "worker cannot look for jobs");
                pause(&stop, options.poll).await;
            }
        }
    }
    // They hear of it too.
    while aside.join_next().await.is_some() {}
}

async fn work_aside(context: Context, options: Options, job: Job, owner: Uuid, stop: Stop) {
    let stopping = || stop.has_begun();
    if let Err(error) = work_on_job(&context, options, &job, owner, &stopping, stop.begun()).await {
        tracing::error!(job.id = %job.id, error = %error, "worker cannot note how a job ended");
    }
}

async fn start_scheduled(context: Context, stop: Stop) {
    while !stop.has_begun() {
        if let Err(error) = schedules::start_due(&context).await {
            tracing::error!(error = %error, "cannot start scheduled runs");
        }
        if let Err(error) = crm::start_due(&context).await {
            tracing::error!(error = %error, "cannot start the sync of CRMs");
        }
        pause(&stop, TICK).await;
    }
}

async fn clean(context: Context, keep_days: u32, stop: Stop) {
    while !stop.has_begun() {
        if let Err(error) = clean_up(&context, keep_days).await {
            tracing::error!(error = %error, "cannot clean up");
        }
        pause(&stop, CLEAN).await;
    }
}

async fn pause(stop: &Stop, time: Duration) {
    // Either will do.
    let _ = tokio::time::timeout(time, stop.begun()).await;
}

/// Claims one job that is due and works on it to its end, or to the end of a batch when `stopping`
/// says so. Returns whether there was one.
///
/// # Errors
/// When the queue cannot be read; a failure of the job itself is noted on the job.
pub async fn work_once(
    context: &Context,
    options: Options,
    stopping: &(dyn Fn() -> bool + Sync),
) -> Result<bool> {
    let Some((job, owner)) = claim(context, options).await? else { return Ok(false) };
    work_on_job(context, options, &job, owner, stopping, std::future::pending()).await.map(|()| true)
}

/// Claims one job that is due, and for whom.
async fn claim(context: &Context, options: Options) -> Result<Option<(Job, Uuid)>> {
    let now = context.now();
    let due = context
        .store
        .read_system(|tx| Box::pin(async move { Ok::<_, Error>(job_due(tx, now).await?) }))
        .await?;
    if !due {
        return Ok(None);
    }
    let owner = context.new_id();
    let lease = Lease { owner, until: now.plus_millis(options.lease_ms()) };
    let most = options.per_organisation;
    let job = context
        .store
        .write_system(move |tx| {
            Box::pin(async move { Ok::<_, Error>(job_claim(tx, lease, now, most).await?) })
        })
        .await?;
    Ok(job.map(|job| (job, owner)))
}

/// Works on a claimed job; gives it back, without its last batch, as soon as `stopped` ends.
async fn work_on_job(
    context: &Context,
    options: Options,
    job: &Job,
    owner: Uuid,
    stopping: &(dyn Fn() -> bool + Sync),
    stopped: impl Future<Output = ()>,
) -> Result<()> {
    if job.attempts > MAX_ATTEMPTS {
        let error = Error::Internal(format!("begun {MAX_ATTEMPTS} times without getting on"));
        return fail(context, job, owner, &error).await;
    }
    work_on_claimed(context, options, job, owner, stopping, stopped).await
}

/// Works within a request on a job that was added as claimed by `owner`, as [`work_once`] does.
///
/// # Errors
/// When the queue cannot be written; a failure of the job itself is noted on the job.
pub(crate) async fn work_on_own(context: &Context, options: Options, job: &Job, owner: Uuid) -> Result<()> {
    let stop = context.stop.clone();
    let stopping = move || stop.has_begun();
    work_on_claimed(context, options, job, owner, &stopping, context.stop.begun()).await
}

async fn work_on_claimed(
    context: &Context,
    options: Options,
    job: &Job,
    owner: Uuid,
    stopping: &(dyn Fn() -> bool + Sync),
    stopped: impl Future<Output = ()>,
) -> Result<()> {
    let got_on = AtomicBool::new(false);
    let claimed = Claimed { context, job, owner, lease_ms: options.lease_ms(), stopping, got_on: &got_on };
    let work = pin!(without_panics(work_on(&claimed)));
    let alive = pin!(keep_lease(context, job, owner, options.lease));
    match while_alive(work, alive, stopped).await {
        Ok(Outcome::Done) => {}
        Ok(Outcome::Lost) => tracing::warn!(job.id = %job.id, "lost the lease of a job"),
        Ok(Outcome::Stopped) => give_back(context, job, owner).await?,
        Err(error) => {
            // As the row has it: attempts are counted anew from where the job got on.
            let attempts = if got_on.load(Ordering::SeqCst) { 1 } else { job.attempts };
            fail(context, &Job { attempts, ..job.clone() }, owner, &error).await?;
        }
    }
    Ok(())
}

/// Polls all until the work is done, or is to stop: it may be dropped anywhere, as what it is about to commit counts
/// only while the job is its own.
async fn while_alive(
    work: impl Future<Output = Result<Outcome>>,
    alive: impl Future<Output = Infallible>,
    stopped: impl Future<Output = ()>,
) -> Result<Outcome> {
    tokio::select! {
        outcome = work => outcome,
        never = alive => match never {},
        () = stopped => Ok(Outcome::Stopped),
    }
}

/// Prolongs the lease while the work goes on: a batch that takes longer than the lease is not begun by another
/// worker as well, which would go on for ever.
async fn keep_lease(context: &Context, job: &Job, owner: Uuid, every: Duration) -> Infallible {
    let (id, lease_ms) = (job.id, i64::try_from(every.as_millis()).unwrap_or(i64::MAX));
    loop {
        tokio::time::sleep(every / 3).await;
        let lease = Lease { owner, until: context.now().plus_millis(lease_ms) };
        let extend = context.store.write(&job.organisation, move |tx| {
            Box::pin(async move { Ok::<_, Error>(job_extend(tx, id, lease).await?) })
        });
        match extend.await {
            Ok(true) => {}
            // The work will find out at its next commit.
            Ok(false) => return std::future::pending().await,
            Err(error) => tracing::warn!(error = %error, job.id = %id, "cannot prolong the lease of a job"),
        }
    }
}

/// Turns a panic into a failure of the job: a worker must outlive what it works on.
async fn without_panics<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = pin!(work);
    poll_fn(|context| {
        // After a panic the work is dropped; what it shares with others it changes in units of work only.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(Error::Internal("the job panicked".to_owned()))))
    })
    .await
}

async fn give_back(context: &Context, job: &Job, owner: Uuid) -> Result<()> {
    let id = job.id;
    context
        .store
        .write(&job.organisation, move |tx| {
            Box::pin(async move { Ok::<_, Error>(job_release(tx, id, owner).await?) })
        })
        .await
        .map(drop)
}

/// Notes a failure: the job is tried again later, or given up together with its run.
async fn fail(context: &Context, job: &Job, owner: Uuid, error: &Error) -> Result<()> {
    let last = job.attempts >= MAX_FAILURES;
    tracing::error!(job.id = %job.id, job.attempts, error = %error, last, "job failed");
    let (job, id, now, text) = (job.clone(), job.id, context.now(), error.to_string());
    // 1 s, 2 s, 4 s, …
    let wait = 1_000_i64 << job.attempts.clamp(1, 10) >> 1;
    let told = match error {
        Error::Outside(text) => Some(text.clone()),
        _ => None,
    };
    let (organisation, ctx) = (job.organisation.clone(), context.clone());
    context
        .store
        .write(&organisation, move |tx| {
            Box::pin(async move {
                if !last {
                    job_retry(tx, id, owner, &text, now.plus_millis(wait)).await?;
                    return Ok::<_, Error>(());
                }
                if job_bury(tx, id, owner, &text, now).await? {
                    note_given_up(tx, &ctx, &job, told.as_deref(), now).await?;
                }
                Ok(())
            })
        })
        .await
}
