//! Stored things as the API shows them.

use crate::error::Result;
use sluice_model::Time;
use sluice_model::accounts::account::MAX_LINKED;
use sluice_model::accounts::{
    Account, AccountLog, AccountLogId, Activity, ActivityId, ActivityType, Prospect, ProspectLog,
    ProspectLogId, TenantId, ulid,
};
use sluice_store::Tx;
use sluice_store::ops::account::StoredAccount;
use sluice_store::ops::activity::StoredLog;
use sluice_store::ops::prospect::{StoredProspect, prospect_linked};
use std::collections::HashMap;

/// A prospect.
pub(super) fn prospect(tenant: &TenantId, stored: StoredProspect) -> Prospect {
    Prospect {
        created_at: stored.id.time(),
        prospect_id: stored.id,
        tenant_id: tenant.clone(),
        name: stored.name,
        email: stored.identifiers.email,
        domain: stored.domain,
        slug: stored.slug,
        phone_number: stored.identifiers.phone,
        linkedin_profile_url: stored.identifiers.linkedin,
        updated_at: stored.updated_at,
    }
}

/// Accounts with their linked prospects, in the order given.
pub(super) async fn accounts(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    stored: Vec<StoredAccount>,
) -> Result<Vec<Account>> {
    let domains: Vec<String> = stored.iter().map(|account| account.domain.clone()).collect();
    let mut linked: HashMap<String, Vec<Prospect>> = HashMap::new();
    for found in prospect_linked(tx, &domains, MAX_LINKED).await? {
        if let Some(domain) = found.domain.clone() {
            linked.entry(domain).or_default().push(prospect(tenant, found));
        }
    }
    let show = |stored: StoredAccount| Account {
        created_at: stored.id.time(),
        account_id: stored.id,
        tenant_id: tenant.clone(),
        linked_prospects: linked.remove(&stored.domain).unwrap_or_default(),
        domain: stored.domain,
        name: stored.name,
        updated_at: stored.updated_at,
        latest_activity_at: ulid::time_of(&stored.latest_log),
    };
    Ok(stored.into_iter().map(show).collect())
}

/// One account with its linked prospects.
pub(super) async fn account(tx: &mut Tx<'_>, tenant: &TenantId, stored: StoredAccount) -> Result<Account> {
    let missing = || crate::Error::Internal("an account vanished while it was shown".to_owned());
    accounts(tx, tenant, vec![stored]).await?.pop().ok_or_else(missing)
}

fn time(id: &str) -> Time {
    ulid::time_of(id).unwrap_or(Time::from_millis(0))
}

/// An entry of an activity list.
pub(super) fn activity(log: StoredLog) -> Activity {
    let of_account = log.account.is_some();
    Activity {
        created_at: time(&log.id),
        activity_id: ActivityId::from_bare(log.id.as_str()),
        activity_type: if of_account {
            ActivityType::AccountLogEntry
        } else {
            ActivityType::ProspectLogEntry
        },
        account_log_id: of_account.then(|| AccountLogId::from_bare(log.id.as_str())),
        prospect_log_id: (!of_account).then(|| ProspectLogId::from_bare(log.id.as_str())),
        account_id: log.account.or(log.linked_account),
        prospect_id: log.prospect,
        prospect_name: log.prospect_name,
        source: log.source,
        kind: log.kind,
        payload: log.payload,
        idempotency_key: log.idempotency_key,
        updated_at: log.deleted_at,
        // A log of a deleted prospect is as good as deleted, until the prospect comes back.
        deleted_at: log.deleted_at.or(log.prospect_deleted_at),
    }
}

/// A log of an account. `None` when it is none.
pub(super) fn account_log(log: StoredLog) -> Option<AccountLog> {
    Some(AccountLog {
        account_id: log.account?,
        created_at: time(&log.id),
        account_log_id: AccountLogId::from_bare(log.id),
        source: log.source,
        kind: log.kind,
        payload: log.payload,
        idempotency_key: log.idempotency_key,
        updated_at: log.deleted_at,
        deleted_at: log.deleted_at,
    })
}

/// A log of a prospect. `None` when it is none.
pub(super) fn prospect_log(log: StoredLog) -> Option<ProspectLog> {
    Some(ProspectLog {
        prospect_id: log.prospect?,
        created_at: time(&log.id),
        prospect_log_id: ProspectLogId::from_bare(log.id),
        source: log.source,
        kind: log.kind,
        payload: log.payload,
        idempotency_key: log.idempotency_key,
        updated_at: log.deleted_at,
        deleted_at: log.deleted_at,
    })
}
