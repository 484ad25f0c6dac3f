use crate::{Context, Result, Versioned, access};
use sluice_model::{Actor, Run};
use uuid::Uuid;

/// Reads a run.
///
/// # Errors
/// Not found, or forbidden for those who neither started it nor may use its ICP.
pub async fn get(context: &Context, actor: &Actor, id: Uuid) -> Result<Versioned<Run>> {
    let by = actor.clone();
    context
        .read(actor, move |tx| {
            Box::pin(async move {
                let stored = access::run(tx, &by, id).await?;
                Ok(Versioned { version: stored.revision, value: stored.run })
            })
        })
        .await
}

/// The run as soon as its revision is above `seen`: now, or after waiting.
///
/// # Errors
/// As [`get`].
pub async fn watch(context: &Context, actor: &Actor, id: Uuid, seen: i64) -> Result<Versioned<Run>> {
    loop {
        let run = get(context, actor, id).await?;
        if run.version > seen {
            return Ok(run);
        }
        // Runs may be worked on by another process, so the row is the only common ground.
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    }
}
