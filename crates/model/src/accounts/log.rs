//! Logs: what happened to an account or a prospect, told by a machine.

use super::ids::{AccountId, AccountLogId, ProspectId, ProspectLogId};
use super::page::PageRequest;
use super::prospect::Identifiers;
use super::read;
use crate::fault::{Fault, Faults, Node};
use crate::raw::RawJson;
use crate::time::Time;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
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

impl NewAccountLog {
    /// Reads the body of a new log. `payload` is the text of the value at that key, for which the body may hold a
    /// stand-in of the same type.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>, payload: Option<RawJson>) -> Result<Self, Vec<Fault>> {
        let (mut account_id, mut domain, mut name) = (None, None, None);
        let mut named = false;
        let refusal = "Expected one of accountId, domain";
        let parts = Parts::read(node, payload, refusal, |key, child, faults| {
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
        let content = parts.finish(&json!([id, domain, name]));
        Ok(Self { account_id, domain, name, content })
    }
}

impl NewProspectLog {
    /// Reads the body of a new log. `payload` is the text of the value at that key, for which the body may hold a
    /// stand-in of the same type. `personId` is the later name of `prospectId`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>, payload: Option<RawJson>) -> Result<Self, Vec<Fault>> {
        let (mut prospect_id, mut name) = (None, None);
        let mut identifiers = Identifiers::default();
        let (mut named, mut named_by_id) = (false, false);
        let refusal = "Expected at least one of prospectId, email, phoneNumber, linkedinProfileUrl";
        let parts = Parts::read(node, payload, refusal, |key, child, faults| {
            match key {
                "prospectId" | "personId" => {
                    if named_by_id {
                        child.fault(faults, "personId is another name of prospectId: expected one of them");
                    }
                    prospect_id = read::prospect_id(child, faults);
                    (named, named_by_id) = (true, true);
                }
                "name" => name = read::name(child, faults),
                _ if identifiers.read_key(key, child, faults) => named = true,
                _ => return None,
            }
            Some(named)
        })?;
        let id = prospect_id.as_ref().map(ToString::to_string);
        let Identifiers { linkedin, email, phone } = &identifiers;
        let content = parts.finish(&json!([id, linkedin, email, phone, name]));
        Ok(Self { prospect_id, identifiers, name, content })
    }
}

/// The parts of a body that both kinds of log have.
struct Parts {
    source: String,
    kind: String,
    payload: RawJson,
    idempotency_key: Option<String>,
}

impl Parts {
    /// Reads the body; `own` reads the keys that only one kind has, and says whether somebody was named so far.
    fn read(
        node: &Node<'_>,
        payload: Option<RawJson>,
        nobody: &str,
        mut own: impl FnMut(&str, &Node<'_>, &mut Faults) -> Option<bool>,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let (mut source, mut kind, mut idempotency_key) = (None, Some(DEFAULT_TYPE.to_owned()), None);
        let mut named = false;
        let read = node.object(&mut faults, &["source", "payload"], |key, child, faults| {
            match key {
                "source" => source = child.text(faults, 1, 100).map(str::to_owned),
                "type" => kind = child.text(faults, 1, 100).map(str::to_owned),
                "payload" => drop(child.entries(faults)),
                "idempotencyKey" => idempotency_key = read::name(child, faults),
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
        let parts = parts.map(|((source, kind), payload)| Self { source, kind, payload, idempotency_key });
        faults.finish(parts)
    }

    /// With a key, the hash of everything: `target` is whom the log is about.
    fn finish(self, target: &Value) -> LogContent {
        let Self { source, kind, payload, idempotency_key } = self;
        let request_hash = idempotency_key.is_some().then(|| {
            let mut all = json!([target, source, kind]).to_string();
            write_canonical(payload.as_str(), &mut all);
            Sha256::digest(all).into()
        });
        LogContent { source, kind, payload, idempotency_key, request_hash }
    }
}

/// Writes a JSON text so that two of the same value are written alike: keys sorted, no white space, one spelling of
/// each string. Numbers stay as they are written, whatever their size.
fn write_canonical(text: &str, out: &mut String) {
    let text = text.trim_ascii();
    if let Ok(object) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        for (key, value) in object {
            out.push('{');
            out.push_str(&Value::String(key).to_string());
            write_canonical(value.get(), out);
        }
        out.push('}');
    } else if let Ok(array) = serde_json::from_str::<Vec<&RawValue>>(text) {
        for value in array {
            out.push('[');
            write_canonical(value.get(), out);
        }
        out.push(']');
    } else if let Ok(string) = serde_json::from_str::<String>(text) {
        out.push_str(&Value::String(string).to_string());
    } else {
        out.push_str(text);
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

#[cfg(test)]
mod tests {
    use super::{NewAccountLog, NewProspectLog};
    use crate::fault::{Fault, Node};
    use crate::raw::RawJson;
    use serde_json::{Value, json};

    fn raw(text: &str) -> Option<RawJson> {
        Some(RawJson::parse(text.to_owned()).expect("JSON"))
    }

    fn read(body: &Value, payload: &str) -> Result<NewProspectLog, Vec<Fault>> {
        NewProspectLog::read(&Node::root(body), raw(payload))
    }

    #[test]
    fn a_log_is_read_into_canonical_identifiers() {
        let body = json!({"source": "crm", "payload": {}, "email": " Ann@ACME.io", "name": "Ann",
            "linkedinProfileUrl": "linkedin.com/in/Ann/", "phoneNumber": "+4402079460018"});
        let log = read(&body, r#"{"n": 123456789012345678901234567890}"#).expect("valid");
        assert_eq!(log.identifiers.email.as_deref(), Some("ann@acme.io"));
        assert_eq!(log.identifiers.linkedin.as_deref(), Some("https://www.linkedin.com/in/ann"));
        assert_eq!(log.identifiers.phone.as_deref(), Some("+442079460018"));
        assert_eq!((log.name.as_deref(), log.prospect_id), (Some("Ann"), None));
        assert_eq!(log.content.payload.as_str(), r#"{"n": 123456789012345678901234567890}"#);
        assert_eq!((log.content.source.as_str(), log.content.kind.as_str()), ("crm", "webhook"));
        assert_eq!((log.content.idempotency_key, log.content.request_hash), (None, None));
    }

    #[test]
    fn faults_of_a_log_name_their_place() {
        let nobody = "Expected at least one of prospectId, email, phoneNumber, linkedinProfileUrl";
        for (body, faults) in [
            (
                json!({"name": "Ann"}),
                json!([
                    {"path":["source"],"message":"Required"},
                    {"path":["payload"],"message":"Required"},
                    {"path":[],"message":nobody},
                ]),
            ),
            (
                json!({"source": "", "payload": [], "email": null, "idempotencyKey": ""}),
                json!([
                    {"path":["source"],"message":"String must contain at least 1 character(s)"},
                    {"path":["payload"],"message":"Expected object, received array"},
                    {"path":["email"],"message":"Expected string, received null"},
                    {"path":["idempotencyKey"],"message":"String must contain at least 1 character(s)"},
                ]),
            ),
            (
                json!({"source": "s", "payload": {}, "phoneNumber": "030 1", "prospectId": "x", "personId": "y"}),
                json!([
                    {"path":["phoneNumber"],"message":"Invalid phone number: expected ^\\+[1-9]\\d{1,14}$"},
                    {"path":["prospectId"],"message":"Invalid prospect id"},
                    {"path":["personId"],"message":"personId is another name of prospectId: expected one of them"},
                    {"path":["personId"],"message":"Invalid prospect id"},
                ]),
            ),
        ] {
            assert_eq!(json!(read(&body, "{}").expect_err("faulty")), faults);
        }
        let body = json!({"source": "s", "payload": {}, "domain": "co.uk", "email": "ann@acme.io"});
        let found = NewAccountLog::read(&Node::root(&body), raw("{}")).expect_err("faulty");
        assert_eq!(
            json!(found),
            json!([
                {"path":["domain"],"message":"Invalid domain: expected a registrable domain"},
                {"path":["email"],"message":"Unrecognized key: 'email'"},
            ])
        );
    }

    #[test]
    fn the_same_content_has_the_same_hash() {
        let body = |email: &str| json!({"source": "s", "payload": {}, "email": email, "idempotencyKey": "k"});
        let hash =
            |email: &str, payload: &str| read(&body(email), payload).expect("valid").content.request_hash;
        let one = hash("ann@acme.io", r#"{"a":1,"b":[1,{"c":"\u00e9"}]}"#);
        assert!(one.is_some());
        assert_eq!(one, hash(" ANN@acme.io", " {\"b\" : [1, {\"c\":\"é\"}], \"a\": 1 } "));
        for other in [
            r#"{"a":1,"b":[1,{"c":"e"}]}"#,
            r#"{"a":1,"b":[[1],{"c":"é"}]}"#,
            r#"{"a":1}"#,
            r#"{"a":"1","b":[1,{"c":"é"}]}"#,
        ] {
            assert_ne!(one, hash("ann@acme.io", other), "{other}");
        }
        let huge = |last: char| format!(r#"{{"n":1234567890123456789012345678{last}, "m":1e400}}"#);
        assert_ne!(hash("a@b.io", &huge('0')), hash("a@b.io", &huge('1')));
        assert_ne!(one, hash("bob@acme.io", r#"{"a":1,"b":[1,{"c":"é"}]}"#));
    }
}
