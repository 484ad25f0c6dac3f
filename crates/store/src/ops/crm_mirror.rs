//! The sync of the CRM's mirror: one row for each organisation that has, or had, a CRM.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::{SystemTx, Tx, exactly_one};
use crate::value::params;
use sluice_model::Time;
use sluice_model::crm::{CrmProvider, SyncState};
use uuid::Uuid;

/// Where the sync stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMirror {
    pub provider: CrmProvider,
    pub state: SyncState,
    /// The number of the last sync of all contacts that was begun.
    pub generation: i64,
    /// Only what changed since is read; everything when none.
    pub since: Option<Time>,
    /// Where the next page begins.
    pub cursor: Option<String>,
    pub started_at: Option<Time>,
    pub finished_at: Option<Time>,
    /// Contacts read by this sync.
    pub contacts: u64,
    pub total: Option<u64>,
    /// Attempts in a row without an answer.
    pub failures: i64,
    pub error: Option<String>,
    pub job: Option<Uuid>,
    /// The mirror has all that changed before; none while it was never filled.
    pub mirror_at: Option<Time>,
    /// When the last sync of all contacts began that came to its end.
    pub whole_at: Option<Time>,
    /// When the next one is due; none when nothing is connected.
    pub next_at: Option<Time>,
}

impl StoredMirror {
    /// A mirror that nothing was read into.
    #[must_use]
    pub const fn empty(provider: CrmProvider) -> Self {
        Self {
            provider,
            state: SyncState::Idle,
            generation: 0,
            since: None,
            cursor: None,
            started_at: None,
            finished_at: None,
            contacts: 0,
            total: None,
            failures: 0,
            error: None,
            job: None,
            mirror_at: None,
            whole_at: None,
            next_at: None,
        }
    }
}

fn read(row: Row) -> Result<StoredMirror, StoreError> {
    let mut columns = Columns::of("crm_mirror", row);
    let provider = columns.named("provider", CrmProvider::from_name)?;
    let state = columns.named("state", SyncState::from_name)?;
    let generation = columns.int("generation")?;
    let since = columns.optional_time("since")?;
    let cursor = columns.optional_text("cursor")?;
    let started_at = columns.optional_time("started_at")?;
    let finished_at = columns.optional_time("finished_at")?;
    let contacts = columns.count("contacts")?;
    let total = columns.optional_int("total")?.and_then(|total| u64::try_from(total).ok());
    Ok(StoredMirror {
        provider,
        state,
        generation,
        since,
        cursor,
        started_at,
        finished_at,
        contacts,
        total,
        failures: columns.int("failures")?,
        error: columns.optional_text("error")?,
        job: columns.optional_uuid("job_id")?,
        mirror_at: columns.optional_time("mirror_at")?,
        whole_at: columns.optional_time("whole_at")?,
        next_at: columns.optional_time("next_at")?,
    })
}

/// The organisation's mirror.
pub async fn crm_mirror_get(tx: &mut Tx<'_>) -> Result<Option<StoredMirror>, StoreError> {
    let sql = "SELECT provider, state, generation, since, cursor, started_at, finished_at, contacts, total, failures,
                   error, job_id, mirror_at, whole_at, next_at FROM crm_mirror WHERE organisation_id = $1";
    tx.query_one(sql, params![tx.organisation()]).await?.map(read).transpose()
}

/// Keeps where the sync stands.
pub async fn crm_mirror_put(tx: &mut Tx<'_>, mirror: &StoredMirror) -> Result<(), StoreError> {
    let sql = "INSERT INTO crm_mirror (organisation_id, provider, state, generation, since, cursor, started_at,
                   finished_at, contacts, total, failures, error, job_id, mirror_at, whole_at, next_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
               ON CONFLICT (organisation_id) DO UPDATE SET provider = $2, state = $3, generation = $4, since = $5,
                   cursor = $6, started_at = $7, finished_at = $8, contacts = $9, total = $10, failures = $11,
                   error = $12, job_id = $13, mirror_at = $14, whole_at = $15, next_at = $16";
    let params = params![
        tx.organisation(),
        mirror.provider.name(),
        mirror.state.name(),
        mirror.generation,
        mirror.since,
        mirror.cursor.as_deref(),
        mirror.started_at,
        mirror.finished_at,
        mirror.contacts,
        mirror.total,
        mirror.failures,
        mirror.error.as_deref(),
        mirror.job,
        mirror.mirror_at,
        mirror.whole_at,
        mirror.next_at
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Puts the next sync off.
///
/// # Errors
/// [`StoreError::RowCount`] when the organisation has no mirror.
pub async fn crm_mirror_put_off(tx: &mut Tx<'_>, next: Time) -> Result<(), StoreError> {
    let sql = "UPDATE crm_mirror SET next_at = $1 WHERE organisation_id = $2";
    exactly_one("crm_mirror_put_off", tx.execute(sql, params![next, tx.organisation()]).await?)
}

/// At most `limit` organisations whose next sync is due, the longest due first.
pub async fn crm_mirror_due(
    tx: &mut SystemTx<'_>,
    now: Time,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT organisation_id FROM crm_mirror
               WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at, organisation_id LIMIT $2";
    let rows = tx.query(sql, params![now, limit]).await?;
    rows.into_iter().map(|row| Columns::of("crm_mirror", row).text("organisation_id")).collect()
}
