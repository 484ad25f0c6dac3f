//! The CRM of an organisation: its mirror here, who is who in it, and what is written to it.

mod client_contact;
pub mod export;
pub mod keys;
mod matching;
pub mod settings;
mod sync;
mod sync_job;

pub(crate) use client_contact::show_contacts;
pub(crate) use matching::{Known, find_contacts};
pub(crate) use sync::{clear_begins, sync_begins};
pub use sync::{start_due, start_sync, sync_status};
pub(crate) use sync_job::{clear_job, sync_given_up, sync_job};

use crate::context::Context;
use crate::error::{Error, Result};
use sluice_connect::ConnectError;
use sluice_connect::crm::Crm;
use sluice_model::crm::{CrmMirror, CrmProvider};
use sluice_store::Tx;
use sluice_store::ops::crm_mirror::{StoredMirror, crm_mirror_get};
use std::sync::Arc;

/// The constant names of the jobs.
pub(crate) const SYNC_JOB: &str = "crm-sync";
pub(crate) const CLEAR_JOB: &str = "crm-clear";
pub(crate) const EXPORT_JOB: &str = "crm-export";

/// The CRM that the organisation has connected.
///
/// # Errors
/// [`Error::BadRequest`] when there is none, as the API documents it.
pub(crate) async fn connected(context: &Context, organisation: &str) -> Result<Arc<dyn Crm>> {
    let crm = context.connectors.of(context, organisation).await?.crm;
    crm.ok_or_else(|| Error::BadRequest("CRM is not connected".to_owned()))
}

/// The mirror of the CRM that is connected; none when none is.
pub(crate) async fn mirror(tx: &mut Tx<'_>) -> Result<Option<StoredMirror>> {
    Ok(crm_mirror_get(tx).await?.filter(|mirror| mirror.next_at.is_some()))
}

/// How old the mirror is; none when no CRM is connected.
pub(crate) async fn mirror_age(tx: &mut Tx<'_>) -> Result<Option<CrmMirror>> {
    let age = |mirror: StoredMirror| CrmMirror { provider: mirror.provider, mirror_at: mirror.mirror_at };
    Ok(mirror(tx).await?.map(age))
}

/// Whose contacts can be looked at: none before the first sync has come to its end.
pub(crate) async fn filled(tx: &mut Tx<'_>) -> Result<Option<CrmProvider>> {
    Ok(mirror(tx).await?.filter(|mirror| mirror.mirror_at.is_some()).map(|mirror| mirror.provider))
}

/// What a client, or the log, is told of a call that failed.
pub(crate) fn error_of(error: ConnectError) -> Error {
    if error.is_passing() {
        Error::Unavailable(format!("the CRM cannot be used now: {error}"))
    } else {
        Error::Conflict(format!("The CRM says: {error}"))
    }
}
