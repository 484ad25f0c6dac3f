use crate::{Context, Result, access};
use sluice_model::{Actor, Run, RunStatus};
use sluice_store::ops::run::run_list;
use uuid::Uuid;

/// The most runs that one reply lists.
const MOST: usize = 200;

/// The newest runs that the actor may see, newest first, of one ICP and in one state when given.
pub async fn list(
    context: &Context,
    actor: &Actor,
    icp: Option<Uuid>,
    status: Option<RunStatus>,
) -> Result<Vec<Run>> {
    let by = actor.clone();
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let mut runs = Vec::new();
                for stored in run_list(tx, icp, status, MOST).await? {
                    if access::may_use_run(tx, &by, &stored).await? {
                        runs.push(stored.run);
                    }
                }
                Ok(runs)
            })
        })
        .await
}
