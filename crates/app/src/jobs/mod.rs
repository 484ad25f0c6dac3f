//! Looking after the queue: what was given up, and trying it again.

mod discard;
pub(crate) mod kinds;
mod list;
mod retry;

pub use discard::discard;
pub use list::{JobPage, list, list_all};
pub use retry::{retry, retry_any};
pub use sluice_store::ops::job_record::JobRecord;

use crate::{Error, Result};
use sluice_model::{Actor, Job};
use sluice_store::Tx;
use sluice_store::ops::job_record::job_get;
use uuid::Uuid;

fn admins_only(actor: &Actor) -> Result<()> {
    if actor.is_admin() {
        return Ok(());
    }
    Err(Error::Forbidden("Only admins look after jobs".to_owned()))
}

/// The message for a job that is not there.
#[must_use]
pub fn job_not_found(id: &str) -> Error {
    Error::NotFound(format!("Job not found: {id}"))
}

/// The job as its organisation may see it: not what its attempts ended with, which names internals.
fn shown(record: JobRecord) -> Job {
    let run_id = record.run.is_some().then_some(record.id);
    let (icp_id, error) = record.run.map_or((None, None), |(icp, error)| (Some(icp), error));
    Job {
        id: record.id,
        kind: record.kind,
        state: record.state,
        attempts: record.attempts,
        error,
        created_at: record.created_at,
        run_at: record.run_at,
        finished_at: record.finished_at,
        run_id,
        icp_id,
    }
}

/// Why a job that was not given up, or is not there, cannot be worked with here.
async fn not_dead(tx: &mut Tx<'_>, id: Uuid) -> Result<Error> {
    let record = job_get(tx, id).await?;
    Ok(record.map_or_else(
        || job_not_found(&id.to_string()),
        |job| Error::Conflict(format!("This job was not given up: it is {}", job.state.name())),
    ))
}
