//! What is told by webhooks: events, and how each is on its way to each webhook.

use crate::driver::Dialect;
use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::{SystemTx, Tx, exactly_one};
use crate::value::params;
use sluice_model::Time;
use sluice_model::raw::RawJson;
use sluice_model::webhook::{DeliveryStatus, WebhookAttempt, WebhookDelivery, WebhookEvent, WebhookReplay};
use uuid::Uuid;

const COLUMNS: &str =
    "SELECT d.id, d.webhook_id, d.event_id, d.kind, d.status, d.attempts, d.response_status, d.error, d.created_at,
     d.next_at, d.finished_at FROM webhook_delivery d";

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhookEvent {
    pub id: Uuid,
    pub kind: WebhookEvent,
    /// JSON, as it is sent and signed.
    pub payload: String,
    pub created_at: Time,
}

/// A message that is to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    pub id: Uuid,
    pub event: Uuid,
    pub payload: String,
    pub attempts: u64,
    /// After a failure at this time or later it is given up.
    pub until: Time,
}

/// What becomes of a message after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Delivered,
    Failed,
    /// It is tried again at this time.
    Retry(Time),
}

/// Which messages of a webhook are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    pub status: Option<DeliveryStatus>,
    pub event: Option<WebhookEvent>,
    /// Only those older than this one.
    pub below: Option<Uuid>,
}

fn read(row: Row) -> Result<WebhookDelivery, StoreError> {
    let mut columns = Columns::of("webhook_delivery", row);
    Ok(WebhookDelivery {
        id: columns.uuid("id")?,
        webhook_id: columns.uuid("webhook_id")?,
        event_id: columns.uuid("event_id")?,
        event: columns.named("kind", WebhookEvent::from_name)?,
        status: columns.named("status", DeliveryStatus::from_name)?,
        attempt_count: columns.count("attempts")?,
        response_status: status_of(&mut columns)?,
        error: columns.optional_text("error")?,
        created_at: columns.time("created_at")?,
        next_attempt_at: columns.optional_time("next_at")?,
        finished_at: columns.optional_time("finished_at")?,
    })
}

fn status_of(columns: &mut Columns) -> Result<Option<u16>, StoreError> {
    let status = columns.optional_int("response_status")?;
    Ok(status.and_then(|status| u16::try_from(status).ok()))
}

/// SQLite keeps no statistics here, and would go through the whole log of a webhook.
fn due_index(dialect: Dialect) -> String {
    dialect.indexed_by("webhook_delivery_due")
}

/// Adds an event.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken.
pub async fn webhook_event_insert(tx: &mut Tx<'_>, event: &NewWebhookEvent) -> Result<(), StoreError> {
    let sql = "INSERT INTO webhook_event (id, organisation_id, kind, payload, created_at)
               VALUES ($1, $2, $3, $4, $5)";
    let params =
        params![event.id, tx.organisation(), event.kind.name(), event.payload.as_str(), event.created_at];
    tx.execute(sql, params).await.map(drop)
}

/// Adds a message that tells an event to a webhook, to be sent at once. Nothing is added when the one or the other is not
/// the organisation's.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id is taken.
pub async fn webhook_delivery_insert(
    tx: &mut Tx<'_>,
    id: Uuid,
    webhook: Uuid,
    event: Uuid,
    until: Time,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO webhook_delivery (id, organisation_id, webhook_id, event_id, kind, status, attempts,
                   created_at, next_at, until)
               SELECT CAST($1 AS TEXT), e.organisation_id, w.id, e.id, e.kind, 'pending', 0, e.created_at, e.created_at,
                   CAST($2 AS BIGINT)
               FROM webhook w JOIN webhook_event e ON e.organisation_id = w.organisation_id
               WHERE w.id = $3 AND e.id = $4 AND w.organisation_id = $5";
    tx.execute(sql, params![id, until, webhook, event, tx.organisation()]).await.map(drop)
}

/// The first `limit` messages of a webhook that are to be sent now.
pub async fn webhook_delivery_due(
    tx: &mut Tx<'_>,
    webhook: Uuid,
    now: Time,
    limit: usize,
) -> Result<Vec<DueDelivery>, StoreError> {
    let sql = [
        "SELECT d.id, d.event_id, e.payload, d.attempts, d.until FROM webhook_delivery d",
        &due_index(tx.dialect()),
        " JOIN webhook_event e ON e.id = d.event_id
          WHERE d.webhook_id = $1 AND d.status = 'pending' AND d.next_at <= $2 AND d.organisation_id = $3
          ORDER BY d.next_at, d.id LIMIT $4",
    ]
    .concat();
    let read = |row| {
        let mut columns = Columns::of("webhook_delivery", row);
        Ok(DueDelivery {
            id: columns.uuid("id")?,
            event: columns.uuid("event_id")?,
            payload: columns.text("payload")?,
            attempts: columns.count("attempts")?,
            until: columns.time("until")?,
        })
    };
    let params = params![webhook, now, tx.organisation(), limit];
    tx.query(&sql, params).await?.into_iter().map(read).collect()
}

/// When the next message of a webhook is to be sent; none when nothing waits.
pub async fn webhook_delivery_next(tx: &mut Tx<'_>, webhook: Uuid) -> Result<Option<Time>, StoreError> {
    let sql = [
        "SELECT d.next_at FROM webhook_delivery d",
        &due_index(tx.dialect()),
        " WHERE d.webhook_id = $1 AND d.status = 'pending' AND d.organisation_id = $2 ORDER BY d.next_at LIMIT 1",
    ]
    .concat();
    let row = tx.query_one(&sql, params![webhook, tx.organisation()]).await?;
    row.map(|row| Columns::of("webhook_delivery", row).time("next_at")).transpose()
}

/// Notes an attempt, and what becomes of the message. Returns whether it was still to be sent; if not, the attempt is
/// noted and nothing else.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such message.
pub async fn webhook_delivery_note(
    tx: &mut Tx<'_>,
    id: Uuid,
    attempt: &WebhookAttempt,
    next: Next,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO webhook_attempt (delivery_id, number, at, duration_ms, response_status, error, response_body)
               SELECT d.id, (SELECT COALESCE(MAX(number), 0) + 1 FROM webhook_attempt WHERE delivery_id = $1),
                   CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS TEXT), CAST($6 AS TEXT)
               FROM webhook_delivery d WHERE d.id = $1 AND d.organisation_id = $7";
    let params = params![
        id,
        attempt.at,
        attempt.duration_ms,
        attempt.response_status.map(i64::from),
        attempt.error.as_deref(),
        attempt.response_body.as_deref(),
        tx.organisation()
    ];
    exactly_one("webhook_delivery_note", tx.execute(sql, params).await?)?;
    let (status, next_at) = match next {
        Next::Delivered => (DeliveryStatus::Delivered, None),
        Next::Failed => (DeliveryStatus::Failed, None),
        Next::Retry(at) => (DeliveryStatus::Pending, Some(at)),
    };
    let finished_at = next_at
        .is_none()
        .then(|| attempt.at.plus_millis(i64::try_from(attempt.duration_ms).unwrap_or_default()));
    let sql =
        "UPDATE webhook_delivery SET status = $1, attempts = attempts + 1, response_status = $2, error = $3,
                   next_at = $4, finished_at = $5
               WHERE id = $6 AND organisation_id = $7 AND status = 'pending'";
    let params = params![
        status.name(),
        attempt.response_status.map(i64::from),
        attempt.error.as_deref(),
        next_at,
        finished_at,
        id,
        tx.organisation()
    ];
    Ok(tx.execute(sql, params).await? == 1)
}

/// Gives up what waits for a webhook, because of `error`. Returns how many messages that were.
pub async fn webhook_delivery_give_up(
    tx: &mut Tx<'_>,
    webhook: Uuid,
    error: &str,
    now: Time,
) -> Result<usize, StoreError> {
    let sql = "UPDATE webhook_delivery SET status = 'failed', error = $1, next_at = NULL, finished_at = $2
               WHERE webhook_id = $3 AND status = 'pending' AND organisation_id = $4";
    tx.execute(sql, params![error, now, webhook, tx.organisation()]).await
}

/// Looks a message up, with what is sent.
pub async fn webhook_delivery_get(
    tx: &mut Tx<'_>,
    webhook: Uuid,
    id: Uuid,
) -> Result<Option<(WebhookDelivery, RawJson)>, StoreError> {
    let sql = [COLUMNS, " WHERE d.webhook_id = $1 AND d.id = $2 AND d.organisation_id = $3"].concat();
    let Some(row) = tx.query_one(&sql, params![webhook, id, tx.organisation()]).await? else {
        return Ok(None);
    };
    let delivery = read(row)?;
    let sql = "SELECT payload FROM webhook_event WHERE id = $1 AND organisation_id = $2";
    let row = tx.query_one(sql, params![delivery.event_id, tx.organisation()]).await?;
    row.map(|row| Ok((delivery, Columns::of("webhook_event", row).raw_json("payload")?))).transpose()
}

/// The newest `limit` messages of a webhook that fit, newest first.
pub async fn webhook_delivery_list(
    tx: &mut Tx<'_>,
    webhook: Uuid,
    filter: DeliveryFilter,
    limit: usize,
) -> Result<Vec<WebhookDelivery>, StoreError> {
    let below = filter.below.unwrap_or(Uuid::max());
    let mut sql = [COLUMNS, " WHERE d.webhook_id = $1 AND d.organisation_id = $2 AND d.id < $3"].concat();
    let mut values = params![webhook, tx.organisation(), below].to_vec();
    for (column, name) in
        [("status", filter.status.map(DeliveryStatus::name)), ("kind", filter.event.map(WebhookEvent::name))]
    {
        if let Some(name) = name {
            values.push(name.into());
            sql += &format!(" AND d.{column} = ${}", values.len());
        }
    }
    values.push(limit.into());
    sql += &format!(" ORDER BY d.id DESC LIMIT ${}", values.len());
    tx.query(&sql, &values).await?.into_iter().map(read).collect()
}

/// The attempts at a message, in their order.
pub async fn webhook_attempt_list(
    tx: &mut Tx<'_>,
    delivery: Uuid,
) -> Result<Vec<WebhookAttempt>, StoreError> {
    let sql = "SELECT a.at, a.duration_ms, a.response_status, a.error, a.response_body FROM webhook_attempt a
               JOIN webhook_delivery d ON d.id = a.delivery_id
               WHERE a.delivery_id = $1 AND d.organisation_id = $2 ORDER BY a.number";
    let read = |row| {
        let mut columns = Columns::of("webhook_attempt", row);
        Ok(WebhookAttempt {
            at: columns.time("at")?,
            duration_ms: columns.count("duration_ms")?,
            response_status: status_of(&mut columns)?,
            error: columns.optional_text("error")?,
            response_body: columns.optional_text("response_body")?,
        })
    };
    tx.query(sql, params![delivery, tx.organisation()]).await?.into_iter().map(read).collect()
}

/// Has a message sent again at `now`, its attempts counted anew. Returns whether there is one.
pub async fn webhook_delivery_replay(
    tx: &mut Tx<'_>,
    webhook: Uuid,
    id: Uuid,
    now: Time,
    until: Time,
) -> Result<bool, StoreError> {
    let sql = "UPDATE webhook_delivery SET status = 'pending', attempts = 0, next_at = $1, until = $2, finished_at = NULL
               WHERE webhook_id = $3 AND id = $4 AND organisation_id = $5";
    Ok(tx.execute(sql, params![now, until, webhook, id, tx.organisation()]).await? == 1)
}

/// Has the first `limit` messages after the one with the id `after` sent again that fit and wait no longer. Returns their
/// ids, in their order.
pub async fn webhook_delivery_replay_all(
    tx: &mut Tx<'_>,
    webhook: Uuid,
    which: WebhookReplay,
    after: Uuid,
    now: Time,
    until: Time,
    limit: usize,
) -> Result<Vec<Uuid>, StoreError> {
    let statuses = if which.only_failed { "('failed')" } else { "('delivered', 'failed')" };
    let sql = [
        "UPDATE webhook_delivery SET status = 'pending', attempts = 0, next_at = $1, until = $2, finished_at = NULL
         WHERE id IN (SELECT id FROM webhook_delivery WHERE webhook_id = $3 AND organisation_id = $4 AND id > $5
                          AND created_at >= $6 AND created_at <= $7 AND status IN ",
        statuses,
        " ORDER BY id LIMIT $8) RETURNING id",
    ]
    .concat();
    let params = params![
        now,
        until,
        webhook,
        tx.organisation(),
        after,
        which.since,
        which.until.unwrap_or(Time::MAX),
        limit
    ];
    let read = |row| Columns::of("webhook_delivery", row).uuid("id");
    let mut ids: Vec<Uuid> = tx.query(&sql, params).await?.into_iter().map(read).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    Ok(ids)
}

/// Removes at most `limit` events of all organisations that happened at `before` or earlier and wait for nobody, with
/// what became of them. Returns how many.
pub async fn webhook_event_expire(
    tx: &mut SystemTx<'_>,
    before: Time,
    limit: usize,
) -> Result<usize, StoreError> {
    let sql = "DELETE FROM webhook_event WHERE id IN
                   (SELECT e.id FROM webhook_event e WHERE e.created_at <= $1 AND NOT EXISTS
                        (SELECT 1 FROM webhook_delivery d WHERE d.event_id = e.id AND d.status = 'pending')
                    ORDER BY e.created_at LIMIT $2)";
    tx.execute(sql, params![before, limit]).await
}
