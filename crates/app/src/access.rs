//! Who may use what: one function per kind of object, each used by every action on it.
//!
//! The order is fixed: an object that is absent, or of another organisation, is not found; one that the
//! caller may not use is forbidden.

use crate::error::{Error, Result};
use sluice_model::Actor;
use sluice_store::Tx;
use sluice_store::ops::icp::{StoredIcp, icp_get};
use sluice_store::ops::lead_list::{StoredLeadList, lead_list_get};
use sluice_store::ops::run::{StoredRun, run_get};
use uuid::Uuid;

/// The ICP, if it exists and the actor is one of its users or an admin.
pub async fn icp(tx: &mut Tx<'_>, actor: &Actor, id: Uuid) -> Result<StoredIcp> {
    let stored = icp_get(tx, id).await?.ok_or_else(|| icp_not_found(&id.to_string()))?;
    if !actor.may_use(&stored.icp.user_ids) {
        return Err(Error::Forbidden("You do not have access to this ICP".to_owned()));
    }
    Ok(stored)
}

/// The documented message for an ICP that is not there.
#[must_use]
pub fn icp_not_found(id: &str) -> Error {
    Error::NotFound(format!("ICP not found: {id}"))
}

/// The lead list, if it exists, whoever of the organisation asks.
pub async fn lead_list(tx: &mut Tx<'_>, id: Uuid) -> Result<StoredLeadList> {
    lead_list_get(tx, id).await?.ok_or_else(|| lead_list_not_found(&id.to_string()))
}

/// The lead list, if it exists and the actor is one of its users or an admin.
pub async fn own_lead_list(tx: &mut Tx<'_>, actor: &Actor, id: Uuid) -> Result<StoredLeadList> {
    let stored = lead_list(tx, id).await?;
    if !actor.may_use(&stored.list.user_ids) {
        return Err(Error::Forbidden("You do not have access to this lead list".to_owned()));
    }
    Ok(stored)
}

/// The documented message for a lead list that is not there.
#[must_use]
pub fn lead_list_not_found(id: &str) -> Error {
    Error::NotFound(format!("LeadList with id '{id}' not found"))
}

/// The run, if it exists and the actor may use its ICP: as listed when the run began, or as an admin.
pub async fn run(tx: &mut Tx<'_>, actor: &Actor, id: Uuid) -> Result<StoredRun> {
    let stored = run_get(tx, id).await?.ok_or_else(|| run_not_found(&id.to_string()))?;
    if !may_use_run(tx, actor, &stored).await? {
        return Err(Error::Forbidden("You do not have access to this run".to_owned()));
    }
    Ok(stored)
}

/// Whether the actor may use the run: they started it, are a user of its ICP now, or an admin.
pub async fn may_use_run(tx: &mut Tx<'_>, actor: &Actor, run: &StoredRun) -> Result<bool> {
    if actor.is_admin() || run.run.created_by == actor.user {
        return Ok(true);
    }
    let icp = icp_get(tx, run.run.icp_id).await?;
    Ok(icp.is_some_and(|stored| actor.may_use(&stored.icp.user_ids)))
}

/// The message for a run that is not there.
#[must_use]
pub fn run_not_found(id: &str) -> Error {
    Error::NotFound(format!("Run not found: {id}"))
}
