//! Who a prospect is: found by identifiers, strongest first, filled in, brought back, or made.

use super::not_found;
use crate::context::Context;
use crate::error::{Error, Result};
use sluice_model::accounts::{Identifiers, ProspectId, slug};
use sluice_model::{Time, canon};
use sluice_store::Tx;
use sluice_store::ops::account::{AccountCounts, account_recount};
use sluice_store::ops::activity::{activity_hide, activity_set_domain};
use sluice_store::ops::prospect::{
    IdentifierKind, StoredProspect, identifier_add, prospect_find, prospect_get, prospect_insert,
    prospect_save, slug_next,
};

/// The live prospect with this id, or the one that it was merged into.
pub(super) async fn live(tx: &mut Tx<'_>, id: &ProspectId) -> Result<StoredProspect> {
    let missing = || not_found::prospect(&id.to_string());
    let mut found = prospect_get(tx, id).await?.ok_or_else(missing)?;
    if let Some(survivor) = &found.merged_into {
        let survivor = survivor.clone();
        found = prospect_get(tx, &survivor).await?.ok_or_else(missing)?;
    }
    if found.deleted_at.is_some() { Err(missing()) } else { Ok(found) }
}

/// What is known of a prospect that a request names.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    pub identifiers: Identifiers,
    pub name: Option<String>,
    /// Set by the client.
    pub domain: Option<String>,
}

/// The prospects that the identifiers name, and the one that is meant: that with the id, else the one named by the
/// strongest identifier.
pub(super) struct Resolved {
    pub prospect: Option<StoredProspect>,
    /// The kinds of identifier that are known already.
    known: Vec<IdentifierKind>,
}

/// Finds whom the request means.
pub(super) async fn resolve(
    tx: &mut Tx<'_>,
    id: Option<&ProspectId>,
    identifiers: &Identifiers,
) -> Result<Resolved> {
    let mut prospect = match id {
        Some(id) => Some(live(tx, id).await?),
        None => None,
    };
    let mut known = Vec::new();
    if identifiers.is_empty() {
        return Ok(Resolved { prospect, known });
    }
    let found = prospect_find(tx, identifiers).await?;
    let first = prospect.is_none().then(|| found.first().map(|(kind, _)| label(*kind))).flatten();
    for (kind, other) in found {
        known.push(kind);
        match &prospect {
            None => prospect = Some(other),
            Some(meant) if meant.id == other.id => {}
            Some(meant) => {
                let (meant, other, label) = (&meant.id, &other.id, label(kind));
                let by = first.unwrap_or("prospectId");
                let text = format!("{by} names {meant}, but {label} belongs to {other}");
                return Err(Error::Conflict(text));
            }
        }
    }
    Ok(Resolved { prospect, known })
}

/// The name of an identifier on the wire.
pub(super) const fn label(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Linkedin => "linkedinProfileUrl",
        IdentifierKind::Email => "email",
        IdentifierKind::Phone => "phoneNumber",
    }
}

impl Resolved {
    /// The identifiers that name nobody yet.
    fn unknown(&self, identifiers: &Identifiers) -> Identifiers {
        let new = |kind: IdentifierKind| {
            kind.of(identifiers).filter(|_| !self.known.contains(&kind)).map(str::to_owned)
        };
        Identifiers {
            linkedin: new(IdentifierKind::Linkedin),
            email: new(IdentifierKind::Email),
            phone: new(IdentifierKind::Phone),
        }
    }

    /// Fills in what the prospect lacks and brings it back if it is deleted. A second identifier of a kind
    /// is not shown, but names the prospect from now on.
    pub(super) async fn complete(
        self,
        tx: &mut Tx<'_>,
        before: StoredProspect,
        named: &Named,
        now: Time,
    ) -> Result<StoredProspect> {
        let new = self.unknown(&named.identifiers);
        identifier_add(tx, &before.id, &new).await?;
        let mut after = before.clone();
        after.deleted_at = None;
        after.name = after.name.or_else(|| named.name.clone());
        let shown = &mut after.identifiers;
        shown.linkedin = shown.linkedin.take().or(new.linkedin);
        shown.email = shown.email.take().or(new.email);
        shown.phone = shown.phone.take().or(new.phone);
        if after.domain.is_none() && !after.domain_set {
            after.domain_set = named.domain.is_some();
            let of_email = || after.identifiers.email.as_deref().and_then(canon::domain_of_email);
            after.domain = named.domain.clone().or_else(of_email);
        }
        if after != before {
            after.updated_at = now.max(after.updated_at);
            save(tx, &before, &after).await?;
        }
        Ok(after)
    }
}

/// Makes a prospect; with `log` as its first log, counted already.
pub(super) async fn make(
    tx: &mut Tx<'_>,
    context: &Context,
    named: Named,
    log: bool,
) -> Result<(StoredProspect, String)> {
    let Named { identifiers, name, domain } = named;
    let base =
        slug::of_prospect(name.as_deref(), identifiers.email.as_deref(), identifiers.linkedin.as_deref());
    let id = ProspectId::from_bare(context.new_ulid());
    let log_id = if log { context.new_ulid() } else { String::new() };
    let mut prospect = StoredProspect {
        updated_at: id.time(),
        id,
        name,
        domain_set: domain.is_some(),
        domain: domain.or_else(|| identifiers.email.as_deref().and_then(canon::domain_of_email)),
        identifiers,
        slug: String::new(),
        deleted_at: None,
        merged_into: None,
        latest_log: log_id.clone(),
        logs: i64::from(log),
        logs_deleted: 0,
    };
    loop {
        prospect.slug = match slug_next(tx, &base).await? {
            1 => base.clone(),
            number => format!("{base}-{number}"),
        };
        // Another text may have given the same slug, as that of `Ann 2` does: the next number then.
        if prospect_insert(tx, &prospect).await? {
            return Ok((prospect, log_id));
        }
    }
}

/// What a prospect's logs count for the account with its domain.
fn counted(prospect: &StoredProspect, sign: i64) -> AccountCounts {
    let (logs, deleted) = (sign * prospect.logs, sign * prospect.logs_deleted);
    if prospect.deleted_at.is_some() {
        return AccountCounts { prospect_deleted: logs + deleted, ..AccountCounts::default() };
    }
    AccountCounts { prospect: logs, prospect_deleted: deleted, ..AccountCounts::default() }
}

/// Takes a prospect's logs from the account with its domain (`sign` -1), or gives them to it (1).
pub(super) async fn count_for_account(tx: &mut Tx<'_>, prospect: &StoredProspect, sign: i64) -> Result<()> {
    if let Some(domain) = prospect.domain.as_deref().filter(|_| prospect.logs + prospect.logs_deleted > 0) {
        account_recount(tx, domain, counted(prospect, sign)).await?;
    }
    Ok(())
}

/// Writes a changed prospect; its logs, and the accounts that count them, follow.
pub(super) async fn save(tx: &mut Tx<'_>, before: &StoredProspect, after: &StoredProspect) -> Result<()> {
    prospect_save(tx, after).await?;
    let hidden = after.deleted_at.is_some();
    let hides = before.deleted_at.is_some() != hidden;
    let moves = before.domain != after.domain;
    if hides {
        activity_hide(tx, &after.id, hidden).await?;
    }
    if moves {
        activity_set_domain(tx, &after.id, after.domain.as_deref()).await?;
    }
    if hides || moves {
        count_for_account(tx, before, -1).await?;
        count_for_account(tx, after, 1).await?;
    }
    Ok(())
}
