//! The work of a run: claim → commit → work → finish only if still mine. Each batch commits its decisions, its leads,
//! the cursor and the progress together, so that after a kill the run goes on where it was.

use super::batch::{Batch, End, cost_so_far, without_decided};
use super::batch_size;
use crate::accounts::bridge;
use crate::connectors::Connected;
use crate::context::Context;
use crate::crm::mirror_age;
use crate::error::{Error, Result};
use crate::jobs::kinds::{Claimed, Outcome};
use crate::leads::{NewCompany, NewPerson, adopt_companies, adopt_people};
use crate::pipeline::{
    Feed, Judge, Knowledge, Line, Outside, Place, Plan, Recheck, Retry, Rules, Sources, Step, gather,
};
use crate::webhooks::{self, Happened};
use futures_util::FutureExt as _;
use sluice_model::run::{Cost, RunCost, RunStatus};
use sluice_model::{Actor, EntityKind, LeadList, Role, Run};
use sluice_store::Tx;
use sluice_store::ops::decision::{DecisionTrace, decision_insert, decision_traces};
use sluice_store::ops::icp::icp_get;
use sluice_store::ops::job::{Lease, job_extend, job_finish, job_note_progress};
use sluice_store::ops::lead_list::{
    lead_list_append, lead_list_delete, lead_list_exists, lead_list_insert, lead_list_touch,
};
use sluice_store::ops::record::{listing_delete, listing_insert};
use sluice_store::ops::run::{StoredRun, run_cancel_keeps, run_get, run_save};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

/// How long decisions wait for others to be committed with, when evidence is slow.
const COMMIT_EVERY: Duration = Duration::from_millis(400);
/// How often it is asked whether a run was cancelled while it waits for evidence, or for candidates.
const CANCEL_POLL: Duration = Duration::from_millis(300);
/// Traces read at once when a run goes on.
const TRACES: usize = 10_000;

/// Works on the run of a claimed job until it has ended, the lease is lost, or it is to stop.
pub(crate) async fn run_job(claimed: &Claimed<'_>) -> Result<Outcome> {
    let Claimed { context, job, owner, lease_ms, stopping, got_on } = *claimed;
    // Acts for the organisation, with the rights that starting the run was checked for.
    let actor = Actor { organisation: job.organisation.clone(), user: String::new(), role: Role::Admin };
    let worker = Worker { context, actor, job: job.id, owner, lease_ms, got_on };
    let Some(stored) = worker.begin().await? else { return Ok(Outcome::Lost) };
    if stored.run.status.is_final() {
        return worker.finish(stored.run.id, None).await;
    }
    let plan: Plan = serde_json::from_str(&stored.plan)?;
    worker.work(stored, &plan, stopping).await
}

struct Worker<'c> {
    context: &'c Context,
    actor: Actor,
    job: Uuid,
    owner: Uuid,
    lease_ms: i64,
    got_on: &'c AtomicBool,
}

/// What a commit found.
enum Committed {
    Kept(Box<Run>),
    Lost,
    Cancelled {
        keep: bool,
    },
    /// Somebody who was accepted would not be any more: nothing is kept.
    Stale,
}

impl Worker<'_> {
    fn lease(&self) -> Lease {
        Lease { owner: self.owner, until: self.context.now().plus_millis(self.lease_ms) }
    }

    /// Marks the run as running and makes its list; nothing of it when it was begun before.
    async fn begin(&self) -> Result<Option<StoredRun>> {
        let (id, lease, ctx, now) = (self.job, self.lease(), self.context.clone(), self.context.now());
        self.context
            .write(&self.actor, move |tx| {
                Box::pin(async move {
                    if !job_extend(tx, id, lease).await? {
                        return Ok(None);
                    }
                    // The job has the id of its run.
                    let stored = run_get(tx, id).await?;
                    let mut stored =
                        stored.ok_or_else(|| Error::Internal(format!("run {id} of its job is missing")))?;
                    if stored.run.status != RunStatus::Queued {
                        return Ok(Some(stored));
                    }
                    let plan: Plan = serde_json::from_str(&stored.plan)?;
                    let run = &mut stored.run;
                    run.status = RunStatus::Running;
                    run.stage = "candidates".to_owned();
                    // Some of it was done before when the run is tried again after it was given up.
                    run.started_at = run.started_at.or(Some(now));
                    run.updated_at = now;
                    if !run.dry_run && run.lead_list_id.is_none() {
                        let list = new_list(tx, &ctx, &plan, run.icp_id).await?;
                        lead_list_insert(tx, &list).await?;
                        let made = Happened::LeadListCreated { list: &list, run: Some(run.id) };
                        webhooks::tell(tx, &ctx, &made).await?;
                        run.lead_list_id = Some(list.id);
                    }
                    run_save(tx, &stored.run, stored.cursor.as_deref()).await?;
                    Ok(Some(stored))
                })
            })
            .await
    }

    async fn work(
        &self,
        stored: StoredRun,
        plan: &Plan,
        stopping: &(dyn Fn() -> bool + Sync),
    ) -> Result<Outcome> {
        let id = stored.run.id;
        if let Some(keep) = self.cancel_keeps(id).await? {
            return self.finish(id, Some((keep, stored.run.cost))).await;
        }
        let connected = self.connected(plan, &stored.run).await?;
        let rules = plan.rules()?;
        let (mut judge, mut seen) = (Judge::new(&rules), HashSet::new());
        for trace in self.traces(id).await? {
            seen.insert(trace.candidate);
            judge.remember(&trace);
        }
        let cursor = match &stored.cursor {
            Some(cursor) => serde_json::from_str(cursor)?,
            None => Place::default(),
        };
        let mut run = stored.run;
        let mut feed = self.feed(plan, &rules, cursor, seen).await?;
        let mut line = Line::new(judge, self.outside(plan, &rules, &run, connected));
        // Once it is, the feed was left half-way: nothing more is asked of it.
        let mut cancelled = false;
        if !line.is_full() {
            cancelled = self.unless_cancelled(id, feed.fetch_ahead()).await?.is_none();
        }
        loop {
            if stopping() {
                return Ok(Outcome::Stopped);
            }
            let recheck = Recheck::new(self.context, &self.actor, &rules).await?;
            let mut out = Batch::of(&run, plan.sync_accounts, recheck);
            let end =
                if cancelled { None } else { self.decide(&mut line, &mut feed, &rules, &mut out).await? };
            let goes_on = end.is_none() && !cancelled;
            if end.is_some() {
                line.close().await;
            }
            out.complete(&line, &feed, end)?;
            let gets_on = !out.judged.is_empty();
            // The next candidates are fetched while these are committed. A panic of the one must not hide that the
            // other was done.
            let fetch = async {
                if goes_on { self.unless_cancelled(id, feed.fetch_ahead()).await } else { Ok(Some(())) }
            };
            let fetch = AssertUnwindSafe(fetch).catch_unwind();
            let (committed, fetched) = tokio::join!(self.commit(out), fetch);
            match committed? {
                Committed::Lost => return Ok(Outcome::Lost),
                Committed::Cancelled { keep } => {
                    line.close().await;
                    return self.finish(id, Some((keep, cost_so_far(&run, &line)))).await;
                }
                Committed::Stale => {
                    line.close().await;
                    return self.begin_anew(id, cost_so_far(&run, &line)).await;
                }
                Committed::Kept(kept) => {
                    // Attempts that note no more than what they cost must come to an end.
                    if gets_on {
                        self.got_on.store(true, Ordering::SeqCst);
                    }
                    run = *kept;
                }
            }
            if run.status.is_final() {
                return Ok(Outcome::Done);
            }
            cancelled |= fetched.unwrap_or_else(|panic| resume_unwind(panic))?.is_none();
        }
    }

    /// What is connected, which has to be all that the plan needs: it may have been taken away since the run was asked
    /// for, and a run without it would tell nobody from anybody.
    async fn connected(&self, plan: &Plan, run: &Run) -> Result<Connected> {
        let connected = self.context.connectors.of(self.context, &self.actor.organisation).await?;
        let crm = self.context.read(&self.actor, |tx| Box::pin(async move { mirror_age(tx).await })).await?;
        // A CRM that was connected since does not have to be read first.
        let missing = plan.missing_connectors(&connected, crm.filter(|_| run.crm.is_some()))?;
        if missing.is_empty() {
            return Ok(connected);
        }
        Err(Error::Outside(format!("Missing connector: {}", missing.join(", "))))
    }

    /// The candidates of a run that went on to `place`, without those in `seen`.
    async fn feed<'r>(
        &'r self,
        plan: &Plan,
        rules: &'r Rules,
        place: Place,
        seen: HashSet<Uuid>,
    ) -> Result<Feed<'r>> {
        let retry = match plan.retry_unknown {
            Some(earlier) => {
                let unknown = Retry::unknown_of(self.context, &self.actor, earlier).await?;
                Some(Retry::new(self.context.catalog.clone(), rules, unknown, &seen))
            }
            None => None,
        };
        let sources = Sources::new(self.context, &self.actor, rules, place.clone(), seen);
        Ok(Feed::new(sources, retry, place, batch_size(plan.target)))
    }

    /// The outside checks of a run; none when it makes none.
    fn outside(&self, plan: &Plan, rules: &Rules, run: &Run, connected: Connected) -> Option<Outside> {
        let spent = Cost { credits: run.cost.credits, calls: run.cost.calls };
        let spending = (plan.budget, spent);
        Outside::of(self.context, &self.actor.organisation, rules, connected, run.id, spending)
    }

    /// Decides on candidates until they are worth a commit. Returns why the run ends with them, if it does.
    async fn decide(
        &self,
        line: &mut Line<'_>,
        feed: &mut Feed<'_>,
        rules: &Rules,
        out: &mut Batch,
    ) -> Result<Option<End>> {
        let (begun, size, needed) = (Instant::now(), feed.size(), Knowledge::needed_by(rules));
        let (id, list) = (out.run.id, out.run.lead_list_id);
        let mut ask = begun + CANCEL_POLL;
        loop {
            if out.judged.len() >= size && !line.is_full() {
                return Ok(None);
            }
            match line.step() {
                Step::Decided(decided) => {
                    feed.note_decided();
                    out.add(rules, decided.0, decided.1)?;
                }
                Step::Full => return Ok(Some(End::by("target"))),
                Step::Stopped(stop) => return Ok(Some(End::of(&stop))),
                Step::Hungry if !feed.has_ended() => {
                    // Whoever has the next ones may be slow: what is decided is committed meanwhile.
                    let waits = !out.judged.is_empty() && !feed.is_fetched();
                    if waits || (out.has_news(line) && begun.elapsed() >= COMMIT_EVERY) {
                        return Ok(None);
                    }
                    let fetch = async {
                        let batch = feed.next_batch().await?;
                        let facts = gather(self.context, &self.actor, &batch, needed, list).await?;
                        Ok::<_, Error>((batch, facts))
                    };
                    let Some((batch, facts)) = self.unless_cancelled(id, fetch).await? else {
                        // The commit finds out as well.
                        return Ok(None);
                    };
                    line.push(batch, facts);
                }
                Step::Hungry if line.backlog() == 0 => return Ok(Some(End::default())),
                Step::Hungry | Step::Waiting => {
                    let has_news = out.has_news(line);
                    tokio::select! {
                        arrived = line.arrive() => arrived?,
                        () = sleep_until(begun + COMMIT_EVERY), if has_news => return Ok(None),
                        () = sleep_until(ask) => {
                            if self.cancel_keeps(id).await?.is_some() {
                                return Ok(None);
                            }
                            ask = Instant::now() + CANCEL_POLL;
                        }
                    }
                }
            }
        }
    }

    /// What comes of this; nothing when the run is told to stop before: then it is left half-way.
    async fn unless_cancelled<T>(
        &self,
        run: Uuid,
        work: impl Future<Output = Result<T>>,
    ) -> Result<Option<T>> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done.map(Some),
                () = sleep(CANCEL_POLL) => {
                    if self.cancel_keeps(run).await?.is_some() {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Whether the run was told to stop, and if so whether what it accepted stays.
    async fn cancel_keeps(&self, run: Uuid) -> Result<Option<bool>> {
        let read = self.context.read(&self.actor, move |tx| {
            Box::pin(async move { Ok::<_, Error>(run_cancel_keeps(tx, run).await?) })
        });
        read.await
    }

    async fn traces(&self, run: Uuid) -> Result<Vec<DecisionTrace>> {
        self.context
            .read_long(&self.actor, move |tx| {
                Box::pin(async move {
                    let mut all: Vec<DecisionTrace> = Vec::new();
                    loop {
                        let after = all.last().map_or(0, |trace| trace.sequence);
                        let page = decision_traces(tx, run, after, TRACES).await?;
                        let more = page.len() == TRACES;
                        all.extend(page);
                        if !more {
                            return Ok(all);
                        }
                    }
                })
            })
            .await
    }

    /// Commits a batch, unless the job is no longer ours, the run was told to stop, or somebody was accepted who would
    /// not be now.
    async fn commit(&self, batch: Batch) -> Result<Committed> {
        let (job, lease, ctx) = (self.job, self.lease(), self.context.clone());
        let now = ctx.now();
        self.context
            .write(&self.actor, move |tx| {
                Box::pin(async move {
                    if !job_extend(tx, job, lease).await? {
                        return Ok(Committed::Lost);
                    }
                    let Batch { mut run, cursor, judged, leads, companies, synced, recheck, .. } = batch;
                    if let Some(keep) = run_cancel_keeps(tx, run.id).await? {
                        return Ok(Committed::Cancelled { keep });
                    }
                    if recheck.is_stale(tx, run.lead_list_id, now).await? {
                        return Ok(Committed::Stale);
                    }
                    if !judged.is_empty() {
                        decision_insert(tx, run.id, judged).await?;
                        job_note_progress(tx, job).await?;
                    }
                    if let Some(list) = run.lead_list_id {
                        put_on_list(tx, &ctx, &run, list, leads, companies).await?;
                    }
                    if let Some(synced) = synced {
                        bridge::sync(tx, &ctx, &run, synced).await?;
                    }
                    run.updated_at = now.max(run.updated_at);
                    if run.status.is_final() {
                        run.finished_at = Some(now);
                        job_finish(tx, job, lease.owner, now).await?;
                    }
                    run_save(tx, &run, Some(&cursor)).await?;
                    if run.status.is_final() {
                        webhooks::tell(tx, &ctx, &Happened::RunEnded(&run)).await?;
                    }
                    Ok(Committed::Kept(Box::new(run)))
                })
            })
            .await
    }

    /// Gives the run back, to go on from what was committed with what is known now. What it has cost is noted: what was
    /// looked up is kept, and is not paid for again.
    async fn begin_anew(&self, run: Uuid, cost: RunCost) -> Result<Outcome> {
        let (job, lease) = (self.job, self.lease());
        self.context
            .write(&self.actor, move |tx| {
                Box::pin(async move {
                    if !job_extend(tx, job, lease).await? {
                        return Ok(Outcome::Lost);
                    }
                    let stored = run_get(tx, run).await?;
                    let mut stored = stored.ok_or_else(|| Error::Internal("a run vanished".to_owned()))?;
                    stored.run.cost = without_decided(cost, stored.run.cost);
                    run_save(tx, &stored.run, stored.cursor.as_deref()).await?;
                    Ok(Outcome::Stopped)
                })
            })
            .await
    }

    /// Ends the job; with `cancelled` its run too, keeping what was accepted or not, at what it has cost.
    async fn finish(&self, run: Uuid, cancelled: Option<(bool, RunCost)>) -> Result<Outcome> {
        let (job, owner, now) = (self.job, self.owner, self.context.now());
        self.context
            .write(&self.actor, move |tx| {
                Box::pin(async move {
                    if !job_finish(tx, job, owner, now).await? {
                        return Ok(Outcome::Lost);
                    }
                    let Some((keep, cost)) = cancelled else { return Ok(Outcome::Done) };
                    let stored = run_get(tx, run).await?;
                    let mut run = stored.ok_or_else(|| Error::Internal("a run vanished".to_owned()))?.run;
                    if let Some(list) = run.lead_list_id.filter(|_| !keep) {
                        if lead_list_exists(tx, list).await? {
                            lead_list_delete(tx, list).await?;
                        }
                        listing_delete(tx, list).await?;
                        run.lead_list_id = None;
                    }
                    run.status = RunStatus::Cancelled;
                    run.stage = "done".to_owned();
                    run.cost = without_decided(cost, run.cost);
                    run.finished_at = Some(now);
                    run.updated_at = now.max(run.updated_at);
                    run_save(tx, &run, None).await?;
                    Ok(Outcome::Done)
                })
            })
            .await
    }
}

async fn new_list(tx: &mut Tx<'_>, context: &Context, plan: &Plan, icp: Uuid) -> Result<LeadList> {
    // The ICP may have been deleted since the run was asked for.
    let icp_id = icp_get(tx, icp).await?.map(|stored| stored.icp.id);
    let kind = plan.rules()?.kind;
    let now = context.now();
    Ok(LeadList {
        id: context.new_id(),
        icp_id,
        name: plan.list_name.clone(),
        kind,
        start_date: plan.start_date,
        end_date: plan.end_date,
        person_ids: Vec::new(),
        company_ids: Vec::new(),
        user_ids: plan.icp.user_ids.clone(),
        created_at: now,
        updated_at: now,
    })
}

/// Copies accepted records into the organisation and puts them on the list, in order. A list that was
/// deleted meanwhile gets nothing more.
async fn put_on_list(
    tx: &mut Tx<'_>,
    context: &Context,
    run: &Run,
    list: Uuid,
    leads: Vec<NewPerson>,
    companies: Vec<NewCompany>,
) -> Result<()> {
    let now = context.now();
    if (leads.is_empty() && companies.is_empty()) || !lead_list_exists(tx, list).await? {
        return Ok(());
    }
    let kind = if companies.is_empty() { EntityKind::Person } else { EntityKind::Company };
    let mut ids = adopt_people(tx, context, leads, now).await?;
    ids.extend(adopt_companies(tx, context, companies, now).await?);
    let added = lead_list_append(tx, list, &ids).await?;
    listing_insert(tx, list, &added, now).await?;
    if !added.is_empty() {
        lead_list_touch(tx, list, now).await?;
        webhooks::tell(tx, context, &Happened::LeadsAdded { list, kind, ids: &added, run: Some(run.id) })
            .await?;
    }
    Ok(())
}
