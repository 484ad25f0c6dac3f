use super::{JobRecord, admins_only, shown};
use crate::{Context, Error, Result};
use serde::Serialize;
use sluice_model::{Actor, Job, JobState};
use sluice_store::ops::job_record::{job_list, job_list_all};
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of jobs.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobPage {
    /// Newest first.
    pub items: Vec<Job>,
    /// To be sent as `cursor` for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<Uuid>,
}

/// The organisation's jobs in this state that are older than the job `below`, newest first. Admins only.
///
/// # Errors
/// Forbidden.
pub async fn list(
    context: &Context,
    actor: &Actor,
    state: JobState,
    below: Option<Uuid>,
    limit: usize,
) -> Result<JobPage> {
    admins_only(actor)?;
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let mut items: Vec<Job> =
                    job_list(tx, state, below, limit + 1).await?.into_iter().map(shown).collect();
                let more = items.len() > limit;
                items.truncate(limit);
                let last = items.last().map(|job| job.id);
                Ok(JobPage { next_cursor: last.filter(|_| more), items })
            })
        })
        .await
}

/// The newest `limit` jobs of all organisations in this state, for the operator.
///
/// # Errors
/// The store's.
pub async fn list_all(context: &Context, state: JobState, limit: usize) -> Result<Vec<JobRecord>> {
    let read = context.store.read_system(move |tx| {
        Box::pin(async move { Ok::<_, Error>(job_list_all(tx, state, limit).await?) })
    });
    read.await
}
