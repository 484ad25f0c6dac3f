//! Starting the sync of the mirror, and seeing how far it is.

use super::{CLEAR_JOB, SYNC_JOB, connected};
use crate::context::Context;
use crate::error::{Error, Result};
use serde_json::json;
use sluice_model::crm::{CrmProvider, CrmSync, SyncState};
use sluice_model::{Actor, JobState, Time};
use sluice_store::Tx;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::crm_mirror::{
    StoredMirror, crm_mirror_due, crm_mirror_get, crm_mirror_put, crm_mirror_put_off,
};
use sluice_store::ops::job::job_insert;
use sluice_store::ops::job_record::job_get;

/// How often a mirror is brought up to date.
pub(super) const EVERY_MS: i64 = 15 * 60_000;
/// Organisations looked up at once.
const BATCH: usize = 100;

/// How the sync stands.
///
/// # Errors
/// [`Error::BadRequest`] when no CRM is connected.
pub async fn sync_status(context: &Context, actor: &Actor) -> Result<CrmSync> {
    let mirror = context.read(actor, |tx| Box::pin(async move { super::mirror(tx).await })).await?;
    if let Some(mirror) = mirror {
        return Ok(shown(mirror));
    }
    // Connected by the operator for everybody, and never synced.
    let crm = connected(context, &actor.organisation).await?;
    Ok(shown(StoredMirror::empty(crm.provider())))
}

/// Starts a sync, or says how the one stands that goes on.
///
/// # Errors
/// [`Error::BadRequest`] when no CRM is connected.
pub async fn start_sync(context: &Context, actor: &Actor) -> Result<CrmSync> {
    let provider = connected(context, &actor.organisation).await?.provider();
    let (ctx, by) = (context.clone(), actor.clone());
    let mirror = context
        .write(actor, move |tx| {
            Box::pin(async move {
                let (mirror, begun) = sync_begins(tx, &ctx, provider, false).await?;
                if begun {
                    let job = mirror.job.unwrap_or_default();
                    audit_insert(tx, &crate::icps::audit(&by, "crm.sync", job, ctx.now())).await?;
                }
                Ok::<_, Error>(mirror)
            })
        })
        .await?;
    context.wake.notify_waiters();
    Ok(shown(mirror))
}

/// Queues a sync unless one is under way, and whether it did. With `anew` all is read again, and nothing counts of what
/// was read before: it may have been another account's.
pub(crate) async fn sync_begins(
    tx: &mut Tx<'_>,
    context: &Context,
    provider: CrmProvider,
    anew: bool,
) -> Result<(StoredMirror, bool)> {
    let now = context.now();
    let known = crm_mirror_get(tx).await?;
    let other = known.as_ref().is_none_or(|mirror| mirror.provider != provider || mirror.next_at.is_none());
    let mut mirror = known.unwrap_or_else(|| StoredMirror::empty(provider));
    if anew || other {
        mirror = StoredMirror { generation: mirror.generation, ..StoredMirror::empty(provider) };
    } else if is_open(tx, &mirror).await? {
        return Ok((mirror, false));
    }
    // One that was given up goes on where it was.
    let resumes = mirror.state == SyncState::Failed && mirror.cursor.is_some();
    if !resumes {
        mirror.started_at = None;
    }
    let job = context.new_id();
    mirror.state = SyncState::Queued;
    mirror.finished_at = None;
    mirror.failures = 0;
    mirror.error = None;
    mirror.job = Some(job);
    mirror.next_at = Some(now.plus_millis(EVERY_MS));
    job_insert(tx, job, SYNC_JOB, &json!({"provider": provider}).to_string(), now).await?;
    crm_mirror_put(tx, &mirror).await?;
    Ok((mirror, true))
}

/// Queues the removal of the mirror of a CRM that is no longer connected.
pub(crate) async fn clear_begins(tx: &mut Tx<'_>, context: &Context) -> Result<()> {
    let Some(mirror) = crm_mirror_get(tx).await? else { return Ok(()) };
    let gone = StoredMirror { generation: mirror.generation, ..StoredMirror::empty(mirror.provider) };
    crm_mirror_put(tx, &gone).await?;
    Ok(job_insert(tx, context.new_id(), CLEAR_JOB, "{}", context.now()).await?)
}

/// Whether the job of a sync waits or is worked on.
async fn is_open(tx: &mut Tx<'_>, mirror: &StoredMirror) -> Result<bool> {
    let Some(job) = mirror.job else { return Ok(false) };
    let job = job_get(tx, job).await?;
    Ok(job.is_some_and(|job| matches!(job.state, JobState::Ready | JobState::Running)))
}

/// Starts the syncs whose time has come, of all organisations. Returns how many it started.
///
/// # Errors
/// The store's; what is wrong with one organisation does not stop the others.
pub async fn start_due(context: &Context) -> Result<usize> {
    let (now, mut started) = (context.now(), 0);
    let due = context.store.read_system(move |tx| {
        Box::pin(async move { Ok::<_, Error>(crm_mirror_due(tx, now, BATCH).await?) })
    });
    for organisation in due.await? {
        match start_one(context, &organisation, now).await {
            Ok(begun) => started += usize::from(begun),
            Err(Error::Unavailable(text)) => return Err(Error::Unavailable(text)),
            Err(error) => tracing::error!(organisation, error = %error, "cannot start the sync of a CRM"),
        }
    }
    if started > 0 {
        context.wake.notify_waiters();
    }
    Ok(started)
}

async fn start_one(context: &Context, organisation: &str, now: Time) -> Result<bool> {
    let crm = context.connectors.of(context, organisation).await?.crm;
    let provider = crm.map(|crm| crm.provider());
    let ctx = context.clone();
    let unit = context.store.write(organisation, move |tx| {
        Box::pin(async move {
            // Of several processes that try, one does.
            let due = super::mirror(tx).await?.and_then(|mirror| mirror.next_at).is_some_and(|at| at <= now);
            if !due {
                return Ok(false);
            }
            let Some(provider) = provider else {
                clear_begins(tx, &ctx).await?;
                return Ok(false);
            };
            let (_, begun) = sync_begins(tx, &ctx, provider, false).await?;
            if !begun {
                crm_mirror_put_off(tx, now.plus_millis(EVERY_MS)).await?;
            }
            Ok::<_, Error>(begun)
        })
    });
    unit.await
}

fn shown(mirror: StoredMirror) -> CrmSync {
    CrmSync {
        provider: mirror.provider,
        state: mirror.state,
        started_at: mirror.started_at,
        finished_at: mirror.finished_at,
        contacts: mirror.contacts,
        total: mirror.total,
        since: mirror.since,
        error: mirror.error,
        mirror_at: mirror.mirror_at,
        next_at: mirror.next_at,
    }
}
