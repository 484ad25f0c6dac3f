//! The work of a sync: page by page, each committed with the place of the next one.

use super::keys::keys_of_contact;
use super::sync::EVERY_MS;
use crate::error::{Error, Result};
use crate::jobs::kinds::{Claimed, Outcome};
use sluice_connect::ConnectError;
use sluice_connect::crm::{ContactsAsk, ContactsPage, Crm};
use sluice_model::Time;
use sluice_model::crm::{CrmProvider, CrmReference, SyncState};
use sluice_model::time::DAY_MS;
use sluice_store::Tx;
use sluice_store::ops::crm_contact::{
    NewContact, crm_contact_delete, crm_contact_keep, crm_contact_put, crm_contact_set_tasks,
    crm_contact_sweep, crm_contact_without_tasks,
};
use sluice_store::ops::crm_mirror::{StoredMirror, crm_mirror_get, crm_mirror_put};
use sluice_store::ops::job::{Job, job_extend, job_finish, job_note_progress, job_put_off};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A sync reads again what changed in this time before the one before it began: clocks differ, and so does when a
/// change shows in a search.
const OVERLAP_MS: i64 = 10 * 60_000;
/// How often all contacts are read again, so that those are noticed that are gone without a trace.
const WHOLE_MS: i64 = DAY_MS;
/// Attempts without an answer after which a sync is given up until the next one.
const MAX_FAILURES: i64 = 8;
/// The longest time between two attempts.
const LONGEST_WAIT_MS: i64 = 5 * 60_000;
/// Contacts forgotten in one unit.
const SWEEP: usize = 500;
/// For how long tasks are fresh, and how many contacts are asked for theirs in one sync.
const TASKS_MS: i64 = 60 * 60_000;
const TASKS: usize = 200;

/// Stands for a cursor when all pages were read: what comes after them is done again after a restart, they are not.
const ALL_READ: &str = "=all=";

/// How a step ended.
enum Step {
    /// It was committed.
    Kept(Box<StoredMirror>),
    /// The sync, or this attempt at it, is over.
    Over(Outcome),
}

/// Works on the sync of a claimed job.
pub(crate) async fn sync_job(claimed: &Claimed<'_>) -> Result<Outcome> {
    let work = Sync { claimed };
    let crm = claimed.context.connectors.of(claimed.context, &claimed.job.organisation).await?.crm;
    let Some(crm) = crm else { return work.over("The CRM is no longer connected", false).await };
    let mut mirror = match work.begin(crm.provider()).await? {
        Step::Kept(mirror) => mirror,
        Step::Over(outcome) => return Ok(outcome),
    };
    while mirror.cursor.as_deref() != Some(ALL_READ) {
        if (claimed.stopping)() {
            return Ok(Outcome::Stopped);
        }
        let ask = ContactsAsk { since: mirror.since, query: None, after: mirror.cursor.clone() };
        let page = match crm.contacts(&ask).await {
            Ok(page) => page,
            Err(error) => return work.failed(error).await,
        };
        mirror = match work.keep(page).await? {
            Step::Kept(mirror) => mirror,
            Step::Over(outcome) => return Ok(outcome),
        };
        claimed.got_on.store(true, Ordering::SeqCst);
    }
    if mirror.since.is_none()
        && let Some(outcome) = sweep(claimed, Some((mirror.provider, mirror.generation))).await?
    {
        return Ok(outcome);
    }
    work.read_tasks(&crm).await?;
    work.finish().await
}

struct Sync<'c, 'a> {
    claimed: &'c Claimed<'a>,
}

impl Sync<'_, '_> {
    /// Changes where the sync stands, as long as the job is ours and the mirror still the one it was queued for.
    async fn change<F>(&self, change: F) -> Result<Step>
    where
        F: for<'t> FnOnce(&'t mut Tx<'_>, &'t mut StoredMirror, Time) -> sluice_store::Unit<'t, (), Error>
            + Clone
            + Send
            + 'static,
    {
        let (job, lease, now) = (self.claimed.job.id, self.claimed.lease(), self.claimed.context.now());
        let write = self.claimed.context.store.write(&self.claimed.job.organisation, move |tx| {
            Box::pin(async move {
                if !job_extend(tx, job, lease).await? {
                    return Ok(Step::Over(Outcome::Lost));
                }
                let mirror = crm_mirror_get(tx).await?.filter(|mirror| mirror.job == Some(job));
                let Some(mut mirror) = mirror else {
                    // Another CRM was connected meanwhile, or none.
                    job_finish(tx, job, lease.owner, now).await?;
                    return Ok(Step::Over(Outcome::Done));
                };
                change(tx, &mut mirror, now).await?;
                crm_mirror_put(tx, &mirror).await?;
                job_note_progress(tx, job).await?;
                Ok::<_, Error>(Step::Kept(Box::new(mirror)))
            })
        });
        write.await
    }

    /// Begins a new sync, unless this one goes on.
    async fn begin(&self, provider: CrmProvider) -> Result<Step> {
        self.change(move |_, mirror, now| {
            Box::pin(async move {
                mirror.state = SyncState::Running;
                if mirror.provider != provider {
                    let job = mirror.job;
                    *mirror = StoredMirror {
                        generation: mirror.generation,
                        next_at: mirror.next_at,
                        job,
                        state: SyncState::Running,
                        ..StoredMirror::empty(provider)
                    };
                }
                if mirror.started_at.is_some() {
                    return Ok(());
                }
                let whole_due = mirror.whole_at.is_none_or(|at| now.millis() - at.millis() >= WHOLE_MS);
                mirror.since = mirror.mirror_at.filter(|_| !whole_due).map(|at| at.plus_millis(-OVERLAP_MS));
                mirror.generation += i64::from(mirror.since.is_none());
                mirror.cursor = None;
                mirror.started_at = Some(now);
                mirror.contacts = 0;
                mirror.total = None;
                Ok(())
            })
        })
        .await
    }

    /// Keeps a page.
    async fn keep(&self, page: ContactsPage) -> Result<Step> {
        let mut kept = Vec::new();
        let mut gone: Vec<CrmReference> = Vec::new();
        for contact in page.contacts {
            if contact.deleted {
                gone.push(contact.reference);
                continue;
            }
            let keys = keys_of_contact(&contact);
            let data = serde_json::to_string(&contact)?;
            kept.push(NewContact { reference: contact.reference, data, keys });
        }
        let (unread, total) = (page.unread, page.total);
        let next = page.next.unwrap_or_else(|| ALL_READ.to_owned());
        self.change(move |tx, mirror, _| {
            Box::pin(async move {
                for contact in &kept {
                    crm_contact_put(tx, mirror.provider, mirror.generation, contact).await?;
                }
                for reference in &gone {
                    crm_contact_delete(tx, mirror.provider, reference).await?;
                }
                for reference in &unread {
                    crm_contact_keep(tx, mirror.provider, mirror.generation, reference).await?;
                }
                mirror.contacts += (kept.len() + gone.len()) as u64;
                mirror.total = total.or(mirror.total);
                mirror.cursor = Some(next);
                mirror.failures = 0;
                mirror.error = None;
                mirror.state = SyncState::Running;
                Ok(())
            })
        })
        .await
    }

    /// Ends the sync: the mirror has all that changed before it began.
    async fn finish(&self) -> Result<Outcome> {
        let step = self.change(|_, mirror, now| {
            Box::pin(async move {
                mirror.state = SyncState::Idle;
                mirror.mirror_at = mirror.started_at;
                if mirror.since.is_none() {
                    mirror.whole_at = mirror.started_at;
                }
                mirror.cursor = None;
                mirror.finished_at = Some(now);
                mirror.next_at = Some(now.plus_millis(EVERY_MS));
                Ok(())
            })
        });
        match step.await? {
            Step::Kept(_) => self.end_job().await,
            Step::Over(outcome) => Ok(outcome),
        }
    }

    async fn end_job(&self) -> Result<Outcome> {
        let (job, owner, now) = (self.claimed.job.id, self.claimed.owner, self.claimed.context.now());
        let write = self.claimed.context.store.write(&self.claimed.job.organisation, move |tx| {
            Box::pin(async move { Ok::<_, Error>(job_finish(tx, job, owner, now).await?) })
        });
        Ok(if write.await? { Outcome::Done } else { Outcome::Lost })
    }

    /// Gives the sync up until the next one, for this reason. That goes on where this one was, or begins anew.
    async fn over(&self, reason: &str, anew: bool) -> Result<Outcome> {
        let reason = reason.to_owned();
        let step = self.change(move |_, mirror, now| {
            Box::pin(async move {
                if anew {
                    // Without a cursor there is nothing to go on with.
                    mirror.cursor = None;
                }
                mirror.state = SyncState::Failed;
                mirror.error = Some(reason);
                mirror.finished_at = Some(now);
                Ok(())
            })
        });
        match step.await? {
            Step::Kept(_) => self.end_job().await,
            Step::Over(outcome) => Ok(outcome),
        }
    }

    /// After a call that failed: waits as long as the CRM wants, and gives up what will not get better by itself.
    async fn failed(&self, error: ConnectError) -> Result<Outcome> {
        let text = error.to_string();
        if !error.is_passing() {
            // What is refused may be the place to go on from: it would be refused for ever.
            let locked_out = matches!(
                error,
                ConnectError::Unauthorized(_) | ConnectError::PaymentRequired(_) | ConnectError::Forbidden(_)
            );
            return self.over(&text, !locked_out).await;
        }
        let (job, owner) = (self.claimed.job.id, self.claimed.owner);
        let asked = match error {
            ConnectError::RateLimited { after } => after,
            _ => None,
        };
        let is_limit = asked.is_some();
        let step = self.change(move |tx, mirror, now| {
            Box::pin(async move {
                mirror.failures += i64::from(!is_limit);
                mirror.error = Some(text);
                if mirror.failures >= MAX_FAILURES {
                    mirror.state = SyncState::Failed;
                    mirror.finished_at = Some(now);
                    job_finish(tx, job, owner, now).await?;
                    return Ok(());
                }
                mirror.state = SyncState::Waiting;
                let wait = asked.and_then(|after| i64::try_from(after.as_millis()).ok());
                // 1 s, 2 s, 4 s, …
                let wait = wait.unwrap_or(1_000_i64 << mirror.failures.clamp(1, 20) >> 1);
                job_put_off(tx, job, owner, now.plus_millis(wait.clamp(1, LONGEST_WAIT_MS))).await?;
                Ok(())
            })
        });
        match step.await? {
            Step::Kept(_) => Ok(Outcome::Done),
            Step::Over(outcome) => Ok(outcome),
        }
    }

    /// Reads the tasks on contacts that are people of the organisation. What cannot be read now is read the next time.
    async fn read_tasks(&self, crm: &Arc<dyn Crm>) -> Result<()> {
        let Claimed { context, job, .. } = *self.claimed;
        let (provider, now) = (crm.provider(), context.now());
        let read = context.store.read_long(&job.organisation, move |tx| {
            let before = now.plus_millis(-TASKS_MS);
            Box::pin(
                async move { Ok::<_, Error>(crm_contact_without_tasks(tx, provider, before, TASKS).await?) },
            )
        });
        for reference in read.await? {
            if (self.claimed.stopping)() {
                return Ok(());
            }
            let tasks = match crm.tasks(&reference).await {
                Ok(tasks) => serde_json::to_string(&tasks)?,
                Err(error) if error.is_passing() => return Ok(()),
                Err(error) => {
                    tracing::warn!(crm.entity = reference.entity, error = %error, "cannot read tasks");
                    "[]".to_owned()
                }
            };
            let (id, lease) = (job.id, self.claimed.lease());
            let write = context.store.write(&job.organisation, move |tx| {
                Box::pin(async move {
                    let ours = job_extend(tx, id, lease).await?
                        && crm_mirror_get(tx).await?.is_some_and(|mirror| mirror.job == Some(id));
                    if ours {
                        crm_contact_set_tasks(tx, provider, &reference, &tasks, now).await?;
                    }
                    Ok::<_, Error>(ours)
                })
            });
            if !write.await? {
                // How the sync ends is found when it is to be finished.
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Forgets contacts in small units: all that the sync of this generation did not see, or all of a CRM that is no longer
/// connected. Returns how the job ended, unless it came to the end; nothing is left to do, too, when another CRM, or the
/// same once more, was connected meanwhile.
async fn sweep(claimed: &Claimed<'_>, kept: Option<(CrmProvider, i64)>) -> Result<Option<Outcome>> {
    loop {
        if (claimed.stopping)() {
            return Ok(Some(Outcome::Stopped));
        }
        let (job, lease) = (claimed.job.id, claimed.lease());
        let write = claimed.context.store.write(&claimed.job.organisation, move |tx| {
            Box::pin(async move {
                if !job_extend(tx, job, lease).await? {
                    return Ok(None);
                }
                let mirror = crm_mirror_get(tx).await?;
                let still = match kept {
                    Some(kept) => mirror.is_some_and(|mirror| {
                        mirror.job == Some(job) && (mirror.provider, mirror.generation) == kept
                    }),
                    None => mirror.is_none_or(|mirror| mirror.next_at.is_none()),
                };
                let gone = if still { crm_contact_sweep(tx, kept, SWEEP).await? } else { 0 };
                Ok::<_, Error>(Some(gone))
            })
        });
        match write.await? {
            None => return Ok(Some(Outcome::Lost)),
            Some(gone) if gone < SWEEP => return Ok(None),
            Some(_) => claimed.got_on.store(true, Ordering::SeqCst),
        }
    }
}

/// Removes the mirror of a CRM that is no longer connected.
pub(crate) async fn clear_job(claimed: &Claimed<'_>) -> Result<Outcome> {
    // When one is connected again before this is done, its sync removes what is no longer there.
    match sweep(claimed, None).await? {
        Some(outcome) => Ok(outcome),
        None => Sync { claimed }.end_job().await,
    }
}

/// Notes that a sync was given up by a fault of ours.
pub(crate) async fn sync_given_up(tx: &mut Tx<'_>, job: &Job, now: Time) -> Result<()> {
    let mirror = crm_mirror_get(tx).await?.filter(|mirror| mirror.job == Some(job.id));
    let Some(mut mirror) = mirror else { return Ok(()) };
    mirror.state = SyncState::Failed;
    // The text may name internals: it is in the log and on the job.
    mirror.error = Some("The sync failed after several attempts".to_owned());
    mirror.finished_at = Some(now);
    Ok(crm_mirror_put(tx, &mirror).await?)
}
