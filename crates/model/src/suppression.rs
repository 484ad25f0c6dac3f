//! The suppression list: whom an organisation must not contact.

use crate::canon;
use crate::fault::{Fault, Faults, Node};
use crate::id::parse_uuid;
use crate::names::names;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

/// The most entries of one request.
pub const MAX_ENTRIES: usize = 10_000;

/// What an entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SuppressionKind {
    /// A record's id or a LinkedIn profile.
    Person,
    /// An e-mail address.
    Email,
    /// A registrable domain: everybody with an address or an employer there.
    Domain,
    /// A company's id or name.
    Company,
}

names!(SuppressionKind {
    Person = "person",
    Email = "email",
    Domain = "domain",
    Company = "company",
});

impl SuppressionKind {
    /// The one spelling of a value of this kind, or `None` when it is not of this kind.
    #[must_use]
    pub fn canonical(self, value: &str) -> Option<String> {
        match self {
            Self::Person => {
                parse_uuid(value.trim()).map(|id| id.to_string()).or_else(|| canon::linkedin_person(value))
            }
            Self::Email => canon::email(value),
            Self::Domain => canon::domain(value),
            Self::Company => {
                parse_uuid(value.trim()).map(|id| id.to_string()).or_else(|| canon::company_name(value))
            }
        }
    }

    /// The SHA-256 under which a canonical value is found, even after the value itself was erased. The
    /// organisation is part of it, so that equal values of two organisations have different hashes.
    #[must_use]
    pub fn hash(self, organisation: &str, canonical: &str) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for part in [organisation, self.name(), canonical] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().into()
    }
}

/// An entry of the suppression list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suppression {
    pub id: Uuid,
    pub kind: SuppressionKind,
    /// The value in its canonical spelling; null after an erasure, when only its hash is kept.
    #[schema(required)]
    pub value: Option<String>,
    #[schema(required)]
    pub reason: Option<String>,
    /// From then on the entry no longer counts; null: never.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Time>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    pub created_by: String,
    /// When the entry was taken off the list; the entry stays as a tombstone.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub removed_at: Option<Time>,
    #[schema(required)]
    pub removed_by: Option<String>,
    /// When the value was erased. The entry goes on suppressing.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Time>,
}

impl Suppression {
    /// Whether the entry counts at `now`.
    #[must_use]
    pub fn is_active(&self, now: Time) -> bool {
        self.removed_at.is_none() && self.expires_at.is_none_or(|expires| expires > now)
    }
}

/// A new entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSuppression {
    pub kind: SuppressionKind,
    /// Canonical.
    pub value: String,
    pub reason: Option<String>,
    pub expires_at: Option<Time>,
}

/// Reads one entry, or `{"entries":[…]}` of up to [`MAX_ENTRIES`]. Tells whether it was a bulk body.
///
/// # Errors
/// All faults of the body.
pub fn read_new(node: &Node<'_>) -> Result<(Vec<NewSuppression>, bool), Vec<Fault>> {
    let mut faults = Faults::new();
    let bulk = node.value().get("entries").is_some();
    let entries = if bulk {
        let mut entries = None;
        let read = node.object(&mut faults, &["entries"], |key, child, faults| {
            if key == "entries" {
                entries = child.array(faults, MAX_ENTRIES, read_entry);
            }
            key == "entries"
        });
        read.and(entries)
    } else {
        read_entry(node, &mut faults).map(|entry| vec![entry])
    };
    faults.finish(entries).map(|entries| (entries, bulk))
}

fn read_entry(node: &Node<'_>, faults: &mut Faults) -> Option<NewSuppression> {
    let kind = node.value().get("kind").and_then(|kind| SuppressionKind::from_name(kind.as_str()?));
    let (mut value, mut reason, mut expires_at) = (None, Some(None), Some(None));
    node.object(faults, &["kind", "value", "reason"], |key, child, faults| {
        match key {
            "kind" => drop(child.one_of(faults, &SuppressionKind::NAMES)),
            "value" => value = read_value(child, kind, faults),
            "reason" => {
                reason =
                    child.nullable(faults, |node, faults| node.text(faults, 0, 1_000).map(str::to_owned));
            }
            "expiresAt" => expires_at = child.nullable(faults, Node::time),
            _ => return false,
        }
        true
    })?;
    Some(NewSuppression { kind: kind?, value: value?, reason: reason?, expires_at: expires_at? })
}

fn read_value(node: &Node<'_>, kind: Option<SuppressionKind>, faults: &mut Faults) -> Option<String> {
    let text = node.text(faults, 1, 2_000)?;
    let kind = kind?;
    let canonical = kind.canonical(text);
    if canonical.is_none() {
        let expected = match kind {
            SuppressionKind::Person => "a record id or a LinkedIn profile URL",
            SuppressionKind::Email => "an e-mail address",
            SuppressionKind::Domain => "a registrable domain",
            SuppressionKind::Company => "a company id or name",
        };
        node.fault(faults, format!("Invalid {}: expected {expected}", kind.name()));
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::{SuppressionKind, read_new};
    use crate::fault::Node;
    use serde_json::json;

    #[test]
    fn values_become_canonical_and_faults_name_their_place() {
        let body = json!({"kind":"email","value":" Ann@Example.COM ","reason":"asked"});
        let (entries, bulk) = read_new(&Node::root(&body)).expect("valid");
        assert_eq!((entries[0].value.as_str(), bulk), ("ann@example.com", false));
        let body =
            json!({"entries":[{"kind":"domain","value":"co.uk","reason":"x"},{"kind":"phone","value":"1"}]});
        let faults = read_new(&Node::root(&body)).expect_err("faulty");
        assert_eq!(
            json!(faults),
            json!([
                {"path":["entries",0,"value"],"message":"Invalid domain: expected a registrable domain"},
                {"path":["entries",1,"kind"],"message":"Invalid enum value. Expected 'person' | 'email' | 'domain' | 'company', received 'phone'"},
                {"path":["entries",1,"reason"],"message":"Required"},
            ])
        );
    }

    #[test]
    fn the_hash_tells_organisations_and_kinds_apart() {
        let email = SuppressionKind::Email;
        assert_ne!(email.hash("org_a", "x@example.com"), email.hash("org_b", "x@example.com"));
        assert_ne!(email.hash("org_a", "x"), SuppressionKind::Domain.hash("org_a", "x"));
    }
}
