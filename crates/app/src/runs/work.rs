//! The work of a run: claim → commit → work → finish only if still mine. Each batch commits its decisions, its leads,
//! the cursor and the progress together, so that after a kill the run goes on where it was.

use super::batch_size;
use crate::accounts::bridge::{self, Synced};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::jobs::kinds::{Claimed, Outcome};
use crate::leads::{NewCompany, NewPerson, adopt_companies, adopt_people};
use crate::pipeline::{Candidate, Judge, Judged, Knowledge, Place, Plan, Record, Sources, gather};
use futures_util::FutureExt as _;
use sluice_model::run::RunStatus;
use sluice_model::{Actor, LeadList, Role, Run, Verdict};
use sluice_store::Tx;
use sluice_store::ops::decision::{DecisionTrace, NewDecision, decision_insert, decision_traces};
use sluice_store::ops::icp::icp_get;
use sluice_store::ops::job::{Lease, job_extend, job_finish, job_note_progress};
use sluice_store::ops::lead_list::{
    lead_list_append, lead_list_delete, lead_list_exists, lead_list_insert, lead_list_touch,
};
use sluice_store::ops::record::{listing_delete, listing_insert};
use sluice_store::ops::run::{StoredRun, run_cancel_keeps, run_get, run_save};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

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

/// What a batch brings to its commit.
struct Batch {
    run: Run,
    cursor: String,
    judged: Vec<NewDecision>,
    leads: Vec<NewPerson>,
    companies: Vec<NewCompany>,
    /// What becomes accounts and prospects, if leads are to.
    synced: Option<Vec<Synced>>,
}

/// What a commit found.
enum Committed {
    Kept(Box<Run>),
    Lost,
    Cancelled { keep: bool },
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
        let rules = plan.rules()?;
        let needed = Knowledge::needed_by(&rules);
        let size = batch_size(plan.target);
        let mut judge = Judge::new(&rules);
        let mut seen = HashSet::new();
        for trace in self.traces(stored.run.id).await? {
            seen.insert(trace.candidate);
            judge.remember(&trace);
        }
        let cursor = match &stored.cursor {
            Some(cursor) => serde_json::from_str(cursor)?,
            None => Place::default(),
        };
        let mut candidates = Sources::new(self.context, &self.actor, &rules, cursor, seen);
        let mut run = stored.run;
        let mut next = if judge.is_full() {
            (Vec::new(), Place::default())
        } else {
            candidates.next_batch(size).await?
        };
        loop {
            if stopping() {
                return Ok(Outcome::Stopped);
            }
            let (batch, after) = next;
            let facts = gather(self.context, &self.actor, &batch, needed, run.lead_list_id).await?;
            let last = batch.len() < size;
            let mut out = Batch {
                run: run.clone(),
                cursor: serde_json::to_string(&after)?,
                judged: Vec::with_capacity(batch.len()),
                leads: Vec::new(),
                companies: Vec::new(),
                synced: plan.sync_accounts.then(Vec::new),
            };
            for (candidate, facts) in batch.into_iter().zip(&facts) {
                if judge.is_full() {
                    break;
                }
                let judged = judge.judge(&candidate, facts);
                out.add(candidate, judged)?;
            }
            out.run.progress.considered = out.run.funnel.considered;
            out.run.progress.accepted = out.run.funnel.accepted;
            let end = if judge.is_full() { Some(Some("target")) } else { last.then_some(None) };
            if let Some(stopped_by) = end {
                out.run.status = RunStatus::Succeeded;
                out.run.stage = "done".to_owned();
                out.run.stopped_by = stopped_by.map(str::to_owned);
            }
            // The next candidates are fetched while these are committed. A panic of the one must not hide that the
            // other was done.
            let ended = end.is_some();
            let fetch = async {
                if ended { Ok((Vec::new(), Place::default())) } else { candidates.next_batch(size).await }
            };
            let fetch = AssertUnwindSafe(fetch).catch_unwind();
            let (committed, fetched) = tokio::join!(self.commit(out), fetch);
            match committed? {
                Committed::Lost => return Ok(Outcome::Lost),
                Committed::Cancelled { keep } => return self.finish(run.id, Some(keep)).await,
                Committed::Kept(kept) => {
                    self.got_on.store(true, Ordering::SeqCst);
                    run = *kept;
                }
            }
            if run.status.is_final() {
                return Ok(Outcome::Done);
            }
            next = fetched.unwrap_or_else(|panic| resume_unwind(panic))?;
        }
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

    /// Commits a batch, unless the job is no longer ours or the run was told to stop.
    async fn commit(&self, batch: Batch) -> Result<Committed> {
        let (job, lease, ctx) = (self.job, self.lease(), self.context.clone());
        let now = ctx.now();
        self.context
            .write(&self.actor, move |tx| {
                Box::pin(async move {
                    if !job_extend(tx, job, lease).await? {
                        return Ok(Committed::Lost);
                    }
                    let Batch { mut run, cursor, judged, leads, companies, synced } = batch;
                    if let Some(keep) = run_cancel_keeps(tx, run.id).await? {
                        return Ok(Committed::Cancelled { keep });
                    }
                    decision_insert(tx, run.id, judged).await?;
                    job_note_progress(tx, job).await?;
                    if let Some(list) = run.lead_list_id {
                        put_on_list(tx, &ctx, list, leads, companies).await?;
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
                    Ok(Committed::Kept(Box::new(run)))
                })
            })
            .await
    }

    /// Ends the job; with `cancelled` its run too, keeping what was accepted or not.
    async fn finish(&self, run: Uuid, cancelled: Option<bool>) -> Result<Outcome> {
        let (job, owner, now) = (self.job, self.owner, self.context.now());
        self.context
            .write(&self.actor, move |tx| {
                Box::pin(async move {
                    if !job_finish(tx, job, owner, now).await? {
                        return Ok(Outcome::Lost);
                    }
                    let Some(keep) = cancelled else { return Ok(Outcome::Done) };
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
                    run.finished_at = Some(now);
                    run.updated_at = now.max(run.updated_at);
                    run_save(tx, &run, None).await?;
                    Ok(Outcome::Done)
                })
            })
            .await
    }
}

impl Batch {
    fn add(&mut self, candidate: Candidate, judged: Judged) -> Result<()> {
        let decision = &judged.decision;
        let reason = decision.reason.as_deref().unwrap_or_default();
        self.run.funnel.count(decision.verdict, decision.stage, reason);
        if decision.verdict == Verdict::Accepted {
            if let Some(synced) = &mut self.synced {
                synced.push(Synced::of(&candidate.record, decision));
            }
            match candidate.record {
                Record::Person(lead) => self.leads.push(NewPerson::of(*lead)),
                Record::Company(company) => self.companies.push(NewCompany::of(*company)),
            }
        }
        self.judged.push(NewDecision::of(decision, judged.trace)?);
        Ok(())
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
    list: Uuid,
    leads: Vec<NewPerson>,
    companies: Vec<NewCompany>,
) -> Result<()> {
    let now = context.now();
    if (leads.is_empty() && companies.is_empty()) || !lead_list_exists(tx, list).await? {
        return Ok(());
    }
    let mut ids = adopt_people(tx, context, leads, now).await?;
    ids.extend(adopt_companies(tx, context, companies, now).await?);
    let added = lead_list_append(tx, list, &ids).await?;
    listing_insert(tx, list, &added, now).await?;
    if !added.is_empty() {
        lead_list_touch(tx, list, now).await?;
    }
    Ok(())
}
