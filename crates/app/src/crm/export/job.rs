//! The work of an export: claim → records, some at once → finish only if still mine. Each record's outcome is committed
//! alone, as soon as it is known.

use super::company::Failure;
use super::draft::{draft_of, missing};
use super::record::{Desk, Settled, failed};
use crate::error::{Error, Result};
use crate::jobs::kinds::{Claimed, Outcome};
use futures_util::stream::{self, StreamExt as _};
use sluice_connect::ConnectError;
use sluice_model::crm::{CrmExport, ExportOutcome, ExportStatus};
use sluice_model::time::DAY_MS;
use sluice_model::{EntityKind, Lead, Time};
use sluice_store::Tx;
use sluice_store::ops::crm_export::{
    OpenRecord, crm_export_get, crm_export_intended, crm_export_open, crm_export_others_running,
    crm_export_set_status, crm_export_settle,
};
use sluice_store::ops::crm_identity::{crm_identity_put, person_set_crm_id};
use sluice_store::ops::job::{Job, job_extend, job_finish, job_note_progress, job_put_off};
use sluice_store::ops::record::person_get_many;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// Records looked up at once.
const BATCH: usize = 200;
/// Records on their way to the CRM at once.
const AT_ONCE: usize = 8;
/// Attempts at one record before the CRM counts as not to be reached.
const ATTEMPTS: u32 = 8;
/// Further attempts while the CRM answers other calls, before the failure counts as the record's.
const FURTHER: u32 = 4;
/// From this attempt on the CRM is asked whether it is there at all: before the client leaves the host alone.
const DOUBT: u32 = 3;
/// The first pause between two attempts; each further one is twice as long, up to the longest.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A longer wait than this, asked for by the CRM, is not waited for with a record in hand.
const PATIENCE: Duration = Duration::from_secs(10);
/// When an export goes on whose CRM cannot be reached.
const LATER: Duration = Duration::from_secs(60);
/// How often an export looks whether the one before it is done.
const TURN_MS: i64 = 1_000;

/// How an export begins.
enum Begun {
    Lost,
    /// Another one of the organisation is worked on: it is put off.
    Waits,
    Runs {
        export: Box<CrmExport>,
        /// Whether it was begun before.
        again: bool,
    },
}

/// Why a batch was not done to its end.
enum Halt {
    Lost,
    /// The CRM is to be left alone for so long, because it wants that or cannot be reached.
    Later {
        wait: Duration,
        unreachable: bool,
    },
    /// It will not work for any record.
    GiveUp(&'static str),
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Works on the export of a claimed job.
pub(crate) async fn export_job(claimed: &Claimed<'_>) -> Result<Outcome> {
    let (export, mut again) = match begin(claimed).await? {
        Begun::Lost => return Ok(Outcome::Lost),
        Begun::Waits => return Ok(Outcome::Done),
        Begun::Runs { export, again } => (export, again),
    };
    let mut desk: Option<Desk<'_>> = None;
    loop {
        if (claimed.stopping)() {
            return Ok(Outcome::Stopped);
        }
        let open = next(claimed).await?;
        if open.is_empty() {
            return finish(claimed, ExportStatus::Done, None).await;
        }
        // It may have been disconnected, or connected with other credentials, since the batch before.
        let crm = claimed.context.connectors.of(claimed.context, &claimed.job.organisation).await?.crm;
        let Some(crm) = crm.filter(|crm| crm.provider() == export.provider) else {
            return finish(claimed, ExportStatus::Failed, Some("The CRM is no longer connected")).await;
        };
        if std::mem::take(&mut again) {
            // What was made just before it was left shows by now.
            tokio::time::sleep(crm.shows_after()).await;
        }
        desk = desk.filter(|desk| Arc::ptr_eq(&desk.crm, &crm));
        let desk = desk.get_or_insert_with(|| Desk::new(claimed, crm, export.duplicates));
        match work(claimed, desk, open).await {
            Ok(()) => claimed.got_on.store(true, Ordering::SeqCst),
            Err(Halt::Lost) => return Ok(Outcome::Lost),
            Err(Halt::Later { unreachable: true, .. })
                if claimed.context.now() > export.created_at.plus_millis(DAY_MS) =>
            {
                let text = "The CRM could not be reached for a day";
                return finish(claimed, ExportStatus::Failed, Some(text)).await;
            }
            Err(Halt::Later { wait, .. }) => return put_off(claimed, wait).await,
            Err(Halt::GiveUp(text)) => return finish(claimed, ExportStatus::Failed, Some(text)).await,
            Err(Halt::Failed(error)) => return Err(error),
        }
    }
}

/// Marks the export as running, unless another one of the organisation is: both might make the same contact.
async fn begin(claimed: &Claimed<'_>) -> Result<Begun> {
    let (id, lease, now) = (claimed.job.id, claimed.lease(), claimed.context.now());
    let write = claimed.context.store.write(&claimed.job.organisation, move |tx| {
        Box::pin(async move {
            if !job_extend(tx, id, lease).await? {
                return Ok(Begun::Lost);
            }
            if crm_export_others_running(tx, id, now).await? {
                job_put_off(tx, id, lease.owner, now.plus_millis(TURN_MS)).await?;
                return Ok(Begun::Waits);
            }
            // The job has the id of its export.
            let export = crm_export_get(tx, id).await?;
            let export =
                export.ok_or_else(|| Error::Internal(format!("export {id} of its job is missing")))?;
            crm_export_set_status(tx, id, ExportStatus::Running, None, None).await?;
            let again = export.status == ExportStatus::Running;
            Ok::<_, Error>(Begun::Runs { export: Box::new(export), again })
        })
    });
    write.await
}

async fn finish(claimed: &Claimed<'_>, status: ExportStatus, error: Option<&'static str>) -> Result<Outcome> {
    let (id, owner, now) = (claimed.job.id, claimed.owner, claimed.context.now());
    let write = claimed.context.store.write(&claimed.job.organisation, move |tx| {
        Box::pin(async move {
            if !job_finish(tx, id, owner, now).await? {
                return Ok(Outcome::Lost);
            }
            crm_export_set_status(tx, id, status, error, Some(now)).await?;
            Ok::<_, Error>(Outcome::Done)
        })
    });
    write.await
}

async fn put_off(claimed: &Claimed<'_>, wait: Duration) -> Result<Outcome> {
    let (id, owner) = (claimed.job.id, claimed.owner);
    let until = claimed.context.now().plus_millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    let write = claimed.context.store.write(&claimed.job.organisation, move |tx| {
        Box::pin(async move {
            let text = "The CRM cannot be reached, or asks to wait: the export goes on later";
            if !job_put_off(tx, id, owner, until).await? {
                return Ok(Outcome::Lost);
            }
            crm_export_set_status(tx, id, ExportStatus::Running, Some(text), None).await?;
            Ok::<_, Error>(Outcome::Done)
        })
    });
    write.await
}

/// The next records without an outcome, each with its person; none for one that is gone.
async fn next(claimed: &Claimed<'_>) -> Result<Vec<(OpenRecord, Option<Lead>)>> {
    let id = claimed.job.id;
    let read = claimed.context.store.read_long(&claimed.job.organisation, move |tx| {
        Box::pin(async move {
            let open = crm_export_open(tx, id, BATCH).await?;
            let ids: Vec<Uuid> = open.iter().map(|record| record.record).collect();
            let people = person_get_many(tx, &ids).await?;
            Ok::<_, Error>((open, people))
        })
    });
    let (open, people) = read.await?;
    let mut people: HashMap<Uuid, Lead> = people.into_iter().map(|lead| (lead.person.id, lead)).collect();
    Ok(open.into_iter().map(|record| (record, people.remove(&record.record))).collect())
}

/// Brings a batch to its outcomes. Who may be one person for the CRM is worked on one after the other, in order.
async fn work(
    claimed: &Claimed<'_>,
    desk: &Desk<'_>,
    batch: Vec<(OpenRecord, Option<Lead>)>,
) -> std::result::Result<(), Halt> {
    let halted = &AtomicBool::new(false);
    let groups = groups(desk, batch);
    let mut work = stream::iter(groups)
        .map(|group| async move {
            for (open, lead) in group {
                if (claimed.stopping)() || halted.load(Ordering::SeqCst) {
                    break;
                }
                let settled = match lead {
                    None => failed(open, missing(open.record)),
                    Some(lead) => settle(claimed, desk, open, &lead).await?,
                };
                keep(claimed, desk, open, settled).await?;
            }
            Ok::<_, Halt>(())
        })
        .buffer_unordered(AT_ONCE);
    let mut halt = None;
    // Those that have begun come to their end: no answer of the CRM is thrown away.
    while let Some(done) = work.next().await {
        if let Err(error) = done {
            halted.store(true, Ordering::SeqCst);
            halt.get_or_insert(error);
        }
    }
    halt.map_or(Ok(()), Err)
}

/// Parts a batch so that records which share a key are together, in their order: the second one finds the first.
fn groups(desk: &Desk<'_>, batch: Vec<(OpenRecord, Option<Lead>)>) -> Vec<Vec<(OpenRecord, Option<Lead>)>> {
    let mut groups: Vec<Vec<(OpenRecord, Option<Lead>)>> = Vec::new();
    let mut of_key: HashMap<String, usize> = HashMap::new();
    for (open, lead) in batch {
        let keys = lead.as_ref().map(|lead| desk.crm.shared_keys(&draft_of(lead))).unwrap_or_default();
        let mut homes: Vec<usize> = keys.iter().filter_map(|key| of_key.get(key).copied()).collect();
        homes.sort_unstable();
        homes.dedup();
        let home = homes.first().copied().unwrap_or(groups.len());
        if home == groups.len() {
            groups.push(Vec::new());
        }
        // Somebody may share keys with people of several groups: those become one.
        for other in homes.into_iter().skip(1) {
            let moved = groups.get_mut(other).map(std::mem::take).unwrap_or_default();
            of_key.values_mut().filter(|at| **at == other).for_each(|at| *at = home);
            if let Some(group) = groups.get_mut(home) {
                group.extend(moved);
            }
        }
        of_key.extend(keys.into_iter().map(|key| (key, home)));
        if let Some(group) = groups.get_mut(home) {
            group.push((open, lead));
            group.sort_by_key(|(open, _)| open.position);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Tries a record until it has its outcome. What the CRM refuses is the record's, and so is what never passes while the
/// CRM itself works; what may pass is tried again.
async fn settle(
    claimed: &Claimed<'_>,
    desk: &Desk<'_>,
    open: OpenRecord,
    lead: &Lead,
) -> std::result::Result<Settled, Halt> {
    let mut open = open;
    let mut pause = PAUSE;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let (error, unanswered) = match desk.settle(open, lead).await {
            Ok(settled) => return Ok(settled),
            Err(Failure::Ours(error)) => return Err(Halt::Failed(error)),
            Err(Failure::Lost) => return Err(Halt::Lost),
            Err(Failure::Crm(error)) => (error, false),
            Err(Failure::Unanswered(error)) => (error, true),
        };
        // From here on there may be a contact whose answer was lost.
        open.intent = open.intent || is_intended(claimed, open).await?;
        let unreachable = matches!(error, ConnectError::Unavailable(_));
        let wait = match &error {
            ConnectError::RateLimited { after } => after.unwrap_or(pause),
            // What may have been made is to be found by the next look.
            ConnectError::Unavailable(_) if unanswered => pause.max(desk.crm.shows_after()),
            ConnectError::Unavailable(_) => pause,
            ConnectError::Unauthorized(_) => {
                return Err(Halt::GiveUp("The CRM does not accept the credentials"));
            }
            ConnectError::PaymentRequired(_) => return Err(Halt::GiveUp("The CRM wants to be paid")),
            other => return Ok(failed(open, other.to_string())),
        };
        let is_there = unreachable && attempt >= DOUBT && desk.crm.test().await.is_ok();
        if is_there && attempt >= ATTEMPTS + FURTHER {
            let made = if open.intent { "; it may have made the contact" } else { "" };
            return Ok(failed(open, [error.to_string().as_str(), made].concat()));
        }
        if attempt >= ATTEMPTS && !is_there {
            return Err(Halt::Later { wait: LATER, unreachable });
        }
        if wait > PATIENCE {
            return Err(Halt::Later { wait, unreachable });
        }
        tokio::time::sleep(wait).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// Whether it was written down that a contact is about to be made.
async fn is_intended(claimed: &Claimed<'_>, open: OpenRecord) -> Result<bool> {
    let id = claimed.job.id;
    let read = claimed.context.store.read(&claimed.job.organisation, move |tx| {
        Box::pin(async move { Ok::<_, Error>(crm_export_intended(tx, id, open.position).await?) })
    });
    read.await
}

/// Keeps an outcome, and who the contact is, if the job is still ours.
async fn keep(
    claimed: &Claimed<'_>,
    desk: &Desk<'_>,
    open: OpenRecord,
    settled: Settled,
) -> std::result::Result<(), Halt> {
    let (job, lease, now, provider) =
        (claimed.job.id, claimed.lease(), claimed.context.now(), desk.crm.provider());
    let write = claimed.context.store.write(&claimed.job.organisation, move |tx| {
        Box::pin(async move {
            if !job_extend(tx, job, lease).await? {
                return Ok(false);
            }
            crm_export_settle(tx, job, open.position, &settled.result).await?;
            job_note_progress(tx, job).await?;
            if let Some(contact) = &settled.contact
                && settled.result.outcome != ExportOutcome::Failed
            {
                let key = open.record.to_string();
                crm_identity_put(tx, provider, EntityKind::Person, &key, contact, now).await?;
                person_set_crm_id(tx, open.record, provider, &contact.id).await?;
            }
            Ok::<_, Error>(true)
        })
    });
    if write.await? { Ok(()) } else { Err(Halt::Lost) }
}

/// Notes that an export was given up by a fault of ours.
pub(crate) async fn export_given_up(tx: &mut Tx<'_>, job: &Job, now: Time) -> Result<()> {
    // The text may name internals: it is in the log and on the job.
    let text = "The export failed after several attempts";
    Ok(crm_export_set_status(tx, job.id, ExportStatus::Failed, Some(text), Some(now)).await?)
}
