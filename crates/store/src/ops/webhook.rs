//! Webhooks of an organisation, their secrets as sealed bytes.

use crate::error::StoreError;
use crate::row::{Columns, Row, to_json};
use crate::tx::{Tx, exactly_one};
use crate::value::params;
use sluice_model::webhook::{Webhook, WebhookEvent};
use sluice_model::{JobState, Time};
use uuid::Uuid;

const COLUMNS: &str = "SELECT id, version, url, events, description, enabled, disabled_reason, secret, previous_secret,
     previous_secret_until, created_at, updated_at, created_by, job_id FROM webhook WHERE organisation_id = $1";

/// A webhook with what it is signed with.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredWebhook {
    pub webhook: Webhook,
    /// Grows with each change.
    pub version: i64,
    /// Sealed.
    pub secret: Vec<u8>,
    /// The one before, sealed.
    pub previous_secret: Option<Vec<u8>>,
    /// The last job that was queued to send what waits.
    pub job: Option<Uuid>,
}

/// Who hears of what happens, and the job that sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    pub webhook: Uuid,
    /// None: everything.
    pub events: Option<Vec<WebhookEvent>>,
    /// None when there is none, or it is gone.
    pub job: Option<SubscriberJob>,
}

/// The last job that was queued for a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriberJob {
    pub id: Uuid,
    pub state: JobState,
    pub run_at: Time,
}

impl Subscriber {
    /// Whether it is to be told.
    #[must_use]
    pub fn hears(&self, event: WebhookEvent) -> bool {
        self.events.as_ref().is_none_or(|events| events.contains(&event))
    }
}

fn events(columns: &mut Columns) -> Result<Option<Vec<WebhookEvent>>, StoreError> {
    let Some(raw) = columns.optional_raw_json("events")? else { return Ok(None) };
    let read = serde_json::from_str(raw.as_str());
    read.map(Some).map_err(|error| StoreError::Internal(format!("webhook.events: {error}")))
}

fn read(row: Row) -> Result<StoredWebhook, StoreError> {
    let mut columns = Columns::of("webhook", row);
    let id = columns.uuid("id")?;
    let version = columns.int("version")?;
    let url = columns.text("url")?;
    let events = events(&mut columns)?;
    let description = columns.optional_text("description")?;
    let enabled = columns.boolean("enabled")?;
    let disabled_reason = columns.optional_text("disabled_reason")?;
    let secret = columns.blob("secret")?;
    let previous_secret = columns.optional_blob("previous_secret")?;
    Ok(StoredWebhook {
        webhook: Webhook {
            id,
            url,
            events,
            description,
            enabled,
            disabled_reason,
            previous_secret_until: columns.optional_time("previous_secret_until")?,
            created_at: columns.time("created_at")?,
            updated_at: columns.time("updated_at")?,
            created_by: columns.text("created_by")?,
        },
        version,
        secret,
        previous_secret,
        job: columns.optional_uuid("job_id")?,
    })
}

/// Adds a webhook.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken.
pub async fn webhook_insert(tx: &mut Tx<'_>, stored: &StoredWebhook) -> Result<(), StoreError> {
    let webhook = &stored.webhook;
    let sql =
        "INSERT INTO webhook (id, organisation_id, version, url, events, description, enabled, disabled_reason,
             secret, previous_secret, previous_secret_until, created_at, updated_at, created_by, job_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let params = params![
        webhook.id,
        tx.organisation(),
        stored.version,
        webhook.url.as_str(),
        webhook.events.as_ref().map(to_json).transpose()?,
        webhook.description.as_deref(),
        webhook.enabled,
        webhook.disabled_reason.as_deref(),
        stored.secret.as_slice(),
        stored.previous_secret.clone(),
        webhook.previous_secret_until,
        webhook.created_at,
        webhook.updated_at,
        webhook.created_by.as_str(),
        stored.job
    ];
    tx.execute(sql, params).await.map(drop)
}

/// Writes all of a webhook that can change, its job apart.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such webhook.
pub async fn webhook_save(tx: &mut Tx<'_>, stored: &StoredWebhook) -> Result<(), StoreError> {
    let webhook = &stored.webhook;
    let sql = "UPDATE webhook SET version = $1, url = $2, events = $3, description = $4, enabled = $5,
                   disabled_reason = $6, secret = $7, previous_secret = $8, previous_secret_until = $9,
                   updated_at = $10
               WHERE id = $11 AND organisation_id = $12";
    let params = params![
        stored.version,
        webhook.url.as_str(),
        webhook.events.as_ref().map(to_json).transpose()?,
        webhook.description.as_deref(),
        webhook.enabled,
        webhook.disabled_reason.as_deref(),
        stored.secret.as_slice(),
        stored.previous_secret.clone(),
        webhook.previous_secret_until,
        webhook.updated_at,
        webhook.id,
        tx.organisation()
    ];
    exactly_one("webhook_save", tx.execute(sql, params).await?)
}

/// Looks a webhook up.
pub async fn webhook_get(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<StoredWebhook>, StoreError> {
    let sql = [COLUMNS, " AND id = $2"].concat();
    tx.query_one(&sql, params![tx.organisation(), id]).await?.map(read).transpose()
}

/// All webhooks of the organisation, oldest first.
pub async fn webhook_list(tx: &mut Tx<'_>) -> Result<Vec<StoredWebhook>, StoreError> {
    let sql = [COLUMNS, " ORDER BY id"].concat();
    tx.query(&sql, params![tx.organisation()]).await?.into_iter().map(read).collect()
}

/// Removes a webhook with its log. Returns whether there was one.
pub async fn webhook_delete(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let sql = "DELETE FROM webhook WHERE id = $1 AND organisation_id = $2";
    Ok(tx.execute(sql, params![id, tx.organisation()]).await? == 1)
}

/// Who hears of what happens in the organisation: the enabled webhooks, in the order of their ids.
pub async fn webhook_subscribers(tx: &mut Tx<'_>) -> Result<Vec<Subscriber>, StoreError> {
    let sql =
        "SELECT w.id, w.events, j.id, j.state, j.run_at FROM webhook w LEFT JOIN job j ON j.id = w.job_id
               WHERE w.organisation_id = $1 AND w.enabled = 1 ORDER BY w.id";
    let read = |row| {
        let mut columns = Columns::of("webhook", row);
        let webhook = columns.uuid("id")?;
        let events = events(&mut columns)?;
        let job = match columns.optional_uuid("job_id")? {
            Some(id) => Some(SubscriberJob {
                id,
                state: columns.named("state", JobState::from_name)?,
                run_at: columns.time("run_at")?,
            }),
            None => None,
        };
        Ok(Subscriber { webhook, events, job })
    };
    tx.query(sql, params![tx.organisation()]).await?.into_iter().map(read).collect()
}

/// Notes the job that was queued to send what waits.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such webhook.
pub async fn webhook_set_job(tx: &mut Tx<'_>, id: Uuid, job: Uuid) -> Result<(), StoreError> {
    let sql = "UPDATE webhook SET job_id = $1 WHERE id = $2 AND organisation_id = $3";
    exactly_one("webhook_set_job", tx.execute(sql, params![job, id, tx.organisation()]).await?)
}
