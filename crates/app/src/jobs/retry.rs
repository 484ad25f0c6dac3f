use super::{admins_only, job_not_found, not_dead, shown};
use crate::answer::once;
use crate::{Context, Error, IdempotencyKey, Result};
use sluice_model::{Actor, Job, Role, RunStatus};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::job_record::{job_get, job_organisation, job_revive};
use sluice_store::ops::run::{run_get, run_save};
use uuid::Uuid;

/// Queues a job that was given up again. Its run goes on where it was. Admins only.
///
/// # Errors
/// Forbidden, not found; [`Error::Conflict`] when it was not given up.
pub async fn retry(context: &Context, actor: &Actor, key: Option<IdempotencyKey>, id: Uuid) -> Result<Job> {
    admins_only(actor)?;
    let (by, now) = (actor.clone(), context.now());
    let job = once(context, actor, key, move |tx| {
        Box::pin(async move {
            if !job_revive(tx, id, now).await? {
                return Err(not_dead(tx, id).await?);
            }
            if let Some(mut stored) = run_get(tx, id).await? {
                stored.run.status = RunStatus::Queued;
                stored.run.stage = "queued".to_owned();
                stored.run.error = None;
                stored.run.finished_at = None;
                stored.run.updated_at = now.max(stored.run.updated_at);
                run_save(tx, &stored.run, stored.cursor.as_deref()).await?;
            }
            audit_insert(tx, &crate::icps::audit(&by, "job.retry", id, now)).await?;
            let record = job_get(tx, id).await?;
            record.map(shown).ok_or_else(|| Error::Internal(format!("job {id} vanished")))
        })
    })
    .await?;
    context.wake.notify_waiters();
    Ok(job)
}

/// As [`retry`], for the operator, whichever organisation the job belongs to.
///
/// # Errors
/// Not found; [`Error::Conflict`] when it was not given up.
pub async fn retry_any(context: &Context, id: Uuid) -> Result<Job> {
    let organisation = context
        .store
        .read_system(move |tx| Box::pin(async move { Ok::<_, Error>(job_organisation(tx, id).await?) }));
    let organisation = organisation.await?.ok_or_else(|| job_not_found(&id.to_string()))?;
    let operator = Actor { organisation, user: "operator".to_owned(), role: Role::Admin };
    retry(context, &operator, None, id).await
}
