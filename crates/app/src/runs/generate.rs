use super::{RUN_JOB, plan};
use crate::answer::once;
use crate::connectors::Connected;
use crate::crm::mirror_age;
use crate::pipeline::Plan;
use crate::{Context, Error, IdempotencyKey, Result, Versioned, access};
use sluice_model::crm::CrmMirror;
use sluice_model::funnel::Funnel;
use sluice_model::run::{GenerateRequest, Progress, Run, RunCost, RunStatus};
use sluice_model::{Actor, Fault, Time};
use sluice_store::Tx;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::icp::StoredIcp;
use sluice_store::ops::job::job_insert;
use sluice_store::ops::run::run_insert;
use uuid::Uuid;

/// Starts a run of an ICP: queues it and returns at once.
///
/// # Errors
/// Not found, forbidden; [`Error::Invalid`] when `retryUnknown` is no run of the ICP; [`Error::Conflict`] when that run
/// has not ended, when the ICP has expired or needs something that is not connected.
pub async fn generate(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    id: Uuid,
    request: GenerateRequest,
) -> Result<Versioned<Run>> {
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    let connected = context.connectors.of(context, &actor.organisation).await?;
    let run = once(context, actor, key, move |tx| {
        Box::pin(async move {
            let stored = access::icp(tx, &by, id).await?;
            if let Some(earlier) = request.retry_unknown {
                check_earlier(tx, &by, id, earlier).await?;
            }
            let crm = mirror_age(tx).await?;
            let plan = startable_plan(stored, &request, now, &connected, crm)?;
            let plan = Plan { budget: plan.budget.or(ctx.evidence.budget), ..plan };
            let run = queue(tx, &ctx, &by, &plan, request.dry_run, None).await?;
            Ok(Versioned { version: 1, value: run })
        })
    })
    .await?;
    context.wake.notify_waiters();
    Ok(run)
}

/// Whether the unknown candidates of an earlier run can be taken again.
async fn check_earlier(tx: &mut Tx<'_>, by: &Actor, icp: Uuid, earlier: Uuid) -> Result<()> {
    let wrong = |message: String| Error::Invalid(vec![Fault::new(vec!["retryUnknown".into()], message)]);
    let run = match access::run(tx, by, earlier).await {
        Ok(stored) => stored.run,
        Err(Error::NotFound(message)) => return Err(wrong(message)),
        Err(other) => return Err(other),
    };
    if run.icp_id != icp {
        return Err(wrong(format!("Run {earlier} is of another ICP")));
    }
    if !run.status.is_final() {
        return Err(Error::Conflict(format!("Run {earlier} has not ended yet")));
    }
    Ok(())
}

/// The plan of a run that can be started now.
///
/// # Errors
/// [`Error::Conflict`] as for [`generate`].
pub(crate) fn startable_plan(
    stored: StoredIcp,
    request: &GenerateRequest,
    now: Time,
    connected: &Connected,
    crm: Option<CrmMirror>,
) -> Result<Plan> {
    if stored.icp.is_expired(now) {
        let until = stored.icp.active_until.map(|until| until.to_string()).unwrap_or_default();
        return Err(Error::Conflict(format!("This ICP expired at {until}")));
    }
    let plan = plan(stored.icp, stored.version, request, now)?;
    let missing = plan.missing_connectors(connected, crm)?;
    if !missing.is_empty() {
        return Err(Error::Conflict(format!("Missing connector: {}", missing.join(", "))));
    }
    Ok(plan)
}

/// Adds a run by this plan and its job, which the caller tells the workers of when it is committed.
pub(crate) async fn queue(
    tx: &mut Tx<'_>,
    context: &Context,
    by: &Actor,
    plan: &Plan,
    dry_run: bool,
    scheduled_for: Option<Time>,
) -> Result<Run> {
    let crm = mirror_age(tx).await?;
    let run = Run { dry_run, scheduled_for, crm, ..new_run(context, &by.user, plan) };
    run_insert(tx, &run, &serde_json::to_string(plan)?).await?;
    // The job has the id of its run: one run, one job.
    let payload = serde_json::json!({"runId": run.id}).to_string();
    job_insert(tx, run.id, RUN_JOB, &payload, plan.as_of).await?;
    audit_insert(tx, &crate::icps::audit(by, "run.start", run.id, plan.as_of)).await?;
    Ok(run)
}

/// A run by this plan that waits for its worker.
pub(crate) fn new_run(context: &Context, user: &str, plan: &Plan) -> Run {
    Run {
        id: context.new_id(),
        icp_id: plan.icp.id,
        icp_version: plan.icp_version,
        status: RunStatus::Queued,
        stage: "queued".to_owned(),
        progress: Progress { target: plan.target, ..Progress::default() },
        funnel: Funnel::default(),
        lead_list_id: None,
        dry_run: false,
        cost: RunCost::default(),
        stopped_by: None,
        error: None,
        created_by: user.to_owned(),
        created_at: plan.as_of,
        updated_at: plan.as_of,
        started_at: None,
        finished_at: None,
        scheduled_for: None,
        crm: None,
    }
}
