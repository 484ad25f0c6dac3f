//! Prospects.

use super::identity::{Named, count_for_account, label, live, make, resolve, save};
use super::paging::{self, Request};
use super::{audit, need, not_found, show};
use crate::webhooks::{self, Happened};
use crate::{Context, Error, Result};
use sluice_model::accounts::{
    Activity, ActivityQuery, Change, Identifiers, KeyActor, ListKind, NewProspect, Page, Prospect,
    ProspectId, ProspectPatch, ProspectQuery, Scope,
};
use sluice_model::{Fault, Time, canon, text};
use sluice_store::Tx;
use sluice_store::ops::activity::{Logs, activity_move, activity_set_domain};
use sluice_store::ops::listing::{Listing, ListingFilter, Place};
use sluice_store::ops::prospect::{
    IdentifierKind, StoredProspect, identifier_add, identifier_move, identifier_remove, prospect_find,
    prospect_get, prospect_get_many, prospect_recount, prospect_repoint, prospect_save,
};
use std::collections::HashMap;

/// The prospect; of a merged one its survivor.
///
/// # Errors
/// Not found.
pub async fn get(context: &Context, key: &KeyActor, id: &ProspectId) -> Result<Prospect> {
    need(key, Scope::ProspectsRead)?;
    let (id, tenant) = (id.clone(), key.tenant.clone());
    context
        .store
        .read(&key.organisation, move |tx| {
            Box::pin(async move { Ok(show::prospect(&tenant, live(tx, &id).await?)) })
        })
        .await
}

/// Finds or makes the prospect with these identifiers, and fills in what it lacks; whether it was made, or brought
/// back.
///
/// # Errors
/// [`Error::Conflict`] when the identifiers name several prospects.
pub async fn create(context: &Context, key: &KeyActor, new: NewProspect) -> Result<(bool, Prospect)> {
    need(key, Scope::ProspectsWrite)?;
    let (by, ctx) = (key.clone(), context.clone());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let mut resolved = resolve(tx, None, &new.identifiers).await?;
                let named = Named { identifiers: new.identifiers, name: new.name, domain: new.domain };
                let now = ctx.now();
                let (created, prospect) = match resolved.prospect.take() {
                    Some(before) => {
                        let deleted = before.deleted_at.is_some();
                        (deleted, resolved.complete(tx, before, &named, now).await?)
                    }
                    None => (true, make(tx, &ctx, named, false).await?.0),
                };
                audit(tx, &by, "prospect.create", &prospect.id.to_string(), now).await?;
                if created {
                    webhooks::tell(tx, &ctx, &Happened::ProspectCreated(&prospect)).await?;
                }
                Ok((created, show::prospect(&by.tenant, prospect)))
            })
        })
        .await
}

/// Changes the given fields. An identifier that is cleared or replaced names the prospect no longer.
///
/// # Errors
/// Not found; [`Error::Conflict`] when an identifier is another prospect's.
pub async fn update(
    context: &Context,
    key: &KeyActor,
    id: &ProspectId,
    patch: ProspectPatch,
) -> Result<Prospect> {
    need(key, Scope::ProspectsWrite)?;
    let (by, id, now) = (key.clone(), id.clone(), context.now());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let before = live(tx, &id).await?;
                let mut after = patched(before.clone(), &patch);
                if after != before {
                    rename(tx, &before, &after.identifiers).await?;
                    after.updated_at = now.max(before.updated_at);
                    save(tx, &before, &after).await?;
                    audit(tx, &by, "prospect.update", &after.id.to_string(), now).await?;
                }
                Ok(show::prospect(&by.tenant, after))
            })
        })
        .await
}

fn patched(mut prospect: StoredProspect, patch: &ProspectPatch) -> StoredProspect {
    prospect.name = patch.name.apply(prospect.name);
    let shown = prospect.identifiers;
    prospect.identifiers = Identifiers {
        linkedin: patch.linkedin.apply(shown.linkedin),
        email: patch.email.apply(shown.email),
        phone: patch.phone.apply(shown.phone),
    };
    if patch.domain != Change::Keep {
        prospect.domain_set = true;
    }
    prospect.domain = match &patch.domain {
        Change::Keep if prospect.domain_set => prospect.domain,
        Change::Keep => prospect.identifiers.email.as_deref().and_then(canon::domain_of_email),
        change => change.apply(None),
    };
    prospect
}

/// Lets the new identifiers name the prospect instead of those that they replace.
async fn rename(tx: &mut Tx<'_>, before: &StoredProspect, after: &Identifiers) -> Result<()> {
    let changed = |old: &Option<String>, new: &Option<String>| {
        if old == new { (None, None) } else { (old.clone(), new.clone()) }
    };
    let was = &before.identifiers;
    let (linkedin, email, phone) = (
        changed(&was.linkedin, &after.linkedin),
        changed(&was.email, &after.email),
        changed(&was.phone, &after.phone),
    );
    let old = Identifiers { linkedin: linkedin.0, email: email.0, phone: phone.0 };
    let mut new = Identifiers { linkedin: linkedin.1, email: email.1, phone: phone.1 };
    for (kind, owner) in prospect_find(tx, &new).await? {
        if owner.id != before.id {
            let text = format!("{} of {} belongs to {}", label(kind), before.id, owner.id);
            return Err(Error::Conflict(text));
        }
        // It named the prospect before, without being shown.
        match kind {
            IdentifierKind::Linkedin => new.linkedin = None,
            IdentifierKind::Email => new.email = None,
            IdentifierKind::Phone => new.phone = None,
        }
    }
    identifier_remove(tx, &before.id, &old).await?;
    Ok(identifier_add(tx, &before.id, &new).await?)
}

/// A page of prospects, newest activity first.
///
/// # Errors
/// [`Error::Invalid`] for a bad cursor.
pub async fn list(context: &Context, key: &KeyActor, query: ProspectQuery) -> Result<Page<Prospect>> {
    need(key, Scope::ProspectsRead)?;
    let request = Request::of(context, key, ListKind::Prospects, query.page.clone())?;
    let (asked, tenant) = (request.clone(), key.tenant.clone());
    let found = context
        .store
        .read_long(&key.organisation, move |tx| {
            Box::pin(async move {
                let filter = filter(tx, query).await?;
                let places = paging::places(tx, &asked, Listing::Prospects, &filter).await?;
                let ids: Vec<ProspectId> = places.page.items.iter().map(id_of).collect();
                let found = prospect_get_many(tx, &ids).await?;
                let mut found: HashMap<ProspectId, StoredProspect> =
                    found.into_iter().map(|prospect| (prospect.id.clone(), prospect)).collect();
                Ok::<_, Error>(places.map(|_| {
                    let rows = ids.iter().filter_map(|id| found.remove(id));
                    rows.map(|prospect| show::prospect(&tenant, prospect)).collect()
                }))
            })
        })
        .await?;
    request.remember(context, found.anchor);
    Ok(found.page)
}

fn id_of(place: &Place) -> ProspectId {
    ProspectId::from_bare(place.id.as_str())
}

async fn filter(tx: &mut Tx<'_>, query: ProspectQuery) -> Result<ListingFilter> {
    let identifiers = Identifiers { email: query.email, linkedin: query.linkedin, phone: None };
    let wanted = [&identifiers.email, &identifiers.linkedin].into_iter().flatten().count();
    let id = if wanted == 0 {
        None
    } else {
        let found = prospect_find(tx, &identifiers).await?;
        let first = found.first().map(|(_, prospect)| prospect.id.clone());
        let same = found.len() == wanted && found.iter().all(|(_, other)| Some(&other.id) == first.as_ref());
        // No id is empty: nothing is found.
        Some(first.filter(|_| same).map(|id| id.bare().to_owned()).unwrap_or_default())
    };
    let search = query.search.as_deref().map(text::fold);
    Ok(ListingFilter { id, domain: query.domain, search, updated_since: query.updated_since })
}

/// Hides the prospect and its logs until it is restored or named again.
///
/// # Errors
/// Not found; [`Error::Conflict`] for one that was merged, because its survivor is another one.
pub async fn delete(context: &Context, key: &KeyActor, id: &ProspectId) -> Result<()> {
    need(key, Scope::ProspectsWrite)?;
    let (by, id, now) = (key.clone(), id.clone(), context.now());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let before = live(tx, &id).await?;
                if before.id != id {
                    return Err(Error::Conflict(format!("{id} was merged into {}", before.id)));
                }
                let after = StoredProspect { deleted_at: Some(now), ..before.clone() };
                save(tx, &before, &after).await?;
                audit(tx, &by, "prospect.delete", &id.to_string(), now).await
            })
        })
        .await
}

/// Brings a deleted prospect back; one that is live stays as it is.
///
/// # Errors
/// Not found.
pub async fn restore(context: &Context, key: &KeyActor, id: &ProspectId) -> Result<Prospect> {
    need(key, Scope::ProspectsWrite)?;
    let (by, id, now) = (key.clone(), id.clone(), context.now());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let missing = || not_found::prospect(&id.to_string());
                let mut before = prospect_get(tx, &id).await?.ok_or_else(missing)?;
                if let Some(survivor) = before.merged_into.take() {
                    before = prospect_get(tx, &survivor).await?.ok_or_else(missing)?;
                }
                let mut after = before.clone();
                if before.deleted_at.is_some() {
                    after.deleted_at = None;
                    after.updated_at = now.max(before.updated_at);
                    save(tx, &before, &after).await?;
                    audit(tx, &by, "prospect.restore", &after.id.to_string(), now).await?;
                }
                Ok(show::prospect(&by.tenant, after))
            })
        })
        .await
}

/// Makes the prospect one with `into`, which survives with the logs and identifiers of both. What names the first from
/// now on means the survivor.
///
/// # Errors
/// Not found; [`Error::Invalid`] into itself; [`Error::Conflict`] when it was merged into another one before.
pub async fn merge(
    context: &Context,
    key: &KeyActor,
    id: &ProspectId,
    into: &ProspectId,
) -> Result<Prospect> {
    need(key, Scope::ProspectsWrite)?;
    let (by, id, into, now) = (key.clone(), id.clone(), into.clone(), context.now());
    context
        .store
        .write(&key.organisation, move |tx| {
            Box::pin(async move {
                let missing = || not_found::prospect(&id.to_string());
                let source = prospect_get(tx, &id).await?.ok_or_else(missing)?;
                let target = live(tx, &into).await?;
                match &source.merged_into {
                    Some(survivor) if *survivor == target.id => {
                        return Ok(show::prospect(&by.tenant, target));
                    }
                    Some(survivor) => {
                        return Err(Error::Conflict(format!("{id} was merged into {survivor}")));
                    }
                    None if source.deleted_at.is_some() => return Err(missing()),
                    None if source.id == target.id => {
                        let text = "A prospect cannot be merged into itself";
                        return Err(Error::Invalid(vec![Fault::new(vec!["into".into()], text)]));
                    }
                    None => {}
                }
                let survivor = join(tx, source, target, now).await?;
                audit(tx, &by, "prospect.merge", &id.to_string(), now).await?;
                Ok(show::prospect(&by.tenant, survivor))
            })
        })
        .await
}

async fn join(
    tx: &mut Tx<'_>,
    source: StoredProspect,
    target: StoredProspect,
    now: Time,
) -> Result<StoredProspect> {
    let mut after = target.clone();
    after.updated_at = now.max(target.updated_at);
    after.name = after.name.or_else(|| source.name.clone());
    let (shown, theirs) = (after.identifiers, source.identifiers.clone());
    after.identifiers = Identifiers {
        linkedin: shown.linkedin.or(theirs.linkedin),
        email: shown.email.or(theirs.email),
        phone: shown.phone.or(theirs.phone),
    };
    if after.domain.is_none() && !after.domain_set {
        after.domain.clone_from(&source.domain);
        after.domain_set = source.domain_set;
    }
    after.logs += source.logs;
    after.logs_deleted += source.logs_deleted;
    let merged = StoredProspect {
        domain: None,
        deleted_at: Some(now),
        merged_into: Some(target.id.clone()),
        updated_at: after.updated_at,
        ..source.clone()
    };
    prospect_save(tx, &merged).await?;
    prospect_save(tx, &after).await?;
    prospect_repoint(tx, &source.id, &target.id).await?;
    identifier_move(tx, &source.id, &target.id).await?;
    activity_move(tx, &source.id, &target.id, after.domain.as_deref()).await?;
    if target.domain != after.domain {
        activity_set_domain(tx, &target.id, after.domain.as_deref()).await?;
    }
    prospect_recount(tx, &source.id, -source.logs, -source.logs_deleted).await?;
    prospect_recount(tx, &target.id, source.logs, source.logs_deleted).await?;
    for (prospect, sign) in [(&source, -1), (&target, -1), (&after, 1)] {
        count_for_account(tx, prospect, sign).await?;
    }
    Ok(after)
}

/// What happened to the prospect, newest first.
///
/// # Errors
/// Not found; [`Error::Invalid`] for a bad cursor.
pub async fn activity(
    context: &Context,
    key: &KeyActor,
    id: &ProspectId,
    query: ActivityQuery,
) -> Result<Page<Activity>> {
    need(key, Scope::LogsRead)?;
    let request = Request::of(context, key, ListKind::Activity, query.page)?;
    let (asked, id) = (request.clone(), id.clone());
    let found = context
        .store
        .read_long(&key.organisation, move |tx| {
            Box::pin(async move {
                let found = live(tx, &id).await?;
                let hidden = if query.include_deleted { found.logs_deleted } else { 0 };
                let logs = Logs::OfProspect(found.id);
                paging::logs(tx, &asked, &logs, query.include_deleted, found.logs + hidden).await
            })
        })
        .await?
        .map(|logs| logs.into_iter().map(show::activity).collect());
    request.remember(context, found.anchor);
    Ok(found.page)
}
