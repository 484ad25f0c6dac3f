use super::{Enricher, Findings, Subject, Wanted};
use crate::error::{ConnectError, Result};
use crate::http::Client;
use crate::protocol::Service;
use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

/// The longest summary that is kept, in characters.
const MAX_SUMMARY: usize = 10_000;
/// The most phones, and the most addresses, that are taken from one reply.
const MAX_FOUND: usize = 100;

/// A source of contact data that speaks our protocol: `POST {base}/enrich` of `{subject, wanted}` answers
/// `{phones, emails, summary}`, each of which may be left out; 404 and 204 mean that it knows nothing.
pub struct Http {
    name: String,
    service: Service,
}

#[derive(Serialize)]
struct Question<'a> {
    subject: &'a Subject,
    wanted: Wanted,
}

#[derive(Deserialize)]
struct Answer {
    phones: Option<Vec<String>>,
    emails: Option<Vec<String>>,
    summary: Option<String>,
}

impl Http {
    /// A source of this name at this base URL; `key` is sent as a bearer token.
    #[must_use]
    pub fn new(client: Client, name: &str, base: Url, key: Option<SecretString>) -> Self {
        Self { name: name.to_owned(), service: Service { client, base, key } }
    }
}

#[async_trait]
impl Enricher for Http {
    fn name(&self) -> &str {
        &self.name
    }

    async fn look_up(&self, subject: &Subject, wanted: Wanted) -> Result<Findings> {
        let reply = match self.service.ask("enrich", &Question { subject, wanted }).await {
            Err(ConnectError::NotFound(_)) => return Ok(Findings::default()),
            other => other?,
        };
        if reply.status == 204 {
            return Ok(Findings::default());
        }
        let Answer { phones, emails, summary } = reply.json()?;
        let some = |list: Option<Vec<String>>| list.unwrap_or_default().into_iter().take(MAX_FOUND).collect();
        let summary = summary.map(|text| text.trim().chars().take(MAX_SUMMARY).collect::<String>());
        // What was not asked for is not paid for, and not taken.
        Ok(match wanted {
            Wanted::Phones => Findings { phones: some(phones), ..Findings::default() },
            Wanted::Emails => Findings { emails: some(emails), ..Findings::default() },
            Wanted::Summary => {
                Findings { summary: summary.filter(|text| !text.is_empty()), ..Findings::default() }
            }
        })
    }

    async fn test(&self) -> Result<()> {
        self.service.ping().await
    }
}
