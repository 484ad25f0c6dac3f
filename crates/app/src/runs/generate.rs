use super::{RUN_JOB, plan};
use crate::answer::once;
use crate::{Context, Error, IdempotencyKey, Result, Versioned, access};
use sluice_model::Actor;
use sluice_model::funnel::Funnel;
use sluice_model::run::{Cost, GenerateRequest, Progress, Run, RunStatus};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::job::job_insert;
use sluice_store::ops::run::run_insert;
use uuid::Uuid;

/// Starts a run of an ICP: queues it and returns at once.
///
/// # Errors
/// Not found, forbidden; [`Error::Conflict`] when the ICP has expired or needs something that is not connected.
pub async fn generate(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    id: Uuid,
    request: GenerateRequest,
) -> Result<Versioned<Run>> {
    let (by, ctx, now) = (actor.clone(), context.clone(), context.now());
    let run = once(context, actor, key, move |tx| {
        Box::pin(async move {
            let stored = access::icp(tx, &by, id).await?;
            if stored.icp.is_expired(now) {
                let until = stored.icp.active_until.map(|until| until.to_string()).unwrap_or_default();
                return Err(Error::Conflict(format!("This ICP expired at {until}")));
            }
            let plan = plan(stored.icp, stored.version, &request, now)?;
            let missing = plan.missing_connectors()?;
            if !missing.is_empty() {
                return Err(Error::Conflict(format!("Missing connector: {}", missing.join(", "))));
            }
            let run = Run {
                id: ctx.new_id(),
                icp_id: id,
                icp_version: plan.icp_version,
                status: RunStatus::Queued,
                stage: "queued".to_owned(),
                progress: Progress { target: plan.target, ..Progress::default() },
                funnel: Funnel::default(),
                lead_list_id: None,
                dry_run: request.dry_run,
                cost: Cost::default(),
                stopped_by: None,
                error: None,
                created_by: by.user.clone(),
                created_at: now,
                updated_at: now,
                started_at: None,
                finished_at: None,
            };
            run_insert(tx, &run, &serde_json::to_string(&plan)?).await?;
            // The job has the id of its run: one run, one job.
            job_insert(tx, run.id, RUN_JOB, &serde_json::json!({"runId": run.id}).to_string(), now).await?;
            audit_insert(tx, &crate::icps::audit(&by, "run.start", run.id, now)).await?;
            Ok(Versioned { version: 1, value: run })
        })
    })
    .await?;
    context.wake.notify_waiters();
    Ok(run)
}
