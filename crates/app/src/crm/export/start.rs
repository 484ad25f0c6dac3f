use super::show::{access_export, report};
use crate::answer::once;
use crate::context::Context;
use crate::crm::{EXPORT_JOB, connected};
use crate::error::{Error, Result};
use crate::selection::Selected;
use crate::worker::{Options, work_on_own};
use crate::{IdempotencyKey, access};
use serde::{Deserialize, Serialize};
use sluice_model::crm::{CrmExport, ExportOf, ExportReport, ExportRequest, ExportStatus};
use sluice_model::{Actor, EntityKind, Fault};
use sluice_store::Tx;
use sluice_store::ops::audit::audit_insert;
use sluice_store::ops::crm_export::crm_export_insert;
use sluice_store::ops::job::{Job, Lease, job_insert, job_insert_claimed};
use std::time::Duration;
use uuid::Uuid;

/// The most records that a request waits for.
const AT_ONCE: usize = 1_000;
/// How long a request waits for an export that somebody else works on.
const WAIT: Duration = Duration::from_secs(50);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What became of the request.
#[derive(Clone, Debug, PartialEq)]
pub enum Started {
    /// Every record has its outcome.
    Done(ExportReport),
    /// It goes on in the background.
    GoesOn(CrmExport),
}

/// What is kept for a request that is sent again.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    id: Uuid,
    /// Who works on it, if not the worker.
    owner: Option<Uuid>,
}

/// Exports people to the CRM. Up to 1 000 are exported at once, unless `background` says otherwise or another export of
/// the organisation is worked on; more of them, and lists, in the background.
///
/// # Errors
/// [`Error::BadRequest`] when no CRM is connected, or another one; [`Error::Invalid`] for unknown people; not found and
/// forbidden for lists.
pub async fn start(
    context: &Context,
    actor: &Actor,
    key: Option<IdempotencyKey>,
    request: ExportRequest,
    background: bool,
) -> Result<Started> {
    let crm = connected(context, &actor.organisation).await?;
    if crm.provider() != request.provider {
        return Err(Error::BadRequest("CRM provider mismatch".to_owned()));
    }
    let (of, picked) = match request.of {
        ExportOf::List(list) => (Some(list), None),
        ExportOf::Selection(selection) => (None, Some(Selected::of(context, selection).await?)),
    };
    let (by, ctx, owner) = (actor.clone(), context.clone(), context.new_id());
    let options = Options::default();
    let kept = once(context, actor, key, move |tx| {
        Box::pin(async move {
            let people = match (of, picked) {
                (Some(list), _) => of_list(tx, &by, list).await?,
                (None, Some(selected)) => selected.adopt(tx, &ctx, Some("selection")).await?,
                (None, None) => Vec::new(),
            };
            let now = ctx.now();
            let export = CrmExport {
                id: ctx.new_id(),
                status: ExportStatus::Queued,
                provider: request.provider,
                duplicates: request.duplicates,
                records: people.len() as u64,
                done: 0,
                error: None,
                created_by: by.user.clone(),
                created_at: now,
                finished_at: None,
            };
            crm_export_insert(tx, &export, &people).await?;
            let own = !background && of.is_none() && people.len() <= AT_ONCE;
            // The job has the id of its export.
            if own {
                let lease = Lease { owner, until: now.plus_millis(options.lease_ms()) };
                job_insert_claimed(tx, export.id, EXPORT_JOB, "{}", now, lease).await?;
            } else {
                job_insert(tx, export.id, EXPORT_JOB, "{}", now).await?;
            }
            audit_insert(tx, &crate::icps::audit(&by, "crm.export", export.id, now)).await?;
            Ok(Kept { id: export.id, owner: own.then_some(owner) })
        })
    })
    .await?;
    match kept.owner {
        None => context.wake.notify_waiters(),
        Some(claimed) if claimed == owner => work(context, actor, kept.id, owner, options).await?,
        // The same request was sent before, and may still be worked on.
        Some(_) => wait(context, actor, kept.id).await?,
    }
    answer(context, actor, kept.id, kept.owner.is_some()).await
}

async fn of_list(tx: &mut Tx<'_>, actor: &Actor, list: Uuid) -> Result<Vec<Uuid>> {
    let stored = access::own_lead_list(tx, actor, list).await?;
    if stored.list.kind != EntityKind::Person {
        let fault = Fault::new(vec!["leadListId".into()], "Only person lists can be exported");
        return Err(Error::Invalid(vec![fault]));
    }
    Ok(stored.list.person_ids)
}

/// Works on the export within the request. When the request ends before it, the lease runs out, and a worker goes on.
async fn work(context: &Context, actor: &Actor, id: Uuid, owner: Uuid, options: Options) -> Result<()> {
    let job = Job {
        id,
        organisation: actor.organisation.clone(),
        kind: EXPORT_JOB.to_owned(),
        payload: "{}".to_owned(),
        attempts: 1,
    };
    work_on_own(context, options, &job, owner).await
}

async fn wait(context: &Context, actor: &Actor, id: Uuid) -> Result<()> {
    let done = async {
        loop {
            let by = actor.clone();
            let export = context
                .read(actor, move |tx| Box::pin(async move { access_export(tx, &by, id).await }))
                .await?;
            if matches!(export.status, ExportStatus::Done | ExportStatus::Failed) {
                return Ok::<_, Error>(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(WAIT, done).await.unwrap_or(Ok(()))
}

async fn answer(context: &Context, actor: &Actor, id: Uuid, at_once: bool) -> Result<Started> {
    let by = actor.clone();
    context
        .read_long(actor, move |tx| {
            Box::pin(async move {
                let export = access_export(tx, &by, id).await?;
                if at_once && export.status == ExportStatus::Done {
                    return Ok(Started::Done(report(tx, id, AT_ONCE).await?));
                }
                Ok(Started::GoesOn(export))
            })
        })
        .await
}
