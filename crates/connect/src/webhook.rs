//! Messages to the webhooks of customers, signed as Standard Webhooks describes it (its specification, “Signature
//! scheme” and “Webhook headers”).

use crate::error::{ConnectError, Result};
use crate::http::{Call, Client, ClientOptions, HostLimits};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;
use sha2::Sha256;
use std::time::Duration;
use url::Url;

/// What a secret begins with; behind it is the base64 of the key.
const PREFIX: &str = "whsec_";
/// How long a webhook may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// What is kept of an answer, in bytes.
pub const KEPT: usize = 1_024;

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The same at every attempt.
    pub id: &'a str,
    /// When it is sent, in seconds since 1970.
    pub timestamp: i64,
    /// JSON.
    pub body: &'a str,
    /// What it is signed with, each by itself: the present secret first.
    pub secrets: &'a [SecretString],
}

/// What a webhook answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// The first [`KEPT`] bytes.
    pub body: Vec<u8>,
    /// How long it asks to be left alone.
    pub retry_after: Option<Duration>,
}

/// Sends messages. Cloning gives a further handle.
#[derive(Clone)]
pub struct Sender(Option<Client>);

impl Sender {
    /// Out by the same rules as others, but once at a time: attempts are spread over a day by who calls this, and a
    /// webhook that fails must not hold up another at the same host.
    ///
    /// # Errors
    /// As for [`Client::new`].
    pub fn new(options: &ClientOptions) -> Result<Self> {
        let service_limits = HostLimits {
            at_once: 64,
            per_second: 1_000,
            burst: 1_000,
            failures: u32::MAX,
            ..options.service_limits
        };
        let options = ClientOptions {
            timeout: options.timeout.min(TIMEOUT),
            retries: 0,
            service_limits,
            ..options.clone()
        };
        Ok(Self(Some(Client::new(options)?)))
    }

    /// Sends nothing.
    #[must_use]
    pub const fn closed() -> Self {
        Self(None)
    }

    /// Sends a message once. An answer of any status is an [`Answer`]; redirects are not followed.
    ///
    /// # Errors
    /// [`ConnectError::Forbidden`] for an address that may not be called, [`ConnectError::Unavailable`] without an answer,
    /// [`ConnectError::BadRequest`] for what cannot be sent.
    pub async fn send(&self, url: &Url, message: &Message<'_>) -> Result<Answer> {
        let closed = || ConnectError::Forbidden("webhooks are not sent from here".to_owned());
        let client = self.0.as_ref().ok_or_else(closed)?;
        // The bytes that are signed are the bytes that are sent.
        let body: &RawValue = serde_json::from_str(message.body).map_err(bad)?;
        let call = Call::new("POST", url.clone())
            .json(&body)?
            .header("webhook-id", SecretString::from(message.id))
            .header("webhook-timestamp", SecretString::from(message.timestamp.to_string()))
            .header("webhook-signature", SecretString::from(signatures(message)?))
            .cut_body(KEPT)
            .show_redirects();
        let reply = client.send(call).await?;
        Ok(Answer { status: reply.status, retry_after: reply.retry_after(), body: reply.body })
    }
}

/// A secret with this key.
#[must_use]
pub fn secret(key: &[u8]) -> SecretString {
    SecretString::from([PREFIX, &STANDARD.encode(key)].concat())
}

/// The signatures of a message, one for each secret, with spaces between.
fn signatures(message: &Message<'_>) -> Result<String> {
    let mut out = String::new();
    for secret in message.secrets {
        if !out.is_empty() {
            out.push(' ');
        }
        out += "v1,";
        out += &signature(secret, message)?;
    }
    Ok(out)
}

/// The base64 of HMAC-SHA256 over id, timestamp and body with full stops between.
fn signature(secret: &SecretString, message: &Message<'_>) -> Result<String> {
    let key = secret.expose_secret().strip_prefix(PREFIX).and_then(|key| STANDARD.decode(key).ok());
    let key = key.filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| ConnectError::BadRequest("not the secret of a webhook".to_owned()))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(bad)?;
    for part in [message.id, ".", &message.timestamp.to_string(), ".", message.body] {
        mac.update(part.as_bytes());
    }
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}

fn bad(error: impl ToString) -> ConnectError {
    ConnectError::BadRequest(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Message, secret, signature, signatures};
    use crate::error::ConnectError;
    use secrecy::{ExposeSecret as _, SecretString};

    /// The example of the specification's reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn message(secrets: &[SecretString]) -> Message<'_> {
        Message {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: r#"{"test": 2432232314}"#,
            secrets,
        }
    }

    #[test]
    fn the_published_example_is_signed_as_published() {
        let secrets = [SecretString::from(SECRET)];
        let signed = signatures(&message(&secrets)).expect("signed");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_secret_signs_by_itself() {
        let secrets = [secret(&[1; 32]), secret(&[2; 32])];
        assert_eq!(secrets[0].expose_secret(), "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
        let both = signatures(&message(&secrets)).expect("signed");
        let apart: Vec<String> = secrets
            .iter()
            .map(|secret| format!("v1,{}", signature(secret, &message(&[])).expect("signed")))
            .collect();
        assert_eq!(both, apart.join(" "));
        assert_ne!(apart[0], apart[1]);
    }

    #[test]
    fn what_is_no_secret_signs_nothing() {
        for bad in ["", "whsec_", "whsec_!", "sk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            let refused = signature(&SecretString::from(bad), &message(&[])).expect_err(bad);
            assert_eq!(refused, ConnectError::BadRequest("not the secret of a webhook".to_owned()));
        }
    }
}
