//! ICPs that run by themselves. Each tick starts one run at most, whichever of the processes comes first: the schedule
//! is moved on in the unit that adds the run, and no ICP has two runs of one tick.

use crate::connectors::Connected;
use crate::crm::mirror_age;
use crate::pipeline::Plan;
use crate::runs::generate::{new_run, queue, startable_plan};
use crate::webhooks::{self, Happened};
use crate::{Context, Error, Result, runs};
use sluice_model::run::GenerateRequest;
use sluice_model::{Actor, Run, RunStatus, Time};
use sluice_store::Tx;
use sluice_store::ops::icp::{StoredIcp, icp_get, icp_version_list};
use sluice_store::ops::member::member_role;
use sluice_store::ops::run::{run_insert, run_save, run_scheduled_open};
use sluice_store::ops::schedule::{DueSchedule, schedule_advance, schedule_due, schedule_get, schedule_note};

/// Ticks looked up at once.
const BATCH: usize = 100;
/// When a tick is tried again that failed by a fault of ours.
const LATER_MS: i64 = 3_600_000;

/// Starts the runs whose ticks have come, those of ticks that were missed included: one for each ICP. Returns how many
/// it started.
///
/// # Errors
/// When ticks cannot be looked up; what is wrong with one ICP does not stop the others.
pub async fn start_due(context: &Context) -> Result<usize> {
    let (mut started, now) = (0, context.now());
    loop {
        let due = context.store.read_system(move |tx| {
            Box::pin(async move { Ok::<_, Error>(schedule_due(tx, now, BATCH).await?) })
        });
        let due = due.await?;
        let last = due.len() < BATCH;
        for schedule in due {
            match tick(context, schedule.clone(), now).await {
                Ok(has_started) => started += usize::from(has_started),
                Err(Error::Unavailable(text)) => return Err(Error::Unavailable(text)),
                Err(error) => {
                    tracing::error!(icp.id = %schedule.icp, error = %error, "a scheduled run cannot be started");
                    put_off(context, schedule, now.plus_millis(LATER_MS)).await?;
                }
            }
        }
        if last || context.stop.has_begun() {
            break;
        }
    }
    if started > 0 {
        context.wake.notify_waiters();
    }
    Ok(started)
}

/// Moves the schedule on and starts its run. Returns whether it started one.
async fn tick(context: &Context, due: DueSchedule, now: Time) -> Result<bool> {
    let (ctx, organisation) = (context.clone(), due.organisation.clone());
    let connected = context.connectors.of(context, &organisation).await?;
    let unit = context.store.write(&organisation, move |tx| {
        Box::pin(async move {
            let Some(stored) = icp_get(tx, due.icp).await? else { return Ok(false) };
            let next = stored.icp.next_tick(now);
            let mine = schedule_advance(tx, due.icp, due.tick, next).await?;
            // Nothing after `activeUntil`, and no run beside one that the schedule started before.
            if !mine || stored.icp.is_expired(now) || run_scheduled_open(tx, due.icp).await? {
                return Ok(false);
            }
            start(tx, &ctx, stored, due, now, &connected).await
        })
    });
    unit.await
}

async fn start(
    tx: &mut Tx<'_>,
    context: &Context,
    stored: StoredIcp,
    due: DueSchedule,
    now: Time,
    connected: &Connected,
) -> Result<bool> {
    let request = GenerateRequest { budget: context.evidence.budget, ..GenerateRequest::default() };
    let (user, allowed) = last_changed_by(tx, &stored, &due.organisation).await?;
    let plan = match allowed {
        Ok(actor) => {
            let crm = mirror_age(tx).await?;
            startable_plan(stored.clone(), &request, now, connected, crm).map(|plan| (actor, plan))
        }
        Err(reason) => Err(Error::Conflict(reason)),
    };
    match plan {
        Ok((actor, plan)) => {
            queue(tx, context, &actor, &plan, false, Some(due.tick)).await?;
            schedule_note(tx, due.icp, None).await?;
            Ok(true)
        }
        Err(Error::Conflict(reason)) => {
            let known = schedule_get(tx, due.icp).await?.and_then(|schedule| schedule.note);
            // Said once, in a run that failed at once, and again when it is another reason.
            if known.as_deref() != Some(reason.as_str()) {
                let plan = runs::plan(stored.icp, stored.version, &request, now)?;
                let run = failed_run(context, &user, &due, &plan, &reason);
                run_insert(tx, &run, &serde_json::to_string(&plan)?).await?;
                run_save(tx, &run, None).await?;
                webhooks::tell(tx, context, &Happened::RunEnded(&run)).await?;
                schedule_note(tx, due.icp, Some(&reason)).await?;
            }
            Ok(false)
        }
        Err(other) => Err(other),
    }
}

/// Who changed the ICP last, and as whom the run is started, if they still may.
async fn last_changed_by(
    tx: &mut Tx<'_>,
    stored: &StoredIcp,
    organisation: &str,
) -> Result<(String, std::result::Result<Actor, String>)> {
    let versions = icp_version_list(tx, stored.icp.id, None, 1).await?;
    let newest = versions.into_iter().next();
    let user = newest.ok_or_else(|| Error::Internal("an ICP without a version".to_owned()))?.user_id;
    let Some(role) = member_role(tx, &user).await? else {
        let reason = format!("{user}, who changed this ICP last, is no longer in the organisation");
        return Ok((user, Err(reason)));
    };
    let actor = Actor { organisation: organisation.to_owned(), user: user.clone(), role };
    if actor.may_use(&stored.icp.user_ids) {
        return Ok((user, Ok(actor)));
    }
    let reason = format!("{user}, who changed this ICP last, may no longer use it");
    Ok((user, Err(reason)))
}

fn failed_run(context: &Context, user: &str, due: &DueSchedule, plan: &Plan, reason: &str) -> Run {
    Run {
        status: RunStatus::Failed,
        stage: "done".to_owned(),
        error: Some(format!("The schedule could not start this run: {reason}")),
        finished_at: Some(plan.as_of),
        scheduled_for: Some(due.tick),
        ..new_run(context, user, plan)
    }
}

/// Leaves a tick for later.
async fn put_off(context: &Context, due: DueSchedule, until: Time) -> Result<()> {
    let organisation = due.organisation.clone();
    let unit = context.store.write(&organisation, move |tx| {
        Box::pin(async move { Ok::<_, Error>(schedule_advance(tx, due.icp, due.tick, Some(until)).await?) })
    });
    unit.await.map(drop)
}
