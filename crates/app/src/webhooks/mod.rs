//! Webhooks: an organisation is told of what happens, at URLs that it names. What is to be told is written in the unit of
//! work in which it happens; the worker sends it.

mod deliver;
mod deliveries;
mod happened;
mod replay;
mod rotate;
mod send;
mod settings;
mod tell;
mod test;

pub use deliveries::{DeliveryPage, deliveries, delivery};
pub use replay::{Replayed, replay, replay_one};
pub use rotate::rotate;
pub use settings::{WebhookWithSecret, create, get, list, remove, update};
pub use sluice_store::ops::webhook_delivery::DeliveryFilter;
pub use test::test;

pub(crate) use deliver::deliver_job;
pub(crate) use happened::Happened;
pub(crate) use tell::{Hooks, tell};

use crate::error::{Error, Result};
use sluice_model::Actor;
use sluice_store::Tx;
use sluice_store::ops::webhook::{StoredWebhook, webhook_get};
use uuid::Uuid;

/// The constant name of the job that sends what waits for a webhook.
pub(crate) const WEBHOOK_JOB: &str = "webhook";

/// The message for a webhook that is not there.
#[must_use]
pub fn webhook_not_found(id: &str) -> Error {
    Error::NotFound(format!("Webhook not found: {id}"))
}

/// The message for a message that is not there.
#[must_use]
pub fn delivery_not_found(id: &str) -> Error {
    Error::NotFound(format!("Delivery not found: {id}"))
}

fn admins_only(actor: &Actor) -> Result<()> {
    if actor.is_admin() {
        return Ok(());
    }
    Err(Error::Forbidden("Only admins set up webhooks".to_owned()))
}

async fn stored(tx: &mut Tx<'_>, id: Uuid) -> Result<StoredWebhook> {
    webhook_get(tx, id).await?.ok_or_else(|| webhook_not_found(&id.to_string()))
}

/// Under which name the secrets of a webhook are sealed. No connector can have it.
fn sealed_as(id: Uuid) -> String {
    format!("webhook:{id}")
}
