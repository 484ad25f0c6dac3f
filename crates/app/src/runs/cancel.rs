use crate::answer::once;
use crate::{Context, Error, IdempotencyKey, Result, Versioned, access};
use sluice_model::run::RunStatus;
use sluice_model::{Actor, Run};
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::run::{run_request_cancel, run_save};
use uuid::Uuid;

/// Tells a run to stop. A run that has not begun is cancelled at once, another by its worker within a second of its
/// turn: one that was given up and is tried again has a list already. What was accepted so far stays only with
/// `keep_partial`.
///
/// # Errors
/// Not found, forbidden; [`Error::Conflict`] when the run has ended.
pub async fn cancel(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    id: Uuid,
    keep_partial: bool,
) -> Result<Versioned<Run>> {
    let (by, now) = (actor.clone(), context.now());
    once(context, actor, key, move |tx| {
        Box::pin(async move {
            let mut stored = access::run(tx, &by, id).await?;
            if stored.run.status.is_final() {
                let text = format!("This run has ended: {}", stored.run.status.name());
                return Err(Error::Conflict(text));
            }
            run_request_cancel(tx, id, keep_partial).await?;
            if stored.run.status == RunStatus::Queued && stored.run.lead_list_id.is_none() {
                // Its job finds a run that has ended, and ends too.
                stored.run.status = RunStatus::Cancelled;
                stored.run.stage = "done".to_owned();
                stored.run.updated_at = now;
                stored.run.finished_at = Some(now);
                run_save(tx, &stored.run, None).await?;
            }
            audit_insert(tx, &crate::icps::audit(&by, "run.cancel", id, now)).await?;
            let stored = access::run(tx, &by, id).await?;
            Ok(Versioned { version: stored.revision, value: stored.run })
        })
    })
    .await
}
