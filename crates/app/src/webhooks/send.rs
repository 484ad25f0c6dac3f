//! One attempt to deliver a message, and what follows from it.

use super::sealed_as;
use crate::context::Context;
use sluice_connect::webhook::{Answer, Message};
use sluice_connect::{ConnectError, SecretString};
use sluice_model::Time;
use sluice_model::webhook::WebhookAttempt;
use sluice_store::ops::webhook::StoredWebhook;
use sluice_store::ops::webhook_delivery::Next;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

/// The pauses between attempts; after them the last one again.
const PAUSES_MS: [i64; 7] = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000];
/// What says that a webhook is gone for good (RFC 9110 §15.5.11).
const GONE: u16 = 410;

/// Where messages go, and what they are signed with.
pub(super) struct Target {
    pub webhook: Uuid,
    pub url: String,
    /// None when they cannot be opened.
    secrets: Option<Vec<SecretString>>,
}

/// How an attempt went.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub attempt: WebhookAttempt,
    retry_after: Option<Duration>,
}

impl Target {
    /// The target of a webhook at this time.
    pub fn of(context: &Context, organisation: &str, stored: &StoredWebhook, now: Time) -> Self {
        let (id, name) = (stored.webhook.id, sealed_as(stored.webhook.id));
        let previous = stored.previous_secret.as_ref();
        let previous =
            previous.filter(|_| stored.webhook.previous_secret_until.is_some_and(|until| now < until));
        let open = |sealed: &Vec<u8>| context.vault()?.open(organisation, &name, sealed);
        let secrets = std::iter::once(&stored.secret).chain(previous).map(open).collect();
        let secrets: Result<Vec<SecretString>, crate::Error> = secrets;
        if let Err(error) = &secrets {
            tracing::error!(webhook.id = %id, error = %error, "cannot open the secret of a webhook");
        }
        Self { webhook: id, url: stored.webhook.url.clone(), secrets: secrets.ok() }
    }

    /// Sends a message once.
    pub async fn send(&self, context: &Context, event: Uuid, body: &str) -> Tried {
        let (at, begun) = (context.now(), Instant::now());
        let result = match (&self.secrets, Url::parse(&self.url)) {
            (Some(secrets), Ok(url)) => {
                let id = event.to_string();
                let message = Message { id: &id, timestamp: at.millis().div_euclid(1_000), body, secrets };
                context.webhooks.send(&url, &message).await.map_err(|error| error.to_string())
            }
            (None, _) => Err("the secret cannot be opened: rotate it".to_owned()),
            (_, Err(error)) => Err(ConnectError::BadRequest(error.to_string()).to_string()),
        };
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tried(at, duration_ms, result)
    }
}

fn tried(at: Time, duration_ms: u64, result: Result<Answer, String>) -> Tried {
    match result {
        Ok(answer) => {
            let delivered = (200..300).contains(&answer.status);
            let error = (!delivered).then(|| format!("answered {}", answer.status));
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            let (response_status, response_body) = (Some(answer.status), Some(body));
            let attempt = WebhookAttempt { at, duration_ms, response_status, error, response_body };
            Tried { attempt, retry_after: answer.retry_after }
        }
        Err(error) => {
            let (error, response_status, response_body) = (Some(error), None, None);
            let attempt = WebhookAttempt { at, duration_ms, response_status, error, response_body };
            Tried { attempt, retry_after: None }
        }
    }
}

impl Tried {
    /// Whether the webhook wants nothing more.
    pub fn is_gone(&self) -> bool {
        self.attempt.response_status == Some(GONE)
    }

    /// What becomes of a message after this attempt, before which there were `attempts`: it is tried again after a pause,
    /// or after the one that was asked for when that is longer, as long as that is not after `until`.
    pub fn next(&self, attempts: u64, now: Time, until: Time) -> Next {
        if self.attempt.error.is_none() {
            return Next::Delivered;
        }
        let step = usize::try_from(attempts).unwrap_or(usize::MAX);
        let pause = PAUSES_MS.get(step).or(PAUSES_MS.last()).copied().unwrap_or_default();
        let asked = self.retry_after.map_or(0, |wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
        let at = now.plus_millis(pause.max(asked));
        if self.is_gone() || at > until { Next::Failed } else { Next::Retry(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tried, tried};
    use sluice_connect::webhook::Answer;
    use sluice_model::Time;
    use sluice_model::time::DAY_MS;
    use sluice_store::ops::webhook_delivery::Next;
    use std::time::Duration;

    fn answered(status: u16, retry_after: Option<u64>) -> Tried {
        let retry_after = retry_after.map(Duration::from_secs);
        tried(Time::from_millis(0), 1, Ok(Answer { status, body: Vec::new(), retry_after }))
    }

    #[test]
    fn pauses_grow_until_the_day_is_over() {
        let (down, until) = (answered(503, None), Time::from_millis(DAY_MS));
        let (mut now, mut pauses, mut attempts) = (Time::from_millis(0), Vec::new(), 0);
        while let Next::Retry(at) = down.next(attempts, now, until) {
            pauses.push((at.millis() - now.millis()) / 1_000);
            now = at;
            attempts += 1;
        }
        let expected = [vec![5, 30, 120, 600, 1_800, 3_600], vec![7_200; 11]].concat();
        assert_eq!(pauses, expected);
        assert!(now.millis() <= DAY_MS && now.millis() + 7_200_000 > DAY_MS);
    }

    #[test]
    fn the_webhook_may_ask_for_a_longer_pause_but_not_for_a_shorter_one() {
        let (now, until) = (Time::from_millis(0), Time::from_millis(DAY_MS));
        assert_eq!(answered(429, Some(60)).next(0, now, until), Next::Retry(Time::from_millis(60_000)));
        assert_eq!(answered(503, Some(1)).next(0, now, until), Next::Retry(Time::from_millis(5_000)));
        assert_eq!(answered(503, Some(86_401)).next(0, now, until), Next::Failed);
        assert_eq!(answered(503, Some(u64::MAX)).next(0, now, until), Next::Failed);
    }

    #[test]
    fn only_a_success_is_a_delivery() {
        let (now, until) = (Time::from_millis(0), Time::from_millis(DAY_MS));
        for (status, delivered) in
            [(200, true), (204, true), (299, true), (199, false), (301, false), (404, false)]
        {
            assert_eq!(answered(status, None).next(0, now, until) == Next::Delivered, delivered, "{status}");
        }
        assert_eq!(answered(410, None).next(0, now, until), Next::Failed);
        let lost = tried(now, 1, Err("unavailable: x".to_owned()));
        assert_eq!(lost.next(1, now, until), Next::Retry(Time::from_millis(30_000)));
    }
}
