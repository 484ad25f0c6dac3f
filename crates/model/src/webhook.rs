//! Webhooks: where an organisation hears of what happens, and what became of each message.

use crate::fault::{Fault, Faults, Node};
use crate::names::names;
use crate::raw::RawJson;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

/// The most webhooks of one organisation.
pub const MAX_WEBHOOKS: usize = 20;
/// The longest URL.
const MAX_URL: usize = 2_048;
const MAX_DESCRIPTION: usize = 1_000;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum WebhookEvent {
    /// A run came to its end.
    #[serde(rename = "run.succeeded")]
    RunSucceeded,
    /// A run was given up.
    #[serde(rename = "run.failed")]
    RunFailed,
    /// A lead list was made, by hand or by a run.
    #[serde(rename = "lead_list.created")]
    LeadListCreated,
    /// People or companies were put on a lead list.
    #[serde(rename = "lead.added")]
    LeadAdded,
    /// An account was made, or brought back by being named again.
    #[serde(rename = "account.created")]
    AccountCreated,
    /// A prospect was made, or brought back by being named again.
    #[serde(rename = "prospect.created")]
    ProspectCreated,
    /// A log of an account or a prospect was written.
    #[serde(rename = "log.created")]
    LogCreated,
    /// Somebody tries the webhook.
    #[serde(rename = "webhook.test")]
    Test,
}

names!(WebhookEvent {
    RunSucceeded = "run.succeeded",
    RunFailed = "run.failed",
    LeadListCreated = "lead_list.created",
    LeadAdded = "lead.added",
    AccountCreated = "account.created",
    ProspectCreated = "prospect.created",
    LogCreated = "log.created",
    Test = "webhook.test",
});

/// The names of what can be subscribed to.
const SUBSCRIBABLE: [&str; 7] = [
    "run.succeeded",
    "run.failed",
    "lead_list.created",
    "lead.added",
    "account.created",
    "prospect.created",
    "log.created",
];

/// Where messages are sent, without the secret that they are signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    pub id: Uuid,
    pub url: String,
    /// What it hears of; null: everything.
    #[schema(required)]
    pub events: Option<Vec<WebhookEvent>>,
    #[schema(required)]
    pub description: Option<String>,
    pub enabled: bool,
    /// Why it was disabled, when nobody of the organisation did.
    #[schema(required)]
    pub disabled_reason: Option<String>,
    /// Until when messages are signed with the secret before the present one as well; null: with the present one alone.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub previous_secret_until: Option<Time>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
    pub created_by: String,
}

/// Where a message is on its way to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// It is to be sent, or sent again.
    Pending,
    /// The webhook answered with a success.
    Delivered,
    /// It was given up.
    Failed,
}

names!(DeliveryStatus { Pending = "pending", Delivered = "delivered", Failed = "failed" });

/// A message on its way to one webhook, as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDelivery {
    pub id: Uuid,
    pub webhook_id: Uuid,
    /// The `webhook-id` that it is sent with.
    pub event_id: Uuid,
    pub event: WebhookEvent,
    pub status: DeliveryStatus,
    /// How often it was sent, or tried to be, since it was to be sent last.
    pub attempt_count: u64,
    /// What the webhook answered last; null: no answer.
    #[schema(required)]
    pub response_status: Option<u16>,
    /// Why the last attempt failed.
    #[schema(required)]
    pub error: Option<String>,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it is sent next; null: never again by itself.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub next_attempt_at: Option<Time>,
    /// When it was delivered or given up.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Time>,
}

/// One attempt to deliver a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookAttempt {
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    pub duration_ms: u64,
    /// Null: no answer.
    #[schema(required)]
    pub response_status: Option<u16>,
    /// Why it failed; null after a success.
    #[schema(required)]
    pub error: Option<String>,
    /// The first 1024 bytes of the answer; null: no answer.
    #[schema(required)]
    pub response_body: Option<String>,
}

/// A message with all that was sent and answered.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDeliveryDetail {
    #[serde(flatten)]
    pub delivery: WebhookDelivery,
    /// What is sent: `type`, `timestamp`, `data`.
    #[schema(value_type = Object)]
    pub payload: RawJson,
    /// In their order, replays among them.
    pub attempts: Vec<WebhookAttempt>,
}

/// The body of a create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookCreate {
    pub url: String,
    pub events: Option<Vec<WebhookEvent>>,
    pub description: Option<String>,
    pub enabled: bool,
}

impl WebhookCreate {
    /// Reads `{url, events?, description?, enabled?}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let patch = WebhookPatch::read_with(node, &["url"])?;
        Ok(Self {
            // `url` is required.
            url: patch.url.unwrap_or_default(),
            events: patch.events.flatten(),
            description: patch.description.flatten(),
            enabled: patch.enabled.unwrap_or(true),
        })
    }
}

/// The fields that a PATCH changes. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookPatch {
    pub url: Option<String>,
    /// `Some(None)`: it hears of everything.
    pub events: Option<Option<Vec<WebhookEvent>>>,
    pub description: Option<Option<String>>,
    pub enabled: Option<bool>,
}

impl WebhookPatch {
    /// Reads the body of a PATCH. Read-only keys are ignored, so that a client may send back what it read.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        Self::read_with(node, &[])
    }

    fn read_with(node: &Node<'_>, required: &[&str]) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let mut patch = Self::default();
        let read = node.object(&mut faults, required, |key, child, faults| {
            match key {
                "id" | "createdAt" | "updatedAt" | "createdBy" | "disabledReason" | "previousSecretUntil" => {
                }
                "url" => patch.url = url(child, faults),
                "events" => patch.events = child.nullable(faults, events),
                "description" => {
                    let text = |node: &Node<'_>, faults: &mut Faults| {
                        node.text(faults, 0, MAX_DESCRIPTION).map(str::to_owned)
                    };
                    patch.description = child.nullable(faults, text);
                }
                "enabled" => patch.enabled = child.boolean(faults),
                _ => return false,
            }
            true
        });
        faults.finish(read.map(|()| patch))
    }
}

fn url(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let text = node.text(faults, 1, MAX_URL)?;
    let sound = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    };
    let url = Url::parse(text).ok().filter(sound);
    if url.is_none() {
        node.fault(faults, "Expected an http(s) URL without user and fragment");
    }
    url.map(String::from)
}

fn events(node: &Node<'_>, faults: &mut Faults) -> Option<Vec<WebhookEvent>> {
    let read = node.array(faults, SUBSCRIBABLE.len() * 2, |item, faults| {
        let at = item.one_of(faults, &SUBSCRIBABLE)?;
        WebhookEvent::from_name(SUBSCRIBABLE.get(at)?)
    })?;
    if node.value().as_array().is_some_and(Vec::is_empty) {
        node.fault(faults, "Array must contain at least 1 element(s)");
    }
    let mut once: Vec<WebhookEvent> = Vec::with_capacity(read.len());
    for event in read {
        if !once.contains(&event) {
            once.push(event);
        }
    }
    Some(once)
}

/// Which messages are to be sent again: those of a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookReplay {
    /// When they happened, from here on.
    pub since: Time,
    /// Up to here, this included.
    pub until: Option<Time>,
    /// Only those that were given up.
    pub only_failed: bool,
}

impl WebhookReplay {
    /// Reads `{since, until?, onlyFailed?}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let (mut since, mut until, mut only_failed) = (None, None, false);
        let read = node.object(&mut faults, &["since"], |key, child, faults| {
            match key {
                "since" => since = child.time(faults),
                "until" => until = child.nullable(faults, Node::time).flatten(),
                "onlyFailed" => only_failed = child.boolean(faults).unwrap_or_default(),
                _ => return false,
            }
            true
        });
        if let (Some(since), Some(until)) = (since, until)
            && until < since
        {
            faults.push(Fault::new(vec!["until".into()], "until must not be before since"));
        }
        faults.finish(read.and(since).map(|since| Self { since, until, only_failed }))
    }
}

#[cfg(test)]
mod tests {
    use super::{SUBSCRIBABLE, WebhookCreate, WebhookEvent, WebhookPatch, WebhookReplay};
    use crate::fault::{Fault, Node};
    use crate::time::Time;
    use serde_json::{Value, json};

    fn create(body: &Value) -> Result<WebhookCreate, Vec<Fault>> {
        WebhookCreate::read(&Node::root(body))
    }

    #[test]
    fn all_but_the_test_can_be_subscribed_to() {
        assert_eq!(WebhookEvent::NAMES[..7], SUBSCRIBABLE);
        for (event, name) in WebhookEvent::ALL.into_iter().zip(WebhookEvent::NAMES) {
            assert_eq!(json!(event), json!(name));
        }
    }

    #[test]
    fn a_create_is_read_with_its_defaults() {
        let made = create(&json!({"url": "https://Hooks.Example/x?token=1"})).expect("valid");
        let expected = WebhookCreate {
            url: "https://hooks.example/x?token=1".to_owned(),
            events: None,
            description: None,
            enabled: true,
        };
        assert_eq!(made, expected);
        let body = json!({"url": "http://x.example/", "events": ["log.created", "run.failed", "log.created"],
            "description": "d", "enabled": false});
        let expected = WebhookCreate {
            url: "http://x.example/".to_owned(),
            events: Some(vec![WebhookEvent::LogCreated, WebhookEvent::RunFailed]),
            description: Some("d".to_owned()),
            enabled: false,
        };
        assert_eq!(create(&body).expect("valid"), expected);
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let body = json!({"events": ["webhook.test", 1], "enabled": null, "secret": "x"});
        assert_eq!(
            json!(create(&body).expect_err("faulty")),
            json!([
                {"path":["events",0],"message":"Invalid enum value. Expected 'run.succeeded' | 'run.failed' | \
                    'lead_list.created' | 'lead.added' | 'account.created' | 'prospect.created' | 'log.created', \
                    received 'webhook.test'"},
                {"path":["events",1],"message":"Expected string, received number"},
                {"path":["enabled"],"message":"Expected boolean, received null"},
                {"path":["secret"],"message":"Unrecognized key: 'secret'"},
                {"path":["url"],"message":"Required"},
            ])
        );
        for url in ["x", "ftp://x.example/", "https://u:secret@x.example/", "https://x.example/#a", "http://"]
        {
            let faults = create(&json!({"url": url})).expect_err(url);
            let message = "Expected an http(s) URL without user and fragment";
            assert_eq!(json!(faults), json!([{"path": ["url"], "message": message}]), "{url}");
        }
        let faults = WebhookPatch::read(&Node::root(&json!({"events": []}))).expect_err("faulty");
        let message = "Array must contain at least 1 element(s)";
        assert_eq!(json!(faults), json!([{"path": ["events"], "message": message}]));
    }

    #[test]
    fn a_patch_may_send_back_what_was_read() {
        let body =
            json!({"id": "x", "createdAt": 1, "events": null, "description": null, "disabledReason": "x"});
        let patch = WebhookPatch::read(&Node::root(&body)).expect("valid");
        let expected =
            WebhookPatch { events: Some(None), description: Some(None), ..WebhookPatch::default() };
        assert_eq!(patch, expected);
    }

    #[test]
    fn a_replay_names_a_span_of_time() {
        let read = |body: Value| WebhookReplay::read(&Node::root(&body));
        let replay = read(json!({"since": "1970-01-01", "onlyFailed": true})).expect("valid");
        assert_eq!(replay, WebhookReplay { since: Time::from_millis(0), until: None, only_failed: true });
        let faults = read(json!({"since": "1970-01-02", "until": "1970-01-01"})).expect_err("faulty");
        let message = "until must not be before since";
        assert_eq!(json!(faults), json!([{"path": ["until"], "message": message}]));
        assert_eq!(
            json!(read(json!({})).expect_err("faulty")),
            json!([{"path": ["since"], "message": "Required"}])
        );
    }
}
