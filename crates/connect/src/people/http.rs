use super::{LeadProvider, ProviderPage};
use crate::error::{ConnectError, Result};
use crate::http::Client;
use crate::protocol::Service;
use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// The longest cursor, in bytes.
const MAX_CURSOR: usize = 4_096;

/// A source of people or companies that speaks our protocol: `POST {base}/search` of `{type, filters, cursor, limit}`
/// answers `{records, next}`: at most `limit` records in the form of the import, and where the next page begins.
pub struct Http {
    name: String,
    service: Service,
}

#[derive(Serialize)]
struct Question<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    filters: &'a Value,
    cursor: Option<&'a str>,
    limit: usize,
}

#[derive(Deserialize)]
struct Answer {
    records: Vec<Value>,
    next: Option<String>,
}

impl Http {
    /// A source of this name at this base URL; `key` is sent as a bearer token.
    #[must_use]
    pub fn new(client: Client, name: &str, base: Url, key: Option<SecretString>) -> Self {
        Self { name: name.to_owned(), service: Service { client, base, key } }
    }
}

#[async_trait]
impl LeadProvider for Http {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(
        &self,
        kind: &str,
        filters: &Value,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ProviderPage> {
        let question = Question { kind, filters, cursor, limit };
        let Answer { records, next } = self.service.ask("search", &question).await?.json()?;
        let bad = |text: &str| Err(ConnectError::BadRequest(format!("{} answered {text}", self.name)));
        if records.len() > limit {
            return bad("more records than were asked for");
        }
        if next.as_ref().is_some_and(|next| next.len() > MAX_CURSOR) {
            return bad("a cursor that is too long");
        }
        if next.is_some() && next.as_deref() == cursor {
            return bad("the cursor that it was asked with");
        }
        Ok(ProviderPage { records, next })
    }

    async fn test(&self) -> Result<()> {
        self.service.ping().await
    }
}
