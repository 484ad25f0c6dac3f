//! Logs of prospects.

use super::identity::{Named, live, make, resolve};
use super::paging::{self, Request};
use super::{audit, need, not_found, same_content, show};
use crate::webhooks::{Happened, Hooks};
use crate::{Context, Result};
use sluice_model::accounts::{
    KeyActor, ListKind, LogContent, LogQuery, NewProspectLog, Page, ProspectId, ProspectLog, ProspectLogId,
    ProspectLogReceipt, Scope,
};
use sluice_store::Tx;
use sluice_store::ops::account::{AccountCounts, account_count_log, account_recount};
use sluice_store::ops::activity::{
    Logs, Subject, ToldLog, activity_delete, activity_get, activity_insert, activity_told,
};
use sluice_store::ops::prospect::{prospect_count_log, prospect_recount};

/// Writes a log of the prospect that it names, which is made when nobody has these identifiers. Returns whether it is
/// new: a replay under its idempotency key is told what the first was.
///
/// # Errors
/// Not found for an unknown id; [`crate::Error::Conflict`] when the identifiers name several prospects, or the
/// key was used for other content.
pub async fn create(
    context: &Context,
    key: &KeyActor,
    new: NewProspectLog,
) -> Result<(bool, ProspectLogReceipt)> {
    need(key, Scope::LogsWrite)?;
    let ctx = context.clone();
    context
        .store
        .write(&key.organisation, move |tx| Box::pin(async move { write(tx, &ctx, new).await }))
        .await
}

/// As [`create`], within a unit of work.
pub(super) async fn write(
    tx: &mut Tx<'_>,
    context: &Context,
    new: NewProspectLog,
) -> Result<(bool, ProspectLogReceipt)> {
    let NewProspectLog { prospect_id, identifiers, name, content } = new;
    if let Some(key) = &content.idempotency_key
        && let Some(told) = activity_told(tx, true, key).await?
    {
        same_content(&told, &content)?;
        return Ok((false, told_again(told)));
    }
    let resolved = resolve(tx, prospect_id.as_ref(), &identifiers).await?;
    let named = Named { identifiers, name, domain: None };
    let mut hooks = Hooks::of(tx).await?;
    append(tx, context, &mut hooks, resolved, named, content).await.map(|receipt| (true, receipt))
}

/// Writes a log of a prospect that was looked for, and tells of it.
pub(super) async fn append(
    tx: &mut Tx<'_>,
    context: &Context,
    hooks: &mut Hooks,
    mut resolved: super::identity::Resolved,
    named: Named,
    content: LogContent,
) -> Result<ProspectLogReceipt> {
    let (prospect, log, created, appears) = match resolved.prospect.take() {
        Some(before) => {
            let was_deleted = before.deleted_at.is_some();
            let prospect = resolved.complete(tx, before, &named, context.now()).await?;
            let log = context.new_ulid();
            prospect_count_log(tx, &prospect.id, &log).await?;
            (prospect, log, false, was_deleted)
        }
        None => {
            let (prospect, log) = make(tx, context, named, true).await?;
            (prospect, log, true, true)
        }
    };
    let subject = Subject::Prospect { id: prospect.id.clone(), created };
    activity_insert(tx, &log, &subject, prospect.domain.as_deref(), &content).await?;
    if let Some(domain) = &prospect.domain {
        account_count_log(tx, domain, &log, false).await?;
    }
    if appears {
        hooks.tell(tx, context, &Happened::ProspectCreated(&prospect)).await?;
    }
    hooks
        .tell(tx, context, &Happened::ProspectLog { prospect: &prospect.id, log: &log, content: &content })
        .await?;
    let id = ProspectLogId::from_bare(log);
    Ok(ProspectLogReceipt {
        prospect_id: prospect.id,
        created_at: id.time(),
        prospect_log_id: id,
        created_prospect: created,
        source: content.source,
        kind: content.kind,
    })
}

fn told_again(told: ToldLog) -> ProspectLogReceipt {
    let id = ProspectLogId::from_bare(told.log);
    ProspectLogReceipt {
        prospect_id: ProspectId::from_bare(told.subject),
        created_at: id.time(),
        prospect_log_id: id,
        created_prospect: told.created_prospect,
        source: told.source,
        kind: told.kind,
    }
}

/// A page of the prospect's logs, newest first.
///
/// # Errors
/// Not found; [`crate::Error::Invalid`] for a bad cursor.
pub async fn list(
    context: &Context,
    key: &KeyActor,
    prospect: &ProspectId,
    query: LogQuery,
) -> Result<Page<ProspectLog>> {
    need(key, Scope::LogsRead)?;
    let request = Request::of(context, key, ListKind::Activity, query.page)?;
    let (asked, prospect) = (request.clone(), prospect.clone());
    let found = context
        .store
        .read_long(&key.organisation, move |tx| {
            Box::pin(async move {
                let found = live(tx, &prospect).await?;
                let hidden = if query.include_deleted { found.logs_deleted } else { 0 };
                let logs = Logs::OfProspect(found.id);
                paging::logs(tx, &asked, &logs, query.include_deleted, found.logs + hidden).await
            })
        })
        .await?
        .map(|logs| logs.into_iter().filter_map(show::prospect_log).collect());
    request.remember(context, found.anchor);
    Ok(found.page)
}

/// One log, deleted or not.
///
/// # Errors
/// Not found.
pub async fn get(
    context: &Context,
    key: &KeyActor,
    prospect: &ProspectId,
    log: &ProspectLogId,
) -> Result<ProspectLog> {
    need(key, Scope::LogsRead)?;
    let (prospect, log) = (prospect.clone(), log.clone());
    context
        .store
        .read(&key.organisation, move |tx| {
            Box::pin(async move {
                let found = live(tx, &prospect).await?;
                let stored = activity_get(tx, &Logs::OfProspect(found.id), log.bare()).await?;
                stored.and_then(show::prospect_log).ok_or_else(|| not_found::log(&log.to_string()))
            })
        })
        .await
}

/// Hides a log. It keeps its idempotency key.
///
/// # Errors
/// Not found, also when it was deleted before.
pub async fn delete(
    context: &Context,
    key: &KeyActor,
    prospect: &ProspectId,
    log: &ProspectLogId,
) -> Result<()> {
    need(key, Scope::LogsWrite)?;
    let (by, now, prospect, log) = (key.clone(), context.now(), prospect.clone(), log.clone());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let found = live(tx, &prospect).await?;
                let logs = Logs::OfProspect(found.id.clone());
                if !activity_delete(tx, &logs, log.bare(), now).await? {
                    return Err(not_found::log(&log.to_string()));
                }
                prospect_recount(tx, &found.id, -1, 1).await?;
                if let Some(domain) = &found.domain {
                    let change =
                        AccountCounts { prospect: -1, prospect_deleted: 1, ..AccountCounts::default() };
                    account_recount(tx, domain, change).await?;
                }
                audit(tx, &by, "prospect_log.delete", &log.to_string(), now).await
            })
        })
        .await
}
