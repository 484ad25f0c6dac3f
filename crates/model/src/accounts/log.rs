//! Logs: what happened to an account or a prospect, told by a machine.

use super::ids::{AccountId, AccountLogId, ProspectId, ProspectLogId};
use super::page::PageRequest;
use super::prospect::Identifiers;
use super::read;
use crate::fault::{Fault, Faults, Node};
use crate::json;
use crate::raw::RawJson;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// The largest payload, in bytes of its JSON text.
pub const MAX_PAYLOAD: usize = 256 * 1024;
/// The type of a log whose sender gives none.
const DEFAULT_TYPE: &str = "webhook";

/// What a log says.
#[derive(Clone, Debug, PartialEq)]
pub struct LogContent {
    pub source: String,
    pub kind: String,
    /// The client's own text.
    pub payload: RawJson,
    pub idempotency_key: Option<String>,
    /// SHA-256 of all that was sent, canonical; there when a key is.
    pub request_hash: Option<[u8; 32]>,
}

/// A log of an account to write.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAccountLog {
    pub account_id: Option<AccountId>,
    /// Canonical.
    pub domain: Option<String>,
    /// The name of an account that has to be made.
    pub name: Option<String>,
    pub content: LogContent,
}

/// A log of a prospect to write.
#[derive(Clone, Debug, PartialEq)]
pub struct NewProspectLog {
    pub prospect_id: Option<ProspectId>,
    pub identifiers: Identifiers,
    /// The name of a prospect that has none.
    pub name: Option<String>,
    pub content: LogContent,
}

/// Why the body of a log is refused.
#[derive(Clone, Debug, PartialEq)]
pub enum LogBodyError {
    /// All its faults.
    Invalid(Vec<Fault>),
    /// The payload is larger than [`MAX_PAYLOAD`].
    PayloadTooLarge,
}

impl NewAccountLog {
    /// Reads the body of a new log from its bytes, because a payload keeps its spelling.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read_body(bytes: &[u8]) -> Result<Self, LogBodyError> {
        let (mut account_id, mut domain, mut name) = (None, None, None);
        let mut named = false;
        let refusal = "Expected one of accountId, domain";
        let content = Parts::read(bytes, refusal, |key, child, faults| {
            match key {
                "accountId" => account_id = read::account_id(child, faults),
                "domain" => domain = read::domain(child, faults),
                "name" => name = read::name(child, faults),
                _ => return None,
            }
            named |= key != "name";
            Some(named)
        })?;
        let id = account_id.as_ref().map(ToString::to_string);
        let content = content.finish(json!([id, domain, name]));
        Ok(Self { account_id, domain, name, content })
    }
}

impl NewProspectLog {
    /// Reads the body of a new log from its bytes, because a payload keeps its spelling.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read_body(bytes: &[u8]) -> Result<Self, LogBodyError> {
        let (mut prospect_id, mut name) = (None, None);
        let mut identifiers = Identifiers::default();
        let mut named = false;
        let refusal = "Expected at least one of prospectId, email, phoneNumber, linkedinProfileUrl";
        let content = Parts::read(bytes, refusal, |key, child, faults| {
            match key {
                "prospectId" => {
                    prospect_id = read::prospect_id(child, faults);
                    named = true;
                }
                "name" => name = read::name(child, faults),
                _ if identifiers.read_key(key, child, faults) => named = true,
                _ => return None,
            }
            Some(named)
        })?;
        let id = prospect_id.as_ref().map(ToString::to_string);
        let Identifiers { linkedin, email, phone } = &identifiers;
        let content = content.finish(json!([id, linkedin, email, phone, name]));
        Ok(Self { prospect_id, identifiers, name, content })
    }
}

/// The parts of a body that both kinds of log have.
struct Parts {
    source: String,
    kind: String,
    raw: Box<RawValue>,
    payload: Value,
    idempotency_key: Option<String>,
}

#[derive(Deserialize)]
struct RawBody {
    payload: Box<RawValue>,
}

impl Parts {
    /// Reads the body; `own` reads the keys that only one kind has, and says whether somebody was named so far.
    fn read(
        bytes: &[u8],
        nobody: &str,
        mut own: impl FnMut(&str, &Node<'_>, &mut Faults) -> Option<bool>,
    ) -> Result<Self, LogBodyError> {
        let body = json::parse(bytes).map_err(|fault| LogBodyError::Invalid(vec![fault]))?;
        let node = Node::root(&body);
        let mut faults = Faults::new();
        let (mut source, mut kind, mut payload, mut key_text) =
            (None, Some(DEFAULT_TYPE.to_owned()), None, None);
        let mut named = false;
        let read = node.object(&mut faults, &["source", "payload"], |key, child, faults| {
            match key {
                "source" => source = child.text(faults, 1, 100).map(str::to_owned),
                "type" => kind = child.text(faults, 1, 100).map(str::to_owned),
                "payload" => payload = child.entries(faults).map(drop),
                "idempotencyKey" => key_text = read::name(child, faults),
                _ => match own(key, child, faults) {
                    Some(so_far) => named = so_far,
                    None => return false,
                },
            }
            true
        });
        if read.is_some() && !named {
            node.fault(&mut faults, nobody);
        }
        let parts = read.and(source.zip(kind).zip(payload));
        let ((source, kind), _) = faults.finish(parts).map_err(LogBodyError::Invalid)?;
        let unreadable =
            |error: serde_json::Error| LogBodyError::Invalid(vec![Fault::new(Vec::new(), error.to_string())]);
        let RawBody { payload: raw } = serde_json::from_slice(bytes).map_err(unreadable)?;
        if raw.get().len() > MAX_PAYLOAD {
            return Err(LogBodyError::PayloadTooLarge);
        }
        let payload = body.get("payload").cloned().unwrap_or_default();
        Ok(Self { source, kind, raw, payload, idempotency_key: key_text })
    }

    /// With a key, the hash of everything: `target` is whom the log is about.
    fn finish(self, target: Value) -> LogContent {
        let Self { source, kind, raw, mut payload, idempotency_key } = self;
        let request_hash = idempotency_key.is_some().then(|| {
            // The order of keys says nothing.
            payload.sort_all_objects();
            let all = json!([target, source, kind, payload]);
            Sha256::digest(all.to_string()).into()
        });
        LogContent { source, kind, payload: RawJson::from(raw), idempotency_key, request_hash }
    }
}

/// What the sender of an account's log is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountLogReceipt {
    #[schema(value_type = String, pattern = "^account_[a-z0-9]{26}$")]
    pub account_id: AccountId,
    #[schema(value_type = String, pattern = "^accountlog_[a-z0-9]{26}$")]
    pub account_log_id: AccountLogId,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    pub source: String,
    #[serde(rename = "type")]
    pub kind: String,
}

/// What the sender of a prospect's log is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProspectLogReceipt {
    #[schema(value_type = String, pattern = "^prospect_[a-z0-9]{26}$")]
    pub prospect_id: ProspectId,
    #[schema(value_type = String, pattern = "^prospectlog_[a-z0-9]{26}$")]
    pub prospect_log_id: ProspectLogId,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// Whether the prospect was made for this log.
    pub created_prospect: bool,
    pub source: String,
    #[serde(rename = "type")]
    pub kind: String,
}

/// A log of an account.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountLog {
    #[schema(value_type = String, pattern = "^account_[a-z0-9]{26}$")]
    pub account_id: AccountId,
    #[schema(value_type = String, pattern = "^accountlog_[a-z0-9]{26}$")]
    pub account_log_id: AccountLogId,
    pub source: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[schema(value_type = Object)]
    pub payload: RawJson,
    #[schema(required)]
    pub idempotency_key: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Time>,
}

/// A log of a prospect.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProspectLog {
    #[schema(value_type = String, pattern = "^prospect_[a-z0-9]{26}$")]
    pub prospect_id: ProspectId,
    #[schema(value_type = String, pattern = "^prospectlog_[a-z0-9]{26}$")]
    pub prospect_log_id: ProspectLogId,
    pub source: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[schema(value_type = Object)]
    pub payload: RawJson,
    #[schema(required)]
    pub idempotency_key: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Time>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Time>,
}

/// Which logs are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    pub page: PageRequest,
    /// Whether deleted logs are there too.
    pub include_deleted: bool,
}
