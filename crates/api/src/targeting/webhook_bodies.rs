//! How the bodies about webhooks are read, and how the document describes them.

use crate::http::ReadBody;
use sluice_model::webhook::{WebhookCreate, WebhookEvent, WebhookPatch, WebhookReplay};
use sluice_model::{Fault, Node};
use utoipa::ToSchema;

macro_rules! read_body {
    ($($type:ty),* $(,)?) => { $(impl ReadBody for $type {
        const LIMIT: usize = 64 << 10;

        fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
            Self::read(node)
        }
    })* };
}

read_body!(WebhookCreate, WebhookPatch, WebhookReplay);

/// A webhook to be set up.
#[derive(ToSchema)]
#[schema(as = WebhookCreate)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct WebhookCreateSchema {
    /// http or https, without user and fragment.
    #[schema(min_length = 1, max_length = 2048)]
    url: String,
    /// What it hears of, `webhook.test` apart. Left out or null: everything.
    #[schema(min_items = 1)]
    events: Option<Vec<WebhookEvent>>,
    #[schema(max_length = 1000)]
    description: Option<String>,
    #[schema(nullable = false, default = true)]
    enabled: Option<bool>,
}

/// Fields to change. Fields that are left out stay as they are.
#[derive(ToSchema)]
#[schema(as = WebhookPatch)]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct WebhookPatchSchema {
    #[schema(nullable = false, min_length = 1, max_length = 2048)]
    url: Option<String>,
    /// What it hears of; null: everything.
    #[schema(min_items = 1)]
    events: Option<Vec<WebhookEvent>>,
    #[schema(max_length = 1000)]
    description: Option<String>,
    #[schema(nullable = false)]
    enabled: Option<bool>,
}

/// Which messages are to be sent again.
#[derive(ToSchema)]
#[schema(as = WebhookReplay, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the wire form for the OpenAPI document")]
pub struct WebhookReplaySchema {
    /// Of what happened then or later.
    #[schema(format = DateTime)]
    since: String,
    /// Of what happened then or before.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Only those that were given up.
    #[schema(nullable = false, default = false)]
    only_failed: Option<bool>,
}
